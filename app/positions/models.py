"""Positions and the immutable versions of their rubric."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Position(TenantModel):
    """An opening. ``current_version`` numbers the rubric that new interviews start with. status: open | closed.

    ``restricted``: of the recruiters only its members see it; owners always do.
    """

    __tablename__ = "position"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(ascii_string(20), default="open")
    current_version: Mapped[int] = mapped_column(default=1)
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class PositionVersion(TenantModel):
    """One version of a position's rubric (app.scoring.rubric.Rubric as JSON); never changed once written (F1)."""

    __tablename__ = "position_version"
    __table_args__ = (UniqueConstraint("position_id", "number"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"))
    number: Mapped[int] = mapped_column()
    rubric: Mapped[dict[str, Any]] = mapped_column(Json())
    rubric_hash: Mapped[str] = mapped_column(ascii_string(64))
    created_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class PositionMember(TenantModel):
    """Somebody of the company who may see a position and everything of it (T5)."""

    __tablename__ = "position_member"

    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        id_type(), ForeignKey("tenant.user.id"), primary_key=True, index=True
    )
    added_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class InvitationViewer(TenantModel):
    """Somebody of the company who may see this one invitation and the interview it leads to, whatever the position (T5)."""

    __tablename__ = "invitation_viewer"

    invitation_id: Mapped[str] = mapped_column(
        id_type(), ForeignKey("tenant.invitation.id"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        id_type(), ForeignKey("tenant.user.id"), primary_key=True, index=True
    )
    added_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
