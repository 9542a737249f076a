"""Passages that a person should look at for how they are worded: for HR, never scored."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.catalogue import text
from app.reports.render.documents import Tendency
from app.scoring.answers import AnswerSignals
from app.scoring.observations import observe
from app.scoring.rubric import Rubric


def wording(rubric: Rubric, answers: Sequence[AnswerSignals], language: str) -> list[Tendency]:
    """What was left out of the score as recited or listed, and answers that may miss their question, with places."""
    return [
        Tendency(
            label=text(language, f"scoring.observations.{observation.key}"),
            count=text(language, "report.units.passages", value=len(observation.evidence)),
            evidence=observation.evidence,
        )
        for observation in observe(rubric, answers)
    ]
