"""What the corpus is made of: a spoken answer, a portrait, and sounds that are no answer. Seeds are fixed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np

RATE = 16_000
RECORDINGS = Path(__file__).parents[1] / "recordings"


def sample(name: str) -> bytes:
    """A committed sample recording."""
    return (RECORDINGS / name).read_bytes()


@cache
def sound_of(name: str) -> np.ndarray:
    """The sound of a sample: float32, mono, 16 kHz."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts = []
    with av.open(str(RECORDINGS / name)) as container:
        for frame in container.decode(audio=0):
            parts += [block.to_ndarray()[0] for block in resampler.resample(frame)]
    parts += [block.to_ndarray()[0] for block in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32)


def speech() -> np.ndarray:
    """Two sentences the sample speech model knows, in about five seconds."""
    return sound_of("black.mp4")


@cache
def portrait() -> np.ndarray:
    """60 pictures (RGB, 240 high, 320 wide, 15 a second) of somebody swaying a little."""
    with av.open(str(RECORDINGS / "growth.mp4")) as container:
        frames = (
            frame.reformat(width=320, height=240, format="rgb24") for frame in container.decode(video=0)
        )
        return np.stack([frame.to_ndarray() for frame, _ in zip(frames, range(60), strict=False)])


def seconds(length: float) -> np.ndarray:
    """The times of ``length`` seconds of samples."""
    return np.arange(int(length * RATE)) / RATE


def tone(length: float, hertz: float = 200.0, loud: float = 0.3) -> np.ndarray:
    """A sine."""
    return loud * np.sin(2 * np.pi * hertz * seconds(length))


def noise(length: float, loud: float = 0.1) -> np.ndarray:
    """White noise."""
    return loud * np.random.default_rng(3).standard_normal(int(length * RATE))


def hum(length: float) -> np.ndarray:
    """The mains: 50 Hz and what comes with it."""
    return np.sum([tone(length, 50.0 * part, 0.2 / part) for part in range(1, 8)], axis=0)


def music(length: float) -> np.ndarray:
    """A plucked melody, four notes a second."""
    rng = np.random.default_rng(5)
    heard = np.zeros(int(length * RATE))
    for start in range(0, len(heard), RATE // 4):
        hertz = rng.choice([262.0, 294.0, 330.0, 349.0, 392.0, 440.0, 494.0, 523.0])
        t = seconds(0.4)[: len(heard) - start]
        pluck = sum(np.sin(2 * np.pi * part * hertz * t) / part for part in range(1, 6))
        heard[start : start + len(t)] += pluck * np.exp(-6 * t)
    return 0.5 * heard / np.abs(heard).max()


def drums(length: float) -> np.ndarray:
    """Bursts of noise, four a second."""
    rng = np.random.default_rng(6)
    heard = np.zeros(int(length * RATE))
    for start in range(0, len(heard) - 3000, RATE // 4):
        heard[start : start + 3000] += rng.standard_normal(3000) * np.exp(-np.arange(3000) / 400)
    return 0.5 * heard / np.abs(heard).max()


def clicks(length: float) -> np.ndarray:
    """A single sample twice a second, as from a bad contact."""
    return 0.8 * (np.arange(int(length * RATE)) % (RATE // 2) == 0)


def buried(voice: np.ndarray, decibels: float) -> np.ndarray:
    """A voice in white noise, ``decibels`` above it."""
    level = float(np.sqrt(np.mean(voice**2))) / 10 ** (decibels / 20)
    mixed = voice + np.random.default_rng(4).standard_normal(len(voice)) * level
    return mixed / max(1.0, float(np.abs(mixed).max()))


def resampled(voice: np.ndarray, rate: int) -> np.ndarray:
    """16 kHz sound at another rate, by straight lines between samples."""
    at = np.arange(int(len(voice) * rate / RATE)) * RATE / rate
    return np.interp(at, np.arange(len(voice)), voice).astype(np.float32)
