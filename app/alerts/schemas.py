"""What the API takes and gives about alerts and where they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.policies.schemas import Language

AlertKind = Literal["decision", "thread", "appeal", "invitation", "potential", "opinion"]
AlertLevel = Literal["normal", "urgent", "overdue"]
AlertState = Literal["open", "resolved", "all"]
WebhookFormat = Literal["wecom", "feishu", "dingtalk", "json"]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class AlertOut(BaseModel):
    """Something that needs somebody: what, about whom, by when."""

    id: str
    kind: AlertKind
    level: AlertLevel
    title: str = Field(description="what it is, in the caller's language")
    candidate_id: str
    candidate_name: str | None = Field(description="null once their data was erased")
    position_id: str
    position_title: str
    invitation_id: str
    interview_id: str | None
    due_at: datetime | None
    raised_at: datetime
    resolved_at: datetime | None
    seen: bool
    shortlisted: str | None = Field(description="why the position's rule marks the candidate, or null")


class AlertCountsOut(BaseModel):
    """What a badge says about open alerts; ``pressing`` are urgent or overdue."""

    open: int
    unseen: int
    pressing: int
    overdue: int
    by_kind: dict[str, int]


class AlertPage(BaseModel):
    """One page of alerts, raised last first."""

    items: list[AlertOut]
    next_cursor: str | None
    counts: AlertCountsOut


class SeenIn(BaseModel):
    """Alerts that the caller has looked at."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] = Field(min_length=1, max_length=100)


class DigestIn(BaseModel):
    """Whether a daily e-mail tells what waits; ``hour`` is on the company's clock."""

    model_config = ConfigDict(extra="forbid")

    digest: Literal["off", "daily"]
    hour: int = Field(default=9, ge=0, le=23)
    language: Language | None = None


class DigestOut(BaseModel):
    """Somebody's digest, when the last one went out, and why it did not."""

    digest: Literal["off", "daily"]
    hour: int
    language: str
    time_zone: str
    email: str
    possible: bool = Field(description="whether this installation can send e-mail")
    sent_at: datetime | None
    reason: str | None


class WebhookIn(BaseModel):
    """A group robot of WeCom, Feishu or DingTalk, or an address of one's own that takes JSON."""

    model_config = ConfigDict(extra="forbid")

    format: WebhookFormat
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000)]
    secret: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        default="", description="the robot's signing secret, where it has one"
    )
    language: Language | None = None


class WebhookOut(BaseModel):
    """The company's webhook. Its address is shown by its host only: whoever knows it can write to the group."""

    configured: bool
    format: WebhookFormat | None
    host: str | None
    signed: bool
    language: str | None
    sent_at: datetime | None
    reason: str | None
