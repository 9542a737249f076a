"""Watching a take: its rendition where there is one, else what was uploaded; tickets, renewed within one view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from app.audits.service import Actor, record
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.errors import Conflict, Gone, NotFound
from app.core.signals import Span
from app.interviews.models import Take
from app.policies.service import get_policy
from app.recordings import queries
from app.recordings.models import Rendition, Segment
from app.recordings.renditions import ERASED, IMPOSSIBLE, ORIGINAL, READY, request_rendition
from app.recordings.service import COMPLETE, require_consent, segments_of
from app.recordings.service import ERASED as SEGMENT_ERASED
from app.recordings.tickets import Ticket, continues, sign_ticket

State = Literal["ready", "making", "not_needed", "impossible"]
STATES: dict[str, State] = {READY: "ready", ORIGINAL: "not_needed", IMPOSSIBLE: "impossible"}


@dataclass(frozen=True)
class Part:
    """One file to play, from ``starts_at_ms`` on the take's timeline."""

    ticket: Ticket
    starts_at_ms: int
    content_type: str


@dataclass(frozen=True)
class Playback:
    """How to watch a take. ``gaps``: nothing was recorded there; ``duration_ms`` None while only segments are known.

    ``watermark`` names the viewer, None for a candidate.
    """

    take_id: str
    medium: str
    form: Literal["rendition", "original"]
    state: State
    reason: str | None
    parts: list[Part]
    duration_ms: int | None
    gaps: list[Span]
    has_picture: bool
    watermark: str | None
    expires_at: datetime


def open_playback(viewer: Actor, take_id: str, *, renews: str | None = None) -> Playback:
    """Tickets to watch a take with; the view is in the audit log from now on (P3).

    ``renews``: the address of a ticket of the same viewer for the same take, not older than a view: it goes on, and is
    noted as that. A candidate watches their own takes only, and those nobody else may play any more since they took
    their consent back. Raises NotFound ``take_unknown``, Conflict ``take_is_written`` | ``recording_incomplete`` |
    ``recording_consent_withdrawn``, Gone ``candidate_erased``.
    """
    take = db.session.get(Take, take_id)
    if take is None or (viewer.kind == "candidate" and take.candidate_id != viewer.id):
        raise NotFound("take_unknown")
    if take.medium == "text":
        raise Conflict("take_is_written")
    require_consent(viewer, take)
    request_rendition(take_id)
    found = queries.find_rendition(take_id)
    playback = _rendered(viewer, take, found) if found and found.status == READY else None
    playback = playback or _original(viewer, take, found)
    goes_on = renews is not None and continues(renews, current_tenant_id(), take_id, viewer)
    action = "recording.view_continued" if goes_on else "recording.viewed"
    record(viewer, action, "take", take_id, form=playback.form)
    return playback


def _rendered(viewer: Actor, take: Take, rendition: Rendition) -> Playback:
    facts = rendition.facts or {}
    ticket = sign_ticket(current_tenant_id(), rendition.id, viewer, take_id=take.id, kind="rendition")
    return Playback(
        take_id=take.id,
        medium=take.medium,
        form="rendition",
        state="ready",
        reason=rendition.reason,
        parts=[Part(ticket, 0, rendition.content_type)],
        duration_ms=facts.get("duration_ms"),
        gaps=[Span(start_ms=start, end_ms=end) for start, end in facts.get("gaps", [])],
        has_picture=facts.get("width") is not None,
        watermark=watermark_for(viewer),
        expires_at=ticket.expires_at,
    )


def _original(viewer: Actor, take: Take, rendition: Rendition | None) -> Playback:
    segments = segments_of([take.id])[take.id]
    if any(s.status == SEGMENT_ERASED for s in segments) or (rendition and rendition.status == ERASED):
        raise Gone("candidate_erased")
    whole = [segment for segment in segments if segment.status == COMPLETE]
    if not whole:
        raise Conflict("recording_incomplete")
    parts = [_part(viewer, take, segment) for segment in whole]
    return Playback(
        take_id=take.id,
        medium=take.medium,
        form="original",
        state=STATES.get(rendition.status, "making") if rendition else _before_rendition(take),
        reason=rendition.reason if rendition else None,
        parts=parts,
        duration_ms=None,
        gaps=[],
        has_picture=take.medium == "video",
        watermark=watermark_for(viewer),
        expires_at=min(part.ticket.expires_at for part in parts),
    )


def _before_rendition(take: Take) -> State:
    """A version is made of what is analysed, not of what was replaced or cannot be used."""
    return "making" if take.status in {"submitted", "analysed"} else "not_needed"


def watermark_for(viewer: Actor) -> str | None:
    """The viewer's name and the time, in the company's time zone; a candidate who watches themselves needs none."""
    if viewer.kind == "candidate":
        return None
    now = utcnow().astimezone(ZoneInfo(get_policy().time_zone))
    return f"{queries.name_of_viewer(viewer.id)} {now:%Y-%m-%d %H:%M}"


def _part(viewer: Actor, take: Take, segment: Segment) -> Part:
    ticket = sign_ticket(current_tenant_id(), segment.id, viewer, take_id=take.id)
    return Part(ticket, segment.starts_at_ms, segment.content_type)
