"""The audit log: a chain in which no entry can be changed or taken out unnoticed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class AuditEntry(TenantModel):
    """Who did what to which thing. ``hash`` covers the entry and the hash before it; ``number`` has no gaps."""

    __tablename__ = "audit_entry"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    actor_kind: Mapped[str] = mapped_column(ascii_string(20))
    actor_id: Mapped[str] = mapped_column(id_type())
    action: Mapped[str] = mapped_column(ascii_string(60))
    entity_kind: Mapped[str] = mapped_column(ascii_string(40))
    entity_id: Mapped[str] = mapped_column(id_type())
    detail: Mapped[dict[str, Any]] = mapped_column(Json())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    previous_hash: Mapped[str] = mapped_column(ascii_string(64))
    hash: Mapped[str] = mapped_column(ascii_string(64))


class AuditHead(TenantModel):
    """The last link of the chain: one row, locked while an entry is added."""

    __tablename__ = "audit_head"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(ascii_string(64), default="")
