"""Facts that a person may want to look at (A6): from the picture, the sound, the recording and the client's word.

Every fact has harmless causes as well, none is scored, and what could not be looked at says why. Whether this is the
same person as in another take is asked nowhere: that would be biometric identification (ADR 15).
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.signals import Engine, FaceSignals, IntegritySignals, MediaSignals, Span, SpeechSignals, Token
from workers.analysis import integrity_voice
from workers.analysis.delivery import PAUSE_MS, find_fillers
from workers.analysis.face_facts import STEP_MS, Seen

if TYPE_CHECKING:
    import numpy as np

STILL_MS = 10_000
STILL_SPEECH = 0.5
STILL_MOUTH_OPEN, STILL_MOUTH_WIDTH, STILL_LIDS = 0.02, 0.015, 0.008
"""Standard deviations, in distances between the eyes, under which nothing in a face moves. A swaying photograph had at
most 0.014, 0.009 and 0.005 in our comparison, a person who talks 0.11, 0.03 and 0.01 (ADR 15)."""

EVEN_MS = 20_000
EVEN_PAUSE_MS = 1500
EVEN_VARIATION = 0.12
"""Coefficient of variation of the rate from phrase to phrase, up to which a rate is called even."""

LEAST_PHRASES, LEAST_PHRASE_TOKENS = 5, 4


@dataclass(frozen=True)
class Heard:
    """What is known of the sound: the transcript with the sound itself, or the reason why there is neither."""

    speech: SpeechSignals | None = None
    audio: np.ndarray | None = None
    reason: str = "no_consent"


@dataclass(frozen=True)
class Watched:
    """What is known of the picture: its looks with their facts, or the reason why there are none."""

    seen: Sequence[Seen] = ()
    facts: FaceSignals | None = None
    reason: str = "no_consent_or_policy"


def engine() -> Engine:
    """What measures it."""
    return Engine(
        name="integrity",
        version="1",
        parameters={
            "still_ms": STILL_MS,
            "still_speech": STILL_SPEECH,
            "still": [STILL_MOUTH_OPEN, STILL_MOUTH_WIDTH, STILL_LIDS],
            "even_ms": EVEN_MS,
            "even_pause_ms": [PAUSE_MS, EVEN_PAUSE_MS],
            "even_variation": EVEN_VARIATION,
            **integrity_voice.parameters(),
        },
    )


def measure(
    media: MediaSignals | None, watched: Watched, heard: Heard, left_page: Iterable[Span] | None
) -> IntegritySignals:
    """All facts of one take. ``media`` None: a written answer."""
    reasons: dict[str, str] = {}
    facts, speech = watched.facts, heard.speech
    if facts is None:
        reasons |= dict.fromkeys(("nobody", "several_faces", "still_face"), watched.reason)
    still = voice = even = None
    if speech is None or heard.audio is None:
        reasons |= dict.fromkeys(("other_voice", "even_speech"), heard.reason)
        reasons.setdefault("still_face", heard.reason)
    else:
        even = even_speech(speech)
        voice = integrity_voice.other_voice(heard.audio, speech.speech)
        if voice is None:
            reasons["other_voice"] = "too_little"
        if facts is not None:
            still = still_face(watched.seen, speech.speech)
    left = None if left_page is None else list(left_page)
    if left is None:
        reasons["left_page"] = "not_reported"
    return IntegritySignals(
        gaps=media.gaps if media is not None else [],
        left_page=left,
        nobody=None if facts is None else facts.absent or [],
        several_faces=None if facts is None else facts.several_faces,
        most_faces=None if facts is None else facts.most_faces,
        still_face=still,
        other_voice=voice,
        even_speech=even,
        not_looked_at=reasons,
    )


def still_face(seen: Sequence[Seen], speech: Sequence[Span]) -> list[Span]:
    """Where somebody speaks for at least STILL_MS and no lip or lid of the face in the picture moves."""
    found: list[Span] = []
    for part in _with_face(seen):
        first = 0
        for last, look in enumerate(part):
            while first < last and look.at_ms - part[first + 1].at_ms >= STILL_MS:
                first += 1
            window = Span(start_ms=part[first].at_ms, end_ms=look.at_ms)
            if window.end_ms - window.start_ms < STILL_MS or not _is_still(part[first : last + 1]):
                continue
            if _shared_ms(window, speech) < STILL_SPEECH * (window.end_ms - window.start_ms):
                continue
            if found and window.start_ms <= found[-1].end_ms:
                window = Span(start_ms=found.pop().start_ms, end_ms=window.end_ms)
            found.append(window)
    return found


def even_speech(speech: SpeechSignals) -> list[Span]:
    """Stretches of at least EVEN_MS without a filler, a pause inside a phrase or a change of pace."""
    found: list[Span] = []
    for stretch in _fluent(speech):
        first = 0
        while first < len(stretch):
            last = first + LEAST_PHRASES
            while last < len(stretch) and _is_even(stretch[first : last + 1]):
                last += 1
            part = stretch[first:last]
            whole = Span(start_ms=part[0][0].start_ms, end_ms=part[-1][-1].end_ms)
            if whole.end_ms - whole.start_ms >= EVEN_MS and len(part) >= LEAST_PHRASES and _is_even(part):
                found.append(whole)
                first = last
            else:
                first += 1
    return found


def _with_face(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Runs of steady looks that follow each other and all show a face."""
    parts: list[list[Seen]] = []
    last: Seen | None = None
    for look in seen:
        if not look.steady:
            continue
        if look.face is not None:
            if last is None or last.face is None or look.at_ms - last.at_ms > 2 * STEP_MS:
                parts.append([])
            parts[-1].append(look)
        last = look
    return parts


def _is_still(looks: Sequence[Seen]) -> bool:
    faces = [look.face for look in looks if look.face is not None]
    measures = (
        ([face.mouth_open for face in faces], STILL_MOUTH_OPEN),
        ([face.mouth_width for face in faces], STILL_MOUTH_WIDTH),
        ([face.lids_open for face in faces], STILL_LIDS),
    )
    return all(statistics.pstdev(values) < most for values, most in measures)


def _shared_ms(window: Span, spans: Sequence[Span]) -> int:
    return sum(
        max(0, min(window.end_ms, span.end_ms) - max(window.start_ms, span.start_ms)) for span in spans
    )


Phrase = list[Token]


def _fluent(speech: SpeechSignals) -> list[list[Phrase]]:
    """Phrases (tokens between marks) in stretches that no filler, hesitation or long silence breaks."""
    fillers = find_fillers(speech)
    stretches: list[list[Phrase]] = [[]]
    phrase: Phrase = []
    for token, following in itertools.zip_longest(speech.tokens, speech.tokens[1:]):
        filled = any(filler.start_ms <= token.start_ms < filler.end_ms for filler in fillers)
        if not filled:
            phrase.append(token)
        silence = following.start_ms - token.end_ms if following is not None else 0
        reach = following.char_start if following is not None else len(speech.text)
        marked = following is None or bool(speech.text[token.char_end : reach].strip())
        broken = filled or silence >= (EVEN_PAUSE_MS if marked else PAUSE_MS)
        if (marked or broken) and phrase:
            stretches[-1].append(phrase)
            phrase = []
        if broken and stretches[-1]:
            stretches.append([])
    return [[p for p in stretch if len(p) >= LEAST_PHRASE_TOKENS] for stretch in stretches]


def _is_even(phrases: Sequence[Phrase]) -> bool:
    rates = [len(phrase) / max(1, phrase[-1].end_ms - phrase[0].start_ms) for phrase in phrases]
    mean = statistics.fmean(rates)
    return statistics.pstdev(rates) <= EVEN_VARIATION * mean
