"""Uploads that nobody finished: their bytes are removed after ``upload_expiry_hours``. Never a complete one."""

from __future__ import annotations

from app.core.clock import utcnow
from app.core.context import ports
from app.recordings import service, uploads
from app.recordings.errors import UploadRefused
from workers.jobs.work import HeldWork, performs

_WHILE_WRITTEN_SECONDS = 60.0


@performs("expire_upload")
def expire_upload(work: HeldWork) -> None:
    """Remove an unfinished upload at its end, or the bytes of one that was given up.

    One that made progress since waits on; one whose bytes are all there is verified and closed instead.
    """
    upload = uploads.load_upload(work.tenant_id, work.entity_id)
    if upload is None or upload.is_complete:
        return
    if upload.is_ended:
        ports().recordings.delete(upload.store_key)
        return
    if uploads.offset_of(upload) == upload.length and uploads.settle(upload) == upload.length:
        work.settled = True  # closing an upload takes this work off the list
        return
    wait = (upload.expires_at - utcnow()).total_seconds()
    if wait > 0:
        work.postpone(wait, "still_uploading", counts=False)
        return
    try:
        work.settled = uploads.remove(upload, service.EXPIRED)
    except UploadRefused:
        work.postpone(_WHILE_WRITTEN_SECONDS, "upload_locked", counts=False)
