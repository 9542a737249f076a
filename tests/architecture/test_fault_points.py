"""Every point at which a process may be killed is one at which the tests kill it."""

from __future__ import annotations

import ast

from tests.architecture.source import ROOT, our_modules


def strings_given_to(tree: ast.AST, name: str) -> set[str]:
    """The written-out first arguments of calls of ``name`` or ``something.name``."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and name in {getattr(node.func, "id", None), getattr(node.func, "attr", None)}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_fault_point_is_in_the_chaos_test() -> None:
    points = {name for module in our_modules() for name in strings_given_to(module.tree, "fault_point")}
    chaos = ast.parse((ROOT / "tests" / "e2e" / "chaos" / "test_kill_points.py").read_text(encoding="utf-8"))
    named = {node.value for node in ast.walk(chaos) if isinstance(node, ast.Constant)}
    assert len(points) >= 10
    assert points - named == set()
