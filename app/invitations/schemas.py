"""What the API takes and gives about invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.users.schemas import TokensOut

Status = Literal["sent", "bound", "started", "finished", "declined", "cancelled", "expired"]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
TemplateId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


# --- the company's side ---


class InvitationIn(BaseModel):
    """An invitation to be interviewed within a time window."""

    model_config = ConfigDict(extra="forbid")

    candidate_id: str = Field(min_length=1, max_length=32)
    position_id: str = Field(min_length=1, max_length=32)
    window_starts_at: AwareDatetime
    window_ends_at: AwareDatetime
    materials: str = Field(default="", max_length=2000, description="what to prepare")


class InvitationPatch(BaseModel):
    """Another time window."""

    model_config = ConfigDict(extra="forbid")

    window_starts_at: AwareDatetime | None = None
    window_ends_at: AwareDatetime | None = None


class ReasonIn(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class InvitedOut(BaseModel):
    """Who is invited."""

    id: str
    name: str | None = Field(description="null when the candidate's data was erased")
    masked_phone: str | None


class InvitationOut(BaseModel):
    """An invitation as the company sees it. ``link`` and ``mini_program_path`` are for the candidate."""

    id: str
    token: str
    link: str
    mini_program_path: str
    app_id: str
    status: Status
    closing_reason: str | None
    application_id: str
    candidate: InvitedOut
    position_id: str
    position: str
    window_starts_at: datetime
    window_ends_at: datetime
    slot_at: datetime | None
    materials: str
    bound_at: datetime | None
    created_at: datetime


class InvitationPage(BaseModel):
    """One page of invitations."""

    items: list[InvitationOut]
    next_cursor: str | None


# --- the link ---


class ModalityFacts(BaseModel):
    """One modality the candidate is asked about. Without a ``required`` one there is no interview."""

    modality: Literal["recording", "voice", "face"]
    required: bool
    words: str


class PrivacyFacts(BaseModel):
    """What a candidate learns before anything is recorded (C12), in the language of the answer."""

    text_version: str
    language: str
    ai_evaluates: str
    ai_does_not_evaluate: str
    who_decides: str
    face: str
    retention: str
    retention_days: int
    withdrawal: str
    contact: str
    modalities: list[ModalityFacts]


class LinkOut(BaseModel):
    """What an invitation's link tells anybody who holds it: nothing that identifies the candidate."""

    company: str
    position: str
    status: Status
    app_id: str
    mini_program_path: str
    window_starts_at: datetime
    window_ends_at: datetime
    time_zone: str
    materials: str
    masked_phone: str
    masked_email: str | None = Field(description="where a code can go instead; null when there is nowhere")
    official_account: str | None = Field(description="by which WeChat's own browser may say who is there")
    privacy: PrivacyFacts


class CodeQuery(BaseModel):
    """Where the code shall go."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["sms", "email"] = "sms"


class CodeOut(BaseModel):
    """Where a code went, and until when it works. Another may be asked for after ``resend_after_seconds``."""

    sent_to: str
    expires_at: datetime
    resend_after_seconds: int


class BindingIn(BaseModel):
    """The proof of owning the invited phone: our code or WeChat's. Not needed once bound."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")] | None = None
    phone_code: str | None = Field(default=None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if self.code is not None and self.phone_code is not None:
            raise ValueError("give code or phone_code, not both")
        return self


class BindingOut(TokensOut):
    """A candidate's session for one invitation."""

    invitation_id: str


# --- the candidate's side ---


class MyInvitation(BaseModel):
    """An invitation of mine. ``token`` opens it; while it is not ``proven`` to be mine, with a code.

    ``next_step``: prepare (its window opens later), start, go_on (begun), wait (handed in), result (I was told), over.
    """

    id: str
    token: str
    position: str
    status: Status
    window_starts_at: datetime
    window_ends_at: datetime
    slot_at: datetime | None
    next_step: Literal["prepare", "start", "go_on", "wait", "result", "over"]
    proven: bool


class MyCompany(BaseModel):
    """A company that invited me. While it is not ``available`` its invitations cannot be shown."""

    company: str
    available: bool
    invitations: list[MyInvitation]


class MyInvitationOut(BaseModel):
    """An invitation as its candidate sees it."""

    id: str
    company: str
    position: str
    status: Status
    window_starts_at: datetime
    window_ends_at: datetime
    slot_at: datetime | None
    reminders: list[datetime] = Field(description="when we will remind of it, as planned now")
    materials: str
    language: str
    time_zone: str
    responsible_name: str | None = Field(description="who of the company looks after this interview")
    privacy: PrivacyFacts


class SlotIn(BaseModel):
    """The time the candidate books, or null to give it back."""

    model_config = ConfigDict(extra="forbid")

    slot_at: AwareDatetime | None


class SubscriptionsIn(BaseModel):
    """What ``wx.requestSubscribeMessage`` answered. The same ``request_id`` counts once."""

    model_config = ConfigDict(extra="forbid")

    results: dict[TemplateId, Literal["accept", "reject", "ban", "filter"]] = Field(
        min_length=1, max_length=5
    )
    request_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")


class TemplateToAsk(BaseModel):
    """A template to ask for, and what it carries."""

    template_id: str
    purpose: str


class SubscriptionsOut(BaseModel):
    """Templates to ask for at the next tap, and how many messages each may still carry."""

    templates: list[TemplateToAsk]
    remaining: dict[str, int]
