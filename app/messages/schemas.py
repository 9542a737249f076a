"""What the API takes and gives about messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["queued", "sending", "sent", "delivered", "failed", "uncertain", "cancelled", "fallen_back"]


class ReasonOut(BaseModel):
    """Why a message or an attempt is as it is: a stable code, what it means and what to do."""

    code: str
    title: str
    next: str


class AttemptOut(BaseModel):
    """One call to the outside. No ``outcome`` yet: the call is being made, or was cut short."""

    id: str
    channel: str
    outcome: str | None
    reason: ReasonOut | None
    started_at: datetime
    finished_at: datetime | None


class MessageOut(BaseModel):
    """A message with everything that was tried. The words of a code, or of an erased candidate, are not shown."""

    id: str
    kind: str
    channel: str
    status: Status
    reason: ReasonOut | None
    candidate_id: str
    invitation_id: str
    title: str | None
    body: str | None
    fallback_id: str | None
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    attempts: list[AttemptOut]


class MessagePage(BaseModel):
    """One page of messages."""

    items: list[MessageOut]
    next_cursor: str | None


class ResolutionIn(BaseModel):
    """What a person found out about a message with an unknown outcome."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["sent", "not_sent"] = Field(alias="as")


class CandidateMessageOut(BaseModel):
    """A message as its candidate sees it in the mini-program."""

    id: str
    kind: str
    title: str
    body: str
    page: str
    at: datetime


class CandidateMessagePage(BaseModel):
    """One page of the candidate's messages."""

    items: list[CandidateMessageOut]
    next_cursor: str | None
