"""Words in every language: ``<language>/<domain>.json`` or a folder ``<language>/<domain>/*.json``, equal keys in each.

A new language is a new folder; ``tests/unit/test_catalogue.py`` checks that keys and placeholders agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

DEFAULT_LANGUAGE = "zh-CN"
_HERE = Path(__file__).parent


@cache
def languages() -> tuple[str, ...]:
    """The languages we have a folder for, the default one first."""
    found = sorted(p.name for p in _HERE.iterdir() if p.is_dir() and not p.name.startswith("_"))
    return (DEFAULT_LANGUAGE, *(name for name in found if name != DEFAULT_LANGUAGE))


@cache
def _domain(language: str, domain: str) -> Mapping[str, Any]:
    folder = _HERE / language / domain
    files = sorted(folder.glob("*.json")) if folder.is_dir() else [folder.with_suffix(".json")]
    words: dict[str, Any] = {}
    for file in files:
        words |= json.loads(file.read_text(encoding="utf-8"))
    return words


def best_language(wanted: str | None) -> str:
    """The catalogue that serves a language tag best: exact, then same first part (``en-GB`` -> ``en``), else default."""
    for name in languages():
        if wanted and name.lower() == wanted.lower():
            return name
    for name in languages():
        if wanted and name.split("-")[0].lower() == wanted.split("-")[0].lower():
            return name
    return DEFAULT_LANGUAGE


def _find(language: str, key: str) -> str:
    domain, *path = key.split(".")
    node: Any = _domain(best_language(language), domain)
    for part in path:
        node = node[part]
    return str(node)


def text(language: str, key: str, **params: Any) -> str:
    """The words for a key like ``errors.not_found.title``, with ``{placeholders}`` filled. KeyError when unknown."""
    return _find(language, key).format(**params)


def has(key: str) -> bool:
    """Whether the default language knows this key."""
    try:
        _find(DEFAULT_LANGUAGE, key)
    except (KeyError, FileNotFoundError):
        return False
    return True
