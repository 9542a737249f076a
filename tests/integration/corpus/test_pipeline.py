"""Bad recordings through the whole of it: upload, analysis, score; what the candidate and HR read at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.catalogue import languages, text
from samples.build_corpus import CASES, build
from samples.corpus.case import Case
from tests.factories import ok
from tests.integration.corpus.conftest import decoders
from tests.integration.results.conftest import Finished, Results, results
from workers.analysis.analyser import Analyser

__all__ = ["results"]

TRIED = [
    "no-index.mp4",
    "no-audio.mp4",
    "silent.mp4",
    "short.m4a",
    "middle-lost.mp4",
    "cut-half.mp4",
    "black.mp4",
    "clicks.m4a",
    "music.m4a",
]
SCORED = {"middle-lost.mp4", "black.mp4"}
"""Half a recording holds one sentence here, which is too little to score."""


def case_of(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def question(name: str) -> str:
    return f"q{TRIED.index(name)}"


RUBRIC = {
    "competencies": [
        {"key": f"c{number}", "name": {"zh-CN": f"能力{number}", "en": f"Ability {number}"}, "weight": weight}
        for number, weight in enumerate([1200] + [1100] * 8)
    ],
    "questions": [
        {"id": question(name), "text": f"第{number}题", "competencies": [f"c{number}"], "max_seconds": 60}
        for number, name in enumerate(TRIED)
    ],
}


def answered(results: Results, folder: Path) -> Finished:
    """An interview whose every answer is one of the bad recordings."""
    finished = results.interview(results.position(rubric=RUBRIC))
    for name in TRIED:
        for number, (starts_at_ms, path) in enumerate(build(case_of(name), folder)):
            results.upload(finished, question(name), path, number=number, starts_at_ms=starts_at_ms)
    return finished


@pytest.mark.models
def test_each_is_told_to_the_candidate_and_to_hr(
    results: Results, analyser: Analyser, tmp_path: Path
) -> None:
    world, finished = results.world, answered(results, tmp_path)
    world.app.extensions["analyser"] = analyser
    assert world.perform("analyse_take") == len(TRIED)
    assert world.perform("score_interview") == 1
    assert decoders() == []
    people = {"candidate": finished.candidate(), "hr": world.staff(world.acme, "recruiter")}
    for language in languages():
        for audience, headers in people.items():
            asked = {**headers, "Accept-Language": language}
            _check_takes(finished, audience, language, asked)
            _check_report(finished, audience, language, asked)


def _check_takes(finished: Finished, audience: str, language: str, headers: dict[str, str]) -> None:
    path = "candidate/interview" if audience == "candidate" else f"interviews/{finished.id}"
    shown = ok(finished.world.client.get(f"/api/v1/{path}", headers=headers))
    answers = {one["id"]: one["answer"] for one in shown["questions"]}
    for name in TRIED:
        answer, case = answers[question(name)], case_of(name)
        assert (answer["status"], answer["reason"]) == case.take, name
        advice = text(language, f"analysis.reasons.{case.unusable}.{audience}") if case.unusable else None
        assert answer["advice"] == advice


def _check_report(finished: Finished, audience: str, language: str, headers: dict[str, str]) -> None:
    path = "candidate/report" if audience == "candidate" else f"interviews/{finished.id}/report"
    report = ok(finished.world.client.get(f"/api/v1/{path}?lang={language}", headers=headers))
    points = {competency["key"]: competency["points"] for competency in report["competencies"]}
    told = {answer["question_id"]: answer["missing"] for answer in report["answers"]}
    for number, name in enumerate(TRIED):
        assert (points[f"c{number}"] is not None) == (name in SCORED), name
        expected = _missing(case_of(name), language, audience)
        found = {
            entry["modality"]: (entry["status"], entry["reason"], entry["text"])
            for entry in told[question(name)]
        }
        assert {modality: found.get(modality) for modality in expected} == expected, name


def _missing(case: Case, language: str, audience: str) -> dict[str, Any]:
    """What a report says is missing; faces are nobody's business here, for there is no consent to them."""
    return {
        modality: (status, reason, text(language, f"analysis.reasons.{reason}.{audience}"))
        for modality, (status, reason) in case.expected().items()
        if reason is not None and modality != "face"
    }
