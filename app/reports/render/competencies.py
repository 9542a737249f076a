"""The total and the competencies of a report: every point with its reason, beside the position's average."""

from __future__ import annotations

from app.core.catalogue import text
from app.reports.render.documents import (
    Audience,
    ReportAbstention,
    ReportCompetency,
    ReportContribution,
    ReportTotal,
)
from app.reports.render.remarks import level_reached
from app.scoring.comparison import Average, Comparison
from app.scoring.documents import Abstention, CompetencyScore, Contribution, Score
from app.scoring.rubric import Rubric
from app.scoring.sentences import abstention_words, contribution_words, format_points, format_signed


def percent(basis_points: int) -> str:
    """``4250`` as ``42.50%``, whole percents without decimals."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}%" if rest == 0 else f"{whole}.{rest:02d}%"


def points_or_none(hundredths: int | None) -> str | None:
    """``735`` as ``7.35``, None as None."""
    return None if hundredths is None else format_points(hundredths)


def report_total(score: Score, comparison: Comparison, language: str) -> ReportTotal:
    """The total with the position's average."""
    average = comparison.total
    return ReportTotal(
        points_hundredths=score.total_hundredths,
        points=points_or_none(score.total_hundredths),
        status=score.status,
        status_text=text(language, f"report.status.{score.status}"),
        average=points_or_none(average.hundredths) if average else None,
        average_n=average.n if average else None,
    )


def report_competencies(
    score: Score, rubric: Rubric, comparison: Comparison, language: str, audience: Audience
) -> list[ReportCompetency]:
    """Every competency of the rubric, in its order."""
    to_total = {c.competency: c.points_hundredths for c in score.contributions}
    averages = comparison.competencies
    return [
        _competency(
            scored,
            rubric,
            language,
            audience,
            brings=to_total.get(scored.competency),
            average=averages.get(scored.competency),
        )
        for scored in score.competencies
    ]


def _competency(
    scored: CompetencyScore,
    rubric: Rubric,
    language: str,
    audience: Audience,
    *,
    brings: int | None,
    average: Average | None,
) -> ReportCompetency:
    competency = next(c for c in rubric.competencies if c.key == scored.competency)
    points = scored.points_hundredths
    return ReportCompetency(
        key=scored.competency,
        name=competency.name_in(language),
        weight=percent(scored.weight),
        points_hundredths=points,
        points=points_or_none(points),
        baseline_hundredths=scored.baseline_hundredths,
        baseline=format_points(scored.baseline_hundredths),
        contributions=[_contribution(c, language) for c in scored.contributions],
        abstention=_abstention(scored.abstention, language, audience),
        level=level_reached(rubric, scored.competency, points),
        average_hundredths=average.hundredths if average else None,
        average=format_points(average.hundredths) if average else None,
        average_n=average.n if average else None,
        to_total_hundredths=brings,
        to_total=points_or_none(brings),
        from_questions=_from_questions(rubric, scored.competency, language),
    )


def _from_questions(rubric: Rubric, competency: str, language: str) -> str:
    asked = enumerate(rubric.asked, start=1)
    numbers = [str(number) for number, question in asked if competency in question.competencies]
    separator = text(language, "scoring.list_separator")
    return text(language, "report.from_questions", numbers=separator.join(numbers))


def _contribution(contribution: Contribution, language: str) -> ReportContribution:
    return ReportContribution(
        key=contribution.key,
        points_hundredths=contribution.points_hundredths,
        points=format_signed(contribution.points_hundredths),
        words=contribution_words(contribution, language),
        evidence=contribution.evidence,
    )


def _abstention(abstention: Abstention | None, language: str, audience: Audience) -> ReportAbstention | None:
    if abstention is None:
        return None
    why, help_ = abstention_words(abstention, language, audience)
    return ReportAbstention(reason=abstention.reason, why=why, help=help_)
