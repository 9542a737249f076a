"""What the API takes and gives about people of a company and their sessions."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from app.users.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH

UserRole = Literal["owner", "recruiter", "interviewer", "lead"]
UserStatus = Literal["active", "disabled"]
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # Persian and Indian names are written with them


def _one_line(name: str) -> str:
    """A name stands in messages and headings: no line breaks, no invisible control or direction marks."""
    if any(unicodedata.category(mark) in _INVISIBLE and mark not in _JOINERS for mark in name):
        raise ValueError("a name has no control characters")
    return name


PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_one_line)
]
NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)]


class SignInIn(BaseModel):
    """Who wants to sign in. Anything wrong gives the same answer."""

    model_config = ConfigDict(extra="forbid")

    company: str = Field(min_length=1, max_length=40, description="the company's code")
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=MAX_PASSWORD_LENGTH)


class RefreshIn(BaseModel):
    """A refresh token, to be exchanged once."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(min_length=1, max_length=4000)


class TokensOut(BaseModel):
    """A pair of tokens. ``expires_in`` counts the seconds of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int


class CompanyOut(BaseModel):
    """The company one is signed in to."""

    id: str
    slug: str
    name: str


class SessionOut(TokensOut):
    """A new session of a person of the company."""

    role: UserRole
    name: str
    tenant: CompanyOut


class UserIn(BaseModel):
    """A new person of the company."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    name: PersonName
    role: UserRole
    password: NewPassword


class UserPatch(BaseModel):
    """What may change; any of it ends the person's sessions. ``password`` replaces a forgotten one."""

    model_config = ConfigDict(extra="forbid")

    role: UserRole | None = None
    status: UserStatus | None = None
    password: NewPassword | None = None


class PasswordIn(BaseModel):
    """One's own new password."""

    model_config = ConfigDict(extra="forbid")

    current_password: str = Field(min_length=1, max_length=MAX_PASSWORD_LENGTH)
    new_password: NewPassword


class UserOut(BaseModel):
    """A person of the company. ``phone_bound_at``: since when they sign in with their WeChat."""

    id: str
    email: str
    name: str
    role: UserRole
    status: UserStatus
    phone_bound_at: datetime | None = None
    created_at: datetime


class CodeIn(BaseModel):
    """A one-time code, with the company's code."""

    model_config = ConfigDict(extra="forbid")

    company: str = Field(min_length=1, max_length=40, description="the company's code")
    code: str = Field(min_length=1, max_length=20)


class MakeCodeIn(BaseModel):
    """One's password, asked again before a phone is let in."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=MAX_PASSWORD_LENGTH)


class CodeOut(BaseModel):
    """A one-time code, shown once. It is entered on the phone together with the company's code."""

    code: str
    company: str
    expires_at: datetime


class PhoneOut(BaseModel):
    """Whether my WeChat is bound to my account, and since when."""

    bound_at: datetime | None


class WorkplaceOut(BaseModel):
    """A company where this WeChat is somebody; ``problem`` says what stands in the way of signing in now."""

    tenant: CompanyOut
    name: str | None
    role: UserRole | None
    problem: str | None
    problem_words: str | None


class WorkplacesOut(BaseModel):
    """The companies where this WeChat is somebody."""

    companies: list[WorkplaceOut]


class WorkplaceIn(BaseModel):
    """The company to sign in to."""

    model_config = ConfigDict(extra="forbid")

    tenant_id: str = Field(min_length=1, max_length=32)


class ColleagueOut(BaseModel):
    """A colleague who can sign in, to be chosen from."""

    id: str
    name: str
    role: UserRole


class ColleaguePage(BaseModel):
    """One page of colleagues."""

    items: list[ColleagueOut]
    next_cursor: str | None


class MeOut(UserOut):
    """Who is signed in, and where."""

    tenant: CompanyOut


class UserPage(BaseModel):
    """One page of people."""

    items: list[UserOut]
    next_cursor: str | None
