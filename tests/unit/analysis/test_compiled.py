"""What is compiled for librosa is compiled by one process at a time: a broken store would kill every worker after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
from workers.analysis.compiled import librosa
sound = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
print(len(librosa().yin(sound, fmin=65.0, fmax=400.0, sr=16_000)))
"""


@pytest.mark.full
def test_processes_that_start_at_once_leave_a_store_that_serves(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    for _ in range(2):  # the first four compile, the others read what they left
        started = [run() for _ in range(4)]
        assert [process.communicate(timeout=240)[0].strip() for process in started] == ["32"] * 4
        assert [process.returncode for process in started] == [0] * 4
    assert list(tmp_path.rglob("*.nbi"))
