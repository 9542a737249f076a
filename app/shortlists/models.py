"""Who is worth an early look by a company's own rule, and the one fact that such a rule asks people for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel


class ShortlistRule(TenantModel):
    """A position's rule (H4): from ``min_total`` hundredths of a point on; with a passed check where it asks for one."""

    __tablename__ = "shortlist_rule"

    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), primary_key=True)
    min_total: Mapped[int] = mapped_column()
    needs_check: Mapped[bool] = mapped_column()
    set_by: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class BackgroundCheck(TenantModel):
    """What a person recorded about the background check of an application. status: pending | passed | not_passed."""

    __tablename__ = "background_check"

    application_id: Mapped[str] = mapped_column(
        id_type(), ForeignKey("tenant.application.id"), primary_key=True
    )
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    status: Mapped[str] = mapped_column(ascii_string(12))
    recorded_by: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
