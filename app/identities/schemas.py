"""What the API takes and gives about people as WeChat knows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.invitations.schemas import MyCompany


class WeChatSignInIn(BaseModel):
    """What ``wx.login`` gave inside one mini-program. A code works once, for five minutes."""

    model_config = ConfigDict(extra="forbid")

    app_id: str = Field(min_length=1, max_length=64)
    code: str = Field(min_length=1, max_length=128)


class AuthorizationIn(BaseModel):
    """The link that WeChat's browser holds; none on the page of all my interviews."""

    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(default=None, max_length=64)


class AuthorizationOut(BaseModel):
    """Where WeChat says who is there. It comes back to the product's own pages."""

    address: str


class VisitorOut(BaseModel):
    """A short access token that knows the person's WeChat identity and no company yet."""

    access_token: str
    expires_in: int


class MyInvitations(BaseModel):
    """My invitations across companies."""

    companies: list[MyCompany]
