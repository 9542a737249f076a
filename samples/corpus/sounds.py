"""Sound that is missing, hard to hear, or nobody speaking; and every way to encode it."""

from __future__ import annotations

import struct
from functools import cache

import numpy as np

from samples.corpus import material
from samples.corpus.broken import png, samples16, wave
from samples.corpus.case import Case
from samples.corpus.material import RATE, resampled, sample, sound_of, speech
from samples.corpus.muxing import Sound, repeat, write

UNSURE, NOBODY, ALONE = "low_confidence", "no_speech", "no_video"


def voice(samples: np.ndarray, **how: object) -> bytes:
    """Sound alone, as an m4a."""
    return write(None, Sound(np.asarray(samples, np.float32), **how))  # type: ignore[arg-type]


def _two_voices() -> np.ndarray:
    one, other = sound_of("growth.mp4"), sound_of("conflict.m4a")
    length = min(len(one), len(other))
    return (one[:length] + other[:length]) / 2


def _coded(container: str, codec: str, rate: int, layout: str = "mono", channels: int = 1) -> bytes:
    rows = np.stack([resampled(speech(), rate)] * channels)
    return write(None, Sound(rows, rate=rate, codec=codec, layout=layout), container=container)


def _one_side() -> bytes:
    rows = np.stack([speech(), np.zeros_like(speech())])
    return write(None, Sound(rows, layout="stereo"))


def _surround() -> bytes:
    rows = np.zeros((6, len(speech()) * 3), np.float32)
    rows[2] = resampled(speech(), 48_000)
    return write(None, Sound(rows, rate=48_000, layout="5.1"))


def _changing() -> bytes:
    plain, wide = _coded("adts", "aac", 16_000), _coded("adts", "aac", 44_100, "stereo", 2)
    return plain + wide + plain


def _with_cover() -> bytes:
    """An ID3 tag with a picture, which FFmpeg shows as a video stream."""
    body = b"\0image/png\0\x03\0" + png(64, 64, 64)
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame + _coded("mp3", "libmp3lame", 44_100)


@cache
def _minute() -> bytes:
    return voice(material.noise(60, 0.05), bit_rate=16_000)


def _three_quarters() -> bytes:
    return repeat(_minute(), 45, container="mp4")


def _live(hours: float) -> bytes:
    """A WebM as a browser streams it: no length anywhere."""
    block = write(
        None, Sound(material.noise(20), rate=16_000, codec="libopus", bit_rate=6000), container="webm"
    )
    return repeat(block, int(hours * 180), container="webm", options={"live": "1"})


def _sixteen(rate: int) -> bytes:
    return (resampled(speech(), rate) * 32767).astype("<i2").tobytes()


def _offset() -> bytes:
    return wave(((speech() * 0.5 + 0.3) * 32767).astype("<i2").tobytes(), rate=RATE)


CASES = [
    Case(
        "no-audio.mp4",
        "the microphone was not allowed",
        lambda: sample("no-audio.mp4"),
        "no_audio",
        quick=True,
    ),
    Case("silent.mp4", "the microphone was muted", lambda: sample("silent.mp4"), "silent", quick=True),
    Case("inaudible.m4a", "a voice 60 dB down", lambda: voice(speech() / 1000), "silent"),
    Case("quiet.m4a", "a voice 40 dB down", lambda: voice(speech() / 100), unseen=ALONE, quick=True),
    Case(
        "clipped.m4a",
        "a voice driven far into clipping",
        lambda: voice(speech() * 40),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case("hum.m4a", "nothing but mains hum", lambda: voice(material.hum(6)), unheard=NOBODY, unseen=ALONE),
    Case(
        "music.m4a",
        "nothing but music",
        lambda: voice(material.music(8)),
        unheard=UNSURE,
        unseen=ALONE,
        quick=True,
    ),
    Case("drums.m4a", "nothing but drums", lambda: voice(material.drums(8)), unheard=UNSURE, unseen=ALONE),
    Case("tone.m4a", "nothing but a tone", lambda: voice(material.tone(6)), unheard=NOBODY, unseen=ALONE),
    Case(
        "clicks.m4a",
        "a bad contact",
        lambda: voice(material.clicks(6)),
        unheard=NOBODY,
        unseen=ALONE,
        quick=True,
    ),
    Case("noise.m4a", "white noise", lambda: sample("noise.m4a"), unheard=UNSURE, unseen=ALONE),
    Case(
        "noisy.m4a",
        "a voice as loud as the noise around it",
        lambda: voice(material.buried(speech(), 0)),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case(
        "room.m4a", "a voice 20 dB above the room", lambda: voice(material.buried(speech(), 20)), unseen=ALONE
    ),
    Case(
        "over-music.m4a",
        "a voice over music",
        lambda: voice(speech() + np.resize(material.music(6), len(speech())) / 2),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case(
        "two-voices.m4a",
        "two people at once",
        lambda: voice(_two_voices()),
        unheard=UNSURE,
        unseen=ALONE,
        quick=True,
    ),
    Case(
        "foreign.m4a",
        "English, which the model does not know",
        lambda: sample("english.m4a"),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case(
        "unknown.m4a",
        "words the model does not know",
        lambda: sample("unknown-words.m4a"),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case(
        "backwards.m4a",
        "speech played backwards",
        lambda: voice(speech()[::-1]),
        unheard=UNSURE,
        unseen=ALONE,
    ),
    Case("one-side.m4a", "stereo with one side silent", _one_side, unseen=ALONE),
    Case("offset.wav", "a voice on top of a constant", _offset, unseen=ALONE),
    Case("surround.m4a", "5.1 with the voice in the middle", _surround, unseen=ALONE),
    Case(
        "telephone.amr",
        "AMR at 8 kHz",
        lambda: _coded("amr", "libopencore_amrnb", 8000),
        unseen=ALONE,
    ),
    Case("fine.wav", "96 kHz WAV", lambda: wave(_sixteen(96_000), rate=96_000), unseen=ALONE, quick=True),
    Case("coarse.wav", "8 bit WAV", lambda: _coded("wav", "pcm_u8", 16_000), unseen=ALONE),
    Case(
        "voice.mp3",
        "44.1 kHz stereo mp3",
        lambda: _coded("mp3", "libmp3lame", 44_100, "stereo", 2),
        unseen=ALONE,
    ),
    Case("cover.mp3", "an mp3 with a cover picture", _with_cover, unseen=ALONE, quick=True),
    Case("voice.ogg", "Opus in Ogg", lambda: _coded("ogg", "libopus", 48_000), unseen=ALONE),
    Case("voice.flac", "FLAC", lambda: _coded("flac", "flac", 16_000), unseen=ALONE),
    Case("voice.aac", "AAC without a container", lambda: _coded("adts", "aac", 16_000), unseen=ALONE),
    Case("changes.aac", "AAC that changes its rate and channels on the way", _changing, unseen=ALONE),
    Case("wrong-name.webm", "an m4a named webm", lambda: voice(speech()), unseen=ALONE),
    Case("blink.m4a", "0.3 seconds", lambda: voice(speech()[:4800]), "too_short"),
    Case("short.m4a", "0.9 seconds", lambda: voice(speech()[8000 : 8000 + 13_400]), "too_short", quick=True),
    Case(
        "second.wav", "just over a second of a voice", lambda: wave(samples16()[16_000:52_000]), unseen=ALONE
    ),
    Case("long.m4a", "45 minutes", _three_quarters, "too_long", quick=True),
    Case("long.wav", "45 minutes of WAV", lambda: wave(bytes(2 * 8000 * 2700), rate=8000), "too_long"),
    Case("long.amr", "45 minutes of AMR", lambda: b"#!AMR\n" + (b"\x04" + bytes(12)) * 135_000, "too_long"),
    Case("long-live.webm", "45 minutes that never say so", lambda: _live(0.75), "too_long"),
    Case(
        "ten-minutes.m4a",
        "as long as an answer may be",
        lambda: repeat(voice(speech()), 96, container="mp4"),
        unseen=ALONE,
    ),
    Case(
        "over.m4a",
        "longer than its question allows",
        lambda: voice(sound_of("growth.mp4")),
        "too_long",
        max_seconds=10,
    ),
]
