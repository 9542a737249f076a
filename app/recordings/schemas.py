"""What the API gives about recordings."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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


class PlaybackIn(BaseModel):
    """``renews``: the address of a ticket that ran out while watching; the same view goes on."""

    model_config = ConfigDict(extra="forbid")

    renews: str | None = Field(default=None, max_length=2000)


class GapOut(BaseModel):
    """Nothing was recorded here, in milliseconds on the take's timeline."""

    start_ms: int
    end_ms: int


class PlaybackPartOut(BaseModel):
    """One file to play, and where it begins on the take's timeline."""

    url: str
    starts_at_ms: int
    content_type: str


class PlaybackOut(BaseModel):
    """How to watch a take until ``expires_at``.

    ``rendition``: ready (one file for the whole take, its milliseconds are those of the evidence), making, not_needed (the
    original plays everywhere), impossible (``note`` says why in words). Except for the first, parts are what was uploaded.
    ``watermark`` is to be shown over the picture; None for candidates, who watch themselves.
    """

    take_id: str
    medium: str
    rendition: Literal["ready", "making", "not_needed", "impossible"]
    reason: str | None
    note: str | None
    parts: list[PlaybackPartOut]
    duration_ms: int | None
    gaps: list[GapOut]
    has_picture: bool
    watermark: str | None
    expires_at: datetime
