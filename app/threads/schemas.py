"""What the API takes and gives about threads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Fact = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
ThreadStatus = Literal["waiting", "answered"]


class ProblemContext(BaseModel):
    """Where a candidate stood when the problem came: facts the client knows, all of them optional."""

    model_config = ConfigDict(extra="forbid")

    page: Fact | None = Field(default=None, description="the page that was open")
    question_id: Fact | None = None
    device: Fact | None = Field(default=None, description="model and system of the phone")
    network: Fact | None = Field(default=None, description="wifi, 4g, none, ...")
    error: Fact | None = Field(default=None, description="the code of the last error shown")


class ProblemIn(BaseModel):
    """What a candidate says."""

    model_config = ConfigDict(extra="forbid")

    body: Body
    context: ProblemContext | None = None


class ReplyIn(BaseModel):
    """What the company answers."""

    model_config = ConfigDict(extra="forbid")

    body: Body


class PostOut(BaseModel):
    """Words in a thread. ``context`` is shown to the company only."""

    id: str
    author: Literal["candidate", "company"]
    author_name: str
    body: str
    context: ProblemContext | None = None
    created_at: datetime


class PostsOut(BaseModel):
    """A whole thread, oldest first; empty and without status before anybody wrote."""

    invitation_id: str
    status: ThreadStatus | None
    posts: list[PostOut]


class ThreadOut(BaseModel):
    """A thread in the company's list."""

    id: str
    invitation_id: str
    candidate_id: str
    candidate_name: str
    position_title: str
    status: ThreadStatus
    waiting_since: datetime | None
    last_words: str


class ThreadsOut(BaseModel):
    """A page of threads."""

    items: list[ThreadOut]
    next_cursor: str | None
    waiting: int = Field(description="how many wait for the company in all")
