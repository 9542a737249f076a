"""Decisions: made by a named person, with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Decision(TenantModel):
    """What a person decided about an interview. ``outcome``: advance, offer, reject or pool.

    ``content`` is sealed with the candidate's key: {reason (inside the company), next_steps (told to the candidate)}.
    """

    __tablename__ = "decision"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"), unique=True)
    outcome: Mapped[str] = mapped_column(ascii_string(20))
    content: Mapped[bytes] = mapped_column(Sealed())
    decided_by: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
