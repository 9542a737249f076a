"""The words of every language: the same keys and placeholders, nothing empty, everything can be filled."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from app.core import catalogue
from app.core.catalogue import DEFAULT_LANGUAGE, best_language, languages

FOLDER = Path(catalogue.__file__).parent
OTHERS = [language for language in languages() if language != DEFAULT_LANGUAGE]


def words(language: str) -> dict[str, str]:
    """Every text of a language by ``file:dotted.key``."""
    found: dict[str, str] = {}

    def walk(place: str, node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(f"{place}.{key}" if not place.endswith(":") else place + key, value)
        else:
            found[place] = str(node)

    for file in sorted((FOLDER / language).rglob("*.json")):
        walk(
            f"{file.relative_to(FOLDER / language).as_posix()}:", json.loads(file.read_text(encoding="utf-8"))
        )
    return found


def placeholders(text: str) -> set[str]:
    """Names of the ``{placeholders}`` of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_there_are_words_in_both_languages() -> None:
    assert languages()[0] == "zh-CN"
    assert "en" in languages()
    assert words("zh-CN")


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    ours, theirs = set(words(DEFAULT_LANGUAGE)), set(words(language))
    assert not ours ^ theirs, (
        f"only in {DEFAULT_LANGUAGE}: {ours - theirs}; only in {language}: {theirs - ours}"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_placeholders(language: str) -> None:
    ours, theirs = words(DEFAULT_LANGUAGE), words(language)
    wrong = {
        key: (placeholders(ours[key]), placeholders(theirs[key]))
        for key in ours.keys() & theirs.keys()
        if placeholders(ours[key]) != placeholders(theirs[key])
    }
    assert not wrong


@pytest.mark.parametrize("language", languages())
def test_every_text_has_words_and_named_placeholders_only(language: str) -> None:
    wrong = [key for key, text in words(language).items() if not text or "" in placeholders(text)]
    assert not wrong


@pytest.mark.parametrize("language", languages())
def test_every_text_can_be_found_and_filled(language: str) -> None:
    for place, text in words(language).items():
        file, _, key = place.partition(":")
        domain = Path(file).parts[0].removesuffix(".json")
        filled = catalogue.text(language, f"{domain}.{key}", **dict.fromkeys(placeholders(text), "1"))
        assert filled
        assert catalogue.has(f"{domain}.{key}")


@pytest.mark.parametrize(
    ("wanted", "served"),
    [("en", "en"), ("EN-gb", "en"), ("zh", "zh-CN"), ("zh-TW", "zh-CN"), ("fr", "zh-CN"), (None, "zh-CN")],
)
def test_a_language_we_lack_falls_back(wanted: str | None, served: str) -> None:
    assert best_language(wanted) == served
