"""What the API takes and gives about surveys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

_Key = Annotated[str, StringConstraints(max_length=64)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class SurveyIn(BaseModel):
    """A candidate's answers by question key: a number, option keys or words."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[_Key, StrictInt | _Words | Annotated[list[_Key], Field(max_length=20)]] = Field(
        max_length=50
    )


class OptionOut(BaseModel):
    """One choice in the reader's language."""

    key: str
    text: str


class SurveyQuestionOut(BaseModel):
    """One question in the reader's language."""

    key: str
    kind: str
    text: str
    required: bool
    least: int | None = None
    most: int | None = None
    options: list[OptionOut] | None = None


class SurveyOut(BaseModel):
    """The questionnaire, and whether this candidate has answered it."""

    version: int
    title: str
    answered: bool
    available: bool = Field(description="false until the interview is finished")
    questions: list[SurveyQuestionOut]


class SurveyResponseOut(BaseModel):
    """A candidate's own answers."""

    answers: dict[str, int | str | list[str]]
    answered_at: datetime


class SummaryQuery(BaseModel):
    """Which candidates to sum up."""

    position_id: str | None = Field(default=None, max_length=32)


class ChoiceCount(BaseModel):
    """How many chose it."""

    value: str
    text: str
    count: int


class QuestionSummary(BaseModel):
    """What people answered to one question; withheld below five answers."""

    key: str
    kind: str
    text: str
    answered: int
    withheld: bool
    mean: float | None = None
    counts: list[ChoiceCount] | None = None
    texts: list[str] | None = None


class SummaryOut(BaseModel):
    """What candidates said, anonymously; ``counted`` of the ``responses`` are in it (groups of five)."""

    responses: int
    counted: int
    withheld: bool
    reason: str | None
    questions: list[QuestionSummary]
