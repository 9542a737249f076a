"""The parent of the renderer: hands it byte ranges of a take and takes the finished MP4 from it, piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from app.core.signals import Span
from app.ports import SegmentSource
from config.settings import Settings
from workers.analysis import decoder, renderer
from workers.analysis.media import Decoding, distrust
from workers.analysis.timeline import JOINED_MS, UnusableRecordingError

RENDERER = Path(renderer.__file__)
REFUSALS = frozenset({"not_a_recording", "no_encoder", "too_large", "too_long"})
"""The reasons a child may give; anything else counts as its crash."""

BYTES_PER_SECOND = 200_000
"""Most of picture, sound and index together (renderer.X264, SOUND_BITS), with room."""


@dataclass(frozen=True)
class RenditionFacts:
    """What came out. ``width`` and ``height`` are None without a picture; ``gaps`` on the take's timeline."""

    duration_ms: int
    gaps: tuple[Span, ...]
    width: int | None
    height: int | None
    lost_segments: int


class Rendering(Decoding):
    """One take being made into a file that plays everywhere. Use as a context manager: leaving it ends the child.

    ``pieces()`` gives the file's bytes in order; afterwards ``facts`` say what it is. UnusableRecordingError with one of
    REFUSALS or ``renderer_crashed`` (it died, or took longer than ``rendition_timeout_seconds``), RetryableError when
    the recording cannot be read or no child be started.
    """

    program = RENDERER
    longest: ClassVar = {renderer.FILE: renderer.PIECE_BYTES}

    def __init__(
        self, segments: list[SegmentSource], settings: Settings, *, sound_only: bool = False
    ) -> None:
        super().__init__(segments, settings, frames=False, sound_only=sound_only)
        self._waiting_seconds = float(settings.rendition_timeout_seconds)
        self._most_seconds = most = self._most_recorded_seconds
        self.most_bytes = int(most * BYTES_PER_SECOND)
        self.facts: RenditionFacts | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def _config(self) -> dict[str, Any]:
        return {
            "sizes": [segment.size for segment in self._segments],
            "starts_ms": [segment.starts_at_ms for segment in self._segments],
            "joined_ms": JOINED_MS,
            "sound_only": self._sound_only,
            "max_seconds": self._most_seconds,
            "most_seconds": self._most_seconds,
            "max_bytes": self.most_bytes,
            "memory_bytes": self._settings.decode_memory_bytes,
            "cpu_seconds": self._settings.rendition_timeout_seconds,
        }

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the finished file, in order."""
        try:
            yield from self._pieces()
        except UnusableRecordingError as problem:
            reason = "renderer_crashed" if problem.reason == "decoder_crashed" else problem.reason
            raise UnusableRecordingError(reason) from problem

    def _pieces(self) -> Iterator[bytes]:
        left = self.most_bytes * 2
        while True:
            kind, body = self._receive()
            if kind == decoder.READ:
                with distrust():
                    number, offset, length = decoder.RANGE.unpack(body)
                self._serve(number, offset, length)
            elif kind == renderer.FILE:
                left -= len(body)
                if left < 0:
                    raise UnusableRecordingError("renderer_crashed")
                yield body
            elif kind == decoder.END:
                with distrust():
                    self.facts = _facts(json.loads(body))
            elif kind == decoder.DONE and self.facts is not None:
                return
            elif kind == decoder.FAIL:
                with distrust():
                    reason = json.loads(body)["reason"]
                raise UnusableRecordingError(reason if reason in REFUSALS else "renderer_crashed")
            else:
                raise UnusableRecordingError("renderer_crashed")


def _facts(told: dict[str, Any]) -> RenditionFacts:
    """What the child says of the file; ValueError, KeyError or TypeError when it makes no sense."""
    seen = told["width"] is not None
    return RenditionFacts(
        duration_ms=int(told["duration_ms"]),
        gaps=tuple(Span(start_ms=int(start), end_ms=int(end)) for start, end in told["gaps"]),
        width=int(told["width"]) if seen else None,
        height=int(told["height"]) if seen else None,
        lost_segments=int(told["lost"]),
    )
