"""What the API takes and gives about candidates."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.policies.schemas import Language, TimeZone
from app.users.schemas import Email, PersonName


class CandidateIn(BaseModel):
    """A candidate. A phone number without a country code is a mainland mobile number."""

    model_config = ConfigDict(extra="forbid")

    name: PersonName
    phone: str = Field(min_length=1, max_length=40)
    email: Email | None = None
    language: Language | None = Field(default=None, description="the company's language when left out")
    time_zone: TimeZone | None = Field(default=None, description="the company's time zone when left out")


class CandidateOut(BaseModel):
    """A candidate. Only owners and recruiters see the whole phone number and the e-mail address."""

    id: str
    name: str | None = Field(
        description="null when the candidate's data was erased, or is not the caller's to see"
    )
    phone: str | None
    email: str | None
    language: str
    time_zone: str
    given_name: str | None = Field(
        description="the name as the company gave it, when the candidate changed it"
    )
    changed_at: datetime | None = Field(description="when the candidate last changed the profile or résumé")
    created_at: datetime


class CandidatePage(BaseModel):
    """One page of candidates."""

    items: list[CandidateOut]
    next_cursor: str | None
