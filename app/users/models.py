"""People of the tenant who sign in, and the refresh tokens of everybody who may renew a session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class User(TenantModel):
    """Somebody who works for the tenant. ``role``: owner, recruiter, interviewer or lead."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(ascii_string(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(ascii_string(20), default="active")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class UserPhone(TenantModel):
    """The one WeChat identity (control plane) that a user signs in with; one identity is one user of a company."""

    __tablename__ = "user_phone"

    user_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"), primary_key=True)
    identity_id: Mapped[str] = mapped_column(id_type(), unique=True)
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class PhoneCode(TenantModel):
    """A one-time code that lets a user's phone in: a keyed hash, ten minutes, one use; a newer one ends it."""

    __tablename__ = "phone_code"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(ascii_string(64), unique=True)
    made_by: Mapped[str] = mapped_column(id_type())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class RefreshToken(TenantModel):
    """One link of a chain of refresh tokens. Using a link twice revokes the whole ``family``.

    ``successor_id``: the one link that followed when this one was used.
    """

    __tablename__ = "refresh_token"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, doc="the token's jti")
    family: Mapped[str] = mapped_column(id_type(), index=True)
    subject: Mapped[str] = mapped_column(id_type(), index=True)
    claims: Mapped[dict[str, Any]] = mapped_column(Json())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    successor_id: Mapped[str | None] = mapped_column(id_type())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
