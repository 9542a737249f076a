"""What the API takes and gives about shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.interviews.schemas import QuestionOut
from app.users.schemas import TokensOut

Opinion = Literal["yes", "no"]
ShareStatus = Literal["sent", "opened", "answered", "expired", "revoked"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


# --- the company's side ---


class ShareIn(BaseModel):
    """Whom to show an interview to, and for how long."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    phone: str = Field(min_length=1, max_length=32, description="who proves this phone may open the link")
    days: int = Field(default=7, ge=1, le=30)
    note: Words = Field(default="", description="what to look at, told to the reader")


class ShareOut(BaseModel):
    """A share as the company sees it. ``link`` is to be forwarded; it opens for the owner of the phone only.

    Where reviews are blind, what was answered is empty until one's own review is in.
    """

    id: str
    interview_id: str
    name: str
    masked_phone: str
    note: str
    status: ShareStatus
    link: str
    mini_program_path: str
    shared_by_name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None
    recommendation: Opinion | None
    recommendation_words: str | None
    words: str
    answered_at: datetime | None


class SharePage(BaseModel):
    """One page of shares."""

    items: list[ShareOut]
    next_cursor: str | None


class OpinionOut(BaseModel):
    """What somebody thinks whom the interview was shared with."""

    share_id: str
    name: str
    recommendation: Opinion
    recommendation_words: str
    words: str
    answered_at: datetime


class OpinionsOut(BaseModel):
    """The opinions on an interview; ``hidden`` of them show once one's own review is in."""

    interview_id: str
    opinions: list[OpinionOut]
    hidden: int


# --- the link ---


class ShareLinkOut(BaseModel):
    """What a link says to whoever holds it: nothing of the candidate."""

    company: str
    position: str
    shared_by_name: str
    masked_phone: str
    app_id: str
    expires_at: datetime


class ProofIn(BaseModel):
    """The proof that the visitor owns the phone; none is needed by whoever opened it before in WeChat."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    phone_code: str | None = Field(default=None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.code is not None and self.phone_code is not None:
            raise ValueError("give code or phone_code, not both")
        return self


class ShareCodeOut(BaseModel):
    """Where a code went."""

    sent_to: str
    expires_at: datetime
    resend_after_seconds: int


class ShareSessionOut(TokensOut):
    """A session that sees one interview and nothing else."""

    share_id: str


# --- the reader's side ---


class OwnOpinionOut(BaseModel):
    """What the reader answered."""

    recommendation: Opinion
    words: str
    answered_at: datetime


class SharedOut(BaseModel):
    """The interview as its reader sees it."""

    interview_id: str
    company: str
    position: str
    candidate_name: str
    reader_name: str
    shared_by_name: str
    note: str
    expires_at: datetime
    finished_at: datetime | None
    decided: bool
    questions: list[QuestionOut]
    opinion: OwnOpinionOut | None


class OpinionIn(BaseModel):
    """What the reader thinks, with a word why."""

    model_config = ConfigDict(extra="forbid")

    recommendation: Opinion
    words: Words = ""
