"""Encode pictures and sound into a container, and change bytes of what came out."""

from __future__ import annotations

import heapq
import io
import itertools
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from samples.corpus import material

Frames = Sequence[np.ndarray] | np.ndarray

CLOCK = 60_000
BLOCK = 1024


@dataclass(frozen=True)
class Picture:
    """RGB frames and how to encode them. ``times`` in seconds, else steady at ``rate``."""

    frames: Frames
    rate: float = 15.0
    times: Sequence[float] | None = None
    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sound:
    """Samples (mono, or one row per channel) and how to encode them; they begin at ``starts_at`` seconds."""

    samples: np.ndarray
    rate: int = material.RATE
    codec: str = "aac"
    layout: str = "mono"
    bit_rate: int | None = None
    starts_at: float = 0.0


def write(
    picture: Picture | None = None,
    sound: Sound | None = None,
    *,
    container: str = "mp4",
    options: Mapping[str, str] | None = None,
) -> bytes:
    """The encoded file; an mp4's index lies in front unless ``options`` say otherwise."""
    given = {"fflags": "+bitexact"} | dict(options or {})
    if container in {"mp4", "mov"}:
        given = {"movflags": "+faststart"} | given
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording"  # moving the index to the front reads the file again
        _write(path, picture, sound, container, given)
        return path.read_bytes()


def _write(
    path: Path, picture: Picture | None, sound: Sound | None, container: str, options: dict[str, str]
) -> None:
    with av.open(str(path), "w", format=container, options=options) as out:
        tracks = [_video(out, picture)] if picture else []
        tracks += [_audio(out, sound)] if sound else []
        timed = [zip(itertools.repeat(stream), frames) for stream, frames in tracks]
        for stream, frame in heapq.merge(*timed, key=lambda pair: pair[1].time):
            out.mux(stream.encode(frame))
        for stream, _ in tracks:
            out.mux(stream.encode(None))


def _video(out: Any, picture: Picture) -> tuple[Any, Iterator[Any]]:
    quick = {"preset": "ultrafast", "threads": "1"} if picture.codec.startswith("libx26") else {}
    if picture.codec.startswith("libvpx"):
        quick = {"deadline": "realtime", "cpu-used": "8"}
    if picture.codec == "libx265":
        quick["x265-params"] = "log-level=none:pools=1"
    rate = Fraction(picture.rate).limit_denominator(1001)
    stream = out.add_stream(picture.codec, rate=rate, options=quick | dict(picture.options))
    stream.height, stream.width = picture.frames[0].shape[:2]
    stream.pix_fmt = picture.pixels
    stream.codec_context.time_base = Fraction(1, CLOCK)
    times = picture.times or [number / picture.rate for number in range(len(picture.frames))]
    return stream, _video_frames(picture.frames, times)


def _video_frames(frames: Frames, times: Sequence[float]) -> Iterator[Any]:
    for image, at in zip(frames, times, strict=False):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = round(at * CLOCK), Fraction(1, CLOCK)
        yield frame


def _audio(out: Any, sound: Sound) -> tuple[Any, Iterator[Any]]:
    stream = out.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)
    if sound.bit_rate:
        stream.bit_rate = sound.bit_rate
    return stream, _audio_frames(sound)


def _audio_frames(sound: Sound) -> Iterator[Any]:
    rows = np.atleast_2d(sound.samples)
    whole = (rows.clip(-1, 1) * 32767).astype(np.int16)
    for start in range(0, whole.shape[1], BLOCK):
        block = np.ascontiguousarray(whole[:, start : start + BLOCK].T).reshape(1, -1)  # interleaved
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout=sound.layout)
        frame.sample_rate, frame.time_base = sound.rate, Fraction(1, sound.rate)
        frame.pts = start + round(sound.starts_at * sound.rate)
        yield frame


def repeat(data: bytes, times: int, *, container: str, options: Mapping[str, str] | None = None) -> bytes:
    """The first stream of a recording ``times`` over, without encoding again: hours in a second."""
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format=container, options=dict(options or {})) as out,
    ):
        stream: Any = out.add_stream_from_template(source.streams[0])
        whole: list[Any] = [packet for packet in source.demux(source.streams[0]) if packet.size]
        length = max(packet.pts + (packet.duration or 0) for packet in whole) - whole[0].pts
        bodies = [(bytes(packet), packet.pts, packet.duration, packet.time_base) for packet in whole]
        for turn in range(times):
            for body, at, duration, base in bodies:
                packet = av.Packet(body)
                packet.stream, packet.time_base, packet.duration = stream, base, duration
                packet.pts = packet.dts = at + turn * length
                out.mux(packet)
    return target.getvalue()


def packets(
    container: str, codec: str, size: tuple[int, int], bodies: Sequence[bytes], sound: Sound
) -> bytes:
    """A recording whose pictures are the given bytes, whatever they are, one a second."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as out:
        video = out.add_mux_stream(codec, rate=1, width=size[0], height=size[1])
        stream, frames = _audio(out, sound)
        encoded = [packet for frame in [*frames, None] for packet in stream.encode(frame)]
        for number, body in enumerate(bodies):
            packet = av.Packet(body)
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, 1), 1
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            out.mux(packet)
        out.mux(encoded)
    return target.getvalue()


# --- bytes ----------------------------------------------------------------------------------------------------


def box(data: bytes, name: bytes, occurrence: int = 0) -> int:
    """Where the body of an mp4 box begins."""
    at = -1
    for _ in range(occurrence + 1):
        at = data.index(name, at + 1)
    return at + 4


def patched(data: bytes, at: int, fresh: bytes) -> bytes:
    """The bytes with those at ``at`` replaced."""
    return data[:at] + fresh + data[at + len(fresh) :]


def flipped(data: bytes, count: int, first: int = 0) -> bytes:
    """``count`` bytes overwritten at random places from ``first`` on."""
    rng = np.random.default_rng(count)
    spoilt = bytearray(data)
    for at, value in zip(rng.integers(first, len(data), count), rng.integers(0, 256, count), strict=True):
        spoilt[at] = value
    return bytes(spoilt)


def turned(data: bytes, degrees: int) -> bytes:
    """An mp4 whose track header says that the phone was held turned by ``degrees``."""
    a, b = {90: (0, 65536), 180: (-65536, 0), 270: (0, -65536)}[degrees]
    matrix = struct.pack(">9i", a, b, 0, -b, a, 0, 0, 0, 1 << 30)
    return patched(data, box(data, b"tkhd") + 40, matrix)
