"""Interviews, the consents given before them, and answers made of takes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Consent(TenantModel):
    """One statement of a candidate about one modality; only ever appended, the latest counts (C12).

    ``modality``: recording, voice or face. ``words`` are those that were on the screen, ``text_version`` their name.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_latest", "invitation_id", "modality", "created_at"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"))
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"))
    modality: Mapped[str] = mapped_column(ascii_string(20))
    granted: Mapped[bool] = mapped_column()
    text_version: Mapped[str] = mapped_column(ascii_string(40))
    language: Mapped[str] = mapped_column(ascii_string(16))
    words: Mapped[str | None] = mapped_column(Text, doc="None in what was said before they were kept")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Interview(TenantModel):
    """The interview a candidate started. It is scored by the position version it started with.

    ``status``: in_progress -> finished (all answers in, analysis runs) -> scored -> decided. ``result_due_at`` is the date
    by which the candidate is promised the result, a person may promise a later one; ``status_told_at`` when they were told
    that there is none yet and to expect it by ``result_expected_at`` (N4).
    """

    __tablename__ = "interview"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.invitation.id"), unique=True)
    application_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.application.id"), index=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), index=True)
    position_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position.id"), index=True)
    position_version_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.position_version.id"))
    status: Mapped[str] = mapped_column(ascii_string(20), default="in_progress")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    scored_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    result_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    status_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    result_expected_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class Answer(TenantModel):
    """The answer to one question of an interview. ``take_id`` is the take that counts, once submitted."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("interview_id", "question_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"))
    question_id: Mapped[str] = mapped_column(ascii_string(64), doc="the question's key in the rubric")
    take_id: Mapped[str | None] = mapped_column(id_type())
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Take(TenantModel):
    """One attempt at an answer, made of ordered segments on one timeline.

    ``status``: recording -> submitted -> analysed | unusable (named ``reason``; may be recorded again); or discarded.
    ``medium``: video, voice or text; a text take keeps its words sealed in ``written_text``. ``left_page``, sealed, is
    when the client says it was out of sight while it recorded; None when it said nothing, and for words. ``device`` is the
    random name that a phone or browser gave itself for this invitation; None when it gave none.
    """

    __tablename__ = "take"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    answer_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.answer.id"))
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"), index=True)
    candidate_id: Mapped[str] = mapped_column(id_type())
    number: Mapped[int] = mapped_column()
    medium: Mapped[str] = mapped_column(ascii_string(10))
    status: Mapped[str] = mapped_column(ascii_string(20), default="recording")
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    waived: Mapped[bool] = mapped_column(default=False, server_default=false(), doc="uses up no attempt")
    written_text: Mapped[bytes | None] = mapped_column(Sealed())
    left_page: Mapped[bytes | None] = mapped_column(Sealed())
    device: Mapped[str | None] = mapped_column(ascii_string(40))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
