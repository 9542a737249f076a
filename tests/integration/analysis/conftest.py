"""One analyser with the sample models for all tests, and takes made of the sample recordings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.signals import ModalityResult
from app.ports import TakeSource
from config.settings import ROOT, Settings, load_settings
from workers.analysis.analyser import Analyser, build_analyser
from workers.analysis.media import read_file_segment

RECORDINGS = ROOT / "samples" / "recordings"
ALL = frozenset({"media", "speech", "delivery", "text", "face", "integrity"})

Analyse = Callable[..., dict[str, ModalityResult]]


def recording(name: str) -> Path:
    """A sample by file name."""
    return RECORDINGS / name


def truth(name: str) -> dict[str, Any]:
    """What is really said in a sample, and when."""
    return dict(json.loads(recording(name).with_suffix(".json").read_text(encoding="utf-8")))


def take_of(name: str, wanted: frozenset[str] = ALL) -> TakeSource:
    """A take of one sample recording."""
    return TakeSource(
        segments=[read_file_segment(recording(name))],
        medium="video" if name.endswith("mp4") else "voice",
        question_text=truth(name)["question"] if recording(name).with_suffix(".json").exists() else "",
        wanted=wanted,
    )


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the test profile with the sample models."""
    return load_settings(profile="test", data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def analyser(settings: Settings) -> Analyser:
    """The real analyser, warm."""
    analyser = build_analyser(settings)
    analyser.warm_up()
    return analyser


@pytest.fixture(scope="session")
def analyse(analyser: Analyser) -> Analyse:
    """Analyse a sample once per set of wanted modalities; results by modality."""
    kept: dict[tuple[str, frozenset[str]], dict[str, ModalityResult]] = {}

    def run(name: str, wanted: frozenset[str] = ALL) -> dict[str, ModalityResult]:
        if (name, wanted) not in kept:
            kept[name, wanted] = {r.modality: r for r in analyser.analyse(take_of(name, wanted))}
        return kept[name, wanted]

    return run
