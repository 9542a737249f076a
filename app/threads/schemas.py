"""What the API takes and gives about threads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Fact = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
ThreadStatus = Literal["waiting", "answered"]
MOST_AT_ONCE = 4


class ProblemContext(BaseModel):
    """Where a candidate stood when the problem came: facts the client knows, all of them optional."""

    model_config = ConfigDict(extra="forbid")

    page: Fact | None = Field(default=None, description="the page that was open")
    question_id: Fact | None = None
    device: Fact | None = Field(default=None, description="model and system of the phone")
    network: Fact | None = Field(default=None, description="wifi, 4g, none, ...")
    error: Fact | None = Field(default=None, description="the code of the last error shown")


PictureIds = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=32)]], Field(max_length=MOST_AT_ONCE)
]


class ProblemIn(BaseModel):
    """What a candidate says, perhaps with pictures that were sent before."""

    model_config = ConfigDict(extra="forbid")

    body: Body
    context: ProblemContext | None = None
    pictures: PictureIds = Field(default_factory=list)


class ReplyIn(BaseModel):
    """What the company answers, perhaps with pictures that were sent before."""

    model_config = ConfigDict(extra="forbid")

    body: Body
    pictures: PictureIds = Field(default_factory=list)


class PictureOut(BaseModel):
    """A picture; ``url`` works for minutes, without a header."""

    id: str
    url: str
    width: int
    height: int


class PostOut(BaseModel):
    """Words in a thread. ``context`` is shown to the company only."""

    id: str
    author: Literal["candidate", "company"]
    author_name: str
    body: str
    context: ProblemContext | None = None
    pictures: list[PictureOut] = Field(default_factory=list)
    created_at: datetime


class PostsOut(BaseModel):
    """A whole thread, oldest first; empty and without status before anybody wrote.

    The names of who and what it is about are given to the company only.
    """

    invitation_id: str
    candidate_name: str | None = None
    position_title: str | None = None
    interview_id: str | None = None
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
