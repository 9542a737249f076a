"""Messages to people outside and every attempt to send one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Message(TenantModel):
    """One message to one candidate, over one channel at a time.

    ``kind``: invitation, binding_code, reminder_day, reminder_hour, status, result, survey, reply or
    appeal. ``dedupe_key`` makes it once.
    ``status``: queued -> sending -> sent -> delivered; failed (named ``reason``); uncertain (the call left us and nothing
    came back: never repeated blindly); cancelled; fallen_back (another message, ``fallback_id``, took over).
    ``channel``: wechat, sms, email or in_app. ``content`` is sealed with the candidate's key: {title, body, fields, page}.
    """

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(ascii_string(30))
    channel: Mapped[str] = mapped_column(ascii_string(10))
    status: Mapped[str] = mapped_column(ascii_string(20), default="queued")
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), index=True)
    content: Mapped[bytes] = mapped_column(Sealed())
    dedupe_key: Mapped[str] = mapped_column(ascii_string(120), unique=True)
    fallback_id: Mapped[str | None] = mapped_column(id_type())
    due_at: Mapped[datetime] = mapped_column(UtcDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class MessageAttempt(TenantModel):
    """One call to the outside, stored before it is made; an attempt with no ``outcome`` is an unknown one.

    ``outcome``: sent, refused (certainly not sent), uncertain.
    """

    __tablename__ = "message_attempt"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.message.id"), index=True)
    channel: Mapped[str] = mapped_column(ascii_string(10))
    outcome: Mapped[str | None] = mapped_column(ascii_string(20))
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    outside_id: Mapped[str | None] = mapped_column(ascii_string(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
