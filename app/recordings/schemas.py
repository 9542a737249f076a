"""What the API gives about recordings."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class SegmentOut(BaseModel):
    """One uploaded file of a take, ``offset`` of ``length`` bytes of it.

    ``status``: uploading, complete, terminated or expired.
    """

    id: str
    number: int
    starts_at_ms: int
    content_type: str
    status: str
    offset: int
    length: int


class TicketOut(BaseModel):
    """Where to play a segment, and until when."""

    url: str
    expires_at: datetime
