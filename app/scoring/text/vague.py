"""Sentences that say little: a hedge or an escape, and no detail beside it."""

from __future__ import annotations

import re

from app.scoring.text.passages import Hit, fold, split_sentences
from app.scoring.text.specificity import find_details

# 我觉得 and 我认为 are how opinions are told, so they are no hedges.
_VAGUE = re.compile(
    r"可能|大概|差不多|好像|似乎|也许|或许|应该是吧|不知道|不(?:太|是很)?(?:清楚|确定|记得)|记不清|怎么说呢|说不好|随便|"
    r"之类的|什么的|某种程度|还行|一般般|没什么特别|没怎么|都可以|看情况|等等吧|"
    r"\b(?:maybe|perhaps|probably|kind of|sort of|i guess|i don'?t (?:know|remember)|not (?:really )?sure|"
    r"something like that|and so on|stuff|whatever)\b"
)


def find_vague(text: str) -> list[Hit]:
    """Vague sentences, whole; ``Hit.key`` is the first hedge in it."""
    hits = []
    for sentence in split_sentences(text):
        match = _VAGUE.search(fold(sentence.of(text)))
        if match and not find_details(sentence.of(text)):
            hits.append(Hit(sentence.start, sentence.end, match.group()))
    return hits
