"""What the API takes and gives about decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Outcome = Literal["advance", "offer", "reject", "pool"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class DecisionIn(BaseModel):
    """A person's decision. The reason stays inside the company, the next steps are told to the candidate."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    reason: Words
    next_steps: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = Field(
        default="", description="left empty: our words for the outcome, in the candidate's language"
    )


class PreviewIn(BaseModel):
    """A decision that is about to be made; empty next steps stand for our words."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    next_steps: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class PreviewOut(BaseModel):
    """The notice as the candidate will read it, in their language."""

    language: str
    title: str
    body: str
    sms: str = Field(description="as it reads where WeChat cannot be reached")
    fields: dict[str, str] = Field(description="what a WeChat template shows")


class ResultDateIn(BaseModel):
    """By when the candidate shall hear the result: later than promised so far, at most 30 days from now."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime


class ResultDateOut(BaseModel):
    """By when the candidate is promised the result, and when they were told so."""

    interview_id: str
    due_at: datetime
    told_at: datetime


class DecisionOut(BaseModel):
    """What was decided, by whom."""

    interview_id: str
    outcome: Outcome
    reason: str
    next_steps: str
    decided_by: str
    decided_by_name: str
    decided_at: datetime


class ToldDecisionOut(BaseModel):
    """A decision as its candidate was told it: without the reason, which stays inside the company."""

    outcome: Outcome
    words: str = Field(description="the outcome in words")
    next_steps: str
    decided_by_name: str
    decided_at: datetime


class CandidateResultOut(BaseModel):
    """What a candidate knows of their result: the decision once they were told it, until then the promised date."""

    due_at: datetime | None = Field(
        description="by when the result was promised; null before the end and once told"
    )
    decision: ToldDecisionOut | None
