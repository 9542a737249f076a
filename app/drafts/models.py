"""Drafts of positions, and pre-assessments of résumés against positions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Draft(TenantModel):
    """A draft of a position (app.drafts.documents.PositionDraft), which only a person can turn into one.

    ``status``: writing (a language model was asked; what is there meanwhile was made by rules) -> ready -> approved, or
    discarded. ``asked_at`` is when the language model was asked. ``approved_by`` made ``position_id`` of it.
    """

    __tablename__ = "draft"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(ascii_string(20), default="ready")
    content: Mapped[dict[str, Any]] = mapped_column(Json())
    provenance: Mapped[dict[str, Any]] = mapped_column(Json())
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    position_id: Mapped[str | None] = mapped_column(id_type(), ForeignKey("tenant.position.id"))
    created_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    approved_by: Mapped[str | None] = mapped_column(id_type())
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class PreAssessmentRow(TenantModel):
    """A résumé against a position (F4). ``resume`` and ``content`` are sealed with the candidate's key.

    ``status``: writing -> ready -> approved, as a draft's; approving confirms the questions and makes nothing.
    """

    __tablename__ = "preassessment"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"))
    status: Mapped[str] = mapped_column(ascii_string(20), default="ready")
    resume: Mapped[bytes] = mapped_column(Sealed())
    content: Mapped[bytes] = mapped_column(Sealed(), doc="app.drafts.documents.PreAssessment")
    provenance: Mapped[dict[str, Any]] = mapped_column(Json())
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_by: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    approved_by: Mapped[str | None] = mapped_column(id_type())
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
