"""Build a report document from a score, its rubric and the answers it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.catalogue import best_language, text
from app.core.signals import Engine
from app.reports.render.behaviour import behaviour_summary
from app.reports.render.documents import (
    Audience,
    Notice,
    RadarAxis,
    ReportAbstention,
    ReportCompetency,
    ReportContribution,
    ReportDocument,
    ReportHeader,
    ReportTotal,
    Section,
)
from app.reports.render.remarks import gaps, level_reached, strengths, suggestions
from app.reports.render.transcript import report_answers
from app.scoring.answers import AnswerSignals
from app.scoring.canonical import canonical_json
from app.scoring.documents import Abstention, CompetencyScore, Score
from app.scoring.rubric import WHOLE_BASIS_POINTS, Rubric
from app.scoring.sentences import abstention_words, contribution_words, format_points, format_signed


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}%" if rest == 0 else f"{whole}.{rest:02d}%"


def _abstention(abstention: Abstention | None, language: str, audience: Audience) -> ReportAbstention | None:
    if abstention is None:
        return None
    why, help_ = abstention_words(abstention, language, audience)
    return ReportAbstention(reason=abstention.reason, why=why, help=help_)


def _competency(
    scored: CompetencyScore, rubric: Rubric, language: str, audience: Audience, extra: Mapping[str, Any]
) -> ReportCompetency:
    competency = next(c for c in rubric.competencies if c.key == scored.competency)
    points = scored.points_hundredths
    return ReportCompetency(
        key=scored.competency,
        name=competency.name_in(language),
        weight=_percent(scored.weight),
        points_hundredths=points,
        points=None if points is None else format_points(points),
        baseline_hundredths=scored.baseline_hundredths,
        baseline=format_points(scored.baseline_hundredths),
        contributions=[
            ReportContribution(
                key=c.key,
                points_hundredths=c.points_hundredths,
                points=format_signed(c.points_hundredths),
                words=contribution_words(c, language),
                evidence=c.evidence,
            )
            for c in scored.contributions
        ],
        abstention=_abstention(scored.abstention, language, audience),
        level=level_reached(rubric, scored.competency, points),
        **extra,
    )


def _competencies(
    score: Score, rubric: Rubric, language: str, audience: Audience, averages: Mapping[str, int]
) -> list[ReportCompetency]:
    to_total = {c.competency: c.points_hundredths for c in score.contributions}
    return [
        _competency(
            scored,
            rubric,
            language,
            audience,
            {
                "to_total_hundredths": to_total.get(scored.competency),
                "to_total": _points_or_none(to_total.get(scored.competency)),
                "average_hundredths": averages.get(scored.competency),
                "average": _points_or_none(averages.get(scored.competency)),
            },
        )
        for scored in score.competencies
    ]


def _points_or_none(hundredths: int | None) -> str | None:
    return None if hundredths is None else format_points(hundredths)


def _notices(
    score: Score, answers: Sequence[AnswerSignals], language: str, audience: Audience
) -> list[Notice]:
    notices = [Notice(kind="ai", text=text(language, f"report.notices.ai_{audience}"))]
    speeches = [speech for answer in answers if (speech := answer.speech()) is not None]
    if any(speech.sample_model for speech in speeches):
        notices.append(Notice(kind="sample", text=text(language, "analysis.sample_model_notice")))
    share = _percent(score.abstained_weight)
    if score.status == "partial":
        notices.append(Notice(kind="partial", text=text(language, "report.notices.partial", share=share)))
    if score.status == "abstained":
        key = "nothing" if score.abstained_weight == WHOLE_BASIS_POINTS else "abstained"
        notices.append(Notice(kind="abstained", text=text(language, f"report.notices.{key}", share=share)))
    if score.policy.face_weight_hundredths:
        most = format_points(score.policy.face_weight_hundredths)
        params = {"most": most, "reason": str(score.policy.face_reason)}
        notices.append(Notice(kind="face", text=text(language, "report.notices.face", **params)))
    return notices


def _engines(answers: Sequence[AnswerSignals]) -> list[Engine]:
    engines = {canonical_json(r.engine): r.engine for a in answers for r in a.modalities.values()}
    return [engines[key] for key in sorted(engines)]


def _section(given: Mapping[str, Any] | None) -> Section | None:
    return None if given is None else Section.model_validate(given)


def build_report(
    score: Score,
    rubric: Rubric,
    answers: Sequence[AnswerSignals],
    *,
    audience: Audience,
    language: str,
    header: ReportHeader,
    averages: Mapping[str, int] | None = None,
    total_average: int | None = None,
    decision: Mapping[str, Any] | None = None,
    survey: Mapping[str, Any] | None = None,
    receipt_sha256: str | None = None,
) -> ReportDocument:
    """Explain a score to HR or to the candidate, in the best language there is for ``language``.

    ``averages`` (competency -> hundredths) and ``total_average`` compare with the position and are left out for the
    candidate, as are engines and the receipt. ``decision`` and ``survey`` are ``{"rows": [{"label", "value"}],
    "note"}`` in the reader's words. pydantic's ValidationError when a section has another shape.
    """
    language = best_language(language)
    hr = audience == "hr"
    competencies = _competencies(score, rubric, language, audience, (averages or {}) if hr else {})
    return ReportDocument(
        audience=audience,
        language=language,
        header=header,
        notices=_notices(score, answers, language, audience),
        total=ReportTotal(
            points_hundredths=score.total_hundredths,
            points=_points_or_none(score.total_hundredths),
            status=score.status,
            status_text=text(language, f"report.status.{score.status}"),
            average=_points_or_none(total_average) if hr else None,
        ),
        competencies=competencies,
        radar=[
            RadarAxis(label=c.name, value=c.points_hundredths, average=c.average_hundredths)
            for c in competencies
        ],
        strengths=strengths(score, rubric, language),
        gaps=gaps(score, rubric, language, audience),
        suggestions=suggestions(score, rubric, language, audience),
        behaviour=behaviour_summary(answers, language, audience),
        answers=report_answers(rubric, answers, score, language, audience),
        decision=_section(decision),
        survey=_section(survey),
        engines=_engines(answers) if hr else [],
        algorithm=f"{score.algorithm} {score.algorithm_version}" if hr else None,
        receipt_sha256=receipt_sha256 if hr else None,
    )
