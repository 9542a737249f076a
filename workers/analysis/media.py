"""The parent of the decoder: starts it, hands it byte ranges, and puts what comes back on the take's timeline.

Everything received is checked as a stranger's word: the child has read what a stranger uploaded.
"""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from app.core.errors import RetryableError
from app.core.signals import Engine, MediaSignals, Span
from app.ports import Frame, SegmentSource
from config.settings import Settings
from workers.analysis import decoder

if TYPE_CHECKING:
    import numpy as np

FRAMES_PER_SECOND = 2.0
SHORTEST_MS = 1000
OVERRUN_SECONDS = 5.0
"""A client stops recording at the limit; what it sends may run over by this much."""

JOINED_MS = 100
"""Segments closer than this on the client's clock follow each other; a wider hole is a gap."""

SILENT_DBFS = -50.0
LONGEST_MESSAGE = 4 * 1024 * 1024
DECODER = Path(decoder.__file__)


class UnusableRecordingError(Exception):
    """The recording, not this machine, is at fault. ``reason`` has words in catalogue/*/analysis.json."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Decoding:
    """One take being decoded in a child process. Use as a context manager: leaving it ends the child.

    ``frames()`` gives the sampled pictures as they come (only if they were asked for); ``finish()`` reads to the end.
    Both raise UnusableRecordingError, and RetryableError when the recording cannot be read or no child be started.
    """

    def __init__(self, segments: list[SegmentSource], settings: Settings, *, frames: bool) -> None:
        self._segments = sorted(segments, key=lambda segment: segment.number)
        self._settings = settings
        self._want_frames = frames
        self._waiting_seconds = float(settings.decode_timeout_seconds)
        self._most_seconds = settings.answer_max_seconds + OVERRUN_SECONDS
        self._readers: dict[int, BinaryIO] = {}
        self._line: socket.socket
        self._child: subprocess.Popen[bytes]
        self._timeline = _Timeline(self._segments, self._most_seconds)
        self._done = False

    @property
    def engine(self) -> Engine:
        """What decoded it."""
        sampling = f"{FRAMES_PER_SECOND:g} frames a second" if self._want_frames else "key frames"
        return media_engine({"sample_rate": decoder.SAMPLE_RATE, "pictures": sampling})

    def __enter__(self) -> Decoding:
        self._line, child_line = socket.socketpair()
        config = {
            "sizes": [segment.size for segment in self._segments],
            "frames": self._want_frames,
            "frames_per_second": FRAMES_PER_SECOND,
            "max_seconds": self._most_seconds,
            "memory_bytes": self._settings.decode_memory_bytes,
            "cpu_seconds": self._settings.decode_timeout_seconds,
        }
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(DECODER), str(child_line.fileno()), json.dumps(config)],
                pass_fds=[child_line.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
            )
        except OSError as error:
            self._line.close()
            raise RetryableError("decoder_not_started", str(error)) from error
        finally:
            child_line.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.wait()
        self._line.close()
        for reader in self._readers.values():
            reader.close()

    @property
    def child_pid(self) -> int:
        """The decoder's process id."""
        return self._child.pid

    def frames(self) -> Iterator[Frame]:
        """The sampled pictures on the take's timeline, in time order; sound is kept aside meanwhile."""
        while not self._done:
            kind, body = self._receive()
            frame = self._handle(kind, body)
            if frame is not None:
                yield frame

    def finish(self) -> tuple[MediaSignals, np.ndarray]:
        """Read to the end: the media facts and the sound (float32, mono, 16 kHz) of the whole take."""
        for _ in self.frames():
            pass
        return self._timeline.close()

    def _handle(self, kind: bytes, body: bytes) -> Frame | None:
        if kind == decoder.READ:
            self._serve(*decoder.RANGE.unpack(body))
        elif kind == decoder.DONE:
            self._done = True
        elif kind == decoder.FAIL:
            raise UnusableRecordingError(_known_reason(body))
        else:
            try:
                return self._timeline.take(kind, body)
            except (ValueError, KeyError, TypeError, OverflowError) as error:
                raise UnusableRecordingError("decoder_crashed") from error
        return None

    def _receive(self) -> tuple[bytes, bytes]:
        kind, length = decoder.HEADER.unpack(self._exactly(decoder.HEADER.size))
        if length > LONGEST_MESSAGE:
            raise UnusableRecordingError("decoder_crashed")
        return kind, self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        """``count`` bytes from the child. Only waiting for it counts towards its time limit, not our own work."""
        got = bytearray()
        while len(got) < count:
            began = time.monotonic()
            self._line.settimeout(max(self._waiting_seconds, 0.001))
            try:
                part = self._line.recv(count - len(got))
            except (TimeoutError, ConnectionError):
                part = b""
            self._waiting_seconds -= time.monotonic() - began
            if not part or self._waiting_seconds <= 0:
                raise UnusableRecordingError("decoder_crashed")
            got += part
        return bytes(got)

    def _serve(self, number: int, offset: int, length: int) -> None:
        """Answer one read request."""
        data = self._read(number, offset, min(length, decoder.READ_BYTES))
        self._line.settimeout(max(self._waiting_seconds, 0.001))
        try:
            self._line.sendall(decoder.LENGTH.pack(len(data)) + data)
        except OSError as error:
            raise UnusableRecordingError("decoder_crashed") from error

    def _read(self, number: int, offset: int, length: int) -> bytes:
        if number >= len(self._segments):
            raise UnusableRecordingError("decoder_crashed")
        try:
            if number not in self._readers:
                self._readers[number] = self._segments[number].open()
            reader = self._readers[number]
            reader.seek(min(offset, self._segments[number].size))
            got = bytearray()
            while len(got) < length and (part := reader.read(length - len(got))):
                got += part
        except OSError as error:
            raise RetryableError("recording_unreadable", str(error)) from error
        return bytes(got)


class _Timeline:
    """Puts segments one after the other by the client's clock, with the holes between them explicit."""

    def __init__(self, segments: list[SegmentSource], most_seconds: float) -> None:
        self._segments = segments
        self._most_seconds = most_seconds
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

        if self._end_ms > self._most_seconds * 1000:
            raise UnusableRecordingError("too_long")
        if self._end_ms - sum(gap.end_ms - gap.start_ms for gap in self._gaps) < SHORTEST_MS:
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


def media_engine(parameters: dict[str, Any] | None = None) -> Engine:
    """PyAV, which brings its own FFmpeg."""
    return Engine(name="pyav", version=version("av"), parameters=parameters or {})


def _dbfs(amplitude: float) -> float:
    """Decibels below full scale, not under -120."""
    return round(20 * math.log10(max(amplitude, 1e-6)), 2)


def _known_reason(body: bytes) -> str:
    try:
        reason = json.loads(body)["reason"]
    except (ValueError, KeyError, TypeError):
        reason = ""
    return reason if reason in {"not_a_recording", "no_audio", "too_long"} else "decoder_crashed"


def read_file_segment(
    path: os.PathLike[str] | str, *, number: int = 0, starts_at_ms: int = 0
) -> SegmentSource:
    """A segment read from a plain file, for samples and operators."""
    file = Path(path)
    return SegmentSource(
        number=number,
        starts_at_ms=starts_at_ms,
        size=file.stat().st_size,
        content_type="application/octet-stream",
        open=lambda: file.open("rb"),
    )
