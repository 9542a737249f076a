"""Quiet recordings are raised to a usual level before anybody listens; what only the room says is no speech."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.signals import Span
from workers.analysis.loudness import QUIET, STEP, USUAL, audible, without_room

RATE = 16_000
VOICE = np.sin(np.arange(32_000) * 0.08).astype(np.float32) * np.linspace(0.2, 1, 32_000, dtype=np.float32)


@given(st.floats(1e-4, 1))
def test_the_level_is_usual_afterwards(loud: float) -> None:
    spoken = VOICE * np.float32(loud)
    heard = audible(spoken)
    before = float(np.quantile(np.abs(spoken[::STEP]), 0.999))
    assert heard.dtype == np.float32 and np.abs(heard).max() <= 1
    level = float(np.quantile(np.abs(heard), 0.999))
    assert level == pytest.approx(USUAL if before < QUIET else before, rel=0.05)


def test_what_is_loud_enough_stays_the_same_array() -> None:
    assert audible(VOICE) is VOICE


def test_a_click_does_not_hide_a_quiet_voice() -> None:
    quiet = VOICE / 100
    quiet[5000] = 1.0
    assert np.abs(audible(quiet)[10_000:]).max() > USUAL * 0.9


@pytest.mark.parametrize("length", [0, 1, 7])
def test_nothing_stays_nothing(length: int) -> None:
    nothing = np.zeros(length, np.float32)
    assert audible(nothing) is nothing


RATE = 16_000


def room(seconds: float, level: float, seed: int = 5) -> np.ndarray:
    """Noise of so many dB below full scale."""
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (noise * 10 ** (level / 20)).astype(np.float32)


def talk(*parts: tuple[float, float]) -> np.ndarray:
    """Stretches of (seconds, level)."""
    return np.concatenate([room(seconds, level, number) for number, (seconds, level) in enumerate(parts)])


def whole(audio: np.ndarray) -> list[Span]:
    return [Span(start_ms=0, end_ms=len(audio) // 16)]


def test_a_loud_room_does_not_fill_a_pause() -> None:
    """Two words, a second of murmur 20 dB below between them, taken for one stretch of speech."""
    audio = talk((0.5, -40), (1, -20), (1, -40), (1, -20), (0.5, -40))
    parts = without_room(audio, whole(audio))
    assert [(p.start_ms, p.end_ms) for p in parts] == [(300, 1700), (2300, 3700)]


def test_a_short_dip_belongs_to_the_speech() -> None:
    audio = talk((1, -20), (0.3, -40), (1, -20))
    assert without_room(audio, whole(audio)) == whole(audio)


@pytest.mark.parametrize("softly", [-50, -30])
def test_soft_words_in_a_quiet_room_are_heard(softly: float) -> None:
    audio = talk((1, -20), (0.6, -80), (1, softly), (0.5, -80), (1, -20))
    said = [Span(start_ms=0, end_ms=1000), Span(start_ms=1600, end_ms=2600), Span(start_ms=3100, end_ms=4100)]
    assert without_room(audio, said) == said


def test_a_hiss_is_nobody_speaking() -> None:
    audio = np.concatenate([room(1, -20), np.zeros(RATE, np.float32), room(1, -65)])
    assert without_room(audio, [Span(start_ms=0, end_ms=1000), Span(start_ms=2000, end_ms=3000)]) == [
        Span(start_ms=0, end_ms=1000)
    ]


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 1.0]), st.integers(-70, -10)), max_size=6))
def test_what_is_left_lies_within_what_was_found(parts: list[tuple[float, int]]) -> None:
    audio = talk((0.3, -20), *((seconds, float(level)) for seconds, level in parts))
    length = len(audio) // 16
    found = [Span(start_ms=start, end_ms=min(start + 700, length)) for start in range(0, length, 800)]
    kept = without_room(audio, found)
    assert all(any(f.start_ms <= k.start_ms < k.end_ms <= f.end_ms for f in found) for k in kept)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(kept))
    assert kept  # somebody was loudest


def test_nobody_found_stays_nobody() -> None:
    assert without_room(VOICE, []) == []
