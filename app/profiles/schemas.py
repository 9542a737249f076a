"""What the API takes and gives about a candidate's own profile."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.policies.schemas import Language, TimeZone
from app.resumes.schemas import ResumeFileOut
from app.users.schemas import Email, PersonName

ResumeText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]


class ProfileIn(BaseModel):
    """The whole profile as it shall be. An empty résumé takes it back."""

    model_config = ConfigDict(extra="forbid")

    name: PersonName
    email: Email | None
    language: Language
    time_zone: TimeZone
    resume: ResumeText


class ProfileOut(BaseModel):
    """Who the company knows me as. The phone is the one that was invited: only the company can change it."""

    company: str
    name: str
    phone: str
    email: str | None
    language: str
    time_zone: str
    resume: str
    resume_updated_at: datetime | None
    resume_file: ResumeFileOut | None
    changed_at: datetime | None = Field(description="when I last changed it myself")
