"""What one company decided: a single row per tenant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel

POLICY_ID = "policy"


class Policy(TenantModel):
    """The tenant's choices. ``face_analysis`` is ``off`` (default) or ``facts``; minutes count from local midnight.

    ``face_weight_hundredths`` is what the share of pictures with a face may move a communication competency, in hundredths
    of a point; more than zero needs facts and a ``face_reason``, which candidates and reports are shown (R2).
    ``blind_review`` hides others' reviews, remarks and opinions until one's own review is in.
    ``resume_to_language_model`` lets drafts send a masked résumé to the operator's language model.
    """

    __tablename__ = "policy"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=POLICY_ID)
    face_analysis: Mapped[str] = mapped_column(ascii_string(10), default="off")
    face_weight_hundredths: Mapped[int] = mapped_column(default=0, server_default="0")
    face_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    resume_to_language_model: Mapped[bool] = mapped_column(default=False, server_default=false())
    candidate_sees_report: Mapped[bool] = mapped_column(default=True)
    blind_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer_within_hours: Mapped[int] = mapped_column(default=24)
    retention_days: Mapped[int] = mapped_column(default=180)
    time_zone: Mapped[str] = mapped_column(ascii_string(64), default="Asia/Shanghai")
    language: Mapped[str] = mapped_column(ascii_string(16), default="zh-CN")
    sending_from_minute: Mapped[int] = mapped_column(default=8 * 60)
    sending_until_minute: Mapped[int] = mapped_column(default=22 * 60)
    privacy_contact: Mapped[str] = mapped_column(String(200), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow, onupdate=utcnow)
