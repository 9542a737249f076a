"""Puts what the decoder sends on the take's timeline: segments by the client's clock, holes between them explicit."""

from __future__ import annotations

import json
import math
from collections import deque
from typing import TYPE_CHECKING, Any

from app.core.signals import MediaSignals, Span
from app.ports import Frame, SegmentSource
from workers.analysis import decoder

if TYPE_CHECKING:
    import numpy as np

SHORTEST_MS = 1000
JOINED_MS = 100
"""Segments closer than this on the client's clock follow each other; a wider hole is a gap."""

SILENT_DBFS = -50.0
LOST_MS, LOST_SHARE = 1000, 0.05
"""Sound missing at an end or in damaged packets is mentioned when it is more than this, and this share of the take."""

DARK, STILL = 0.95, 0.9
"""Shares of the sampled pictures from which on the whole counts as black, or as one that never moves."""

LOST_REASONS = frozenset({"not_a_recording", "no_audio"})


class UnusableRecordingError(Exception):
    """The recording, not this machine, is at fault. ``reason`` has words in catalogue/*/analysis.json."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Timeline:
    """Takes PROBE, AUDIO, FRAME, END and LOST messages in order; ``close`` gives the whole.

    A segment that cannot be read leaves a gap, for what the others hold still counts; its reason is that of the take
    when no segment can be read.

    ``most_seconds`` bounds the timeline with its holes; ``most_recorded_seconds`` (None: no other bound) what was
    recorded, for a candidate whose phone failed in between spoke no longer for it.
    """

    def __init__(
        self, segments: list[SegmentSource], most_seconds: float, most_recorded_seconds: float | None = None
    ) -> None:
        self._segments = segments
        self._most_seconds = most_seconds
        self._most_recorded_seconds = most_seconds if most_recorded_seconds is None else most_recorded_seconds
        self._number = -1
        self._open = False
        self._at_ms = self._end_ms = self._recorded_ms = self._lost_ms = 0
        self._facts: dict[str, Any] = {}
        self._lost: list[str] = []
        self._gaps: list[Span] = []
        self._sound: deque[tuple[int, bytes]] = deque()
        self._sound_ms = 0.0
        self._counts = dict.fromkeys(("sampled", "black", "compared", "still"), 0)
        self._rotation = 0
        self.key_frames_only = False

    def take(self, kind: bytes, body: bytes) -> Frame | None:
        """One message; ValueError, KeyError or TypeError when it makes no sense."""
        if kind == decoder.PROBE:
            self._begin(json.loads(body))
        elif kind == decoder.AUDIO:
            self._hear(body)
        elif kind == decoder.FRAME:
            return self._see(body)
        elif kind == decoder.END:
            self._finish(json.loads(body))
        elif kind == decoder.LOST:
            self._lose(str(json.loads(body)["reason"]))
        else:
            raise ValueError(kind)
        return None

    def _begin(self, probe: dict[str, Any]) -> None:
        self._number += 1
        self._open = True
        starts_ms = self._segments[self._number].starts_at_ms
        self._at_ms = max(starts_ms, self._end_ms) if starts_ms - self._end_ms >= JOINED_MS else self._end_ms
        if self._at_ms > self._most_seconds * 1000:
            raise UnusableRecordingError("too_long")
        self._facts = self._facts or dict(probe["facts"])
        self.key_frames_only = self.key_frames_only or bool(probe["key_frames_only"])
        self._sound_ms = float(self._at_ms)

    def _hear(self, body: bytes) -> None:
        if len(body) % 4 or not self._open:
            raise ValueError("sound")
        self._sound.append((round(self._sound_ms * decoder.SAMPLE_RATE / 1000), body))
        self._sound_ms += len(body) / 4 * 1000 / decoder.SAMPLE_RATE
        if self._sound_ms > (self._most_seconds + 1) * 1000:
            raise UnusableRecordingError("too_long")

    def _see(self, body: bytes) -> Frame:
        import numpy as np

        at_ms, width, height = decoder.PICTURE.unpack_from(body)
        if not 0 < width <= decoder.MAX_WIDTH or not 0 < height <= decoder.MAX_HEIGHT:
            raise ValueError("picture")
        pixels = np.frombuffer(body, np.uint8, offset=decoder.PICTURE.size)
        return Frame(at_ms=self._at_ms + at_ms, image=pixels.reshape(height, width, 3))

    def _finish(self, end: dict[str, Any]) -> None:
        if not self._open:
            raise ValueError("end")
        self._open = False
        if self._at_ms > self._end_ms:
            self._gaps.append(Span(start_ms=self._end_ms, end_ms=self._at_ms))
        length = int(end["duration_ms"])
        self._end_ms = self._at_ms + length
        self._recorded_ms += length
        self._lost_ms += int(end["lost_ms"])
        for name in self._counts:
            self._counts[name] += int(end[name])
        self._rotation = self._rotation or int(end["rotation"])
        if self._recorded_ms > self._most_recorded_seconds * 1000:
            raise UnusableRecordingError("too_long")

    def _lose(self, reason: str) -> None:
        self._number += not self._open
        self._open = False
        self._lost.append(reason if reason in LOST_REASONS else "not_a_recording")

    def close(self) -> tuple[MediaSignals, np.ndarray]:
        """The facts and the sound; UnusableRecordingError when there is too much, too little or nothing to hear."""
        if not self._recorded_ms and self._lost:
            raise UnusableRecordingError(self._lost[0])
        if self._end_ms > self._most_seconds * 1000:
            raise UnusableRecordingError("too_long")
        if self._recorded_ms < SHORTEST_MS:  # by its own fault, or because the rest of it is damaged
            raise UnusableRecordingError("too_short" if self._lost_ms < SHORTEST_MS else "not_a_recording")
        sound = self._joined()
        peak, rms = _loudness(sound)
        if _dbfs(peak) < SILENT_DBFS:
            raise UnusableRecordingError("silent")
        counts, lost = self._counts, self._lost_ms
        facts = MediaSignals(
            **self._facts,
            duration_ms=self._end_ms,
            rotation=self._rotation,
            peak_dbfs=_dbfs(peak),
            rms_dbfs=_dbfs(rms),
            dark_ratio=_share(counts["black"], counts["sampled"]),
            still_ratio=_share(counts["still"], counts["compared"]),
            lost_ms=lost if lost > max(LOST_MS, LOST_SHARE * self._recorded_ms) else None,
            lost_segments=len(self._lost) or None,
            gaps=self._gaps,
        )
        return facts, sound

    def _joined(self) -> np.ndarray:
        """All sound in its place. Every block is let go as it is copied: the take's sound is never held twice."""
        import numpy as np

        sound = np.zeros(self._end_ms * decoder.SAMPLE_RATE // 1000, np.float32)
        while self._sound:
            place, body = self._sound.popleft()
            part = np.nan_to_num(np.frombuffer(body, "<f4"))[: max(0, len(sound) - place)]
            sound[place : place + len(part)] = part.clip(-1, 1)  # a damaged packet may decode to anything
        return sound


def shortcoming(facts: MediaSignals) -> str | None:
    """What a person should know of a recording that could be used all the same: a reason, or None."""
    if facts.lost_ms is not None or facts.lost_segments is not None:
        return "incomplete"
    if facts.video_codec is None:
        return None
    if facts.dark_ratio is None:
        return "picture_unreadable"
    if facts.dark_ratio >= DARK:
        return "black_picture"
    return "still_picture" if (facts.still_ratio or 0.0) >= STILL else None


def _loudness(sound: np.ndarray) -> tuple[float, float]:
    """Peak and root mean square, block by block."""
    import numpy as np

    peak = energy = 0.0
    for start in range(0, len(sound), decoder.AUDIO_SAMPLES):
        block = sound[start : start + decoder.AUDIO_SAMPLES].astype(np.float64)
        peak = max(peak, float(np.abs(block).max()))
        energy += float(np.dot(block, block))
    return peak, math.sqrt(energy / max(1, len(sound)))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _dbfs(amplitude: float) -> float:
    """Decibels below full scale, not under -120."""
    return round(20 * math.log10(max(amplitude, 1e-6)), 2)
