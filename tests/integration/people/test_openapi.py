"""The description of the API names the callers of every route, those with parameters too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from tests.factories import World, ok


def test_every_described_route_says_who_may_call_it(world: World) -> None:
    paths = ok(world.client.get("/openapi.json"))["paths"]
    operations = {
        f"{method} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    }
    assert "get /api/v1/invitations/{invitation_id}" in operations
    silent = [name for name, operation in operations.items() if not operation.get("x-allowed-roles")]
    assert not silent
    private = [
        n for n, o in operations.items() if o["x-allowed-roles"] != ["public"] and not o.get("security")
    ]
    assert not private


def test_the_description_holds_together(world: World) -> None:
    """Every reference leads somewhere, every place of a path is a parameter, every schema is one."""
    spec = ok(world.client.get("/openapi.json"))
    schemas = spec["components"]["schemas"]
    referred = {str(value) for name, value in members(spec) if name == "$ref"}
    assert referred and referred <= {f"#/components/schemas/{name}" for name in schemas}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path)), path
            assert operation["responses"] and operation.get("summary"), path
    named = [
        operation["operationId"]
        for methods in spec["paths"].values()
        for operation in methods.values()
        if "operationId" in operation
    ]
    assert len(named) == len(set(named))


def members(node: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object inside."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield name, value
            yield from members(value)
    elif isinstance(node, list):
        for value in node:
            yield from members(value)
