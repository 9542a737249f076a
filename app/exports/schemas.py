"""What the API takes and gives about a candidate's own data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ExportOut(BaseModel):
    """Everything one company keeps about a candidate."""

    company: str
    made_at: datetime
    profile: dict[str, Any]
    invitations: list[dict[str, Any]] = Field(
        description="each with its consents, its thread and its interview: takes with recordings, texts and what was "
        "measured in them, score, what people rated, to whom it was shown, decision, survey, appeal"
    )
    background_checks: list[dict[str, Any]]
    resumes: list[dict[str, Any]] = Field(
        description="each as the company has it, and the facts read from it"
    )
    messages: list[dict[str, Any]]


class ErasureIn(BaseModel):
    """Somebody means it."""

    model_config = ConfigDict(extra="forbid")

    confirm: Literal[True] = Field(description="it cannot be undone")
