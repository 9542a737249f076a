"""Interviews made of the sample recordings, analysed and scored as the product does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.core.signals import Modality, ModalityResult
from app.ports import TakeAnalyser, TakeSource
from app.scoring.answers import AnswerSignals
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from config.settings import ROOT
from samples.quality.variants import RATE, encoded, read_sound
from workers.analysis.media import read_file_segment

RECORDINGS = ROOT / "samples" / "recordings"
EVERYTHING = frozenset({"media", "speech", "delivery", "text", "face"})
SILENCE_MS = 600

SPLICED: dict[str, tuple[tuple[str, int], ...]] = {
    "spliced-growth.m4a": (("growth", 0), ("growth", 2), ("difficulty", 4), ("growth", 4)),
    "spliced-difficulty.m4a": (("growth", 0), ("difficulty", 3), ("growth", 2), ("difficulty", 4)),
    "spliced-conflict.m4a": (("difficulty", 1), ("conflict", 1), ("difficulty", 3), ("conflict", 4)),
}
"""More answers, put together of sentences of the samples."""

INTERVIEWS: dict[str, dict[str, str]] = {
    "all told": {"growth": "growth.mp4", "difficulty": "difficulty.mp4", "conflict": "conflict.m4a"},
    "vague first": {"growth": "vague.mp4", "difficulty": "difficulty.mp4", "conflict": "conflict.m4a"},
    "by voice": {
        "growth": "spliced-growth.m4a",
        "difficulty": "spliced-difficulty.m4a",
        "conflict": "spliced-conflict.m4a",
    },
    "short end": {
        "growth": "growth.mp4",
        "difficulty": "spliced-difficulty.m4a",
        "conflict": "two-people.mp4",
    },
    "no face": {"growth": "spliced-growth.m4a", "difficulty": "difficulty.mp4", "conflict": "faceless.mp4"},
    "vague and spliced": {
        "growth": "vague.mp4",
        "difficulty": "spliced-difficulty.m4a",
        "conflict": "spliced-conflict.m4a",
    },
}
"""Question -> recording."""

Signals = dict[Modality, ModalityResult]


def sunrise_position() -> dict[str, Any]:
    """The position of the demonstration company."""
    company = json.loads((ROOT / "samples" / "companies" / "sunrise.json").read_text("utf-8"))
    return dict(company["position"])


def sunrise_rubric() -> Rubric:
    """The rubric of the demonstration company."""
    return Rubric.model_validate(sunrise_position()["rubric"])


def truth(name: str) -> dict[str, Any]:
    """What is really said in a sample, and when."""
    return dict(json.loads((RECORDINGS / name).with_suffix(".json").read_text("utf-8")))


def recordings_used(folder: Path) -> dict[str, Path]:
    """Every recording of the interviews; the spliced ones are written to ``folder``."""
    names = {name for interview in INTERVIEWS.values() for name in interview.values()}
    return {name: splice(name, folder) if name in SPLICED else RECORDINGS / name for name in sorted(names)}


def splice(name: str, folder: Path) -> Path:
    """Put sentences of the samples together, each after a silence of the room it was spoken in."""
    import av
    import numpy as np

    parts = []
    for source, number in SPLICED[name]:
        file = source + (".m4a" if source == "conflict" else ".mp4")
        sound, sentence = read_sound(RECORDINGS / file), truth(file)["sentences"][number]
        start, end = (sentence[key] * RATE // 1000 for key in ("start_ms", "end_ms"))
        parts += [np.resize(sound[: RATE // 2], SILENCE_MS * RATE // 1000), sound[start:end]]
    parts.append(parts[0])
    path = folder / name
    with av.open(str(path), "w", format="mp4") as out:
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        voice.bit_rate = 48_000
        for _, packet in encoded(np.concatenate(parts), voice):
            out.mux(packet)
    return path


def spliced_text(name: str) -> str:
    """What is said in a spliced answer."""
    texts = [
        truth(source + (".m4a" if source == "conflict" else ".mp4"))["sentences"][number]["text"]
        for source, number in SPLICED[name]
    ]
    return "".join(texts)


def analysed(
    analyser: TakeAnalyser, path: Path, question: str, wanted: frozenset[str] = EVERYTHING
) -> Signals:
    """Everything wanted that is measured in one recording."""
    take = TakeSource(
        segments=[read_file_segment(path)],
        medium="video" if path.suffix == ".mp4" else "voice",
        question_text=question,
        wanted=wanted,
    )
    return {result.modality: result for result in analyser.analyse(take)}


def scored(
    rubric: Rubric, interview: dict[str, str], measured: dict[str, Signals], policy: ScoringPolicy
) -> Score:
    """Score an interview (question -> recording) by what was measured in its recordings."""
    answers = [
        AnswerSignals(
            answer_id=f"answer-{question}",
            take_id=f"take-{question}",
            question_id=question,
            medium="video" if name.endswith(".mp4") else "voice",
            modalities=measured[name],
        )
        for question, name in interview.items()
    ]
    return score_interview(rubric, answers, policy)
