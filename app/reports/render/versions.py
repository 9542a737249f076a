"""What another version of the rubric would score, in words: it informs and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from app.core.catalogue import best_language, text
from app.core.signals import Document
from app.reports.render.competencies import percent, points_or_none
from app.scoring.diff import CompetencyDiff, ContributionDiff, ScoreDiff
from app.scoring.documents import Abstention, Contribution
from app.scoring.rubric import Rubric
from app.scoring.sentences import abstention_words, contribution_sentence, format_points, format_signed


class VersionLine(Document):
    """One rule that counts differently. ``change``: appeared, vanished or changed; the texts carry their points."""

    key: str
    change: str
    change_hundredths: int
    points: str
    then: str | None
    now: str | None


class VersionCompetency(Document):
    """One competency by both versions. ``text`` says in a sentence what becomes of it."""

    key: str
    name: str
    presence: str
    text: str
    weight_then: str | None
    weight_now: str | None
    then_hundredths: int | None
    now_hundredths: int | None
    then: str | None
    now: str | None
    change_hundredths: int | None
    baseline: str | None = Field(description="where a competency that is new starts")
    lines: list[VersionLine]
    unchanged: int = Field(description="rules that count the same by both versions")


class VersionReport(Document):
    """One interview by two versions of its position. Nothing of it is stored."""

    language: str
    interview_id: str
    version_then: int
    version_now: int
    note: str
    text: str
    then_hundredths: int | None
    now_hundredths: int | None
    then: str | None
    now: str | None
    change_hundredths: int | None
    competencies: list[VersionCompetency]


def build_version_report(
    diff: ScoreDiff,
    rubrics: tuple[Rubric, Rubric],
    versions: tuple[int, int],
    *,
    interview_id: str,
    language: str,
) -> VersionReport:
    """Explain a difference. ``rubrics`` and ``versions`` are those of then and of now."""
    language = best_language(language)
    names = _names(rubrics, language)
    return VersionReport(
        language=language,
        interview_id=interview_id,
        version_then=versions[0],
        version_now=versions[1],
        note=text(language, "report.versions.note", then=versions[0], now=versions[1]),
        text=_sentence(diff.then_hundredths, diff.now_hundredths, language),
        then_hundredths=diff.then_hundredths,
        now_hundredths=diff.now_hundredths,
        then=points_or_none(diff.then_hundredths),
        now=points_or_none(diff.now_hundredths),
        change_hundredths=diff.change_hundredths,
        competencies=[
            _competency(one, names[one.competency], versions[0], language) for one in diff.competencies
        ],
    )


def _names(rubrics: Sequence[Rubric], language: str) -> dict[str, str]:
    """Names by key; where both versions have a competency, the later one names it."""
    return {c.key: c.name_in(language) for rubric in rubrics for c in rubric.competencies}


def _competency(diff: CompetencyDiff, name: str, earlier: int, language: str) -> VersionCompetency:
    return VersionCompetency(
        key=diff.competency,
        name=name,
        presence=diff.presence,
        text=_of_competency(diff, earlier, language),
        weight_then=None if diff.weight_then is None else percent(diff.weight_then),
        weight_now=None if diff.weight_now is None else percent(diff.weight_now),
        then_hundredths=diff.then_hundredths,
        now_hundredths=diff.now_hundredths,
        then=points_or_none(diff.then_hundredths),
        now=points_or_none(diff.now_hundredths),
        change_hundredths=diff.change_hundredths,
        baseline=format_points(diff.baseline_now)
        if diff.presence == "only_now" and diff.baseline_now
        else None,
        lines=[_line(one, language) for one in diff.contributions if one.change != "same"],
        unchanged=sum(one.change == "same" for one in diff.contributions),
    )


def _of_competency(diff: CompetencyDiff, earlier: int, language: str) -> str:
    then, now = (_points(points, language) for points in (diff.then_hundredths, diff.now_hundredths))
    if diff.presence == "only_then":
        return text(language, "report.versions.gone", number=earlier, points=then)
    why = _why(diff.abstention_now or diff.abstention_then, language)
    if diff.presence == "only_now":
        return text(language, "report.versions.new", points=now, why=why)
    if why:
        return text(language, "report.versions.abstains", then=then, now=now, why=why)
    return _sentence(diff.then_hundredths, diff.now_hundredths, language)


def _sentence(then: int | None, now: int | None, language: str) -> str:
    shown = {"then": _points(then, language), "now": _points(now, language)}
    if then is None or now is None:
        return text(language, "report.versions.none", **shown)
    if then == now:
        return text(language, "report.versions.same", **shown)
    return text(language, "report.versions.change", **shown, change=format_signed(now - then))


def _points(hundredths: int | None, language: str) -> str:
    return points_or_none(hundredths) or text(language, "report.not_scored")


def _why(abstention: Abstention | None, language: str) -> str:
    """In brackets after what it explains, or nothing."""
    if abstention is None:
        return ""
    return text(language, "report.versions.why", why=abstention_words(abstention, language, "hr")[0])


def _line(diff: ContributionDiff, language: str) -> VersionLine:
    return VersionLine(
        key=diff.key,
        change=diff.change,
        change_hundredths=diff.change_hundredths,
        points=format_signed(diff.change_hundredths) if diff.change_hundredths else "±0.00",
        then=_words(diff.then, language),
        now=_words(diff.now, language),
    )


def _words(contribution: Contribution | None, language: str) -> str | None:
    return None if contribution is None else contribution_sentence(contribution, language)
