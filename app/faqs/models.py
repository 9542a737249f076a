"""What candidates ask again and again, answered once (C11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, UtcDateTime, id_type
from app.core.database import TenantModel

FAQ_ID = "faq"


class Faq(TenantModel):
    """The company's own, one row per tenant. ``entries``: [{question, answer}], each with its words by language."""

    __tablename__ = "faq"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=FAQ_ID)
    entries: Mapped[list[dict[str, Any]]] = mapped_column(Json())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow, onupdate=utcnow)
