"""Delivery numbers are arithmetic over tokens: true for every spacing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.signals import Span, SpeechSignals
from workers.analysis import delivery as module
from workers.analysis.delivery import BREAK_MS, PAUSE_MS, find_fillers, measure
from workers.analysis.transcript import Unit, assemble, plain

SPACING = st.lists(st.tuples(st.integers(0, 3000), st.integers(40, 400)), min_size=1, max_size=30)
NO_SOUND = np.zeros(0, np.float32)


def said(spacing: list[tuple[int, int]], text: str = "数") -> SpeechSignals:
    at, units = 0, []
    for silence, length in spacing:
        units.append(Unit(text, at + silence, at + silence + length, 0.9))
        at += silence + length
    return assemble(units, plain(units), [], sample_model=False)


def speak(text: str) -> SpeechSignals:
    words = [mark for mark in text if mark.isalnum()]
    return assemble(
        [Unit(w, i * 200, i * 200 + 180, 1.0) for i, w in enumerate(words)], text, [], sample_model=False
    )


@given(SPACING, st.integers(0, 5000))
def test_time_adds_up(spacing: list[tuple[int, int]], tail: int) -> None:
    """Thinking, speaking, pauses and what follows the last word are the whole answer."""
    speech = said(spacing)
    end = speech.tokens[-1].end_ms
    delivery = measure(speech, NO_SOUND, answer_ms=end + tail, gaps=[])
    paused = sum(pause.end_ms - pause.start_ms for pause in delivery.pauses)
    assert delivery.thinking_ms + delivery.speaking_ms + paused + tail == delivery.answer_ms
    assert all(pause.end_ms - pause.start_ms >= PAUSE_MS for pause in delivery.pauses)
    assert len(delivery.pauses) == sum(silence >= PAUSE_MS for silence, _ in spacing[1:])
    assert delivery.characters_per_minute == pytest.approx(
        len(spacing) * 60_000 / delivery.speaking_ms, abs=0.06
    )


@given(SPACING, st.data())
def test_a_gap_in_the_recording_is_nobodys_pause(spacing: list[tuple[int, int]], data: st.DataObject) -> None:
    """Losing a piece between two words changes neither the pace nor adds a pause."""
    speech = said(spacing)
    whole = measure(speech, NO_SOUND, answer_ms=speech.tokens[-1].end_ms, gaps=[])
    cut = data.draw(st.integers(0, len(spacing) - 1))
    lost = data.draw(st.integers(1, 20_000))
    at = speech.tokens[cut - 1].end_ms if cut else 0
    gap = Span(start_ms=at, end_ms=at + lost)
    units = [
        Unit(t.text, t.start_ms + lost * (i >= cut), t.end_ms + lost * (i >= cut), 0.9)
        for i, t in enumerate(speech.tokens)
    ]
    moved = assemble(units, plain(units), [], sample_model=False)
    parted = measure(moved, NO_SOUND, answer_ms=whole.answer_ms + lost, gaps=[gap])
    assert parted.thinking_ms == whole.thinking_ms
    assert all(p.end_ms <= gap.start_ms or p.start_ms >= gap.end_ms for p in parted.pauses)
    beside_gap = spacing[cut][0] if cut and spacing[cut][0] >= PAUSE_MS else 0
    assert len(parted.pauses) == len(whole.pauses) - bool(beside_gap)
    assert parted.speaking_ms == whole.speaking_ms


def test_nothing_said_is_all_thinking() -> None:
    silent = assemble([], "", [], sample_model=False)
    delivery = measure(silent, NO_SOUND, answer_ms=5000, gaps=[Span(start_ms=1000, end_ms=2000)])
    assert (delivery.thinking_ms, delivery.speaking_ms, delivery.characters_per_minute) == (4000, 0, 0.0)
    assert delivery.pitch_median_hz is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("嗯，让我想一想。", ["嗯"]),
        ("那个，当时的情况比较复杂。", ["那个"]),
        ("那个项目很难。", []),
        ("我负责那个。", []),
        ("这个嗯，我记得不太清楚了。", ["这个", "嗯"]),
        ("销售额下降了。", []),
        ("额，我想想。", ["额"]),
        ("就是说，我们需要时间，然后呢，我们开始。", ["就是说", "然后呢"]),
        ("就是，我觉得可以。", ["就是"]),
        ("我的优点就是认真。", []),
        ("也就是说，我们晚了。", []),
        ("我想说的就是，要坚持。", []),
        ("然后，我们开始。", []),
        ("我们开会，然后讨论，然后决定。", []),
        ("然后嗯，我们开始。", ["然后", "嗯"]),
        ("那个那个项目很难。", ["那个"]),
        ("就是就是就是我负责。", ["就是", "就是"]),
        ("然后然后我们开始。", ["然后"]),
        ("我们的那个，项目。", []),
        ("这个项目，那个客户。", []),
        ("怎么说呢，很难。", ["怎么说呢"]),
        ("我不知道怎么说呢。", []),
        ("呃呃，好。", ["呃", "呃"]),
        ("", []),
    ],
)
def test_fillers_are_what_stands_alone(text: str, expected: list[str]) -> None:
    assert [filler.text for filler in find_fillers(speak(text))] == expected


def with_silences(text: str, silences: dict[int, int]) -> SpeechSignals:
    """One character a token, no punctuation; ``silences`` (ms) stand before the numbered characters."""
    at, units = 0, []
    for number, mark in enumerate(text):
        at += silences.get(number, 0)
        units.append(Unit(mark, at, at + 180, 1.0))
        at += 180
    return assemble(units, plain(units), [], sample_model=False)


@pytest.mark.parametrize(
    ("text", "silences", "expected"),
    [
        ("我们那个项目", {}, []),
        ("我们那个项目", {2: BREAK_MS, 4: BREAK_MS}, ["那个"]),
        ("我们那个项目", {2: BREAK_MS}, []),
        ("我们那个项目", {2: BREAK_MS - 1, 4: BREAK_MS}, []),
        ("然后我们开始", {2: PAUSE_MS}, ["然后"]),
        ("然后我们开始", {2: PAUSE_MS - 1}, []),
        ("优点就是认真", {2: BREAK_MS, 4: BREAK_MS}, ["就是"]),
        ("优点就是认真", {4: BREAK_MS}, []),
        ("我们完成了然后", {}, ["然后"]),
    ],
)
def test_silence_sets_a_word_off_as_a_comma_does(
    text: str, silences: dict[int, int], expected: list[str]
) -> None:
    assert [filler.text for filler in find_fillers(with_silences(text, silences))] == expected


@given(st.text("那个这就是然后项目", max_size=30), st.dictionaries(st.integers(0, 29), st.integers(0, 900)))
def test_longer_silences_take_no_filler_away(text: str, silences: dict[int, int]) -> None:
    """Who stops longer at the same places has at least as many filled pauses."""
    few = find_fillers(with_silences(text, silences))
    many = find_fillers(with_silences(text, {at: 3 * length for at, length in silences.items()}))
    assert sum(len(one.text) for one in many) >= sum(len(one.text) for one in few)


@given(st.text("嗯那个项目就是说然后，。呃", max_size=40))
def test_fillers_are_in_order_and_apart(text: str) -> None:
    fillers = find_fillers(speak(text))
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(fillers))
    assert sum(f.text in {"嗯", "呃"} for f in fillers) == sum(mark in "嗯呃" for mark in text)


@pytest.mark.parametrize("hertz", [110.0, 180.0, 260.0])
def test_pitch_of_a_tone(hertz: float) -> None:
    seconds = np.arange(48_000) / 16_000
    tone = (0.3 * np.sin(2 * np.pi * hertz * seconds)).astype(np.float32)
    delivery = measure(said([(0, 2900)]), tone, answer_ms=3000, gaps=[])
    assert delivery.pitch_median_hz == pytest.approx(hertz, rel=0.02)
    assert (delivery.pitch_sd_semitones or 0) < 0.3
    assert (delivery.energy_sd_db or 0) < 1.5


def test_a_wandering_voice_varies_more() -> None:
    seconds = np.arange(48_000) / 16_000
    glide = np.sin(2 * np.pi * (120 * seconds + 20 * seconds**2))
    steady = np.sin(2 * np.pi * 180 * seconds)
    spread = [
        measure(
            said([(0, 2900)]), (0.3 * wave).astype(np.float32), answer_ms=3000, gaps=[]
        ).pitch_sd_semitones
        or 0
        for wave in (glide, steady)
    ]
    assert spread[0] > spread[1] + 1


@given(SPACING, st.data())
def test_a_longer_silence_is_one_pause_more_at_most(
    spacing: list[tuple[int, int]], data: st.DataObject
) -> None:
    """It changes neither the pace of the words nor the other pauses."""
    cut = data.draw(st.integers(0, len(spacing) - 1))
    more = data.draw(st.integers(PAUSE_MS, 10_000))
    longer = [(silence + more * (at == cut), length) for at, (silence, length) in enumerate(spacing)]
    few, many = (
        measure(said(one), NO_SOUND, answer_ms=sum(a + b for a, b in one), gaps=[])
        for one in (spacing, longer)
    )
    total = [sum(pause.end_ms - pause.start_ms for pause in one.pauses) for one in (few, many)]
    if cut == 0:
        assert many.thinking_ms == few.thinking_ms + more
        assert (many.speaking_ms, total[1]) == (few.speaking_ms, total[0])
    else:
        short = spacing[cut][0] if spacing[cut][0] < PAUSE_MS else 0  # a breath before, a pause now
        assert (many.speaking_ms, total[1]) == (few.speaking_ms - short, total[0] + more + short)
        assert len(many.pauses) == len(few.pauses) + bool(spacing[cut][0] < PAUSE_MS)


def test_block_by_block_is_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by the block, and no number depends on where blocks end."""
    rng = np.random.default_rng(5)
    seconds = np.arange(16_000 * 7 + 123) / 16_000
    wave = np.sin(2 * np.pi * (130 * seconds + 9 * seconds**2)) * (0.2 + 0.1 * np.sin(3 * seconds))
    sound = (wave + 0.01 * rng.standard_normal(len(seconds))).astype(np.float32)
    speech = said([(300, 390), (900, 400), (40, 380), (2500, 200), (700, 333)])
    found = []
    for frames in (10_000, 500, 37, 1):
        monkeypatch.setattr(module, "BLOCK_FRAMES", frames)
        found.append(measure(speech, sound, answer_ms=7000, gaps=[]))
    assert all(one == found[0] for one in found)
    assert found[0].pitch_median_hz is not None and found[0].energy_sd_db is not None
