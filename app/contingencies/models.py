"""Contingencies: what a person of the company changed to get a candidate through an interview (L2, C7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Contingency(TenantModel):
    """One help that was given. ``kind``: backup_link, voice, delay, reset, extend, hand_over or cancel.

    ``detail`` holds no personal data (minutes, a question's id, a user's id). ``token`` is the backup link's.
    """

    __tablename__ = "contingency"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), index=True)
    kind: Mapped[str] = mapped_column(ascii_string(20))
    detail: Mapped[dict[str, Any]] = mapped_column(Json())
    token: Mapped[str | None] = mapped_column(ascii_string(32), unique=True)
    made_by: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
