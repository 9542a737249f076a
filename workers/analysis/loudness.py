"""Speech models were trained at usual levels: somebody far from the microphone is brought up to one before they listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

QUIET, USUAL = 0.1, 0.3
"""The level that one sample in a thousand exceeds: under QUIET (-20 dBFS) a recording is raised to USUAL, where ordinary
ones lie. A peak would be the level of a door or a click."""

LOUD_SHARE = 0.999
STEP = 8


def audible(audio: np.ndarray) -> np.ndarray:
    """A quiet recording louder, any other as it is; float32 in and out."""
    import numpy as np

    if not len(audio):
        return audio
    level = float(np.quantile(np.abs(audio[::STEP]), LOUD_SHARE))
    if not 0 < level < QUIET:
        return audio
    raised = audio * np.float32(USUAL / level)
    return raised.clip(-1, 1, out=raised)
