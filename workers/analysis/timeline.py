"""Puts what the decoder sends on the take's timeline: segments by the client's clock, holes between them explicit."""

from __future__ import annotations

import json
import math
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


class UnusableRecordingError(Exception):
    """The recording, not this machine, is at fault. ``reason`` has words in catalogue/*/analysis.json."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Timeline:
    """Takes PROBE, AUDIO, FRAME and END messages in order; ``close`` gives the whole.

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
        self._at_ms = self._end_ms = 0
        self._facts: dict[str, Any] = {}
        self._gaps: list[Span] = []
        self._sound: list[tuple[int, bytes]] = []
        self._sound_ms = 0.0
        self._sampled = self._black = self._rotation = 0

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
        else:
            raise ValueError(kind)
        return None

    def _begin(self, facts: dict[str, Any]) -> None:
        self._number += 1
        starts_ms = self._segments[self._number].starts_at_ms
        self._at_ms = max(starts_ms, self._end_ms) if starts_ms - self._end_ms >= JOINED_MS else self._end_ms
        if self._at_ms > self._end_ms:
            self._gaps.append(Span(start_ms=self._end_ms, end_ms=self._at_ms))
        if self._at_ms > self._most_seconds * 1000:
            raise UnusableRecordingError("too_long")
        self._facts = self._facts or facts
        self._sound_ms = float(self._at_ms)

    def _hear(self, body: bytes) -> None:
        if len(body) % 4 or self._number < 0:
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
        self._end_ms = self._at_ms + int(end["duration_ms"])
        self._sampled += int(end["sampled"])
        self._black += int(end["black"])
        self._rotation = self._rotation or int(end["rotation"])

    def close(self) -> tuple[MediaSignals, np.ndarray]:
        """The facts and the sound; UnusableRecordingError when there is too much, too little or nothing to hear."""
        import numpy as np

        recorded_ms = self._end_ms - sum(gap.end_ms - gap.start_ms for gap in self._gaps)
        if self._end_ms > self._most_seconds * 1000 or recorded_ms > self._most_recorded_seconds * 1000:
            raise UnusableRecordingError("too_long")
        if recorded_ms < SHORTEST_MS:
            raise UnusableRecordingError("too_short")
        sound = np.zeros(self._end_ms * decoder.SAMPLE_RATE // 1000, np.float32)
        for place, body in self._sound:
            part = np.nan_to_num(np.frombuffer(body, "<f4"))[: max(0, len(sound) - place)]
            sound[place : place + len(part)] = part
        peak = float(np.abs(sound).max(initial=0.0))
        if _dbfs(peak) < SILENT_DBFS:
            raise UnusableRecordingError("silent")
        facts = MediaSignals(
            **self._facts,
            duration_ms=self._end_ms,
            rotation=self._rotation,
            peak_dbfs=_dbfs(peak),
            rms_dbfs=_dbfs(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))),
            dark_ratio=round(self._black / self._sampled, 4) if self._sampled else None,
            gaps=self._gaps,
        )
        return facts, sound


def _dbfs(amplitude: float) -> float:
    """Decibels below full scale, not under -120."""
    return round(20 * math.log10(max(amplitude, 1e-6)), 2)
