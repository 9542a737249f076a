"""Small valid recordings, damaged at random: a named state every time, whatever the bytes are."""

from __future__ import annotations

import io
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalogue import has
from app.ports import SegmentSource, TakeSource
from config.settings import Settings
from samples.corpus.broken import wave
from samples.corpus.material import noise, portrait, resampled, speech
from samples.corpus.muxing import Picture, Sound, write
from tests.integration.analysis.conftest import ALL
from tests.integration.corpus.conftest import decoders
from workers.analysis.analyser import Analyser
from workers.analysis.media import Decoding
from workers.analysis.timeline import UnusableRecordingError, shortcoming

NAMED = {"not_a_recording", "no_audio", "silent", "too_short", "too_long", "decoder_crashed"}
KINDS = ("mp4", "webm", "wav", "amr")
FEW = max(8, settings().max_examples // 6)
"""Each example starts a process: fewer than a pure property has."""


@cache
def small(kind: str) -> bytes:
    """Under two seconds, a few kilobytes."""
    voice, pictures = speech()[8000:36_000], [frame[::4, ::4] for frame in portrait()[:24]]
    if kind == "mp4":
        return write(Picture(pictures), Sound(voice, bit_rate=24_000))
    if kind == "webm":
        sound = Sound(resampled(voice, 48_000), rate=48_000, codec="libopus", bit_rate=24_000)
        return write(Picture(pictures, codec="libvpx"), sound, container="webm")
    if kind == "amr":
        sound = Sound(resampled(voice, 8000), rate=8000, codec="libopencore_amrnb")
        return write(None, sound, container="amr")
    return wave((noise(1.5) * 32767).astype("<i2").tobytes())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A recording with bytes overwritten, cut out, put in twice, or cut off."""
    data = bytearray(small(draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.integers(1, 8))):
        # Half of the damage goes to the first kilobyte, where the headers are.
        reach = len(data) if draw(st.booleans()) else min(len(data), 1024)
        at = draw(st.integers(0, max(0, reach - 1)))
        kind = draw(st.sampled_from(("overwrite", "overwrite", "cut", "double", "end")))
        if kind == "overwrite":
            fresh = draw(st.binary(min_size=1, max_size=8))
            data[at : at + len(fresh)] = fresh
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 64))]
        elif kind == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 64))]
        else:
            del data[at:]
    return bytes(data)


def segment(data: bytes) -> SegmentSource:
    return SegmentSource(0, 0, len(data), "video/mp4", lambda: io.BytesIO(data))


def ends_with_a_name(data: bytes, machine: Settings) -> None:
    try:
        with Decoding([segment(data)], machine, frames=True) as decoding:
            pictures = list(decoding.frames())
            facts, sound = decoding.finish()
    except UnusableRecordingError as unusable:
        assert unusable.reason in NAMED
    else:
        told = shortcoming(facts)
        assert told is None or has(f"analysis.reasons.{told}.candidate")
        assert len(sound) == facts.duration_ms * 16
        assert abs(sound).max() <= 1
        assert all(0 <= picture.at_ms <= 605_000 for picture in pictures)
    assert decoders() == []


@given(data=damaged())
@settings(max_examples=FEW)
def test_damage_has_a_name(settings: Settings, data: bytes) -> None:
    ends_with_a_name(data, settings)


@given(
    data=st.binary(max_size=3000),
    head=st.sampled_from(
        [b"", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypisom", b"#!AMR\n", b"OggS\0", b"ID3\3\0", b"\xff\xf1"]
    ),
)
@settings(max_examples=max(4, FEW // 2))
def test_any_bytes_have_a_name(settings: Settings, data: bytes, head: bytes) -> None:
    ends_with_a_name(head + data, settings)


@pytest.mark.full
@pytest.mark.models
@given(data=damaged())
@settings(max_examples=FEW)
def test_damage_never_ends_the_analyser(analyser: Analyser, data: bytes) -> None:
    """Whatever decodes is transcribed, looked at and measured."""
    results = list(analyser.analyse(TakeSource([segment(data)], "video", "", ALL)))
    assert results[0].modality == "media"
    assert all(result.reason is None or has(f"analysis.reasons.{result.reason}.hr") for result in results)
    assert all(result.status in {"done", "abstained", "skipped", "failed"} for result in results)
