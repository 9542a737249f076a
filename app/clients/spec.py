"""What of the API the client uses, for candidates and for HR: its types are generated from this part and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

USED = "/api/v1/"
NOT_USED = "/api/v1/operator/"
_SCHEMAS = "#/components/schemas/"
_PROSE = ("description", "summary", "title")  # a better sentence in the API changes no type


def client_spec(whole: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the client's paths and the schemas they need, in a stable order."""
    paths = {path: item for path, item in sorted(whole["paths"].items()) if is_used(path)}
    schemas = whole["components"]["schemas"]
    needed: dict[str, Any] = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = schemas[name]
            waiting.extend(_references(schemas[name]))
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "paths": _bare(paths),
        "components": {"schemas": _bare(dict(sorted(needed.items())))},
    }


def is_used(path: str) -> bool:
    """Whether a path is the tenant's or the candidate's, and not the platform's own."""
    return path.startswith(USED) and not path.startswith(NOT_USED)


def as_text(spec: dict[str, Any]) -> str:
    """The document as it is committed."""
    return json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _bare(node: Any) -> Any:
    """Without prose: those words are strings, a property of the same name is a schema and stays."""
    if isinstance(node, dict):
        kept = {key: child for key, child in node.items() if not (key in _PROSE and isinstance(child, str))}
        return {key: _bare(child) for key, child in kept.items()}
    return [_bare(child) for child in node] if isinstance(node, list) else node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        found = node.get("$ref")
        if isinstance(found, str) and found.startswith(_SCHEMAS):
            yield found.removeprefix(_SCHEMAS)
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _references(child)
