"""What the API takes and gives about contingencies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Kind = Literal["backup_link", "voice", "delay", "reset", "extend", "hand_over", "cancel"]


class BackupLinkIn(BaseModel):
    """A fresh link to the same interview, for a browser."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["backup_link"]


class VoiceIn(BaseModel):
    """Voice is enough for this interview: no camera is needed."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["voice"]


class DelayIn(BaseModel):
    """The booked time moves on; the window's end follows when it has to."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["delay"]
    minutes: int = Field(ge=5, le=24 * 60)


class ResetIn(BaseModel):
    """One question may be answered anew, with all its attempts; what was recorded is kept."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["reset"]
    question_id: str = Field(min_length=1, max_length=64)


class ExtendIn(BaseModel):
    """The window ends later, counted from now where it is over already."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["extend"]
    hours: int = Field(ge=1, le=24 * 14)


class HandOverIn(BaseModel):
    """Another person of the company is responsible for this interview, and named to the candidate."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["hand_over"]
    user_id: str = Field(min_length=1, max_length=32)


class CancelIn(BaseModel):
    """The invitation is taken back; the candidate reads why."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: Literal["cancel"]
    reason: str = Field(min_length=1, max_length=200)


class HelpIn(
    RootModel[
        Annotated[
            BackupLinkIn | VoiceIn | DelayIn | ResetIn | ExtendIn | HandOverIn | CancelIn,
            Field(discriminator="kind"),
        ]
    ]
):
    """One help for a candidate who is stuck."""


class HelpAction(BaseModel):
    """A help that can be given now, or why it makes no sense."""

    kind: Kind
    possible: bool
    why_not: str | None = Field(description="in words, where it is not possible")


class GivenHelp(BaseModel):
    """A help that was given."""

    id: str
    kind: Kind
    detail: dict[str, Any]
    words: str = Field(description="what the candidate was told, in the caller's language")
    made_by_name: str
    created_at: datetime


class HelpQuestion(BaseModel):
    """A question that could be reset, and how often it may still be recorded."""

    id: str
    text: str
    takes: int
    takes_left: int


class Colleague(BaseModel):
    """Somebody who could take over."""

    id: str
    name: str
    role: str


class HelpOut(BaseModel):
    """Where the candidate stands, what can be done for them and what was done."""

    invitation_id: str
    candidate_name: str
    position_title: str
    status: str
    window_ends_at: datetime
    slot_at: datetime | None
    voice_allowed: bool
    responsible_id: str
    responsible_name: str
    backup_link: str | None
    actions: list[HelpAction]
    questions: list[HelpQuestion]
    colleagues: list[Colleague]
    viewers: list[Colleague] = Field(description="who sees this one because it was handed over to them")
    given: list[GivenHelp]
