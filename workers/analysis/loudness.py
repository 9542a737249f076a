"""How loud somebody is: brought up where they are far from the microphone, told from the room where the room is loud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.signals import Span

if TYPE_CHECKING:
    import numpy as np

QUIET, USUAL = 0.1, 0.3
"""The level that one sample in a thousand exceeds: under QUIET (-20 dBFS) a recording is raised to USUAL, where ordinary
ones lie. A peak would be the level of a door or a click."""

LOUD_SHARE = 0.999
STEP = 8

FRAME_MS, SAMPLES_PER_MS = 50, 16
VOICE_SHARE, FLOOR_SHARE = 0.9, 0.05
"""The voice is as loud as its loudest tenth of frames, the room as all but the quietest twentieth."""

LOUD_ROOM_DB = 35.0
"""A room less than this below the voice is loud: voice activity detection takes its voices for the speaker's."""

ROOM_BELOW_DB = 15.0
ROOM_MS = 400
"""In a loud room, what stays this far below the voice for this long is the room. A speaker's own words hardly ever do: a
phrase of theirs holds a syllable that is nearly as loud as the others."""

MARGIN_MS = 200
"""Kept on both sides of the voice, for the consonants that begin words and the syllables that fade at their end."""


def audible(audio: np.ndarray) -> np.ndarray:
    """A quiet recording louder, any other as it is; float32 in and out."""
    import numpy as np

    if not len(audio):
        return audio
    level = float(np.quantile(np.abs(audio[::STEP]), LOUD_SHARE))
    if not 0 < level < QUIET:
        return audio
    raised = audio * np.float32(USUAL / level)
    return raised.clip(-1, 1, out=raised)


def without_room(audio: np.ndarray, stretches: list[Span]) -> list[Span]:
    """The stretches of speech (in order) without what only the room says in them.

    ``audio`` is float32 mono at 16 kHz. In a quiet room whole stretches go that are no louder than a loud room would be:
    a hiss that begins after a gap is taken for speech. In a loud room the murmur of others fills the speaker's pauses: no
    stretch ends, the recogniser hears words in it, and the pauses seem shorter than they were.
    """
    import numpy as np

    per_frame = FRAME_MS * SAMPLES_PER_MS
    frames = audio[: len(audio) // per_frame * per_frame].reshape(-1, per_frame)
    levels = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / per_frame + 1e-12)
    spoken = np.concatenate([levels[_frames(one)] for one in stretches]) if stretches else levels[:0]
    if not len(spoken):
        return stretches
    voice = float(np.quantile(spoken, VOICE_SHARE))
    if voice - float(np.quantile(levels, FLOOR_SHARE)) >= LOUD_ROOM_DB:
        return [one for one in stretches if levels[_frames(one)].max(initial=-np.inf) > voice - LOUD_ROOM_DB]
    loud = levels >= voice - ROOM_BELOW_DB
    return [kept for one in stretches for kept in _loud_parts(loud, one)]


def _frames(span: Span) -> slice:
    """The frames that lie wholly or partly in a span."""
    return slice(span.start_ms // FRAME_MS, -(-span.end_ms // FRAME_MS))


def _loud_parts(loud: np.ndarray, stretch: Span) -> list[Span]:
    """The parts of a stretch that hold loud frames less than ROOM_MS apart."""
    places = [stretch.start_ms // FRAME_MS + int(place) for place in loud[_frames(stretch)].nonzero()[0]]
    parts: list[Span] = []
    for place in places:
        start = max(stretch.start_ms, place * FRAME_MS - MARGIN_MS)
        end = min(stretch.end_ms, (place + 1) * FRAME_MS + MARGIN_MS)
        if parts and place * FRAME_MS - (parts[-1].end_ms - MARGIN_MS) < ROOM_MS:
            start = parts.pop().start_ms
        parts.append(Span(start_ms=start, end_ms=end))
    return parts
