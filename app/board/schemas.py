"""What the API takes and gives about the board."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from app.decisions.schemas import DecisionOut

BoardState = Literal["waiting", "in_progress", "decided", "all"]
Flag = Literal["high_potential", "shortlisted", "appeal", "thread"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class BoardPositionOut(BaseModel):
    """How a position stands: "15 done, 5 of them 8 or more"."""

    id: str
    title: str
    status: str
    invited: int = Field(description="invited and not begun")
    in_progress: int
    done: int = Field(description="finished interviews, decided ones included")
    high: int = Field(description="of those done, scored 8.00 or more")
    shortlisted: int = Field(description="of those waiting, marked by the position's own rule")
    abstained: int = Field(description="of those done, without a total: a person has to look")
    waiting: int = Field(description="of those done, waiting for a decision")
    analysing: int = Field(description="of those waiting, without a report yet")
    overdue: int = Field(description="of those waiting, later than promised")
    decided: int
    missed: int = Field(description="invitations that ended without an interview")
    waiting_since: datetime | None


class BoardPage(BaseModel):
    """One page of positions, the one where somebody waits longest first."""

    items: list[BoardPositionOut]
    next_cursor: str | None
    as_of: datetime


class BoardInterviewOut(BaseModel):
    """One interview on the board."""

    interview_id: str
    invitation_id: str
    candidate_id: str
    candidate_name: str | None = Field(description="null once their data was erased")
    position_id: str
    position_title: str
    status: Literal["in_progress", "finished", "scored", "decided"]
    scored: bool
    total: str | None = Field(description="points of 10 such as 8.05; null without a total")
    abstained: bool = Field(description="scored, and not enough for a total: a person has to look")
    started_at: datetime
    finished_at: datetime | None
    waits_since: datetime | None
    due_at: datetime | None = Field(description="by when the candidate is promised the result")
    overdue: bool
    told_at: datetime | None = Field(description="when the candidate was told that it takes longer")
    expected_at: datetime | None = Field(description="the date they were told")
    outcome: str | None
    decided_by_name: str | None
    flags: list[Flag]
    shortlisted: str | None = Field(description="why the position's rule marks them, or null")


class BoardInterviewPage(BaseModel):
    """One page of interviews: those waiting longest first, others newest first."""

    items: list[BoardInterviewOut]
    next_cursor: str | None
    as_of: datetime


class DueCountsOut(BaseModel):
    """How many candidates wait for a result, by when it was promised."""

    overdue: int
    soon: int = Field(description="due within 24 hours")
    later: int


class MissingOut(BaseModel):
    """What of an answer could not be looked at, and why."""

    question_id: str
    question_number: int | None = Field(description="as in the report; null for a question no longer asked")
    modality: str | None
    modality_name: str | None
    reason: str
    title: str
    detail: str


class DecisionSheetOut(BaseModel):
    """All somebody needs who decides about an interview on a phone, and who comes next."""

    interview: BoardInterviewOut
    may_decide: bool = Field(description="whether the caller's role may")
    decision: DecisionOut | None
    analysing: int = Field(description="answers that are still being looked at")
    missing: list[MissingOut]
    consent_withdrawn: bool = Field(description="the candidate no longer agrees to the recording")
    erased: bool
    next_interview_id: str | None
    next_candidate_name: str | None
    others_waiting: int


class SheetFilter(BaseModel):
    """Where the next candidate is looked for: in one position, or everywhere."""

    position_id: str | None = Field(default=None, max_length=64)


class InterviewFilter(BaseModel):
    """Which interviews; ``q`` is part of a name, or a whole phone number."""

    state: BoardState = "waiting"
    position_id: str | None = Field(default=None, max_length=64)
    min_score: float | None = Field(default=None, ge=0, le=10)
    shortlisted: bool = Field(default=False, description="waiting, and marked by the position's rule")
    waiting_since: AwareDatetime | None = Field(default=None, description="waiting since then or longer")
    overdue: bool = False
    q: Words | None = None
