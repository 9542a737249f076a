"""One measured figure beside its goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``goal`` is a bound on ``value`` in words; ``holds`` says whether it was met."""

    figure: str
    value: float
    unit: str
    reference: str
    goal: str
    holds: bool

    @classmethod
    def of(cls, figure: str, value: float, unit: str, reference: str, goal: str) -> Figure:
        """A figure whose goal is ``<= x``, ``>= x`` or ``= x``."""
        sign, bound = goal.split()
        holds = {"<=": value <= float(bound), ">=": value >= float(bound), "=": value == float(bound)}[sign]
        return cls(figure, round(value, 4), unit, reference, goal, holds)
