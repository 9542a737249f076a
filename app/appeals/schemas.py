"""What the API takes and gives about appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.decisions.schemas import DecisionIn, DecisionOut, Words

AppealStatus = Literal["open", "answered"]
AppealOutcome = Literal["confirmed", "revised"]


class AppealIn(BaseModel):
    """Why a candidate asks a person to look again."""

    model_config = ConfigDict(extra="forbid")

    reason: Words


class AnswerIn(BaseModel):
    """What a person found. ``revised`` comes with the decision that replaces the first one."""

    model_config = ConfigDict(extra="forbid")

    outcome: AppealOutcome
    answer: Words = Field(description="told to the candidate")
    decision: DecisionIn | None = None

    @model_validator(mode="after")
    def _revised_means_another_decision(self) -> Self:
        if (self.outcome == "revised") != (self.decision is not None):
            raise ValueError("a decision is given exactly when the outcome is revised")
        return self


class AppealOut(BaseModel):
    """An appeal and its clock."""

    interview_id: str
    status: AppealStatus
    reason: str
    due_at: datetime
    overdue: bool
    created_at: datetime
    outcome: AppealOutcome | None
    answer: str | None
    answered_by_name: str | None
    same_person: bool | None = Field(
        description="whether who answered had made the decision too, as nobody else could"
    )
    answered_at: datetime | None


class OwnAppealOut(BaseModel):
    """A candidate's own appeal; null before they asked."""

    appeal: AppealOut | None


class AppealForReviewOut(AppealOut):
    """An appeal as the person sees it who may answer it, with what was decided."""

    candidate_name: str
    position_title: str
    may_answer: bool = Field(description="false for who made the decision, while somebody else can review it")
    own_decision: bool = Field(description="the caller made the decision")
    others: list[str] = Field(description="who may review it instead of the caller who made the decision")
    position_id: str
    decision: DecisionOut | None


class ListedAppealOut(AppealOut):
    """An appeal in the company's list."""

    candidate_name: str
    position_title: str


class AppealsOut(BaseModel):
    """A page of appeals."""

    items: list[ListedAppealOut]
    next_cursor: str | None
    open: int = Field(description="how many wait for an answer in all")
    overdue: int
