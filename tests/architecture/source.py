"""What the architecture tests read: our modules, parsed, with the names they import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("app", "config", "tenants", "wechat", "workers", "samples")


@dataclass(frozen=True)
class Import:
    """One imported module name, and the line that imports it."""

    name: str
    line: int


@dataclass(frozen=True)
class Module:
    """One of our Python files."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))

    @property
    def lines(self) -> int:
        """Length of the file in lines."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def imports(self) -> Iterator[Import]:
        """Every import of the file, those inside functions too; ``from a import b`` gives both a and a.b."""
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                    base = ".".join([*parents, *filter(None, [node.module])])
                yield Import(base, node.lineno)
                yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in node.names)

    def at(self, line: int) -> str:
        """``path:line`` for a message."""
        return f"{self.path.relative_to(ROOT)}:{line}"


@cache
def our_modules() -> tuple[Module, ...]:
    """Every module of our packages, and wsgi."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    files += [path for path in [ROOT / "wsgi.py"] if path.exists()]
    return tuple(Module(module_name(path.relative_to(ROOT)), path) for path in files)


def module_name(path: Path) -> str:
    """Dotted name of a file given relative to the root of the project."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().rstrip("\0").split("\0")
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())
