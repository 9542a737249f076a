"""What the API takes and gives about the platform."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.policies.schemas import PolicyPatch
from app.users.passwords import MAX_PASSWORD_LENGTH
from app.users.schemas import Email, NewPassword, PersonName

TenantName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
# What a message of ours can say, and WeChat's field types (its page on sending subscribe messages), numbered.
OurField = Literal["name", "company", "position", "time", "status", "note"]
_TYPES = "thing|number|letter|symbol|character_string|time|date|amount|phone_number|car_number|name|phrase"
TemplateField = Annotated[str, StringConstraints(pattern=rf"^({_TYPES})\d{{1,3}}$")]


class OperatorSignInIn(BaseModel):
    """An operator's credentials."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=MAX_PASSWORD_LENGTH)


class OperatorSessionOut(BaseModel):
    """An operator's access token; there is no refresh."""

    access_token: str
    expires_in: int


class OwnerIn(BaseModel):
    """A company's first owner."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    name: PersonName
    password: NewPassword


class TenantIn(BaseModel):
    """A new company."""

    model_config = ConfigDict(extra="forbid")

    slug: str = Field(max_length=40)
    name: TenantName
    owner: OwnerIn
    policy: PolicyPatch | None = None


class TenantPatch(BaseModel):
    """Suspend or resume."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["active", "suspended"]


class TenantOut(BaseModel):
    """A company of the platform. ``problem`` is the reason of a failed provisioning or upgrade."""

    id: str
    slug: str
    name: str
    status: str
    revision: str | None
    problem: str | None
    created_at: datetime


class NewTenantOut(BaseModel):
    """A company that was just made."""

    id: str
    slug: str
    name: str
    status: str
    owner_id: str


class TenantPage(BaseModel):
    """One page of companies."""

    items: list[TenantOut]
    next_cursor: str | None


class WeChatAppIn(BaseModel):
    """A mini-program, or the official account by which WeChat's own browser says who is there.

    Without ``tenant_id`` every company may use it; secrets are never given back.
    """

    model_config = ConfigDict(extra="forbid")

    secret: str = Field(min_length=1, max_length=128)
    kind: Literal["mini_program", "official_account"] = "mini_program"
    name: str = Field(min_length=1, max_length=60)
    tenant_id: str | None = Field(default=None, max_length=32)
    push_token: str | None = Field(default=None, min_length=3, max_length=32)
    push_aes_key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{43}$")

    @model_validator(mode="after")
    def _push_is_whole(self) -> Self:
        if (self.push_token is None) != (self.push_aes_key is None):
            raise ValueError("push_token and push_aes_key go together")
        return self


class WeChatAppOut(BaseModel):
    """A mini-program, without its secrets. ``consent_source`` says who counts subscriptions: client or event."""

    app_id: str
    kind: Literal["mini_program", "official_account"]
    name: str
    tenant_id: str | None
    consent_source: Literal["client", "event"]


class TemplateIn(BaseModel):
    """Which template carries a purpose; ``fields`` maps our fields to WeChat's (``position`` -> ``thing1``)."""

    model_config = ConfigDict(extra="forbid")

    template_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    fields: dict[OurField, TemplateField] = Field(min_length=1)


class TemplateOut(BaseModel):
    """A template of a mini-program."""

    template_id: str
    purpose: str
    fields: dict[str, str]
    status: str
