"""The description of the API names the callers of every route, those with parameters too."""

from __future__ import annotations

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
