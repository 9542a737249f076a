"""What the API takes and gives about positions."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.scoring.rubric import Rubric


class PositionIn(BaseModel):
    """A new position with its first rubric."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=20000)
    rubric: Rubric


class RubricIn(BaseModel):
    """The next version of a position's rubric."""

    model_config = ConfigDict(extra="forbid")

    rubric: Rubric


class PositionOut(BaseModel):
    """A position with the rubric that new interviews start with."""

    id: str
    title: str
    description: str
    status: str
    version: int
    rubric: Rubric
    rubric_hash: str
    created_at: datetime


class PositionPage(BaseModel):
    """One page of positions."""

    items: list[PositionOut]
    next_cursor: str | None
