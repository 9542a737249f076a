"""Files that are no recording, or were one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

import numpy as np

from samples.corpus.case import Case
from samples.corpus.material import RECORDINGS, portrait, resampled, sample, speech
from samples.corpus.muxing import Picture, Sound, box, flipped, packets, patched, write

NOT, DARKNESS = "not_a_recording", "picture_unreadable"


@cache
def good() -> bytes:
    """Two sentences and a portrait, as a phone would send them (the index in front)."""
    return write(Picture(portrait()), Sound(speech()))


@cache
def index_last() -> bytes:
    """The same with its index at the end, as a phone writes it when recording stops."""
    return write(Picture(portrait()), Sound(speech()), options={"movflags": "0"})


@cache
def matroska() -> bytes:
    """The same as a browser's recorder writes it, in WebM."""
    sound = Sound(resampled(speech(), 48_000), rate=48_000, codec="libopus")
    return write(Picture(portrait(), codec="libvpx"), sound, container="webm")


def wave(data: bytes, claimed: int | None = None, rate: int = 16_000) -> bytes:
    """A WAV file of 16-bit mono samples whose header claims ``claimed`` bytes of them."""
    size = len(data) if claimed is None else claimed
    head = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", min(size + 36, 2**32 - 1))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + head
        + (b"data" + struct.pack("<I", size) + data)
    )


def samples16() -> bytes:
    """The speech as 16-bit samples."""
    return (speech() * 32767).astype("<i2").tobytes()


def png(width: int, height: int, rows: int) -> bytes:
    """A PNG of black pixels: far larger unpacked than packed."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    body = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        out.writestr("answer.mp4", good()[:5000])
    return target.getvalue()


def _without_index() -> bytes:
    data = index_last()
    return data[: data.index(b"moov") - 4]


def _fields(name: bytes, offset: int, fresh: bytes, *, every: bool = False) -> bytes:
    """The good recording with a field of its index replaced, in one track or in all."""
    data = good()
    for occurrence in range(data.count(name) if every else 1):
        data = patched(data, box(data, name, occurrence) + offset, fresh)
    return data


def _claims_days() -> bytes:
    data = _fields(b"mdhd", 16, struct.pack(">I", 2**31), every=True)
    return patched(data, box(data, b"mvhd") + 16, struct.pack(">I", 2**31))


def _bomb() -> bytes:
    return packets("mov", "png", (30_000, 30_000), [png(30_000, 30_000, 100)] * 3, Sound(speech()))


def _flips(count: int, first: int = 8000, last: int | None = None) -> bytes:
    data = sample("growth.mp4")
    return flipped(data[:last], count, first) + (data[last:] if last else b"")


def _garbled_sound() -> bytes:
    data = sample("conflict.m4a")
    start = box(data, b"mdat")
    return data[:start] + np.random.default_rng(1).bytes(len(data) - start)


CASES = [
    Case("empty.mp4", "no byte at all", lambda: b"", NOT),
    Case("zeros.mp4", "a file that was reserved and never written", lambda: bytes(65_536), NOT, quick=True),
    Case("random.mp4", "random bytes", lambda: np.random.default_rng(2).bytes(200_000), NOT),
    Case("page.mp4", "an error page saved as a video", lambda: b"<!doctype html><html><body>502" * 99, NOT),
    Case("text.mp4", "text", lambda: sample("not-a-recording.mp4"), NOT),
    Case("archive.mp4", "a zip with a recording in it", _zip, NOT),
    Case("picture.mp4", "a PNG", lambda: png(320, 240, 240), NOT),
    Case("document.mp4", "a PDF", lambda: b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" * 50, NOT),
    Case(
        "playlist.mp4",
        "a playlist that names a file of the server",
        f"#EXTM3U\n#EXTINF:9,\nfile://{RECORDINGS}/growth.mp4\n#EXT-X-ENDLIST\n".encode,
        NOT,
        quick=True,
    ),
    Case(
        "concat.mp4",
        "a list of files to join",
        f"ffconcat version 1.0\nfile '{RECORDINGS}/growth.mp4'\n".encode,
        NOT,
    ),
    Case(
        "session.mp4",
        "a description of a stream elsewhere",
        lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n",
        NOT,
    ),
    Case("mp4-head.mp4", "the first box alone", lambda: good()[:32], NOT),
    Case("riff-head.wav", "the first word of a WAV", lambda: b"RIFF", NOT),
    Case("wav-head.wav", "a WAV without samples", lambda: wave(b""), NOT),
    Case("ebml-head.webm", "the first words of a WebM", lambda: matroska()[:40], NOT),
    Case("amr-head.amr", "an AMR without frames", lambda: b"#!AMR\n", NOT),
    Case("index-only.mp4", "an index without its data", lambda: sample("truncated.mp4"), NOT),
    Case("no-index.mp4", "data without its index: the app was killed", _without_index, NOT, quick=True),
    Case("index-cut.mp4", "an index at the end, cut off in it", lambda: index_last()[:-400], NOT),
    Case("beginning-lost.mp4", "the first kilobyte is missing", lambda: good()[1024:], NOT),
    Case("cut-early.mp4", "a tenth of it arrived", lambda: good()[: len(good()) // 10], NOT),
    Case(
        "cut-half.mp4",
        "half of it arrived",
        lambda: good()[: len(good()) // 2],
        media="incomplete",
        quick=True,
    ),
    Case(
        "cut-late.mp4",
        "the last tenth is missing",
        lambda: good()[: len(good()) * 9 // 10],
        media="incomplete",
    ),
    Case("cut.webm", "half a WebM arrived", lambda: matroska()[: len(matroska()) // 2], media="incomplete"),
    Case(
        "cut.wav",
        "half a WAV arrived",
        lambda: wave(samples16()[:100_000], len(samples16())),
        unseen="no_video",
    ),
    Case("flips-few.mp4", "20 bytes damaged", lambda: _flips(20)),
    Case(
        "flips-many.mp4",
        "2000 bytes damaged",
        lambda: _flips(2000),
        media="incomplete",
        unheard="low_confidence",
        unseen="no_face",
    ),
    Case("flips-index.mp4", "300 bytes of the index damaged", lambda: _flips(300, 40, 6000), NOT),
    Case(
        "sizes-zero.mp4",
        "the index says every sample is empty",
        lambda: _fields(b"stsz", 8, bytes(4), every=True),
        NOT,
    ),
    Case(
        "offsets-wild.mp4",
        "the index points behind the end",
        lambda: _fields(b"stco", 8, b"\x7f" * 4, every=True),
        NOT,
    ),
    Case("claims-days.mp4", "ten seconds that claim to be days", _claims_days),
    Case(
        "claims-nothing.mp4",
        "a length of zero in every header",
        lambda: patched(_fields(b"mdhd", 16, bytes(4), every=True), box(good(), b"mvhd") + 16, bytes(4)),
    ),
    Case(
        "stream.wav",
        "a WAV of unknown length, as a recorder streams it",
        lambda: wave(samples16(), 2**32 - 1),
        unseen="no_video",
    ),
    Case("bomb.mov", "pictures of 30000 x 30000 in a few kilobytes", _bomb, media=DARKNESS, unseen=DARKNESS),
    Case(
        "wrong-tag.mp4",
        "H.264 that calls itself HEVC",
        lambda: good().replace(b"avc1", b"hev1"),
        media=DARKNESS,
        unseen=DARKNESS,
    ),
    Case(
        "unknown-tag.mp4",
        "pictures in a codec nobody knows",
        lambda: good().replace(b"avc1", b"zzzz"),
        media=DARKNESS,
        unseen=DARKNESS,
    ),
    Case(
        "unknown-sound.mp4",
        "sound in a codec nobody knows",
        lambda: good().replace(b"mp4a", b"zzzz").replace(b"esds", b"free"),
        "no_audio",
    ),
    Case("garbled.m4a", "a sound index over random bytes", _garbled_sound, NOT),
    Case("twice.mp4", "two files glued together", lambda: good() + good()),
    Case(
        "garbage-first.mp4",
        "half a kilobyte of something else in front",
        lambda: bytes(range(256)) * 2 + good(),
        NOT,
    ),
    Case(
        "noise-tail.mp4",
        "something else behind the end",
        lambda: good() + np.random.default_rng(9).bytes(9999),
    ),
    Case("no-tracks.mp4", "an index without tracks", lambda: good().replace(b"trak", b"free"), NOT),
    Case("wrong-name.mp4", "a WAV named mp4", lambda: wave(samples16()), unseen="no_video"),
]
