"""What can be done with segments inside a tenant's scope. Moving their bytes is ``app.recordings.uploads``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update
from sqlalchemy.engine import CursorResult

from app.audits.service import Actor, record
from app.core.clock import utcnow
from app.core.context import ports, settings
from app.core.database import current_tenant_id, db
from app.core.encryption import ChunkCipher, new_key, unwrap_key, wrap_key
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.interviews.finding import recording_withdrawn
from app.interviews.models import Take
from app.ports import SegmentSource
from app.recordings import queries
from app.recordings.errors import UploadRefused
from app.recordings.models import Segment
from app.recordings.reader import open_recording
from app.recordings.renditions import delete_renditions_of
from app.recordings.tickets import Ticket, sign_ticket
from tenants.keys import candidate_key

UPLOADING, COMPLETE, TERMINATED, EXPIRED, ERASED = "uploading", "complete", "terminated", "expired", "erased"


def create_segment(take: Take, *, number: int, starts_at_ms: int, content_type: str, length: int) -> Segment:
    """Begin the upload of one segment of a take that is being recorded; repeating it gives the same segment.

    ``length`` is in bytes. Raises Conflict ``take_closed``, ``take_is_written``, ``segment_exists`` (same number, other
    content), UploadRefused ``take_too_large`` (413).
    """
    if take.status != "recording":
        raise Conflict("take_closed")
    if take.medium == "text":
        raise Conflict("take_is_written")
    found = queries.find_segment(take.id, number)
    if found is not None and found.status in {TERMINATED, EXPIRED}:
        db.session.delete(found)
        db.session.flush()
    elif found is not None:
        if (found.length, found.content_type) != (length, content_type):
            raise Conflict("segment_exists", number=number)
        return found
    _check_room(take, length)
    return _add_segment(take, number, starts_at_ms, content_type, length)


def _check_room(take: Take, length: int) -> None:
    """All segments of a take together may be as large as one upload: more is no answer, it fills the disk."""
    most = settings().upload_max_bytes
    held = sum(s.length for s in segments_of([take.id])[take.id] if s.status in {UPLOADING, COMPLETE})
    if held + length > most:
        raise UploadRefused("take_too_large", 413, megabytes=most >> 20)


def _add_segment(take: Take, number: int, starts_at_ms: int, content_type: str, length: int) -> Segment:
    tenant_id, segment_id = current_tenant_id(), new_id()
    segment = Segment(
        id=segment_id,
        take_id=take.id,
        candidate_id=take.candidate_id,
        number=number,
        starts_at_ms=starts_at_ms,
        content_type=content_type,
        length=length,
        store_key=f"{tenant_id}/{segment_id}",
        wrapped_key=wrap_key(candidate_key(tenant_id, take.candidate_id), new_key()),
        expires_at=upload_expiry(),
    )
    db.session.add(segment)
    db.session.flush()
    schedule_work("expire_upload", segment_id, segment.expires_at)
    return segment


def upload_expiry() -> datetime:
    """Until when an upload that makes progress now may be continued."""
    return utcnow() + timedelta(hours=settings().upload_expiry_hours)


def segment_cipher(segment: Segment) -> ChunkCipher:
    """The cipher of a segment's file. Raises Gone ``candidate_erased``."""
    key = candidate_key(current_tenant_id(), segment.candidate_id)
    return ChunkCipher(unwrap_key(key, segment.wrapped_key), segment.id)


def open_take(take_id: str) -> list[SegmentSource]:
    """The complete segments of a take in order, to be read after the scope is left. Raises Gone ``candidate_erased``."""
    store = ports().recordings
    return [
        SegmentSource(
            number=segment.number,
            starts_at_ms=segment.starts_at_ms,
            size=segment.length,
            content_type=segment.content_type,
            open=partial(open_recording, store, segment.store_key, segment_cipher(segment), segment.length),
        )
        for segment in segments_of([take_id])[take_id]
        if segment.status == COMPLETE
    ]


def segments_of(take_ids: Sequence[str]) -> dict[str, list[Segment]]:
    """The segments of several takes, in order, by take, whatever their status."""
    return queries.segments_of_takes(take_ids)


def delete_recordings_of(candidate_id: str) -> int:
    """Remove every sealed file of a candidate from the store; how many there were. Safe to repeat."""
    delete_renditions_of(candidate_id)
    segments = queries.segments_of_candidate(candidate_id)
    for segment in segments:
        ports().recordings.delete(segment.store_key)
        segment.status, segment.wrapped_key = ERASED, b""
        cancel_work("expire_upload", segment.id)
    db.session.flush()
    return len(segments)


def place_segments(take_id: str, starts: dict[int, int]) -> None:
    """Set where segments begin on the take's timeline: milliseconds by segment number."""
    for segment in segments_of([take_id])[take_id]:
        segment.starts_at_ms = starts.get(segment.number, segment.starts_at_ms)
    db.session.flush()


def leave_segments(segment_ids: Iterable[str]) -> None:
    """The candidate goes on without these unfinished uploads; their bytes are removed by the expiry job."""
    for segment_id in segment_ids:
        if change_status(segment_id, TERMINATED):
            schedule_work("expire_upload", segment_id)


def change_status(segment_id: str, status: str, **values: object) -> bool:
    """Move an unfinished upload on. False when it is unfinished no longer: complete never becomes anything else."""
    result = db.session.execute(
        update(Segment)
        .where(Segment.id == segment_id, Segment.status == UPLOADING)
        .values(status=status, locked_by=None, locked_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def require_consent(viewer: Actor, take: Take) -> None:
    """A recording is played to the company only while its candidate agrees to it.

    Raises Conflict ``recording_consent_withdrawn``.
    """
    if viewer.kind != "candidate" and recording_withdrawn(take.interview_id):
        raise Conflict("recording_consent_withdrawn")


def issue_ticket(viewer: Actor, segment_id: str) -> Ticket:
    """A short-lived address to watch a segment with; the viewing is in the audit log from now on (P3).

    A candidate sees their own segments only. Raises NotFound ``segment_unknown``, Conflict ``recording_incomplete`` |
    ``recording_consent_withdrawn``.
    """
    segment = queries.get_segment(segment_id)
    if viewer.kind == "candidate" and segment.candidate_id != viewer.id:
        raise NotFound("segment_unknown")
    if segment.status != COMPLETE:
        raise Conflict("recording_incomplete")
    require_consent(viewer, db.session.get_one(Take, segment.take_id))
    record(viewer, "recording.viewed", "segment", segment.id)
    return sign_ticket(current_tenant_id(), segment.id, viewer)
