"""Candidates and their applications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Candidate(TenantModel):
    """A person who applies. ``profile`` is sealed with the candidate's own key (app.candidates.service.Profile).

    ``phone_index`` is a blind index under the tenant's key: one phone is one candidate (deduplication, C1).
    ``changed_at`` is when the candidate last changed the profile themselves (C10).
    """

    __tablename__ = "candidate"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    phone_index: Mapped[str] = mapped_column(ascii_string(64), unique=True)
    profile: Mapped[bytes] = mapped_column(Sealed())
    language: Mapped[str] = mapped_column(ascii_string(16), default="zh-CN")
    time_zone: Mapped[str] = mapped_column(ascii_string(64), default="Asia/Shanghai")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Resume(TenantModel):
    """The résumé a candidate gave the company themselves (C10), as text, sealed with their key."""

    __tablename__ = "resume"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), unique=True)
    content: Mapped[bytes] = mapped_column(Sealed())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Application(TenantModel):
    """One candidate for one position. status: open | advanced | offered | rejected | pooled | withdrawn."""

    __tablename__ = "application"
    __table_args__ = (UniqueConstraint("candidate_id", "position_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"))
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), index=True)
    status: Mapped[str] = mapped_column(ascii_string(20), default="open")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


def not_erased(candidate_id: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """That the candidate of a row was not erased: nobody waits for those who were, and no number counts them."""
    return candidate_id.not_in(select(Candidate.id).where(Candidate.erased_at.is_not(None)))
