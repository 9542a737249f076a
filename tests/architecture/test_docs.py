"""What the documents say about settings, commands and files is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.factory import create_app
from app.policies.models import Policy
from app.policies.schemas import PolicyPatch
from config.settings import Settings, load_settings
from tests.architecture.source import ROOT, tracked_files

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROWS = {
    name: (production, embedded)
    for name, production, embedded in re.findall(
        r"^\| `([A-Z0-9_]+)` \| .+ \| (.+?) \| (.+?) \|$", OPERATIONS, re.MULTILINE
    )
}
REQUIRED = {"DATABASE_URL", "VALKEY_URL", "MASTER_KEY", "JWT_SECRET_KEY"}


def plain(value: Any) -> str:
    """A default as the table shows it; empty for none."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return value.name
    return "" if value in (None, {}) else str(value)


def default_of(name: str) -> Any:
    return Settings.model_fields[name.lower()].get_default(call_default_factory=True)


def test_every_setting_has_its_row() -> None:
    assert set(ROWS) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", ROWS)
def test_the_table_shows_the_true_default(name: str) -> None:
    default, shown = plain(default_of(name)), ROWS[name][0]
    if name in REQUIRED:
        assert shown == "required"
    elif default:
        assert shown.startswith(f"`{default}`")
    else:
        assert shown == ("`DATA_DIR/models`" if name == "MODEL_CACHE_DIR" else "none")


def test_the_table_shows_what_the_embedded_profile_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ROWS:
        monkeypatch.delenv(name, raising=False)
    embedded = load_settings(profile="embedded", data_dir=tmp_path)
    changed = {name for name in ROWS if getattr(embedded, name.lower()) != default_of(name)} - {"DATA_DIR"}
    assert {name for name, (_, shown) in ROWS.items() if shown != "-"} == changed


def test_every_command_is_described(tmp_path: Path) -> None:
    commands = create_app(load_settings(profile="test", data_dir=tmp_path)).cli.commands
    ours = {
        name for name, one in commands.items() if one.callback and one.callback.__module__.startswith("app.")
    }
    assert {"prepare", "replay"} <= ours
    assert [name for name in sorted(ours) if not re.search(rf"`(bin/manage )?{name}\b", OPERATIONS)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        path, _, anchor = target.partition("#")
        if path.startswith(("http:", "https:")):
            continue
        place = document.parent / path if path else document
        assert place.exists(), f"{document.name} links to {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", place.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_every_choice_of_a_company_has_its_row_with_its_default() -> None:
    (section,) = re.findall(r"^## What a company decides$(.+?)^## ", OPERATIONS, re.MULTILINE | re.DOTALL)
    shown: dict[str, str] = {}
    for names, defaults in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.+?) \|", section, re.MULTILINE):
        shown |= zip(re.findall(r"\w+", names), (one.strip("`") for one in defaults.split(", ")), strict=True)
    columns = Policy.__table__.columns
    defaults = {name: columns[name].default for name in PolicyPatch.model_fields}
    assert shown == {
        name: {"True": "true", "False": "false", "": "none"}.get(str(one.arg), str(one.arg))
        for name, one in defaults.items()
        if one is not None
    }


def test_the_tree_names_what_is_there() -> None:
    (tree,) = re.findall(r"^## The tree$(.+?)^## ", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    named = {
        name.rstrip("/")
        for row in tree.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([\w./]+)`", row.split("|")[1])
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    folders = {path.relative_to(ROOT).parts[0] for path in tracked_files() if path.parent != ROOT}
    assert folders - {name.partition("/")[0] for name in named} <= {".ci", "bin", "docs"}
