"""What the API takes and gives about shortlists."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CheckStatus = Literal["pending", "passed", "not_passed"]


class ShortlistRuleIn(BaseModel):
    """From how many points of 10 on, and whether the background check has to be passed."""

    model_config = ConfigDict(extra="forbid")

    min_score: float = Field(ge=0, le=10)
    needs_background_check: bool


class ShortlistRuleOut(BaseModel):
    """A position's rule; without one nobody is marked. It marks and never rejects."""

    position_id: str
    min_score: str | None = Field(description="points of 10 such as 8.00; null without a rule")
    needs_background_check: bool
    words: str | None = Field(description="the rule in the caller's language")
    set_by_name: str | None
    set_at: datetime | None


class BackgroundCheckIn(BaseModel):
    """What came of the background check."""

    model_config = ConfigDict(extra="forbid")

    status: CheckStatus


class BackgroundCheckOut(BaseModel):
    """What was recorded about the background check of an application, by whom; pending while nobody recorded anything."""

    interview_id: str
    status: CheckStatus
    recorded_by_name: str | None
    recorded_at: datetime | None
    shortlisted: str | None = Field(description="why the position's rule marks the candidate, or null")
