"""What any FunASR recogniser answers, made into units: its words without tags, and times where it gives them.

Classes outside the Paraformer family (SenseVoiceSmall, Whisper, ...) say in their results what was said and perhaps when,
never how sure they are. Their units have no confidence, and what rests on them abstains (ADR 21).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.signals import Span
from workers.analysis.transcript import Unit, words_of

_TAG = re.compile(r"<\|[^<>|]{0,40}\|>|</?(?:s|unk|blank|sil|noise|spk)>", re.IGNORECASE)
_SLACK_MS = 120
"""Models round to frames: the last time may lie a little beyond the stretch."""


def clean(text: str) -> str:
    """The words alone: no tags of language, mood or event (``<|zh|>``), no marks of a vocabulary."""
    return " ".join(_TAG.sub(" ", text).replace("\u2581", " ").split())


def units_of(result: Mapping[str, Any], stretch: Span) -> list[Unit]:
    """The units of one stretch on the take's timeline. Without a time for each of them, each has the whole stretch's."""
    words = words_of(clean(str(result.get("text", ""))))
    times = _times(result, words, stretch)
    return [
        Unit(text=word, start_ms=start, end_ms=end, confidence=None)
        for word, (start, end) in zip(words, times, strict=True)
    ]


def _times(result: Mapping[str, Any], words: Sequence[str], stretch: Span) -> list[tuple[int, int]]:
    """The result's own times, if there is exactly one for each word and they are in order; else the stretch's."""
    given = result.get("timestamp")
    whole = [(stretch.start_ms, stretch.end_ms)] * len(words)
    if not isinstance(given, list) or len(given) != len(words):
        return whole
    times: list[tuple[int, int]] = []
    reached = stretch.start_ms
    for pair in given:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return whole
        start, end = (stretch.start_ms + round(float(edge)) for edge in pair)
        if not reached <= start <= end <= stretch.end_ms + _SLACK_MS:
            return whole
        times.append((min(start, stretch.end_ms), min(end, stretch.end_ms)))
        reached = start
    return times
