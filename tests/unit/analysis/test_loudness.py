"""Quiet recordings are raised to a usual level before anybody listens, others are left as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.analysis.loudness import QUIET, STEP, USUAL, audible

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
