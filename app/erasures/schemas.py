"""What the API gives about erasures."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class ErasureOut(BaseModel):
    """The receipt: whose data was erased, and when."""

    candidate_id: str
    erased_at: datetime
