"""Threads: what a candidate reports during an interview, and what the company's people answer (C7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Thread(TenantModel):
    """The one thread of an invitation. ``status``: waiting (for the company) -> answered -> waiting again.

    ``waiting_since`` is when the oldest unanswered words of the candidate came.
    """

    __tablename__ = "thread"
    __table_args__ = (Index("ix_thread_waiting", "status", "waiting_since"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), unique=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    status: Mapped[str] = mapped_column(ascii_string(20), default="waiting")
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Post(TenantModel):
    """Words in a thread. ``author_kind``: candidate or user.

    ``content`` is sealed with the candidate's key: {body, context (where in the interview and on what device it was
    written: facts the client gives, None for the company's words)}.
    """

    __tablename__ = "post"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.thread.id"), index=True)
    author_kind: Mapped[str] = mapped_column(ascii_string(20))
    author_id: Mapped[str] = mapped_column(id_type())
    content: Mapped[bytes] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Picture(TenantModel):
    """A picture of a post, or of a post that is being written (``post_id`` None: removed after a day).

    ``content`` is a JPEG of ours, sealed with the candidate's key. ``author_kind`` and ``author_id``: who sent it.
    """

    __tablename__ = "post_picture"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), index=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    post_id: Mapped[str | None] = mapped_column(id_type(), ForeignKey("tenant.post.id"), index=True)
    author_kind: Mapped[str] = mapped_column(ascii_string(20))
    author_id: Mapped[str] = mapped_column(id_type())
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    content: Mapped[bytes] = mapped_column(Sealed(), deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
