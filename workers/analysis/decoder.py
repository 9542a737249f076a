"""The child process that decodes what a stranger uploaded. It runs alone: no keys, no files, no network.

    python -I decoder.py SOCKET_FD CONFIG_JSON

It imports nothing of the product. It reads the recording by asking its parent for byte ranges over a socket, and sends
back what it decoded, so no plaintext ever touches the disk and nothing here outlives the process. Everything it sends
is a message of one kind byte, a length and a body (network byte order):

====  ===============================================================================================
READ  request: segment (u32), offset (u64), length (u32); the parent answers with a length (u32) and the bytes
PROBE JSON: what the segment's container and streams are
AUDIO float32 samples, mono, 16 kHz, following the ones before (silence fills holes inside a segment)
FRAME at (u32 milliseconds in the segment), width, height (u16), RGB bytes, upright
END   JSON: the segment's length, how much of it has no sound left, and counts of its sampled frames
LOST  JSON: a stable reason; nothing of this segment can be used, the next one follows
FAIL  JSON: a stable reason; the take cannot be used, nothing follows
DONE  empty: every segment was read
====  ===============================================================================================
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import pkgutil
import resource
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

READ, PROBE, AUDIO, FRAME, END, LOST, FAIL, DONE = b"R", b"P", b"A", b"F", b"E", b"L", b"X", b"Z"
HEADER = struct.Struct("!cI")
RANGE = struct.Struct("!IQI")
LENGTH = struct.Struct("!I")
PICTURE = struct.Struct("!IHH")
SAMPLE_RATE = 16_000
READ_BYTES = 256 * 1024
AUDIO_SAMPLES = 64 * 1024
MAX_WIDTH, MAX_HEIGHT = 320, 426
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,mp3,amr,wav,ogg,flac"
"""The demuxers we allow. Playlist formats stay out: they would let a recording name other files."""

MEASURED = frozenset({"mov", "matroska", "wav", "flac", "ogg"})
"""Containers that know their length; that of the others is FFmpeg's guess from the bit rate."""

CLOCKED = frozenset({"mov", "matroska", "ogg"})
"""Containers whose timestamps say when a sound was made; those of the others only count what was decoded."""

GUESS_FACTOR = 2.0
LEAST_BITS_PER_SECOND = 4000
"""Less than speech codecs need (AMR: 4750): a length that leaves fewer bits a second is not believed but decoded."""

HOLE_SECONDS = 0.1
BLACK_LUMA = 24
"""Mean luma (0-255; video black is 16) up to which a frame counts as black."""

STILL_DIFFERENCE = 2
"""Nothing moved when no pixel (0-255) of two samples' thumbnails differs by more; lips that speak differ by tens."""

THUMBNAIL = (64, 48)
MOST_PIXELS_PER_SECOND = 1920 * 1080 * 62
"""Beyond 1080p at 60 a second only key frames are decoded: a core decodes little more in the time an answer has."""


class Refused(Exception):
    """The take cannot be used, for a stable reason."""


class Unreadable(Exception):
    """Nothing of this segment can be used, for a stable reason; other segments may still tell what was said."""


class Line:
    """The message line to the parent."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def send(self, kind: bytes, *body: Any) -> None:
        """Send one message; blocks while the parent is busy, so memory stays bounded on both sides."""
        self._line.sendall(HEADER.pack(kind, sum(memoryview(part).nbytes for part in body)))
        for part in body:
            self._line.sendall(memoryview(part).cast("B"))

    def send_json(self, kind: bytes, document: dict[str, Any]) -> None:
        """Send one message whose body is JSON."""
        self.send(kind, json.dumps(document).encode())

    def fetch(self, segment: int, offset: int, length: int) -> bytes:
        """Bytes of the recording from the parent; fewer at its end."""
        self.send(READ, RANGE.pack(segment, offset, length))
        (count,) = LENGTH.unpack(self._receive(LENGTH.size))
        return self._receive(count)

    def _receive(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self._line.recv(count - len(parts))
            if not part:
                raise SystemExit(3)  # the parent is gone: nobody waits for us
            parts += part
        return bytes(parts)


class Remote(io.RawIOBase):
    """One segment as a seekable file whose bytes lie with the parent."""

    def __init__(self, line: Line, segment: int, size: int) -> None:
        self._line, self._segment, self._size = line, segment, size
        self._at = 0
        self._kept, self._kept_at = b"", 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; positions are kept inside the file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, min(base + offset, self._size))
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; one block is kept, since demuxers read in small steps."""
        rest = self._size - self._at
        wanted = min(rest, READ_BYTES, size if size >= 0 else rest)
        if wanted <= 0:
            return b""
        start = self._at - self._kept_at
        if not 0 <= start < len(self._kept):
            start = self._at % READ_BYTES  # whole blocks, as they were sealed: each is opened once
            self._kept_at = self._at - start
            self._kept = self._line.fetch(self._segment, self._kept_at, READ_BYTES)
        part = self._kept[start : start + wanted]
        self._at += len(part)
        return part


class Segment:
    """Decodes one segment and sends what it finds; ``limit`` is how many seconds of it the take has left."""

    def __init__(self, line: Line, config: dict[str, Any], limit: float) -> None:
        self._line = line
        self._send_frames: bool = config["frames"]
        self._sound_only: bool = config["sound_only"]
        self._step_ms = 1000 / config["frames_per_second"]
        self._limit = limit
        self._start = 0.0
        self._clocked = False
        self._audio: list[Any] = []
        self._waiting = self._samples = 0
        self._next_ms = self._last_ms = 0.0
        self._damaged_ms = self._silenced_ms = 0.0
        self._resampler: Any = None
        self._thumbnail: Any = None
        self._counts = {"sampled": 0, "black": 0, "compared": 0, "still": 0, "rotation": 0}

    def decode(self, number: int, size: int) -> float:
        """Probe, then decode to the end; the seconds it lasts. Raises Refused and Unreadable."""
        import av

        try:
            container = av.open(Remote(self._line, number, size), "r", options={"format_whitelist": FORMATS})
        except MemoryError:
            raise  # FFmpeg's own kind of it is an FFmpegError too
        except (av.FFmpegError, ValueError) as error:
            raise Unreadable("not_a_recording") from error
        with container:
            audio, video = first_readable(container.streams.audio), first_readable(container.streams.video)
            if audio is None:
                raise Unreadable("no_audio" if video is not None else "not_a_recording")
            claimed = self._claimed_seconds(container, [audio, video], size)
            facts = _facts(container, audio, video)
            sparse = not self._send_frames or pixel_rate(video) > MOST_PIXELS_PER_SECOND
            self._line.send_json(PROBE, {"facts": facts, "key_frames_only": sparse})
            self._start = (container.start_time or 0) / av.time_base
            self._clocked = not CLOCKED.isdisjoint(container.format.name.split(","))
            if video is not None and sparse:
                video.codec_context.skip_frame = "NONKEY"
            wanted = [audio] if video is None or self._sound_only else [audio, video]
            self._read(container, wanted)
        self._flush()
        sound_ms = self._samples * 1000 // SAMPLE_RATE
        length = max(sound_ms, int(self._last_ms))
        # What is damaged at the end is what the length claimed and the sound's own differ by: it counts once.
        lost = self._silenced_ms + max(length - sound_ms, claimed * 1000 - sound_ms, self._damaged_ms)
        self._line.send_json(END, {"duration_ms": length, "lost_ms": int(lost), **self._counts})
        return length / 1000

    def _claimed_seconds(self, container: Any, streams: list[Any], size: int) -> float:
        """How long the segment says it is, 0 when it says nothing that can be. Refused when that is too long."""
        import av

        kinds = container.format.name.split(",")
        measured = not MEASURED.isdisjoint(kinds)
        lengths = [stream.duration and stream.duration * stream.time_base for stream in streams if stream]
        whole, start = (container.duration or 0) / av.time_base, (container.start_time or 0) / av.time_base
        claimed = float(max(lengths)) if all(lengths) else whole
        if "matroska" in kinds and 0 < start < claimed:
            claimed -= start  # it counts from zero, wherever the first picture lies
        if claimed <= 0 or size * 8 < claimed * LEAST_BITS_PER_SECOND:
            return 0.0
        if claimed > self._limit * (1.0 if measured else GUESS_FACTOR):
            raise Refused("too_long")
        return claimed if measured else 0.0

    def _read(self, container: Any, streams: list[Any]) -> None:
        damaged = 0
        for stream in streams:
            stream.codec_context.thread_count = 1
        for packet in packets(container, streams):
            if not self._take(packet):
                damaged += 1
                if packet.stream.type == "audio" and packet.duration:
                    self._damaged_ms += float(packet.duration * packet.time_base * 1000)
        if not self._samples and (damaged or not self._last_ms):
            raise Unreadable("not_a_recording")
        if self._resampler is not None:
            for block in self._resampler.resample(None):
                self._keep(block.to_ndarray()[0])

    def _take(self, packet: Any) -> bool:
        """Decode one packet; False when it is damaged. Decoders go on with the next."""
        import av

        try:
            for frame in packet.decode():
                if packet.stream.type == "audio":
                    self._hear(frame)
                else:
                    self._see(frame)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            return False
        return True

    def _hear(self, frame: Any) -> None:
        import numpy as np

        if self._clocked:  # the clock goes on, and silence stands where packets were damaged
            self._silenced_ms += self._damaged_ms
            self._damaged_ms = 0.0
        if frame.time is not None and self._clocked:
            hole = frame.time - self._start - self._samples / SAMPLE_RATE
            # A hole that leaves the answer's limit is a broken clock: the sound goes on where it was.
            if HOLE_SECONDS < hole <= self._limit - self._samples / SAMPLE_RATE:
                self._keep(np.zeros(int(hole * SAMPLE_RATE), np.float32))
        for block in self._resampled(frame):
            self._keep(block.to_ndarray()[0])

    def _resampled(self, frame: Any) -> list[Any]:
        """The frame as mono at 16 kHz; a stream may change its rate or channels on the way."""
        import av

        if self._resampler is not None:
            with contextlib.suppress(ValueError):
                return list(self._resampler.resample(frame))
            for block in self._resampler.resample(None):
                self._keep(block.to_ndarray()[0])
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        return list(self._resampler.resample(frame))

    def _keep(self, samples: Any) -> None:
        self._check_length((self._samples + len(samples)) / SAMPLE_RATE)
        self._audio.append(samples)
        self._samples += len(samples)
        self._waiting += len(samples)
        if self._waiting >= AUDIO_SAMPLES:
            self._flush()

    def _flush(self) -> None:
        import numpy as np

        for block in self._audio:
            for start in range(0, len(block), AUDIO_SAMPLES):
                self._line.send(AUDIO, np.ascontiguousarray(block[start : start + AUDIO_SAMPLES], "<f4"))
        self._audio, self._waiting = [], 0

    def _check_length(self, seconds: float) -> None:
        if seconds > self._limit:
            raise Refused("too_long")

    def _see(self, frame: Any) -> None:
        if frame.time is None:
            return
        at_ms = (frame.time - self._start) * 1000
        if at_ms - self._last_ms > self._limit * 1000:
            return  # a broken clock again: no picture can stay for longer than an answer
        self._check_length(at_ms / 1000)
        self._last_ms = max(self._last_ms, at_ms)
        if at_ms + 1 < self._next_ms:
            return
        self._next_ms = ((at_ms + 1) // self._step_ms + 1) * self._step_ms
        image = _upright(frame)
        self._count(frame, image)
        if self._send_frames:
            height, width = image.shape[:2]
            self._line.send(FRAME, PICTURE.pack(max(0, int(at_ms)), width, height), image)

    def _count(self, frame: Any, image: Any) -> None:
        """What can be said of a picture without looking at who is in it."""
        import numpy as np

        width, height = THUMBNAIL
        small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
        thumbnail = small.to_ndarray().astype(np.int16)
        if self._thumbnail is not None:
            self._counts["compared"] += 1
            self._counts["still"] += bool(np.abs(thumbnail - self._thumbnail).max() <= STILL_DIFFERENCE)
        self._thumbnail = thumbnail
        self._counts["rotation"] = round(frame.rotation) % 360
        self._counts["sampled"] += 1
        self._counts["black"] += bool(image.mean() <= BLACK_LUMA)


def packets(container: Any, streams: list[Any]) -> Iterator[Any]:
    """Packets up to the end, or to where a recording was cut off: what came before counts."""
    import av

    demuxed = container.demux(streams)
    while True:
        try:
            packet = next(demuxed, None)
        except MemoryError:
            raise
        except av.FFmpegError:
            return
        if packet is None:
            return
        yield packet


def first_readable(streams: Any) -> Any:
    """The first stream we have a decoder for, or None. A cover picture in a sound file is no stream to look at."""
    from av.stream import Disposition

    return next(
        (
            stream
            for stream in streams
            if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic
        ),
        None,
    )


def _unknown_picture(container: Any) -> str | None:
    """What to call pictures that no decoder of ours can read."""
    return "unknown" if any(stream.codec_context is None for stream in container.streams.video) else None


def pixel_rate(video: Any) -> float:
    """Pixels a second that decoding every frame would make."""
    if video is None:
        return 0.0
    return video.codec_context.width * video.codec_context.height * float(video.average_rate or 0)


def _upright(frame: Any) -> Any:
    """The frame as RGB, shrunk to fit MAX_WIDTH x MAX_HEIGHT and turned the way it was held."""
    import numpy as np

    turns = round(frame.rotation / 90) % 4
    width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    scale = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    small = frame.reformat(
        width=max(2, int(frame.width * scale)), height=max(2, int(frame.height * scale)), format="rgb24"
    )
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))


def _facts(container: Any, audio: Any, video: Any) -> dict[str, Any]:
    """What a segment says of itself."""
    rate = video.average_rate if video is not None else None
    return {
        "container": container.format.name,
        "audio_codec": audio.codec_context.name if audio is not None else None,
        "video_codec": video.codec_context.name if video is not None else _unknown_picture(container),
        "width": video.codec_context.width if video is not None else None,
        "height": video.codec_context.height if video is not None else None,
        "frames_per_second": round(float(rate), 3) if rate else None,
    }


def load_everything() -> None:
    """Import all of PyAV and numpy now: it loads parts on first use, and later no file can be opened."""
    import av
    import numpy

    del numpy
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)
    av.logging.set_level(None)


def confine(config: dict[str, Any]) -> None:
    """Give away what decoding does not need. From here on nothing can be opened, written or grown beyond bounds."""
    for limit, value in (
        (resource.RLIMIT_AS, config["memory_bytes"]),
        (resource.RLIMIT_CPU, config["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def main(socket_fd: int, config: dict[str, Any]) -> None:
    """Decode ``config["sizes"]`` (bytes of each segment) in order."""
    load_everything()
    line = Line(socket.socket(fileno=socket_fd))
    confine(config)
    left = float(config["max_seconds"])
    try:
        for number, size in enumerate(config["sizes"]):
            try:
                left -= Segment(line, config, left).decode(number, size)
            except Unreadable as lost:
                line.send_json(LOST, {"reason": str(lost)})
    except Refused as refusal:
        line.send_json(FAIL, {"reason": str(refusal)})
    except MemoryError:
        line.send_json(FAIL, {"reason": "decoder_crashed"})
    else:
        line.send(DONE)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
