"""What needs somebody of the company, who has seen it, and where it is told outside the product."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id

WEBHOOK_ID = "webhook"


class Alert(TenantModel):
    """One thing that needs a person, whoever of the company that is; ids only, no words of anybody.

    ``kind``: decision (a finished interview), thread (a candidate waits for an answer), appeal, invitation (unfinished
    near its end), potential (a score far above) or opinion (of somebody asked to look). ``level``: normal -> urgent
    (its time is nearly over) -> overdue; each step raises it again (``raised_at``) and clears ``posted_at``, when the
    company's webhook was told. ``resolved_at`` is set by what ended its cause. ``dedupe_key`` makes it once.
    """

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_open", "resolved_at", "raised_at"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(ascii_string(20))
    level: Mapped[str] = mapped_column(ascii_string(10), default="normal")
    dedupe_key: Mapped[str] = mapped_column(ascii_string(80), unique=True)
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), index=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), index=True)
    interview_id: Mapped[str | None] = mapped_column(id_type(), ForeignKey("tenant.interview.id"), index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class AlertSeen(TenantModel):
    """When somebody last looked at an alert; one raised again later is new to them."""

    __tablename__ = "alert_seen"
    __table_args__ = (UniqueConstraint("user_id", "alert_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    alert_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.alert.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class AlertDigest(TenantModel):
    """Somebody's wish for a daily e-mail at ``hour`` on the company's clock, in ``language``."""

    __tablename__ = "alert_digest"

    user_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"), primary_key=True)
    hour: Mapped[int] = mapped_column()
    language: Mapped[str] = mapped_column(ascii_string(16))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    reason: Mapped[str | None] = mapped_column(ascii_string(60), doc="why the last one did not go out")


class AlertWebhook(TenantModel):
    """The company's group robot or own address, at most one. ``format``: wecom, feishu, dingtalk or json.

    The address opens the group to whoever knows it: it and the robot's signing secret are sealed with the company's
    key: {url, secret}.
    """

    __tablename__ = "alert_webhook"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=WEBHOOK_ID)
    format: Mapped[str] = mapped_column(ascii_string(10))
    address: Mapped[bytes] = mapped_column(Sealed())
    language: Mapped[str] = mapped_column(ascii_string(16))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    reason: Mapped[str | None] = mapped_column(ascii_string(60), doc="why the last one did not go out")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
