"""Rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import re
import socket
import warnings

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.architecture.source import ROOT, Module, our_modules, tracked_files

SOFT_MODULE_LINES = 300
SOFT_FUNCTION_LINES = 40

# Spelled in pieces, so that this file does not break its own rule.
FORBIDDEN_WORDS = re.compile(
    r"(?<![\w.])/(?:work|farm)/[a-z.]"
    r"|py"
    r"pi\.org|pythonhosted\."
    r"org|registry\.npm"
    r"js|deb\.deb"
    r"ian\.org"
)
BINARY = {
    ".png",
    ".jpg",
    ".webp",
    ".ico",
    ".mp4",
    ".webm",
    ".wav",
    ".m4a",
    ".pt",
    ".onnx",
    ".mvn",
    ".woff2",
    ".pdf",
}


def calls(module: Module, name: str) -> list[str]:
    """Places where ``name(...)`` or ``something.name(...)`` is called."""
    return [
        module.at(node.lineno)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and name
        == (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None))
    ]


def text_calls(module: Module) -> list[str]:
    """Places where SQLAlchemy's ``text()`` is called, under any name (our catalogue has a text() too)."""
    aliases, packages = set(), set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
            aliases |= {alias.asname or alias.name for alias in node.names if alias.name == "text"}
        elif isinstance(node, ast.Import):
            packages |= {alias.asname or alias.name for alias in node.names if alias.name == "sqlalchemy"}
    return [
        module.at(node.lineno)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in aliases)
            or (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == "text"
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in packages
            )
        )
    ]


@pytest.mark.parametrize("module", our_modules(), ids=lambda module: module.name)
def test_sql_is_written_as_expressions(module: Module) -> None:
    """A literal statement names its schema itself and so escapes the tenant routing."""
    assert not text_calls(module), f"text() belongs to migrations only: {text_calls(module)}"
    assert not calls(module, "exec_driver_sql") or module.name in DRIVER_SQL, (
        "exec_driver_sql() escapes the tenant routing; only the engine's own set-up may use it"
    )


# Session settings of a new connection and statements about schemas, which have no tenant.
DRIVER_SQL = {"app.core.database", "tenants.provisioning", "tenants.migrations"}


@pytest.mark.parametrize(
    "module",
    [
        module
        for module in our_modules()
        if re.fullmatch(r"app\.\w+\.(service|queries|models)(\.\w+)*", module.name)
    ],
    ids=lambda module: module.name,
)
def test_services_and_queries_never_end_a_transaction(module: Module) -> None:
    """Edges own transactions: a service that commits breaks the one that called it."""
    ended = [place for name in ("commit", "rollback") for place in calls(module, name)]
    assert not ended, f"the caller commits or rolls back, not {ended}"


def test_the_rules_see_a_breach() -> None:
    module = Module("app.example.service", ROOT / "example.py")
    module.__dict__["tree"] = ast.parse(
        "import sqlalchemy as sa\n"
        "from sqlalchemy import text as literal\n"
        "from app.core.catalogue import text\n"
        "session.execute(literal('SELECT 1'))\n"
        "session.execute(sa.text('SELECT 1'))\n"
        "session.commit()\n"
        "text('en', 'errors.not_found.title')\n"
    )
    assert text_calls(module) == ["example.py:4", "example.py:5"]
    assert calls(module, "commit") == ["example.py:6"]


def test_sizes_are_reported() -> None:
    """Soft limits: a long module or function is worth a second look, not a failure."""
    for module in our_modules():
        if module.lines > SOFT_MODULE_LINES:
            warnings.warn(
                f"{module.at(1)} has {module.lines} lines (soft size {SOFT_MODULE_LINES})", stacklevel=1
            )
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > SOFT_FUNCTION_LINES:
                    size = f"{lines} lines (soft size {SOFT_FUNCTION_LINES})"
                    warnings.warn(f"{module.at(node.lineno)} {node.name} has {size}", stacklevel=1)
    assert our_modules()


def test_no_machine_path_or_registry_host_is_tracked() -> None:
    """Lock files included: the project installs from whatever index its user has."""
    found = []
    for path in tracked_files():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := FORBIDDEN_WORDS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found, "\n".join(["", *found[:50]])


def test_tests_reach_this_machine_only() -> None:
    """pytest-socket refuses before a packet leaves; 192.0.2.1 is an address nobody has (RFC 5737)."""
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
