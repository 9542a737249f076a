"""The parent of the decoder: starts it, hands it byte ranges, and puts what comes back on the take's timeline.

Everything received is checked as a stranger's word: the child has read what a stranger uploaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from app.core.errors import RetryableError
from app.core.signals import Engine, MediaSignals
from app.ports import Frame, SegmentSource
from config.settings import Settings
from workers.analysis import decoder
from workers.analysis.timeline import Timeline, UnusableRecordingError

if TYPE_CHECKING:
    import numpy as np

FRAMES_PER_SECOND = 6.0
"""Given to the face reader, which looks at all of them only where something changes."""

OVERRUN_SECONDS = 5.0
"""A client stops recording at the limit; what it sends may run over by this much."""

LONGEST_DOCUMENT = 4096
LONGEST = {
    decoder.AUDIO: 4 * decoder.AUDIO_SAMPLES,
    decoder.FRAME: 4 * decoder.MAX_WIDTH * decoder.MAX_HEIGHT,
}
REFUSALS = frozenset({"too_long"})
"""The reasons a child may give; anything else counts as its crash."""

DECODER = Path(decoder.__file__)


class Decoding:
    """One take being decoded in a child process. Use as a context manager: leaving it ends the child.

    ``max_seconds`` is what the question allows; the machine's own limit counts all the same. ``sound_only`` leaves every
    picture alone, for a recording whose pictures ended a decoder before. ``frames()`` gives the
    sampled pictures as they come (only if they were asked for); ``finish()`` reads to the end. Both raise
    UnusableRecordingError, and RetryableError when the recording cannot be read or no child be started.
    """

    program = DECODER
    longest: ClassVar = LONGEST

    def __init__(
        self,
        segments: list[SegmentSource],
        settings: Settings,
        *,
        frames: bool,
        max_seconds: int | None = None,
        sound_only: bool = False,
    ) -> None:
        self._segments = sorted(segments, key=lambda segment: segment.number)
        self._settings = settings
        self._want_frames = frames and not sound_only
        self._sound_only = sound_only
        self._waiting_seconds = float(settings.decode_timeout_seconds)
        most_seconds = settings.answer_max_seconds + OVERRUN_SECONDS
        allowed = settings.answer_max_seconds if max_seconds is None else max_seconds
        self._most_recorded_seconds = min(most_seconds, allowed + OVERRUN_SECONDS)
        self._readers: dict[int, BinaryIO] = {}
        self._line: socket.socket
        self._child: subprocess.Popen[bytes]
        self._timeline = Timeline(self._segments, most_seconds, self._most_recorded_seconds)
        self._done = False

    @property
    def engine(self) -> Engine:
        """What decoded it."""
        sampling = f"{FRAMES_PER_SECOND:g} frames a second"
        if self._sound_only:
            sampling = "none"
        elif self._timeline.key_frames_only:
            sampling = "key frames"
        return media_engine({"sample_rate": decoder.SAMPLE_RATE, "pictures": sampling})

    def __enter__(self) -> Decoding:
        self._line, child_line = socket.socketpair()
        try:
            self._child = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    str(self.program),
                    str(child_line.fileno()),
                    json.dumps(self._config()),
                ],
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

    def _config(self) -> dict[str, Any]:
        """What the child is told."""
        return {
            "sizes": [segment.size for segment in self._segments],
            "frames": self._want_frames,
            "sound_only": self._sound_only,
            "frames_per_second": FRAMES_PER_SECOND,
            "max_seconds": self._most_recorded_seconds,
            "memory_bytes": self._settings.decode_memory_bytes,
            "cpu_seconds": self._settings.decode_timeout_seconds,
        }

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
        with distrust():
            return self._timeline.close()

    def _handle(self, kind: bytes, body: bytes) -> Frame | None:
        if kind == decoder.READ:
            with distrust():
                number, offset, length = decoder.RANGE.unpack(body)
            self._serve(number, offset, length)
        elif kind == decoder.DONE:
            self._done = True
        elif kind == decoder.FAIL:
            with distrust():
                reason = json.loads(body)["reason"]
            raise UnusableRecordingError(reason if reason in REFUSALS else "decoder_crashed")
        else:
            with distrust():
                return self._timeline.take(kind, body)
        return None

    def _receive(self) -> tuple[bytes, bytes]:
        kind, length = decoder.HEADER.unpack(self._exactly(decoder.HEADER.size))
        if length > self.longest.get(kind, LONGEST_DOCUMENT):
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


def media_engine(parameters: dict[str, Any] | None = None) -> Engine:
    """PyAV, which brings its own FFmpeg."""
    return Engine(name="pyav", version=version("av"), parameters=parameters or {})


@contextlib.contextmanager
def distrust() -> Iterator[None]:
    """What the child says may be anything: nonsense from it is a crash of it, not of us."""
    try:
        yield
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError, struct.error) as error:
        raise UnusableRecordingError("decoder_crashed") from error


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
