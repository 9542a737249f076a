"""Two scores of one interview side by side: what another version of the rubric would change, and by which rules.

Pure and general: the scores may know different competencies. Differences are integer hundredths and sum exactly, each
competency's from its contributions and the total's from the competencies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from app.core.signals import Document
from app.scoring.documents import Abstention, CompetencyScore, Contribution, Score

Change = Literal["appeared", "vanished", "changed", "same"]
Presence = Literal["both", "only_then", "only_now"]


class ContributionDiff(Document):
    """One rule's contribution then and now; None where it brought nothing. ``changed`` also when only its words did."""

    key: str
    change: Change
    then: Contribution | None = None
    now: Contribution | None = None
    change_hundredths: int


class CompetencyDiff(Document):
    """One competency then and now. Points are None where it abstains or the version does not have it.

    ``change_hundredths`` is None unless both have points; it is the change of the baseline and of the contributions.
    """

    competency: str
    presence: Presence
    weight_then: int | None = None
    weight_now: int | None = None
    then_hundredths: int | None = None
    now_hundredths: int | None = None
    change_hundredths: int | None = None
    to_total_then: int | None = Field(default=None, description="what it brings to the total, hundredths")
    to_total_now: int | None = None
    baseline_then: int | None = None
    baseline_now: int | None = None
    abstention_then: Abstention | None = None
    abstention_now: Abstention | None = None
    contributions: list[ContributionDiff] = Field(default_factory=list)


class ScoreDiff(Document):
    """The total then and now, and every competency of either version, in the order of now, then of then."""

    then_hundredths: int | None
    now_hundredths: int | None
    change_hundredths: int | None
    competencies: list[CompetencyDiff]


def _difference(then: int | None, now: int | None) -> int | None:
    return None if then is None or now is None else now - then


def _contribution(key: str, then: Contribution | None, now: Contribution | None) -> ContributionDiff:
    change: Change = "changed"
    if then is None:
        change = "appeared"
    elif now is None:
        change = "vanished"
    elif (then.points_hundredths, then.params) == (now.points_hundredths, now.params):
        change = "same"
    before = then.points_hundredths if then else 0
    after = now.points_hundredths if now else 0
    return ContributionDiff(key=key, change=change, then=then, now=now, change_hundredths=after - before)


def _contributions(then: Sequence[Contribution], now: Sequence[Contribution]) -> list[ContributionDiff]:
    """By key, which a competency has once; in the order of now, what vanished last."""
    before, after = ({c.key: c for c in found} for found in (then, now))
    keys = [*after, *(key for key in before if key not in after)]
    return [_contribution(key, before.get(key), after.get(key)) for key in keys]


def _competency(key: str, then: Score, now: Score) -> CompetencyDiff:
    before, after = _find(then, key), _find(now, key)
    presence: Presence = "only_now" if before is None else "only_then" if after is None else "both"
    points_then = before.points_hundredths if before else None
    points_now = after.points_hundredths if after else None
    shares = [{c.competency: c.points_hundredths for c in score.contributions} for score in (then, now)]
    return CompetencyDiff(
        competency=key,
        presence=presence,
        weight_then=before.weight if before else None,
        weight_now=after.weight if after else None,
        then_hundredths=points_then,
        now_hundredths=points_now,
        change_hundredths=_difference(points_then, points_now),
        to_total_then=shares[0].get(key),
        to_total_now=shares[1].get(key),
        baseline_then=_baseline(before),
        baseline_now=_baseline(after),
        abstention_then=before.abstention if before else None,
        abstention_now=after.abstention if after else None,
        contributions=_contributions(
            before.contributions if before else [], after.contributions if after else []
        ),
    )


def _baseline(scored: CompetencyScore | None) -> int | None:
    return None if scored is None or scored.points_hundredths is None else scored.baseline_hundredths


def _find(score: Score, key: str) -> CompetencyScore | None:
    return next((found for found in score.competencies if found.competency == key), None)


def diff_scores(then: Score, now: Score) -> ScoreDiff:
    """What changes from one score to another of the same answers."""
    keys = [scored.competency for scored in now.competencies]
    keys += [scored.competency for scored in then.competencies if scored.competency not in keys]
    return ScoreDiff(
        then_hundredths=then.total_hundredths,
        now_hundredths=now.total_hundredths,
        change_hundredths=_difference(then.total_hundredths, now.total_hundredths),
        competencies=[_competency(key, then, now) for key in keys],
    )
