"""What the API takes and gives about positions."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.scoring.rubric import Rubric
from app.users.schemas import UserRole, UserStatus


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
    restricted: bool = Field(description="of the recruiters only its members see it")
    version: int
    rubric: Rubric
    rubric_hash: str
    created_at: datetime


class MemberOut(BaseModel):
    """Somebody who was let see a position."""

    user_id: str
    name: str
    role: UserRole
    status: UserStatus
    since: datetime


class MembersOut(BaseModel):
    """Who sees a position, beside the owners and, unless it is ``restricted``, every recruiter."""

    position_id: str
    restricted: bool
    members: list[MemberOut]


class AccessIn(BaseModel):
    """Whether recruiters have to be members to see the position."""

    model_config = ConfigDict(extra="forbid")

    restricted: bool


class PositionPage(BaseModel):
    """One page of positions."""

    items: list[PositionOut]
    next_cursor: str | None
