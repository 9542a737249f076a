"""Build a report document from a score, its rubric and the answers it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.catalogue import best_language, text
from app.core.signals import Engine
from app.drafts.follow_ups import follow_up_questions
from app.reports.render.behaviour import behaviour_summary
from app.reports.render.checks import checks
from app.reports.render.competencies import report_competencies, report_total
from app.reports.render.documents import (
    AskNext,
    Audience,
    OtherVersion,
    RadarAxis,
    ReportCompetency,
    ReportDocument,
    ReportHeader,
    ReportWarmUp,
    Section,
)
from app.reports.render.motives import tendencies
from app.reports.render.notices import explanation, notices
from app.reports.render.receipts import receipt_section
from app.reports.render.remarks import gaps, strengths, suggestions
from app.reports.render.transcript import report_answers
from app.reports.render.wording import wording
from app.scoring.answers import AnswerSignals
from app.scoring.canonical import canonical_json, sha256_of
from app.scoring.comparison import Comparison
from app.scoring.documents import Score
from app.scoring.receipt import Receipt
from app.scoring.rubric import Medium, Rubric


@dataclass(frozen=True)
class CompanyFacts:
    """What only the company's people are shown. ``survey`` as ``decision`` of ``build_report``."""

    comparison: Comparison = field(default_factory=Comparison)
    receipt: Receipt | None = None
    survey: Mapping[str, Any] | None = None
    newer_versions: Sequence[int] = ()
    late_answers: frozenset[str] = frozenset()
    recording_withdrawn: bool = False


@dataclass(frozen=True)
class WarmUp:
    """How the icebreaker was answered. ``words`` of a written answer."""

    take_id: str
    question: str
    medium: Medium
    words: str | None


def build_report(
    score: Score,
    rubric: Rubric,
    answers: Sequence[AnswerSignals],
    *,
    audience: Audience,
    language: str,
    header: ReportHeader,
    decision: Mapping[str, Any] | None = None,
    company: CompanyFacts | None = None,
    warm_up: WarmUp | None = None,
) -> ReportDocument:
    """Explain a score to HR or to the candidate, in the best language there is for ``language``.

    ``decision`` is ``{"rows": [{"label", "value"}], "note"}`` in the reader's words; pydantic's ValidationError when it has
    another shape. What is in ``company``, and the questions to ask next, never reach a candidate.
    """
    language = best_language(language)
    facts = (company or CompanyFacts()) if audience == "hr" else CompanyFacts()
    competencies = report_competencies(score, rubric, facts.comparison, language, audience)
    return ReportDocument(
        audience=audience,
        language=language,
        header=header,
        notices=notices(score, answers, language, audience, recording_withdrawn=facts.recording_withdrawn),
        total=report_total(score, facts.comparison, language),
        competencies=competencies,
        radar=_radar(competencies),
        strengths=strengths(score, rubric, language),
        gaps=gaps(score, rubric, language, audience),
        suggestions=suggestions(score, rubric, language, audience),
        behaviour=behaviour_summary(answers, language, audience),
        warm_up=_warm_up(warm_up, language),
        answers=[
            answer.model_copy(update={"late": answer.answer_id in facts.late_answers})
            for answer in report_answers(rubric, answers, score, language, audience)
        ],
        explanation=explanation(score, rubric, language),
        decision=_section(decision),
        receipt=receipt_section(facts.receipt, header.interview_id, language) if facts.receipt else None,
        **(_for_hr(score, rubric, answers, language, facts) if audience == "hr" else {}),
    )


def _warm_up(given: WarmUp | None, language: str) -> ReportWarmUp | None:
    if given is None:
        return None
    return ReportWarmUp(
        take_id=given.take_id,
        question=given.question,
        medium=given.medium,
        medium_label=text(language, f"report.media.{given.medium}"),
        words=given.words,
    )


def _for_hr(
    score: Score,
    rubric: Rubric,
    answers: Sequence[AnswerSignals],
    language: str,
    facts: CompanyFacts,
) -> dict[str, Any]:
    return {
        "ask_next": _ask_next(score, rubric, answers, language),
        "to_check": checks(
            answers, language, {question.id: number for number, question in enumerate(rubric.asked, start=1)}
        ),
        "tendencies": tendencies(rubric, answers, language),
        "wording": wording(rubric, answers, language),
        "survey": _section(facts.survey),
        "engines": _engines(answers),
        "algorithm": f"{score.algorithm} {score.algorithm_version}",
        "receipt_sha256": sha256_of(facts.receipt) if facts.receipt else None,
        "newer_versions": [
            OtherVersion(number=number, text=text(language, "report.newer_version", number=number))
            for number in facts.newer_versions
        ],
    }


def _radar(competencies: Sequence[ReportCompetency]) -> list[RadarAxis]:
    return [
        RadarAxis(label=c.name, value=c.points_hundredths, average=c.average_hundredths) for c in competencies
    ]


def _ask_next(score: Score, rubric: Rubric, answers: Sequence[AnswerSignals], language: str) -> list[AskNext]:
    names = {c.key: c.name_in(language) for c in rubric.competencies}
    numbers = {question.id: number for number, question in enumerate(rubric.asked, start=1)}
    return [
        AskNext(number=numbers[found.question_id], competency=names[found.competency], text=found.text)
        for found in follow_up_questions(rubric, score, answers, language)
    ]


def _engines(answers: Sequence[AnswerSignals]) -> list[Engine]:
    """What measured the answers; ``none`` measured nothing and only says so."""
    used = (r.engine for a in answers for r in a.modalities.values() if r.engine.name != "none")
    engines = {canonical_json(engine): engine for engine in used}
    return [engines[key] for key in sorted(engines)]


def _section(given: Mapping[str, Any] | None) -> Section | None:
    return None if given is None else Section.model_validate(given)
