"""What the API takes and gives about interviews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.recordings.schemas import SegmentOut

Modality = Literal["recording", "voice", "face"]
Medium = Literal["video", "voice", "text"]
WrittenText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class ConsentIn(BaseModel):
    """A statement about one modality; ``granted`` false withdraws. ``text_version`` names the words that were shown."""

    model_config = ConfigDict(extra="forbid")

    modality: Modality
    granted: bool
    text_version: str = Field(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")


class ConsentOut(BaseModel):
    """One recorded statement."""

    id: str
    modality: str
    granted: bool
    text_version: str
    language: str
    words: str | None = Field(
        description="what was agreed to; null for a refusal, or when it was not kept yet"
    )
    created_at: datetime


class ConsentsOut(BaseModel):
    """What is agreed to now, and how it came to be (oldest first)."""

    granted: dict[str, bool]
    history: list[ConsentOut]


class TakeIn(BaseModel):
    """A new attempt at an answer; a written one brings its words.

    ``begun_at``: when the candidate began it. With it, an answer begun before the window's end is taken in until
    ``late_until``. ``instead``: it is to replace what another device handed in meanwhile.
    """

    model_config = ConfigDict(extra="forbid")

    medium: Medium
    text: WrittenText | None = None
    begun_at: AwareDatetime | None = None
    instead: bool = False


class SegmentPlace(BaseModel):
    """Where a segment begins on the take's timeline by the client's clock, in milliseconds."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=0, le=9999)
    starts_at_ms: int = Field(default=0, ge=0, le=86_400_000)


class TimeAway(BaseModel):
    """When the page was out of sight, in milliseconds on the take's timeline (a written answer's begins with the take)."""

    model_config = ConfigDict(extra="forbid")

    start_ms: int = Field(ge=0, le=86_400_000)
    end_ms: int = Field(ge=0, le=86_400_000)

    @model_validator(mode="after")
    def _lasts(self) -> TimeAway:
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must be after start_ms")
        return self


class SubmissionIn(BaseModel):
    """The segments that make up the take. Unfinished uploads it does not name are left behind; null means all of them.

    ``left_page``: a client that watches it says when the page was out of sight, ``[]`` for never; null says nothing.
    ``instead``: it is to replace what another device handed in meanwhile.
    """

    model_config = ConfigDict(extra="forbid")

    segments: list[SegmentPlace] | None = Field(default=None, min_length=1, max_length=500)
    left_page: list[TimeAway] | None = Field(default=None, max_length=200)
    instead: bool = False


class TakeOut(BaseModel):
    """One attempt. ``status``: recording, submitted, analysed, unusable (with ``reason``) or discarded.

    ``elsewhere``: it was begun on another device than the one that asks (see the header ``Device-Id``).
    """

    id: str
    question_id: str
    number: int
    medium: str
    status: str
    reason: str | None
    created_at: datetime
    submitted_at: datetime | None
    elsewhere: bool
    segments: list[SegmentOut]


class AnswerOut(BaseModel):
    """How far one answer is. ``status``: open, recording, submitted, analysed or unusable; ``takes_left`` with retakes.

    ``advice`` says in words why a recording cannot be used and what to do. ``late``: handed in after the window's end.
    ``reopened``: the company gave the attempts back; the answer stands until another one is handed in.
    """

    status: str
    reason: str | None
    advice: str | None
    take_id: str | None
    submitted_at: datetime | None
    late: bool
    reopened: bool
    takes_left: int
    takes: list[TakeOut]


class QuestionOut(BaseModel):
    """A question with its limits and the candidate's own answer.

    ``warm_up``: an icebreaker that may be skipped, is never analysed and never scored.
    """

    id: str
    text: str
    plainer_text: str | None
    media: list[Medium]
    think_seconds: int
    max_seconds: int
    retakes: int
    scored: bool
    warm_up: bool
    answer: AnswerOut


class CandidateInterviewOut(BaseModel):
    """The interview as the candidate sees it. ``answered`` leaves a warm-up out.

    ``late_until``: what was begun before ``window_ends_at`` is still taken in until then.
    """

    id: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    window_ends_at: datetime
    late_until: datetime
    answered: int
    questions: list[QuestionOut]


class InterviewOut(BaseModel):
    """An interview in HR's list."""

    id: str
    invitation_id: str
    application_id: str
    candidate_id: str
    candidate_name: str | None
    position_id: str
    position_title: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    scored_at: datetime | None


class InterviewPage(BaseModel):
    """One page of interviews."""

    items: list[InterviewOut]
    next_cursor: str | None


class InterviewDetailOut(InterviewOut):
    """An interview with its questions, answers, takes and segments."""

    questions: list[QuestionOut]
