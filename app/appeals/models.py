"""Appeals: a candidate asks for a human review, a named person answers in time (C13)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Appeal(TenantModel):
    """The one appeal of an interview. ``status``: open -> answered. ``outcome``: confirmed or revised.

    ``due_at`` is when the answer is due. ``reason`` and ``answer`` are sealed with the candidate's key: {body}.
    """

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_due", "status", "due_at"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"), unique=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    status: Mapped[str] = mapped_column(ascii_string(20), default="open")
    reason: Mapped[bytes] = mapped_column(Sealed())
    outcome: Mapped[str | None] = mapped_column(ascii_string(20))
    answer: Mapped[bytes | None] = mapped_column(Sealed())
    due_at: Mapped[datetime] = mapped_column(UtcDateTime())
    answered_by: Mapped[str | None] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    same_person: Mapped[bool | None] = mapped_column(doc="whether who answered had made the decision")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
