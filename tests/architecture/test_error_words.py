"""Every refusal that code raises has its words in every language, and every place in those words is filled."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core import catalogue, errors
from app.core.catalogue import has, languages, text
from tests.architecture.source import Module, our_modules

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}
CALLS = {*KINDS, "UploadRefused", "refused_at", "Incomplete"}
_NOT_WORDS = {"headers", "status"}
_FILLED_BY_CLASS = {"Incomplete": frozenset({"missing"})}
PARTS = ("title", "detail", "next")


@dataclass(frozen=True)
class Refusal:
    """One place that refuses with a code it names itself; ``given`` are the parameters for the words."""

    code: str
    given: frozenset[str]
    place: str


def refusals(module: Module) -> Iterator[Refusal]:
    """Every refusal of a module whose code is written out, also as one of two: ``a if x else b``."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in CALLS or any(word.arg is None for word in node.keywords):
            continue
        given = frozenset(word.arg for word in node.keywords if word.arg) - _NOT_WORDS
        first = node.args[0]
        for code in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield Refusal(
                    code.value, given | _FILLED_BY_CLASS.get(name, frozenset()), module.at(node.lineno)
                )


REFUSALS = [refusal for module in our_modules() for refusal in refusals(module)]


def test_the_walk_finds_refusals_of_every_kind() -> None:
    found = {refusal.code for refusal in REFUSALS}
    assert {"invitation_expired", "wechat_down", "upload_checksum_mismatch", "answers_missing"} <= found
    assert {"text_missing", "text_not_expected"} <= found


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.place}:{refusal.code}")
def test_a_refusal_has_its_words(refusal: Refusal) -> None:
    for language in languages():
        for part in PARTS:
            key = f"errors.{refusal.code}.{part}"
            assert has(key), f"{refusal.place}: no words for {key}"
            # A placeholder that the refusal does not fill would be a KeyError, and so an internal error.
            assert text(language, key, **dict.fromkeys(refusal.given, "1"))


def test_every_kind_of_refusal_has_words_of_its_own() -> None:
    for kind in KINDS.values():
        assert all(has(f"errors.{kind.code}.{part}") for part in PARTS), kind


def test_no_words_are_left_that_nothing_says() -> None:
    """A code of the catalogue is written somewhere in the code, or begins like a code that is put together there."""
    nodes = [node for module in our_modules() for node in ast.walk(module.tree)]
    written = {node.value for node in nodes if isinstance(node, ast.Constant)}
    begun = tuple(
        str(node.args[0].values[0].value)
        for node in nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in CALLS
        and node.args
        and isinstance(node.args[0], ast.JoinedStr)
        and isinstance(node.args[0].values[0], ast.Constant)
    )
    folder = Path(catalogue.__file__).parent / languages()[0] / "errors"
    codes = {code for file in folder.glob("*.json") for code in json.loads(file.read_text(encoding="utf-8"))}
    assert codes and not {code for code in codes - written if not code.startswith(begun)}
