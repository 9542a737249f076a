"""Invitations and the one-time codes that bind a person to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Invitation(TenantModel):
    """The offer to be interviewed within a time window.

    ``status``: sent -> bound -> started -> finished, or declined | cancelled | expired before finished.
    ``token`` is the link: the tenant's six-character link key, then 22 random characters (fits a mini-program scene).
    ``slot_at`` is the time the candidate booked; reminders count from it, else from the window's end. ``voice_allowed``:
    a person of the company said that no camera is needed, whatever the rubric asks.
    """

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.application.id"), index=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), index=True)
    token: Mapped[str] = mapped_column(ascii_string(32), unique=True)
    app_id: Mapped[str] = mapped_column(ascii_string(64), doc="the mini-program that will open it")
    window_starts_at: Mapped[datetime] = mapped_column(UtcDateTime())
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime())
    slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    materials: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(ascii_string(20), default="sent")
    closing_reason: Mapped[bytes | None] = mapped_column(Sealed(), doc="sealed with the candidate's key")
    identity_id: Mapped[str | None] = mapped_column(
        id_type(), doc="the bound WeChat identity (control plane)"
    )
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    voice_allowed: Mapped[bool] = mapped_column(default=False, server_default=false())
    responsible_id: Mapped[str | None] = mapped_column(
        id_type(), doc="who answers for it, when not ``created_by``"
    )
    created_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class BindingCode(TenantModel):
    """A six-digit code for one visitor, by ``channel`` sms or email. Hashed, ten minutes, five tries, once."""

    __tablename__ = "binding_code"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), index=True)
    identity_id: Mapped[str] = mapped_column(id_type())
    channel: Mapped[str] = mapped_column(ascii_string(10), default="sms")
    code_hash: Mapped[str] = mapped_column(ascii_string(64))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
