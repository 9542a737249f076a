"""Answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class IdempotencyRecord(TenantModel):
    """The answer to a POST that carried an Idempotency-Key, written in the transaction that did the work.

    ``candidate_id``: whom the answer is about, with whose key ``body`` is sealed; the tenant's where it is about nobody.
    """

    __tablename__ = "idempotency_record"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    key_hash: Mapped[str] = mapped_column(ascii_string(64), unique=True, doc="of actor, path and key")
    request_hash: Mapped[str] = mapped_column(ascii_string(64))
    status: Mapped[int | None] = mapped_column()
    candidate_id: Mapped[str | None] = mapped_column(id_type())
    body: Mapped[bytes | None] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
