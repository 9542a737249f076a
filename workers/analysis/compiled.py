"""librosa with its compiled parts loaded, by one process at a time.

numba keeps what it compiled beside librosa, for every process. Two that compile at the same moment can leave an index and
code that do not belong together, and then whoever loads them dies of a segmentation fault. So everything we use is
compiled, or read, under a lock of this machine.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType


@cache
def librosa() -> ModuleType:
    """The library, ready: its YIN and loudness have run once."""
    with _alone("librosa"):
        import librosa as library
        import numpy as np

        tone = 0.3 * np.sin(2 * np.pi * 180 * np.arange(8000) / 16_000).astype(np.float32)
        library.yin(tone, fmin=65.0, fmax=400.0, sr=16_000, frame_length=1024, hop_length=320, center=False)
        library.feature.rms(y=tone, frame_length=1024, hop_length=320, center=False)
        return library


@contextlib.contextmanager
def _alone(library: str) -> Iterator[None]:
    """Hold this user's lock for one installed library."""
    spec = importlib.util.find_spec(library)
    place = hashlib.sha256(str(spec and spec.origin).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"weimian-{os.getuid()}-{library}-{place}.lock"
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
