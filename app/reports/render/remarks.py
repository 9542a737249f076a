"""Strengths, gaps and suggestions: each follows from a contribution or a gap of the score, none is invented."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.catalogue import text
from app.reports.render.documents import Audience, Remark
from app.scoring.canonical import canonical_json
from app.scoring.documents import CompetencyScore, Contribution, Evidence, Score
from app.scoring.rubric import Rubric
from app.scoring.sentences import contribution_words, gap_words

STRENGTH_HUNDREDTHS = 80
MAX_STRENGTHS = 6
STRENGTHS_PER_COMPETENCY = 2
# What a rubric listens for stays with the company, or the next candidate would recite it.
NOT_FOR_CANDIDATES = frozenset({"keywords", "keywords_denied", "keywords_not_own"})


def _names(rubric: Rubric, language: str) -> dict[str, str]:
    return {competency.key: competency.name_in(language) for competency in rubric.competencies}


def strengths(score: Score, rubric: Rubric, language: str) -> list[Remark]:
    """The contributions that brought most, at most two for a competency and six in all."""
    names = _names(rubric, language)
    separator = text(language, "scoring.list_separator")
    found: dict[str, tuple[Contribution, list[str]]] = {}
    for competency in score.competencies:
        best = sorted(competency.contributions, key=lambda c: (-c.points_hundredths, c.key))
        for contribution in best[:STRENGTHS_PER_COMPETENCY]:
            if contribution.points_hundredths >= STRENGTH_HUNDREDTHS:
                # The same words in the same places may serve several competencies: say it once.
                words = contribution_words(contribution, language)
                found.setdefault(words, (contribution, []))[1].append(names[competency.competency])
    ordered = sorted(found.items(), key=lambda item: -item[1][0].points_hundredths)
    return [
        Remark(competency=separator.join(concerned), text=words, evidence=contribution.evidence)
        for words, (contribution, concerned) in ordered[:MAX_STRENGTHS]
    ]


def _gaps_of(competency: CompetencyScore, audience: Audience) -> list[str]:
    hidden = NOT_FOR_CANDIDATES if audience == "candidate" else frozenset()
    return [gap.key for gap in competency.gaps if gap.key not in hidden]


def gaps(score: Score, rubric: Rubric, language: str, audience: Audience) -> list[Remark]:
    """What the rubric looks for and the answers lack; the same words once, naming every competency they are about."""
    names = _names(rubric, language)
    concerned: dict[str, list[str]] = {}
    for competency in score.competencies:
        for gap in competency.gaps:
            if gap.key in _gaps_of(competency, audience):
                concerned.setdefault(gap_words(gap, language), []).append(names[competency.competency])
    separator = text(language, "scoring.list_separator")
    return [Remark(competency=separator.join(who), text=words) for words, who in concerned.items()]


def suggestions(score: Score, rubric: Rubric, language: str, audience: Audience) -> list[Remark]:
    """One piece of advice for each kind of gap, naming every competency that shows it, with the passages it rests on."""
    names = _names(rubric, language)
    grounds: dict[str, list[CompetencyScore]] = {}
    for competency in score.competencies:
        for gap in competency.gaps:
            grounds.setdefault(gap.key, []).append(competency)
    separator = text(language, "scoring.list_separator")
    return [
        Remark(
            competency=separator.join(names[one.competency] for one in concerned),
            text=text(language, f"report.suggestions.{audience}.{key}"),
            because=text(language, f"report.because.{key}"),
            evidence=_passages(concerned, key),
        )
        for key, concerned in grounds.items()
    ]


def _passages(concerned: Sequence[CompetencyScore], gap: str) -> list[Evidence]:
    """Where the contributions point that took points for a gap; what was never said has no place to show."""
    places = {
        canonical_json(place): place
        for competency in concerned
        for contribution in competency.contributions
        if contribution.points_hundredths < 0 and contribution.key in (gap, f"{gap}_many")
        for place in contribution.evidence
    }
    return list(places.values())


def level_reached(rubric: Rubric, key: str, points_hundredths: int | None) -> str | None:
    """The text of the highest anchor at or below the points."""
    levels: Sequence = next(c.levels for c in rubric.competencies if c.key == key)
    if points_hundredths is None:
        return None
    reached = [level for level in levels if level.score * 100 <= points_hundredths]
    return max(reached, key=lambda level: level.score).text if reached else None
