"""Pictures that show nobody, several people or a photograph; odd sizes, rates and clocks; takes of several segments."""

from __future__ import annotations

from functools import cache

import numpy as np

from samples.corpus.broken import good, matroska
from samples.corpus.case import Case, Parts
from samples.corpus.material import portrait, resampled, sample, speech, tone
from samples.corpus.muxing import Frames, Picture, Sound, turned, write

LENGTH_MS = 6150
"""What a spoken sample lasts, roughly: the next segment may start then."""


def film(frames: Frames, container: str = "mp4", **how: object) -> bytes:
    """These pictures with the spoken sample."""
    return write(Picture(frames, **how), Sound(speech()), container=container)  # type: ignore[arg-type]


def over_whole(rate: float) -> list[np.ndarray]:
    """The portrait at a rate, for as long as the speech lasts."""
    count = max(1, round(len(speech()) / 16_000 * rate))
    return [portrait()[int(number * 15 / rate) % 60] for number in range(count)]


def _flat(value: int, height: int = 240, width: int = 320) -> list[np.ndarray]:
    return [np.full((height, width, 3), value, np.uint8)] * 90


def _large(height: int, width: int, rate: float, count: int) -> bytes:
    across = np.linspace(40, 200, width).astype(np.uint8)
    base = np.repeat(np.repeat(across[None, :, None], height, 0), 3, 2)
    base[: height // 2, : width // 3] = 220
    return film([np.roll(base, 16 * number, 1) for number in range(count)], rate=rate)


@cache
def _grain() -> np.ndarray:
    return np.random.default_rng(8).integers(0, 256, (60, 48, 64, 3)).astype(np.uint8)


def _irregular() -> bytes:
    times = np.cumsum(np.random.default_rng(7).choice([0.02, 0.06, 0.2, 0.5], 60)).tolist()
    return film(portrait(), times=[at for at in times if at < 6.1])


def _at(seconds: float, container: str = "matroska") -> bytes:
    frames = over_whole(15)
    times = [number / 15 + seconds for number in range(len(frames))]
    return write(
        Picture(frames, times=times),
        Sound(speech(), starts_at=seconds),
        container=container,
        options={"avoid_negative_ts": "disabled"},
    )


def _apart() -> bytes:
    frames = over_whole(15)
    return write(
        Picture(frames, times=[number / 15 + 3600 for number in range(len(frames))]),
        Sound(speech()),
        container="matroska",
    )


def _held(degrees: int) -> bytes:
    """Pixels as the sensor of a turned phone sees them, and the header that turns them back."""
    return turned(film([np.rot90(frame, degrees // 90) for frame in over_whole(15)]), degrees)


def _segments(*parts: bytes, every_ms: int = LENGTH_MS) -> Parts:
    return [(number * every_ms, part) for number, part in enumerate(parts)]


@cache
def _mute() -> bytes:
    return write(Picture(portrait()))


@cache
def _steady(rate: float = 15) -> bytes:
    return film(over_whole(rate), rate=rate)


def _crumbs() -> Parts:
    voice = speech()
    pieces = [voice[start : start + 8000] for start in range(0, len(voice) - 8000, 8000)]
    return _segments(*(write(None, Sound(piece)) for piece in pieces), every_ms=500)


def film_webm(codec: str) -> bytes:
    """The portrait in VP9 with Opus at its own rate."""
    sound = Sound(resampled(speech(), 48_000), rate=48_000, codec="libopus")
    return write(Picture(over_whole(15), codec=codec), sound, container="webm")


def _odd() -> bytes:
    frames = [np.pad(frame[:239], ((0, 0), (0, 1), (0, 0)), "edge") for frame in over_whole(15)]
    sound = Sound(resampled(speech(), 48_000), rate=48_000, codec="libopus")
    return write(Picture(frames, codec="libvpx-vp9"), sound, container="webm")


def _fragmented() -> bytes:
    return write(
        Picture(over_whole(15)),
        Sound(speech()),
        options={"movflags": "+frag_keyframe+empty_moov+default_base_moof"},
    )


def _sound_ends() -> bytes:
    return write(Picture(over_whole(15)), Sound(speech()[:48_000]))


def _sound_late() -> bytes:
    return write(Picture(over_whole(15)), Sound(speech()[:80_000], starts_at=1.0))


def _sum() -> Parts:
    return _segments(*[write(None, Sound(tone(7)))] * 3, every_ms=7000)


CASES = [
    Case("two-faces.mp4", "somebody else in the picture", lambda: sample("two-people.mp4")),
    Case(
        "photo.mp4",
        "a photograph held to the camera",
        lambda: film([portrait()[0]] * 90),
        media="still_picture",
        quick=True,
    ),
    Case(
        "black.mp4",
        "a covered camera",
        lambda: sample("black.mp4"),
        media="black_picture",
        unseen="no_face",
        quick=True,
    ),
    Case(
        "white.mp4",
        "a camera against the light",
        lambda: film(_flat(255)),
        media="still_picture",
        unseen="no_face",
    ),
    Case("wall.mp4", "nobody in the picture", lambda: sample("faceless.mp4"), unseen="no_face"),
    Case("grain.mp4", "pictures of noise", lambda: film(_grain()), unseen="no_face"),
    Case("rate-1.mp4", "one picture a second", lambda: _steady(1)),
    Case("rate-2.mp4", "two pictures a second", lambda: _steady(2), quick=True),
    Case("rate-60.mp4", "sixty pictures a second", lambda: _steady(60)),
    Case("irregular.mp4", "a picture whenever there was one", _irregular),
    Case("4k.mp4", "3840 x 2160", lambda: _large(2160, 3840, 2, 8), unseen="no_face"),
    Case("4k-60.mp4", "3840 x 2160, sixty a second", lambda: _large(2160, 3840, 60, 30), unseen="no_face"),
    Case("8k.mp4", "7680 x 4320", lambda: _large(4320, 7680, 1, 3), unseen="no_face"),
    Case("wide.mp4", "4000 x 16", lambda: _large(16, 4000, 4, 24), unseen="no_face"),
    Case("tiny.mp4", "16 x 16", lambda: film([frame[:16, :16] for frame in portrait()]), unseen="no_face"),
    Case("odd.webm", "321 x 239", _odd),
    Case("turned-90.mp4", "a phone held upright", lambda: _held(90)),
    Case("turned-180.mp4", "a phone held upside down", lambda: _held(180)),
    Case("turned-270.mp4", "a phone held upright the other way", lambda: _held(270)),
    Case("hevc.mov", "HEVC", lambda: film(over_whole(15), "mov", codec="libx265")),
    Case(
        "deep.mp4", "HEVC with ten bits", lambda: film(over_whole(15), codec="libx265", pixels="yuv420p10le")
    ),
    Case("vp8.webm", "VP8 and Opus, as a browser records", matroska),
    Case("vp9.webm", "VP9", lambda: film_webm("libvpx-vp9")),
    Case("mpeg4.mp4", "MPEG-4 part 2, as old phones record", lambda: film(over_whole(15), codec="mpeg4")),
    Case(
        "mjpeg.mov",
        "a JPEG for every picture",
        lambda: film(over_whole(15), "mov", codec="mjpeg", pixels="yuvj420p"),
    ),
    Case("fragmented.mp4", "an mp4 in fragments, as a browser streams it", _fragmented),
    Case("picture-ends.mp4", "the camera stopped after four seconds", lambda: film(portrait())),
    Case(
        "sound-ends.mp4",
        "the microphone stopped after two seconds",
        _sound_ends,
        media="incomplete",
    ),
    Case("sound-late.mp4", "the microphone started late", _sound_late),
    Case("hour.mkv", "a clock that starts at an hour", lambda: _at(3600.0)),
    Case("negative.mkv", "a clock that starts before zero", lambda: _at(-2.0)),
    Case(
        "apart.mkv",
        "pictures an hour after the sound",
        _apart,
        media="picture_unreadable",
        unseen="picture_unreadable",
    ),
    Case("joined.mp4", "two segments of different kinds", lambda: _segments(_steady(), matroska())),
    Case(
        "gap.mp4",
        "two segments, ten seconds lost between them",
        lambda: _segments(good(), good(), every_ms=16_000),
    ),
    Case(
        "overlap.mp4",
        "two segments whose clocks overlap",
        lambda: _segments(_steady(), _steady(), every_ms=3000),
    ),
    Case(
        "middle-lost.mp4",
        "the middle one of three segments is broken",
        lambda: _segments(_steady(), good()[:900], _steady()),
        media="incomplete",
        quick=True,
    ),
    Case(
        "first-lost.mp4",
        "the first of two is broken",
        lambda: _segments(bytes(999), _steady()),
        media="incomplete",
    ),
    Case(
        "last-lost.mp4", "the last of two is broken", lambda: _segments(_steady(), b"?"), media="incomplete"
    ),
    Case(
        "all-lost.mp4",
        "every segment is broken",
        lambda: _segments(b"?", bytes(9), b"<html>"),
        "not_a_recording",
    ),
    Case(
        "one-mute.mp4",
        "one of two segments has no sound",
        lambda: _segments(_steady(), _mute()),
        media="incomplete",
    ),
    Case("all-mute.mp4", "no segment has sound", lambda: _segments(_mute(), _mute()), "no_audio"),
    Case("crumbs.m4a", "a new segment every half second", _crumbs, unseen="no_video"),
    Case("sum.m4a", "segments that are too long together", _sum, "too_long", max_seconds=12),
    Case(
        "picture-then-voice.mp4",
        "the camera failed, the voice went on",
        lambda: _segments(_steady(), write(None, Sound(speech()))),
    ),
]
