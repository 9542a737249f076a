"""The satisfaction survey: the tenant's questionnaire and its answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, Sealed, UtcDateTime, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Survey(TenantModel):
    """One version of the questionnaire. ``questions``: [{key, kind: scale|choice|text, text: {lang: words}, ...}]."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("version"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(80))
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class SurveyResponse(TenantModel):
    """One candidate's answers, tied to the interview; shown to HR only in aggregates of at least five (S1)."""

    __tablename__ = "survey_response"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    survey_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.survey.id"))
    interview_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.interview.id"), unique=True)
    candidate_id: Mapped[str] = mapped_column(id_type())
    answers: Mapped[bytes] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
