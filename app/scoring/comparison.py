"""What other interviews by the same rubric scored on average: never of so few that it would be about somebody (R3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.scoring.shares import round_half_up

LEAST_COMPARED = 5
"""With fewer scores an average says too much about single people and too little about the position."""

Points = Mapping[str, int | None]


@dataclass(frozen=True)
class Average:
    """A mean in hundredths of a point over ``n`` scores, halves upwards."""

    hundredths: int
    n: int


@dataclass(frozen=True)
class Comparison:
    """Averages of the total and by competency; those with fewer than ``LEAST_COMPARED`` scores are absent."""

    total: Average | None = None
    competencies: Mapping[str, Average] = field(default_factory=dict)


def average_of(points: Iterable[int | None]) -> Average | None:
    """The average of the scores there are (None is an abstention), or None when they are too few."""
    found = [value for value in points if value is not None]
    return (
        Average(round_half_up(sum(found), len(found)), len(found)) if len(found) >= LEAST_COMPARED else None
    )


def compare(scores: Iterable[tuple[int | None, Points]]) -> Comparison:
    """Averages over scores given as (total, points by competency), in hundredths."""
    rows = list(scores)
    keys = sorted({key for _, points in rows for key in points})
    averages = {key: average_of(points.get(key) for _, points in rows) for key in keys}
    return Comparison(
        total=average_of(total for total, _ in rows),
        competencies={key: found for key, found in averages.items() if found is not None},
    )
