"""The corpus, built in a process of its own (its making takes memory that the tests measure), and the real analyser."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.ports import SegmentSource
from config.settings import ROOT, Settings
from samples.build_corpus import CASES
from samples.corpus.case import Case
from tests.integration.analysis.conftest import analyser, settings
from workers.analysis.media import read_file_segment

__all__ = ["analyser", "settings"]

Segments = Callable[[Case], list[SegmentSource]]


def peak_megabytes() -> int:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def decoders() -> list[int]:
    """Process ids of the decoders this process started and did not end."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in pids if b"decoder" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture(scope="session")
def segments(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Segments:
    """The segments of a case. What the chosen tests need is built at once, when the first is asked for."""
    folder = tmp_path_factory.mktemp("corpus")
    chosen = {item.callspec.params["case"].name for item in request.session.items if _of_a_case(item)}
    names = [case.name for case in CASES if case.name in chosen]
    build = [sys.executable, "-m", "samples.build_corpus", str(folder), *names]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=280)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))

    def of(case: Case) -> list[SegmentSource]:
        return [
            read_file_segment(folder / part["file"], number=number, starts_at_ms=part["starts_at_ms"])
            for number, part in enumerate(index[case.name]["segments"])
        ]

    return of


def _of_a_case(item: pytest.Item) -> bool:
    return hasattr(item, "callspec") and isinstance(item.callspec.params.get("case"), Case)


@pytest.fixture(scope="module")
def memory_before(analyser: object, settings: Settings) -> int:
    """Peak memory with every model loaded and nothing analysed."""
    return peak_megabytes()
