"""Scores as computed, with their receipt. Reports are read from them, never stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class ScoreRow(TenantModel):
    """One app.scoring.score.Score. ``total`` is integer hundredths of a point, None when the machine abstains.

    ``points`` repeats each competency's hundredths outside the sealed document, so that averages open nobody's score.
    """

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("interview_id", "position_version_id", "algorithm"),
        Index("ix_score_newest", "position_version_id", "algorithm", "created_at"),
    )

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"))
    position_version_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position_version.id"))
    algorithm: Mapped[str] = mapped_column(ascii_string(40))
    total: Mapped[int | None] = mapped_column()
    points: Mapped[dict[str, int | None] | None] = mapped_column(Json())
    document: Mapped[bytes] = mapped_column(Sealed())
    receipt: Mapped[dict[str, Any]] = mapped_column(Json())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
