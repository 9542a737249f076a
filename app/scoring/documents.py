"""The score as a document. Points are integer hundredths: 735 is 7.35 of 10."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from app.core.signals import Document
from app.scoring.policy import ScoringPolicy

ParamValue = int | str | list[str]


class Evidence(Document):
    """A place in an answer: a span of the take, a range of the transcript (``quote``), or both."""

    answer_id: str
    take_id: str
    start_ms: int | None = None
    end_ms: int | None = None
    char_start: int | None = None
    char_end: int | None = None
    quote: str = ""


class Contribution(Document):
    """A named number of points. Its sentence is ``scoring.contributions.<key>`` filled with ``params``."""

    key: str
    points_hundredths: int
    evidence: list[Evidence] = Field(min_length=1)
    params: dict[str, ParamValue] = Field(default_factory=dict)


class Gap(Document):
    """Something the rubric looks for and did not find, or found too little of: the ground of a suggestion."""

    key: str
    params: dict[str, ParamValue] = Field(default_factory=dict)


class Abstention(Document):
    """Why a competency has no score. ``detail`` is the analysis's own word, ``questions`` those concerned."""

    reason: str
    detail: str | None = None
    questions: list[str]


class CompetencyScore(Document):
    """Baseline + contributions = points, exactly; or an abstention and no points."""

    competency: str
    weight: int
    points_hundredths: int | None = Field(default=None, ge=0, le=1000)
    baseline_hundredths: int = 0
    contributions: list[Contribution] = Field(default_factory=list)
    gaps: list[Gap] = Field(default_factory=list)
    abstention: Abstention | None = None
    answers: list[str] = Field(default_factory=list, description="ids of the answers it was scored from")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.points_hundredths is None) != (self.abstention is not None):
            raise ValueError("a competency has either points or an abstention")
        whole = self.baseline_hundredths + sum(c.points_hundredths for c in self.contributions)
        if self.points_hundredths is not None and whole != self.points_hundredths:
            raise ValueError(f"{self.competency}: contributions make {whole}, not {self.points_hundredths}")
        return self


class TotalContribution(Document):
    """What one competency brings to the total."""

    competency: str
    weight: int = Field(description="basis points, after weights of abstained competencies were shared out")
    points_hundredths: int


class Score(Document):
    """The score of one interview: everything a report explains and a receipt seals."""

    algorithm: str
    algorithm_version: str
    rubric_hash: str
    policy: ScoringPolicy
    status: Literal["complete", "partial", "abstained"]
    total_hundredths: int | None = Field(default=None, ge=0, le=1000)
    contributions: list[TotalContribution] = Field(default_factory=list)
    abstained_weight: int = Field(
        default=0, description="basis points of the rubric that could not be scored"
    )
    competencies: list[CompetencyScore]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.total_hundredths is None) != (self.status == "abstained"):
            raise ValueError("a total is missing exactly when the score abstains")
        whole = sum(c.points_hundredths for c in self.contributions)
        if self.total_hundredths is not None and whole != self.total_hundredths:
            raise ValueError(f"contributions make {whole}, not {self.total_hundredths}")
        return self

    def competency(self, key: str) -> CompetencyScore:
        """One competency's score. KeyError when the rubric has no such competency."""
        for score in self.competencies:
            if score.competency == key:
                return score
        raise KeyError(key)
