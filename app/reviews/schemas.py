"""What the API takes and gives about reviews and comments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Recommendation = Literal["strong_yes", "yes", "no", "strong_no"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class RatingIn(BaseModel):
    """One competency of the interview's rubric, rated by a person."""

    model_config = ConfigDict(extra="forbid")

    competency: str = Field(min_length=1, max_length=64)
    score: int = Field(ge=0, le=10)
    note: Note = ""


class ReviewIn(BaseModel):
    """One person's review: a recommendation and, competency by competency, what they saw."""

    model_config = ConfigDict(extra="forbid")

    recommendation: Recommendation
    summary: Note = ""
    ratings: list[RatingIn] = Field(default_factory=list, max_length=30)


class RatingOut(BaseModel):
    """A rated competency."""

    competency: str
    name: str
    score: int
    note: str


class ReviewVersionOut(BaseModel):
    """A review as it was at some time."""

    number: int
    recommendation: Recommendation
    recommendation_words: str
    summary: str
    ratings: list[RatingOut]
    created_at: datetime


class ReviewOut(ReviewVersionOut):
    """A review as it counts, with what it was before (oldest first)."""

    reviewer_id: str
    reviewer_name: str
    earlier: list[ReviewVersionOut]


class AnchorOut(BaseModel):
    """What an answer at this score is like."""

    score: int
    text: str


class CriterionOut(BaseModel):
    """A competency to be rated, with its anchors."""

    key: str
    name: str
    anchors: list[AnchorOut]


class ReviewsOut(BaseModel):
    """Everybody's reviews of an interview, as far as the caller may see them now."""

    interview_id: str
    criteria: list[CriterionOut]
    own: ReviewOut | None
    others: list[ReviewOut]
    hidden: int = Field(description="reviews of others that show once one's own is in")
    blind: bool = Field(description="whether the company hides others' reviews until one's own is in")
    open: bool = Field(description="false once the interview is decided: nobody reviews any more")


class CommentIn(BaseModel):
    """A remark; with ``take_id`` and ``at_ms`` on a moment of a recording."""

    model_config = ConfigDict(extra="forbid")

    body: Body
    take_id: str | None = Field(default=None, max_length=32)
    at_ms: int | None = Field(default=None, ge=0, le=86_400_000)


class CommentOut(BaseModel):
    """A remark of a colleague."""

    id: str
    author_name: str
    own: bool
    body: str
    take_id: str | None
    at_ms: int | None
    created_at: datetime


class CommentsOut(BaseModel):
    """The remarks on an interview, oldest first."""

    interview_id: str
    comments: list[CommentOut]
    hidden: int = Field(description="remarks of others that show once one's own review is in")
