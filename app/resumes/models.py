"""Résumé files of candidates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class ResumeFile(TenantModel):
    """The one résumé file of a candidate; another one replaces it. kind: pdf | docx; ``size`` in bytes.

    Sealed with the candidate's key: ``about`` {name, text: what could be read of it}, ``content`` the file as it came.
    """

    __tablename__ = "resume_file"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    candidate_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.candidate.id"), unique=True)
    kind: Mapped[str] = mapped_column(ascii_string(8))
    size: Mapped[int] = mapped_column()
    about: Mapped[bytes] = mapped_column(Sealed())
    content: Mapped[bytes] = mapped_column(Sealed(), deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
