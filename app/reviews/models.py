"""Reviews: what the company's people think of an interview, by its rubric; and their comments on it (H3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Review(TenantModel):
    """One version of one person's review; only ever appended, the highest ``number`` counts.

    ``recommendation``: strong_yes, yes, no or strong_no. ``content`` is sealed with the candidate's key:
    {summary, ratings: [{competency, score (0-10), note}]}.
    """

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("interview_id", "reviewer_id", "number"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"))
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    reviewer_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    number: Mapped[int] = mapped_column()
    recommendation: Mapped[str] = mapped_column(ascii_string(20))
    content: Mapped[bytes] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Comment(TenantModel):
    """A short remark on an interview, perhaps on a moment of a take.

    ``content`` is sealed with the candidate's key: {body}. ``at_ms`` counts on the take's timeline.
    """

    __tablename__ = "interview_comment"
    __table_args__ = (Index("ix_interview_comment_interview_id", "interview_id", "created_at"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"))
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    author_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.user.id"))
    take_id: Mapped[str | None] = mapped_column(id_type(), ForeignKey("tenant.take.id"))
    at_ms: Mapped[int | None] = mapped_column()
    content: Mapped[bytes] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
