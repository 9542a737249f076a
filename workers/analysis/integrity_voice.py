"""Whether one take holds two voices (A6): pitch and spectral envelope of its stretches compared with each other.

Nothing here can recognise anybody: stretches of one take are compared in memory, only the places are kept, and nothing
is ever compared with another take. It is meant to miss rather than to accuse: two people of like pitch pass unseen.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from app.core.signals import Span

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 16_000
FRAME, HOP = 1024, 640
LOWEST_HZ, HIGHEST_HZ = 65.0, 400.0
BANDS, CEPSTRA = 26, 12
LOWEST_BAND_HZ, HIGHEST_BAND_HZ = 100.0, 3800.0
"""Within what every phone codec keeps."""

PERIODIC = 0.5
"""Normalised autocorrelation from which a frame counts as voiced."""

LOUD_DB = 25.0
PIECE_MS, LEAST_PIECE_MS = 4000, 1200
LEAST_VOICED = 13
"""Half a second of voice: less gives no median worth comparing."""

OTHER_SEMITONES = 6.0
OTHER_ENVELOPE = 1.0
"""Both must be reached: a lively voice alone moves its pitch as far, and other words alone the spectrum (ADR 15)."""

LEAST_OTHER_MS = 5000


@dataclass(frozen=True)
class Piece:
    """Some seconds of speech: pitch in semitones, mean cepstrum of the voiced frames, and how many they are."""

    start_ms: int
    end_ms: int
    semitones: float
    envelope: np.ndarray
    voiced: int


def parameters() -> dict[str, Any]:
    """What a signal must name to be measured again."""
    return {
        "piece_ms": [LEAST_PIECE_MS, PIECE_MS],
        "other_semitones": OTHER_SEMITONES,
        "other_envelope": OTHER_ENVELOPE,
        "least_other_ms": LEAST_OTHER_MS,
    }


def other_voice(audio: np.ndarray, speech: list[Span]) -> list[Span] | None:
    """Where a voice differs from the take's main one; None when there is too little speech to compare.

    ``audio`` is float32 mono at 16 kHz, ``speech`` where somebody speaks.
    """
    pieces = measure_pieces(audio, speech)
    if len(pieces) < 2:
        return None
    main = max(pieces, key=lambda one: sum(p.voiced for p in pieces if not differ(one, p)))
    strange = [piece for piece in pieces if differ(main, piece)]
    spans: list[Span] = []
    for piece in strange:
        if spans and piece.start_ms - spans[-1].end_ms < LEAST_PIECE_MS:
            spans[-1] = Span(start_ms=spans[-1].start_ms, end_ms=piece.end_ms)
        else:
            spans.append(Span(start_ms=piece.start_ms, end_ms=piece.end_ms))
    return spans if sum(span.end_ms - span.start_ms for span in spans) >= LEAST_OTHER_MS else []


def differ(one: Piece, other: Piece) -> bool:
    """Whether two pieces are unlike in pitch and in the shape of the spectrum."""
    if abs(one.semitones - other.semitones) < OTHER_SEMITONES:
        return False
    return math.dist(one.envelope.tolist(), other.envelope.tolist()) >= OTHER_ENVELOPE


def measure_pieces(audio: np.ndarray, speech: list[Span]) -> list[Piece]:
    """Speech cut into pieces of a few seconds, each measured; those with too little voice are left out."""
    found = [_measure(audio, piece) for span in speech for piece in _cut(span)]
    return [piece for piece in found if piece is not None]


def _cut(span: Span) -> list[Span]:
    """Equal parts of about PIECE_MS; what is too short is dropped."""
    length = span.end_ms - span.start_ms
    if length < LEAST_PIECE_MS:
        return []
    count = max(1, round(length / PIECE_MS))
    edges = [span.start_ms + length * number // count for number in range(count + 1)]
    return [Span(start_ms=a, end_ms=b) for a, b in itertools.pairwise(edges)]


def _measure(audio: np.ndarray, span: Span) -> Piece | None:
    import numpy as np

    part = audio[span.start_ms * SAMPLE_RATE // 1000 : span.end_ms * SAMPLE_RATE // 1000]
    if len(part) < 2 * FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(part, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), 2 * FRAME)) ** 2
    energy = 10 * np.log10(power.sum(axis=1) + 1e-12)
    lag, periodic = _periods(power)
    voiced = (periodic >= PERIODIC) & (energy >= np.quantile(energy, 0.95) - LOUD_DB)
    if int(voiced.sum()) < LEAST_VOICED:
        return None
    hertz = float(np.median(SAMPLE_RATE / lag[voiced]))
    bands, cosines = _filters()
    cepstra = np.log(power[voiced] @ bands + 1e-10) @ cosines
    return Piece(
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        semitones=12 * math.log2(hertz / 100),
        envelope=cepstra.mean(axis=0),
        voiced=int(voiced.sum()),
    )


def _periods(power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The period (samples) of each frame and how periodic it is, by its autocorrelation.

    That of the window is divided out (Boersma 1993), else long periods would look less periodic than they are.
    """
    import numpy as np

    window = np.hanning(FRAME)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * FRAME)) ** 2)[:FRAME]
    correlation = np.fft.irfft(power, axis=1)[:, :FRAME]
    first, last = int(SAMPLE_RATE / HIGHEST_HZ), int(SAMPLE_RATE / LOWEST_HZ)
    ratio = correlation[:, first : last + 1] / np.maximum(correlation[:, :1], 1e-12)
    ratio = ratio / (own[first : last + 1] / own[0])
    # The shortest period that is nearly as good as the best: its multiples are as good, and are octave errors.
    good = ratio >= 0.9 * ratio.max(axis=1, keepdims=True)
    peaks = np.zeros_like(good)
    peaks[:, 1:-1] = (ratio[:, 1:-1] >= ratio[:, :-2]) & (ratio[:, 1:-1] >= ratio[:, 2:])
    best = np.where((good & peaks).any(axis=1), (good & peaks).argmax(axis=1), ratio.argmax(axis=1))
    return first + best, ratio[np.arange(len(best)), best]


@cache
def _filters() -> tuple[np.ndarray, np.ndarray]:
    """Triangular mel bands over the power spectrum, and the cosines that make cepstra 1 to CEPSTRA of their logs."""
    import numpy as np

    def mel(hertz: float) -> float:
        return 2595 * math.log10(1 + hertz / 700)

    edges = np.linspace(mel(LOWEST_BAND_HZ), mel(HIGHEST_BAND_HZ), BANDS + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.arange(FRAME + 1) * SAMPLE_RATE / (2 * FRAME)
    rising = (bins[:, None] - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins[:, None]) / (hertz[2:] - hertz[1:-1])
    bands = np.maximum(0, np.minimum(rising, falling))
    steps = (np.arange(BANDS) + 0.5)[:, None] * np.arange(1, CEPSTRA + 1)
    return bands, np.cos(math.pi / BANDS * steps) / BANDS
