"""A view of a take as the API shows it."""

from __future__ import annotations

from app.core.catalogue import text
from app.core.context import settings
from app.recordings.playback import Playback
from app.recordings.schemas import GapOut, PlaybackOut, PlaybackPartOut


def shown_playback(found: Playback, tongue: str) -> PlaybackOut:
    """A view of a take as the API gives it."""
    base = settings().public_base_url.rstrip("/")
    return PlaybackOut(
        take_id=found.take_id,
        medium=found.medium,
        rendition=found.state,
        reason=found.reason,
        note=playback_note(found, tongue),
        parts=[
            PlaybackPartOut(
                url=base + part.ticket.path, starts_at_ms=part.starts_at_ms, content_type=part.content_type
            )
            for part in found.parts
        ],
        duration_ms=found.duration_ms,
        gaps=[GapOut(start_ms=gap.start_ms, end_ms=gap.end_ms) for gap in found.gaps],
        has_picture=found.has_picture,
        watermark=found.watermark,
        expires_at=found.expires_at,
    )


def playback_note(found: Playback, tongue: str) -> str | None:
    """What a viewer should know of what plays, in words; None when all is as it should be."""
    if found.state == "making":
        return text(tongue, "playback.making")
    if found.state == "impossible":
        why = text(tongue, f"playback.reasons.{found.reason or 'renderer_crashed'}")
        return text(tongue, "playback.impossible", why=why)
    return text(tongue, "playback.sound_only") if found.medium == "video" and not found.has_picture else None
