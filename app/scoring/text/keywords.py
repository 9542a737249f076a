"""Keywords of a rubric in a text, with synonyms, without the denied ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from app.scoring.rubric import Keyword
from app.scoring.text.negation import is_denied
from app.scoring.text.passages import Hit, fold, split_clauses, split_sentences


@lru_cache(maxsize=4096)
def _pattern(spellings: tuple[str, ...]) -> re.Pattern[str]:
    """Longest spelling first; Latin spellings only as whole words; inner spaces as any run of spaces."""
    alternatives = []
    for spelling in sorted({fold(s) for s in spellings}, key=lambda s: (-len(s), s)):
        body = r"\s+".join(re.escape(part) for part in spelling.split())
        left = r"(?<![a-z0-9])" if spelling[0].isascii() and spelling[0].isalnum() else ""
        right = r"(?![a-z0-9])" if spelling[-1].isascii() and spelling[-1].isalnum() else ""
        alternatives.append(left + body + right)
    return re.compile("|".join(alternatives))


def find_keywords(text: str, keywords: Sequence[Keyword]) -> list[Hit]:
    """Every place where a keyword or synonym is claimed. ``Hit.key`` is the keyword's own word.

    A place is left out when its clause denies it (see ``negation``).
    """
    hits: list[Hit] = []
    for sentence in split_sentences(text):
        for clause in split_clauses(text, sentence):
            folded = fold(clause.of(text))
            for keyword in keywords:
                for match in _pattern((keyword.word, *keyword.synonyms)).finditer(folded):
                    if not is_denied(folded, match.start(), match.end()):
                        hits.append(
                            Hit(clause.start + match.start(), clause.start + match.end(), keyword.word)
                        )
    return sorted(hits)
