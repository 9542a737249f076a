"""What the API takes and gives about people as WeChat knows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class WeChatSignInIn(BaseModel):
    """What ``wx.login`` gave inside one mini-program. A code works once, for five minutes."""

    model_config = ConfigDict(extra="forbid")

    app_id: str = Field(min_length=1, max_length=64)
    code: str = Field(min_length=1, max_length=128)


class VisitorOut(BaseModel):
    """A short access token that knows the person's WeChat identity and no company yet."""

    access_token: str
    expires_in: int


class MyInvitation(BaseModel):
    """An invitation of mine. ``token`` opens it."""

    id: str
    token: str
    position: str
    status: str
    window_starts_at: datetime
    window_ends_at: datetime
    slot_at: datetime | None


class MyCompany(BaseModel):
    """A company that invited me. While it is not ``available`` its invitations cannot be shown."""

    company: str
    available: bool
    invitations: list[MyInvitation]


class MyInvitations(BaseModel):
    """My invitations across companies."""

    companies: list[MyCompany]
