"""Sentences and clauses of a text as character ranges, and the hits that rules find in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_CJK = "\u3400-\u9fff"
_SENTENCE_END = re.compile(
    r"[。！？!?；;\n]+[”’」』\"]*|\.(?=\s|$)|(?<=[a-z%]{2}|\d%)\.(?=[A-Z][a-z]|I[\s'’])|(?<=[a-z%])\.(?=[\u3400-\u9fff])"
)
# A comma ends a clause in Chinese, and so does a space between two characters, which typists use for one. In English
# a comma does so only when a new subject or a conjunction follows, so that "never used Python, Java or Go" stays in
# one piece. Words that turn or carry a story on end the clause before them where speech recognition heard no comma.
_CLAUSE_BREAK = re.compile(
    rf"[，：]|(?<=[{_CJK}])[,:]|[,:](?=[{_CJK}])|(?<=[{_CJK}])[ \u3000]+(?=[{_CJK}])"
    r"|,(?=\s+(?:but|so|then|however|which|because|and (?:i|we|then)|i|we|he|she|they|it|my|our)\b)"
    r"|(?=但是|可是|然而|而是|不过|后来|于是|然后|因此)|(?<!之)(?=所以)|(?<![不])(?=但(?!是))"
    r"|(?<=\s)(?=(?:but|however|whereas)\s|(?:so|and|because|while)\s(?:i|we|he|she|they|my|our)\b)"
)
_LEAD_IN_CHARACTERS = 4


@dataclass(frozen=True, order=True)
class Passage:
    """A half-open range of characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


@dataclass(frozen=True, order=True)
class Hit:
    """Something a rule found. ``key`` is what counts as the same thing when distinct things are counted."""

    start: int
    end: int
    key: str


def fold(text: str) -> str:
    """Full-width forms and capitals made plain, character by character, so that positions stay the same."""
    return "".join(_fold_character(character) for character in text)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character in "，：；！？":  # these tell clauses apart and must not become ASCII
        return character
    folded = unicodedata.normalize("NFKC", character).casefold()
    return folded if len(folded) == 1 else character


def blanked(text: str, passages: Iterable[Passage]) -> str:
    """The text with the passages made into line ends: as long as before, and as if they had not been said."""
    characters = list(text)
    for passage in passages:
        characters[passage.start : passage.end] = "\n" * (passage.end - passage.start)
    return "".join(characters)


def _trimmed(text: str, start: int, end: int) -> Passage | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Passage(start, end) if any(c.isalnum() for c in text[start:end]) else None


def split_sentences(text: str) -> list[Passage]:
    """Sentences with their closing punctuation; pieces without a letter or digit are left out."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]
    starts = [0, *ends[:-1]]
    pieces = (_trimmed(text, start, end) for start, end in zip(starts, ends, strict=True))
    return [piece for piece in pieces if piece is not None]


def split_clauses(text: str, sentence: Passage) -> list[Passage]:
    """Clauses of a sentence. A short lead-in ("首先，") belongs to the clause after it."""
    folded = fold(sentence.of(text))
    clauses: list[Passage] = []
    start = counted = letters = 0
    breaks = [*_CLAUSE_BREAK.finditer(folded), None]
    for match in breaks:
        end = match.end() if match else len(folded)
        letters += sum(c.isalnum() for c in folded[counted:end])
        counted = end
        if match and letters <= _LEAD_IN_CHARACTERS:
            continue
        piece = _trimmed(text, sentence.start + start, sentence.start + end)
        if piece is not None:
            clauses.append(piece)
        start, letters = end, 0
    return clauses
