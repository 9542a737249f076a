"""Segments: what the phone uploads, sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Json, Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import TenantModel
from app.core.ids import new_id


class Segment(TenantModel):
    """One uploaded file of a take, and one tus upload: its id is the upload's id.

    ``length`` is the declared plaintext size in bytes; ``offset`` the durable plaintext bytes as last recorded (the store is
    the truth). ``status``: uploading -> complete, or terminated | expired | erased. ``starts_at_ms`` places it on the take's
    timeline by the client's clock. ``wrapped_key`` is its file key under the candidate's key.
    ``locked_by``/``locked_until`` let one request write at a time.
    """

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("take_id", "number"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    take_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.take.id"))
    candidate_id: Mapped[str] = mapped_column(id_type(), index=True)
    number: Mapped[int] = mapped_column()
    starts_at_ms: Mapped[int] = mapped_column(default=0)
    content_type: Mapped[str] = mapped_column(ascii_string(80))
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[str] = mapped_column(ascii_string(20), default="uploading")
    sha256: Mapped[str | None] = mapped_column(ascii_string(64), doc="of the plaintext, once complete")
    store_key: Mapped[str] = mapped_column(ascii_string(120))
    wrapped_key: Mapped[bytes] = mapped_column(Sealed())
    locked_by: Mapped[str | None] = mapped_column(id_type())
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime())
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Rendition(TenantModel):
    """The file that plays a whole take everywhere: H.264 and AAC in MP4, its index first, sealed like a segment.

    ``status``: wanted -> ready | original (the one segment plays everywhere by itself) | impossible (named ``reason``); or
    erased. ``facts``: duration_ms, gaps, width, height (None: sound alone). A file exists only while ready; its key is
    new with every attempt.
    """

    __tablename__ = "rendition"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    take_id: Mapped[str] = mapped_column(id_type(), ForeignKey("tenant.take.id"), unique=True)
    candidate_id: Mapped[str] = mapped_column(id_type(), index=True)
    status: Mapped[str] = mapped_column(ascii_string(20), default="wanted")
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    content_type: Mapped[str] = mapped_column(ascii_string(80), default="video/mp4")
    length: Mapped[int] = mapped_column(BigInteger, default=0)
    facts: Mapped[dict[str, Any] | None] = mapped_column(Json())
    sha256: Mapped[str | None] = mapped_column(ascii_string(64))
    store_key: Mapped[str] = mapped_column(ascii_string(120))
    wrapped_key: Mapped[bytes] = mapped_column(Sealed())
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
