"""Integrity facts say less rather than more: every fact needs a stretch, and what was not looked at says why."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.signals import MediaSignals, Span, SpeechSignals
from tests.unit.analysis.test_face import FACE, seen
from workers.analysis.face_facts import STEP_MS, Seen, summarise
from workers.analysis.integrity import (
    EVEN_MS,
    STILL_MS,
    Heard,
    Watched,
    even_speech,
    measure,
    still_face,
)
from workers.analysis.integrity_voice import SAMPLE_RATE, other_voice
from workers.analysis.transcript import Unit, assemble

RNG = np.random.default_rng(7)
MEDIA = MediaSignals(container="mp4", duration_ms=60_000, gaps=[Span(start_ms=5000, end_ms=7000)])
MALE, FEMALE = (105.0, (500.0, 1200.0, 2400.0)), (230.0, (750.0, 1900.0, 3100.0))


def spans(found: list[Span] | None) -> list[tuple[int, int]]:
    return [(span.start_ms, span.end_ms) for span in found or []]


# --- even speech --------------------------------------------------------------------------------------------------


def said(phrases: list[tuple[str, int, int]]) -> SpeechSignals:
    """Phrases of (words with their mark, milliseconds a character, silence after)."""
    at, units, text = 0, [], ""
    for words, pace, silence in phrases:
        for mark in words:
            if mark.isalnum():
                units.append(Unit(mark, at, at + pace, 0.9))
                at += pace
        text += words
        at += silence
    return assemble(units, text, [Span(start_ms=0, end_ms=at)], sample_model=False)


READ = [("我们分析了过去六个月的数据，", 210, 300), ("然后优化了所有的推广渠道。", 215, 600)] * 5


def test_a_read_text_is_even() -> None:
    speech = said(READ)
    assert spans(even_speech(speech)) == [(0, speech.tokens[-1].end_ms)]


@pytest.mark.parametrize(
    "change",
    [
        {4: ("嗯，", 300, 200)},
        {4: ("我们分析了过去六个月的数据，", 420, 300)},
        {4: ("我们分析了过去六个月的数据，", 210, 2000)},
    ],
    ids=["a filler", "a slower phrase", "a long silence"],
)
def test_what_breaks_it_in_the_middle_leaves_too_little(change: dict[int, tuple[str, int, int]]) -> None:
    assert even_speech(said([change.get(number, phrase) for number, phrase in enumerate(READ)])) == []


def test_a_hesitation_inside_a_phrase_breaks_it() -> None:
    halves = [("我们分析了过去六", 210, 900), ("个月的数据，", 210, 300)]
    assert even_speech(said([*READ[:4], *halves, *READ[4:8]])) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["我们分析了数据，", "结果很好。", "嗯，", "公司优化渠道"]),
            st.integers(100, 500),
            st.integers(0, 2500),
        ),
        max_size=30,
    )
)
def test_even_stretches_are_long_apart_and_inside_the_speech(phrases: list[tuple[str, int, int]]) -> None:
    speech = said(phrases)
    found = even_speech(speech)
    assert all(span.end_ms - span.start_ms >= EVEN_MS for span in found)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(found))
    assert all(span.end_ms <= speech.tokens[-1].end_ms for span in found)


# --- a face that does not move --------------------------------------------------------------------------------------


def mouths(opens: list[float], width: float = 0.55) -> list[Seen]:
    return [
        Seen(i * STEP_MS, True, 1, replace(FACE, mouth_open=one, mouth_width=width), {})
        for i, one in enumerate(opens)
    ]


def test_a_photograph_that_speaks() -> None:
    jitter = [0.05 + float(x) for x in RNG.normal(0, 0.008, 60)]
    talking = [Span(start_ms=0, end_ms=30_000)]
    assert spans(still_face(mouths(jitter), talking)) == [(0, 29_500)]
    assert still_face(mouths(jitter), []) == [], "who listens keeps the mouth shut"
    assert still_face(mouths(jitter[:18]), talking) == [], "nine seconds are too few"


def test_a_mouth_that_talks_is_no_photograph() -> None:
    moving = [0.05 + 0.1 * (i % 3) / 2 for i in range(60)]
    assert still_face(mouths(moving), [Span(start_ms=0, end_ms=30_000)]) == []


def test_only_the_frozen_part_is_told() -> None:
    opens = [0.05 + 0.1 * (i % 3) / 2 for i in range(30)] + [0.05] * 30
    found = still_face(mouths(opens), [Span(start_ms=0, end_ms=30_000)])
    assert len(found) == 1 and 14_000 <= found[0].start_ms <= 15_500 and found[0].end_ms == 29_500


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.4), max_size=60), st.integers(0, 20_000), st.integers(0, 20_000))
def test_still_stretches_are_long_and_spoken_in(opens: list[float], start: int, length: int) -> None:
    speech = [Span(start_ms=start, end_ms=start + length)]
    for span in still_face(mouths(opens), speech):
        assert span.end_ms - span.start_ms >= STILL_MS
        assert length >= STILL_MS / 2


def test_a_picture_without_a_face_is_no_still_face() -> None:
    looks = seen([(0, "")] * 60)
    assert still_face(looks, [Span(start_ms=0, end_ms=30_000)]) == []


# --- another voice --------------------------------------------------------------------------------------------------


def voice(kind: tuple[float, tuple[float, ...]], seconds: float, lively: float = 0.06) -> np.ndarray:
    """A made voice: harmonics of a wavering pitch under three resonances that wander as between vowels."""
    pitch, resonances = kind
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = pitch * (1 + lively * np.sin(2 * np.pi * 0.7 * at) + lively / 2 * np.sin(2 * np.pi * 2.3 * at))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    wander = 1 + 0.15 * np.sin(2 * np.pi * 1.1 * at)
    wave = np.zeros_like(at)
    for number in range(1, int(3800 / pitch)):
        loud = sum(np.exp(-(((number * hertz - r * wander) / 150) ** 2) / 2) for r in resonances) + 0.003
        wave += loud * np.sin(number * phase)
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * at)
    return (0.1 * wave * syllables + RNG.normal(0, 0.001, len(at))).astype(np.float32)


def whole(audio: np.ndarray, parts: int = 4) -> list[Span]:
    length = len(audio) * 1000 // SAMPLE_RATE
    return [Span(start_ms=length * n // parts, end_ms=length * (n + 1) // parts) for n in range(parts)]


def test_a_second_voice_has_its_place() -> None:
    audio = np.concatenate([voice(FEMALE, 18), voice(MALE, 6)])
    assert spans(other_voice(audio, whole(audio))) == [(18_000, 24_000)]


def test_one_lively_voice_is_one_voice() -> None:
    audio = voice(FEMALE, 24, lively=0.25)
    assert other_voice(audio, whole(audio)) == []


def test_loudness_and_noise_are_no_other_voice() -> None:
    audio = np.concatenate([voice(MALE, 12), 0.1 * voice(MALE, 6), voice(MALE, 6)])
    noisy = audio + RNG.normal(0, float(audio.std()) / 10, len(audio)).astype(np.float32)
    assert other_voice(noisy.astype(np.float32), whole(noisy)) == []


def test_a_word_from_aside_is_too_little() -> None:
    audio = np.concatenate([voice(FEMALE, 18), voice(MALE, 2)])
    cut = [*whole(audio[: 18 * SAMPLE_RATE]), Span(start_ms=18_000, end_ms=20_000)]
    assert other_voice(audio, cut) == []


def test_silence_and_noise_have_no_voice_to_compare() -> None:
    hiss = RNG.normal(0, 0.1, 20 * SAMPLE_RATE).astype(np.float32)
    assert other_voice(hiss, whole(hiss)) is None
    assert other_voice(np.zeros(20 * SAMPLE_RATE, np.float32), whole(hiss)) is None
    assert other_voice(hiss, []) is None


# --- all together ---------------------------------------------------------------------------------------------------

LOOKS = seen([(2, "neutral")] * 6 + [(0, "")] * 10)
WATCHED = Watched(LOOKS, summarise(LOOKS))
HEARD = Heard(said(READ), voice(FEMALE, 27))


def test_everything_is_looked_at_with_every_consent() -> None:
    facts = measure(MEDIA, WATCHED, HEARD, [Span(start_ms=1, end_ms=2)])
    assert facts.not_looked_at == {}
    assert spans(facts.several_faces) == [(0, 3000)] and facts.most_faces == 2
    assert spans(facts.nobody) == [(3000, 7500)]
    assert spans(facts.left_page) == [(1, 2)] and spans(facts.gaps) == [(5000, 7000)]
    assert facts.other_voice == [] and len(facts.even_speech or []) == 1


@pytest.mark.parametrize("face", [True, False])
@pytest.mark.parametrize("sound", [True, False])
@pytest.mark.parametrize("client", [True, False])
def test_what_is_refused_is_not_looked_at_and_says_so(face: bool, sound: bool, client: bool) -> None:
    """No part that needs a face or a voice has a value without it, and each says why."""
    facts = measure(
        MEDIA,
        WATCHED if face else Watched(),
        HEARD if sound else Heard(),
        [] if client else None,
    )
    of_face, of_sound = (
        {"nobody", "several_faces", "still_face"},
        {"other_voice", "even_speech", "still_face"},
    )
    missing = (
        (set() if face else of_face) | (set() if sound else of_sound) | (set() if client else {"left_page"})
    )
    assert set(facts.not_looked_at) == missing
    assert {name for name in (*of_face, *of_sound, "left_page") if getattr(facts, name) is None} == missing
    assert facts.gaps == MEDIA.gaps


def test_a_written_answer_has_only_the_clients_word() -> None:
    nothing = Watched(reason="written_answer"), Heard(reason="written_answer")
    facts = measure(None, *nothing, [Span(start_ms=0, end_ms=900)])
    assert spans(facts.left_page) == [(0, 900)] and facts.gaps == []
    assert set(facts.not_looked_at.values()) == {"written_answer"}
