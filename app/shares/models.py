"""Shares: one interview shown to one person outside the hiring team, by a link that expires (H1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Share(TenantModel):
    """A link to one interview for the owner of one phone; opened by the WeChat identity that proves it first.

    ``token`` is the link, made as an invitation's. ``person`` and ``opinion`` are sealed with the candidate's key: {name,
    phone, note} and {words}. ``recommendation``: yes or no, once answered. ``code_...`` is the one code on its way.
    """

    __tablename__ = "share"
    __table_args__ = (Index("ix_share_interview_id", "interview_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"))
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    token: Mapped[str] = mapped_column(ascii_string(32), unique=True)
    person: Mapped[bytes] = mapped_column(Sealed())
    created_by: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    identity_id: Mapped[str | None] = mapped_column(id_type(), doc="the WeChat identity that opened it")
    recommendation: Mapped[str | None] = mapped_column(ascii_string(20))
    opinion: Mapped[bytes | None] = mapped_column(Sealed())
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    code_id: Mapped[str | None] = mapped_column(id_type())
    code_hash: Mapped[str | None] = mapped_column(ascii_string(64))
    code_visitor: Mapped[str | None] = mapped_column(id_type())
    code_tries: Mapped[int] = mapped_column(default=0)
    code_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    codes_sent: Mapped[int] = mapped_column(default=0)
