"""Keywords of a rubric in a text, with synonyms, and what the candidate says of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.scoring.rubric import Keyword
from app.scoring.text.lexicon import Lexicon
from app.scoring.text.passages import Hit
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import is_denied_after, is_meant_after

Claim = Literal["claimed", "denied", "not_own"]
_BETWEEN_LISTED = re.compile(r"\s*(?:[、,，和跟与及或]|or|and|以及|还有)\s*")
_SPEAKS_OF_ONESELF = re.compile(r"我|\b(?:i|my|me|our)\b")


@dataclass(frozen=True, order=True)
class Mention:
    """A place where a keyword stands. ``denied``: said not to be so; ``not_own``: supposed, intended, asked, quoted
    or told of somebody else."""

    hit: Hit
    claim: Claim


@lru_cache(maxsize=64)
def _lexicon(spellings: tuple[tuple[str, ...], ...]) -> Lexicon:
    return Lexicon(Keyword(word=word, synonyms=list(synonyms)) for word, *synonyms in spellings)


def lexicon_of(keywords: Sequence[Keyword]) -> Lexicon:
    """The lexicon of some keywords, made once."""
    return _lexicon(tuple((keyword.word, *keyword.synonyms) for keyword in keywords))


def find_mentions(text: str | Reading, keywords: Sequence[Keyword]) -> list[Mention]:
    """Every place where a keyword or synonym stands, claimed or not, in order."""
    reading = reading_of(text)
    hits = lexicon_of(keywords).find(reading.folded, reading.words)
    mentions: list[Mention] = []
    following: tuple[Hit, Claim] | None = None
    for hit in reversed(hits):
        claim = _claim(reading, hit, following)
        mentions.append(Mention(hit, claim))
        following = (hit, claim)
    return sorted(mentions)


def find_keywords(text: str | Reading, keywords: Sequence[Keyword]) -> list[Hit]:
    """Every place where a keyword or synonym is claimed. ``Hit.key`` is the keyword's own word."""
    return [mention.hit for mention in find_mentions(text, keywords) if mention.claim == "claimed"]


def _claim(reading: Reading, hit: Hit, following: tuple[Hit, Claim] | None) -> Claim:
    if reading.sentence_at(hit.start) is None:
        return "not_own"
    standings = reading.standings(hit.start, hit.end)
    if "other" in standings and _SPEAKS_OF_ONESELF.search(reading.folded, hit.start, hit.end):
        standings.discard("other")  # "他接受了我的建议" tells of the candidate too
    if "denied" in standings or is_denied_after(reading.folded, hit.start, hit.end):
        return "denied"
    if standings or is_meant_after(reading.folded, hit.end):
        return "not_own"
    if following and _BETWEEN_LISTED.fullmatch(reading.folded, hit.end, max(hit.end, following[0].start)):
        return following[1]  # "Java、Python和Go我都不会"
    return "claimed"
