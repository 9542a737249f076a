"""A job for RQ that analyses one file with this process's warm analyser, and notes when it began and ended."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.analysis.analyser import Analyser

analyser: Analyser | None = None
times: list[tuple[float, float]] = []


def analyse(file: str) -> None:
    """Analyse ``file`` with every sense."""
    from app.core.signals import MODALITIES
    from app.ports import TakeSource
    from workers.analysis.media import read_file_segment

    began = time.perf_counter()
    assert analyser is not None, "somebody warms it up first"
    list(analyser.analyse(TakeSource([read_file_segment(Path(file))], "video", "", frozenset(MODALITIES))))
    times.append((began, time.perf_counter()))
