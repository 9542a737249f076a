"""What the senses measured, one row per modality of a take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Analysis(TenantModel):
    """One app.core.signals.ModalityResult, stored as it came. ``signals`` are sealed with the candidate's key."""

    __tablename__ = "analysis"
    __table_args__ = (UniqueConstraint("take_id", "modality"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    take_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.take.id"))
    modality: Mapped[str] = mapped_column(ascii_string(20))
    status: Mapped[str] = mapped_column(ascii_string(20))
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    engine: Mapped[dict[str, Any]] = mapped_column(Json())
    signals: Mapped[bytes | None] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
