"""What the API takes and gives about reports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class LanguageQuery(BaseModel):
    """The language of a report's words."""

    model_config = ConfigDict(extra="forbid")

    lang: str | None = Field(default=None, max_length=16)


class VersionQuery(LanguageQuery):
    """The version of the position to score by."""

    version: int = Field(ge=1, le=1_000_000)
