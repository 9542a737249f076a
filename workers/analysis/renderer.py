"""The child process that makes a rendition: one MP4 that plays everywhere, of a recording a stranger uploaded.

    python -I renderer.py SOCKET_FD CONFIG_JSON

It is confined as the decoder is (no files, keys or network; bounded memory and time), speaks its messages and reads the
recording the same way. The file grows in memory up to ``max_bytes``; its index is then put in front, so that a player can
start and seek at once. What differs from the decoder's messages (see ``decoder.py``):

====  ===============================================================================================
FILE  the next bytes of the finished file, in order
END   JSON, once: duration_ms, gaps [[start_ms, end_ms]], width, height (null: sound alone), lost segments
====  ===============================================================================================

Where a moment lies is decided as the analysis decides it (``decoder.py`` inside a segment, ``timeline.py`` between them), so
that a millisecond of evidence is a millisecond of the video. Nothing recorded: silence and a black picture.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workers.analysis import decoder
else:  # alone in its process, it knows no package
    _found = importlib.util.spec_from_file_location("decoder", Path(__file__).with_name("decoder.py"))
    decoder = importlib.util.module_from_spec(_found)
    _found.loader.exec_module(decoder)

FILE = b"O"
PIECE_BYTES = 256 * 1024
SOUND_RATE = 48_000
SOUND_BITS = 64_000
SOUND_PART = 4800
LONG_EDGE, SHORT_EDGE = 1280, 720
LEAST_STEP_MS = 30
"""At most 33 pictures a second: those of faster recordings are passed over."""

KEY_MS = 1000
"""A key picture each second: a player that seeks decodes no more than that."""

GAP_STEP_MS = 1000
ENCODERS = ("libx264", "libopenh264")
"""H.264 encoders, the better first; which of them there is depends on how PyAV was built (ADR 27)."""

X264 = {"preset": "superfast", "crf": "25", "maxrate": "1200k", "bufsize": "2400k", "bf": "0"}
X264_MORE = {"x264-params": "threads=1:sync-lookahead=0:rc-lookahead=10:scenecut=0", "forced-idr": "1"}
BOX = struct.Struct(">I4s")
CONTAINERS = frozenset({b"trak", b"mdia", b"minf", b"stbl"})


class Memory(io.BytesIO):
    """The file being made. Refused ``too_large`` beyond ``most`` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any) -> int:
        """Keep it in memory."""
        if self.tell() + len(data) > self._most:
            raise decoder.Refused("too_large")
        return super().write(data)


class Movie:
    """The MP4 on the take's timeline. Sound is written without holes; pictures carry their own times."""

    def __init__(self, memory: Memory, canvas: tuple[int, int] | None) -> None:
        import av

        self._file = av.open(memory, "w", format="mp4")
        self.canvas = canvas
        self._sound: Any = self._file.add_stream("aac", rate=SOUND_RATE)
        self._sound.layout, self._sound.bit_rate = "mono", SOUND_BITS
        self._sound.codec_context.thread_count = 1
        self._pictures: Any = None if canvas is None else self._add_pictures(*canvas)
        self._samples = 0
        self._last_ms, self._key_ms = -LEAST_STEP_MS, 0

    def _add_pictures(self, width: int, height: int) -> Any:
        name = next((name for name in ENCODERS if _exists(name)), None)
        if name is None:
            raise decoder.Refused("no_encoder")
        stream: Any = self._file.add_stream(name, rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = 250
        if name == "libx264":
            stream.codec_context.options = {**X264, **X264_MORE}
        else:
            stream.bit_rate = 900_000
        return stream

    def hear(self, samples: Any) -> None:
        """The next samples (float32, mono)."""
        import av
        import numpy as np

        for start in range(0, len(samples), SOUND_PART):
            part = np.ascontiguousarray(samples[start : start + SOUND_PART], np.float32).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SOUND_RATE, self._samples
            frame.time_base = Fraction(1, SOUND_RATE)
            self._samples += part.shape[1]
            self._file.mux(self._sound.encode(frame))

    def be_silent_until(self, at_ms: float) -> None:
        """Fill the sound up to a moment of the timeline."""
        import numpy as np

        missing = round(at_ms * SOUND_RATE / 1000) - self._samples
        while missing > 0:
            self.hear(np.zeros(min(missing, SOUND_RATE), np.float32))
            missing = round(at_ms * SOUND_RATE / 1000) - self._samples

    def show(self, frame: Any, at_ms: int) -> None:
        """A picture of the canvas' size at a moment; one too close to the last is left out."""
        from av.video.frame import PictureType

        if at_ms < self._last_ms + LEAST_STEP_MS:
            return
        frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
        frame.pict_type = PictureType.NONE
        if at_ms >= self._key_ms:
            frame.pict_type, self._key_ms = PictureType.I, at_ms + KEY_MS
        self._last_ms = at_ms
        self._file.mux(self._pictures.encode(frame))

    def be_dark(self, start_ms: int, end_ms: int) -> None:
        """A black picture from ``start_ms`` on, again and again until just before ``end_ms``."""
        if self.canvas is None:
            return
        for at_ms in range(max(start_ms, self._last_ms + LEAST_STEP_MS), end_ms, GAP_STEP_MS):
            self.show(_black(*self.canvas), at_ms)

    def close(self) -> None:
        """Write what the encoders hold back, and the index."""
        for stream in (self._pictures, self._sound):
            if stream is not None:
                self._file.mux(stream.encode(None))
        self._file.close()


class Segment:
    """Writes one segment into the movie at ``at_ms``; ``limit`` is how many seconds of it the take has left."""

    def __init__(self, movie: Movie, at_ms: int, limit: float) -> None:
        self._movie, self._at_ms, self._limit = movie, at_ms, limit
        self._samples, self._last_ms, self._start = 0, 0.0, 0.0
        self._clocked = False
        self._resampler: Any = None

    def write(self, container: Any) -> int:
        """To the end of it; how long it is in ms."""
        import av

        sound = decoder.first_readable(container.streams.audio)
        pictures = decoder.first_readable(container.streams.video) if self._movie.canvas else None
        self._start = (container.start_time or 0) / av.time_base
        self._clocked = not decoder.CLOCKED.isdisjoint(container.format.name.split(","))
        if pictures is not None and decoder.pixel_rate(pictures) > decoder.MOST_PIXELS_PER_SECOND:
            pictures.codec_context.skip_frame = "NONKEY"
        streams = [sound] if pictures is None else [sound, pictures]
        if pictures is None:  # the last picture of the segment before must not seem to speak
            self._movie.be_dark(self._at_ms, self._at_ms + 1)
        for stream in streams:
            stream.codec_context.thread_count = 1
        for packet in decoder.packets(container, streams):
            self._take(packet)
        if self._resampler is not None:
            self._hear(self._resampler.resample(None))
        return max(self._samples * 1000 // SOUND_RATE, int(self._last_ms))

    def _take(self, packet: Any) -> None:
        """What cannot be decoded is passed over, as the analysis does."""
        import av

        try:
            frames = packet.decode()
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            return
        for frame in frames:
            if packet.stream.type == "audio":
                self._listen(frame)
            else:
                self._see(frame)

    def _listen(self, frame: Any) -> None:
        import numpy as np

        if frame.time is not None and self._clocked:
            hole = frame.time - self._start - self._samples / SOUND_RATE
            if decoder.HOLE_SECONDS < hole <= self._limit - self._samples / SOUND_RATE:
                self._keep(np.zeros(int(hole * SOUND_RATE), np.float32))
        self._hear(self._resampled(frame))

    def _resampled(self, frame: Any) -> list[Any]:
        import av

        if self._resampler is not None:
            try:
                return list(self._resampler.resample(frame))
            except ValueError:  # the stream changed its rate or channels
                self._hear(self._resampler.resample(None))
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
        return list(self._resampler.resample(frame))

    def _hear(self, blocks: list[Any]) -> None:
        for block in blocks:
            self._keep(block.to_ndarray()[0])

    def _keep(self, samples: Any) -> None:
        import numpy as np

        if (self._samples + len(samples)) / SOUND_RATE > self._limit:
            raise decoder.Refused("too_long")
        self._samples += len(samples)
        self._movie.hear(np.nan_to_num(samples).clip(-1, 1))

    def _see(self, frame: Any) -> None:
        if frame.time is None or self._movie.canvas is None:
            return
        at_ms = (frame.time - self._start) * 1000
        if not 0 <= at_ms <= self._limit * 1000 or at_ms - self._last_ms > self._limit * 1000:
            return
        first = not self._last_ms
        self._last_ms = max(self._last_ms, at_ms)
        place = self._at_ms + int(at_ms)
        if first:
            self._movie.be_dark(self._at_ms, place)
        self._movie.show(_drawn(frame, *self._movie.canvas), place)


def _exists(name: str) -> bool:
    import av

    try:
        return bool(av.codec.Codec(name, "w"))
    except ValueError:  # av.codec.codec.UnknownCodecError is one
        return False


def _black(width: int, height: int) -> Any:
    import av
    import numpy as np

    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = 16
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _drawn(frame: Any, width: int, height: int) -> Any:
    """The frame upright on the canvas, as large as fits, black around it."""
    import av
    import numpy as np

    turns = round(frame.rotation / 90) % 4
    if not turns and (frame.width, frame.height) == (width, height):
        return frame.reformat(format="yuv420p")
    high, wide = (frame.width, frame.height) if turns % 2 else (frame.height, frame.width)
    scale = min(width / wide, height / high)
    wide, high = min(width, _even(wide * scale)), min(height, _even(high * scale))
    if not turns and (wide, high) == (width, height):
        return frame.reformat(width=wide, height=high, format="yuv420p", interpolation="BILINEAR")
    before = (high, wide) if turns % 2 else (wide, high)
    small = frame.reformat(width=before[0], height=before[1], format="yuv420p", interpolation="BILINEAR")
    canvas = _black(width, height)
    for plane, from_plane, share in zip(canvas.planes, small.planes, (1, 2, 2), strict=True):
        to = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        came = np.frombuffer(from_plane, np.uint8).reshape(from_plane.height, from_plane.line_size)
        upright = np.rot90(came[:, : from_plane.width], turns)
        top, left = (height - high) // 4 * 2 // share, (width - wide) // 4 * 2 // share
        to[top : top + upright.shape[0], left : left + upright.shape[1]] = upright
    assert isinstance(canvas, av.VideoFrame)
    return canvas


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _canvas_of(frame: Any) -> tuple[int, int]:
    """The size of the movie: that of its first picture held upright, no larger than 720p."""
    width, height = frame.width, frame.height
    if round(frame.rotation / 90) % 2:
        width, height = height, width
    scale = min(1.0, LONG_EDGE / max(width, height), SHORT_EDGE / min(width, height))
    return _even(width * scale), _even(height * scale)


class Take:
    """All segments of a take, one after another."""

    def __init__(self, line: Any, config: dict[str, Any]) -> None:
        self._line = line
        self._config = config
        self._sizes: list[int] = config["sizes"]
        self._starts: list[int] = config["starts_ms"]
        self._end_ms = self._recorded_ms = self._lost = 0
        self._gaps: list[list[int]] = []

    def render(self) -> None:
        """Make the file and send it. Refused, with the reason."""
        memory = Memory(self._config["max_bytes"])
        canvas = None if self._config["sound_only"] else self._find_canvas()
        movie = Movie(memory, canvas)
        for number in range(len(self._sizes)):
            self._add(movie, number)
        if not self._recorded_ms:
            raise decoder.Refused("not_a_recording")
        movie.be_silent_until(self._end_ms)
        movie.close()
        for piece in indexed_first(memory.getbuffer()):
            for start in range(0, len(piece), PIECE_BYTES):
                self._line.send(FILE, piece[start : start + PIECE_BYTES])
        width, height = canvas or (None, None)
        facts = {"duration_ms": self._end_ms, "gaps": self._gaps, "width": width, "height": height}
        self._line.send_json(decoder.END, {**facts, "lost": self._lost})

    def _open(self, number: int) -> Any:
        import av

        remote = decoder.Remote(self._line, number, self._sizes[number])
        return av.open(remote, "r", options={"format_whitelist": decoder.FORMATS})

    def _find_canvas(self) -> tuple[int, int] | None:
        """From the first picture there is in a segment with sound; None when there is none."""
        import av

        for number in range(len(self._sizes)):
            try:
                with self._open(number) as container:
                    pictures = decoder.first_readable(container.streams.video)
                    if pictures is None or decoder.first_readable(container.streams.audio) is None:
                        continue
                    pictures.codec_context.thread_count = 1
                    for packet in decoder.packets(container, [pictures]):
                        for frame in _frames(packet):
                            return _canvas_of(frame)
            except MemoryError:
                raise
            except (av.FFmpegError, ValueError):
                continue
        return None

    def _add(self, movie: Movie, number: int) -> None:
        import av

        starts = self._starts[number]
        joined = starts - self._end_ms < self._config["joined_ms"]
        at_ms = self._end_ms if joined else max(starts, self._end_ms)
        left = self._config["max_seconds"] - self._recorded_ms / 1000
        if at_ms > self._config["most_seconds"] * 1000:
            raise decoder.Refused("too_long")
        try:
            container = self._open(number)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            self._lost += 1
            return
        with container:
            if decoder.first_readable(container.streams.audio) is None:
                self._lost += 1
                return
            if at_ms > self._end_ms:
                self._gaps.append([self._end_ms, at_ms])
                movie.be_dark(self._end_ms, at_ms)
            movie.be_silent_until(at_ms)
            length = Segment(movie, at_ms, left).write(container)
        self._end_ms = at_ms + length
        self._recorded_ms += length


def _frames(packet: Any) -> Iterator[Any]:
    import av

    try:
        yield from packet.decode()
    except MemoryError:
        raise
    except (av.FFmpegError, ValueError):
        return


def _boxes(data: Any, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of each box between two places (ISO 14496-12)."""
    while start + 8 <= end:
        size, kind = BOX.unpack_from(data, start)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start + 8)
        if size < 8 or start + size > end:
            return
        yield kind, start, start + size
        start += size


def indexed_first(file: Any) -> list[Any]:
    """The parts of an MP4 with its index (moov) moved before its data (mdat), where the muxer wrote it behind."""
    places = {kind: (start, end) for kind, start, end in _boxes(file, 0, len(file))}
    moov_start, moov_end = places[b"moov"]
    data_start = places[b"mdat"][0]
    if moov_start < data_start:
        return [file]
    before = min(start for kind, (start, _) in places.items() if kind in (b"free", b"mdat"))
    index = bytearray(file[moov_start:moov_end])
    _shift(index, 8, len(index), len(index))
    return [file[:before], memoryview(index), file[before:moov_start], file[moov_end:]]


def _shift(index: bytearray, start: int, end: int, by: int) -> None:
    """Add to every chunk's place in the file."""
    for kind, first, after in _boxes(index, start, end):
        if kind in CONTAINERS:
            _shift(index, first + 8, after, by)
        elif kind in (b"stco", b"co64"):
            form = ">I" if kind == b"stco" else ">Q"
            step = struct.calcsize(form)
            (count,) = struct.unpack_from(">I", index, first + 12)
            for place in range(first + 16, first + 16 + count * step, step):
                (value,) = struct.unpack_from(form, index, place)
                struct.pack_into(form, index, place, value + by)


def main(socket_fd: int, config: dict[str, Any]) -> None:
    """Make one file of ``config["sizes"]`` (bytes of each segment) in order."""
    decoder.load_everything()
    os.nice(10)  # an analysis beside it goes first
    line = decoder.Line(socket.socket(fileno=socket_fd))
    decoder.confine(config)
    try:
        Take(line, config).render()
    except decoder.Refused as refusal:
        line.send_json(decoder.FAIL, {"reason": str(refusal)})
    except MemoryError:
        line.send_json(decoder.FAIL, {"reason": "renderer_crashed"})
    else:
        line.send(decoder.DONE)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
