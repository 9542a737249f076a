"""Moves an upload's bytes: hold it, seal each chunk, make it durable, record; verify when all is there.

What the store holds is the truth: the offset is its number of whole sealed chunks, and a segment is complete only when
its declared length is there and every chunk opens again. The database learns the offset at the end of a request. No scope
is open while bytes move. One request writes at a time (a lease on the row); a writer that lost its lease while it slept is
refused by the store, which never overwrites a whole chunk.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, update
from sqlalchemy.engine import CursorResult

from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import db
from app.core.encryption import (
    CHUNK_BYTES,
    SEAL_BYTES,
    SEALED_CHUNK_BYTES,
    ChunkCipher,
    chunk_count,
    sealed_size,
)
from app.core.errors import Gone, NotFound, PermanentError
from app.core.faults import fault_point
from app.core.ids import new_id
from app.core.work import cancel_work
from app.recordings import queries, service
from app.recordings.errors import UploadRefused
from app.recordings.models import Segment
from app.recordings.reader import open_stored_chunk
from tenants.tenancy import tenant_scope, tenant_transaction

LEASE = timedelta(seconds=15)
_EXTEND_AFTER_SECONDS = 5.0
_RUN_CHUNKS = 4
_RUN_SECONDS = 0.25
log = structlog.get_logger("uploads")


@dataclass(frozen=True)
class Upload:
    """One upload as a request needs it, detached from any session."""

    tenant_id: str
    id: str
    length: int
    status: str
    store_key: str
    expires_at: datetime
    cipher: ChunkCipher
    take_is_open: bool

    @property
    def is_complete(self) -> bool:
        """Whether it is verified and closed for good."""
        return self.status == service.COMPLETE

    @property
    def is_ended(self) -> bool:
        """Whether it was given up: terminated or expired."""
        return self.status in {service.TERMINATED, service.EXPIRED}


@dataclass
class Hold:
    """The right to write to one upload."""

    upload: Upload
    token: str
    offset: int | None = None
    extended_at: float = field(default_factory=time.monotonic)

    def keep(self) -> None:
        """Extend the lease when it is time. Raises UploadRefused ``upload_locked`` (423) when it went to another."""
        if time.monotonic() - self.extended_at < _EXTEND_AFTER_SECONDS:
            return
        self.extended_at = time.monotonic()
        with tenant_transaction(self.upload.tenant_id):
            if not _change(self.upload.id, Segment.locked_by == self.token, locked_until=utcnow() + LEASE):
                raise UploadRefused("upload_locked", 423)


def find_upload(tenant_id: str, upload_id: str, invitation_id: str | None) -> Upload:
    """An upload of this invitation. Raises NotFound ``upload_unknown``, Gone ``upload_terminated`` | ``upload_expired``."""
    with tenant_scope(tenant_id, read_only=True):
        found = queries.find_owned_segment(upload_id, invitation_id)
        if found is None:
            raise NotFound("upload_unknown")
        segment, take = found
        if segment.status == service.ERASED:
            raise Gone("candidate_erased")
        if segment.status in {service.TERMINATED, service.EXPIRED}:
            raise Gone(f"upload_{segment.status}")
        return _detached(tenant_id, segment, take_is_open=take.status == "recording")


def load_upload(tenant_id: str, upload_id: str) -> Upload | None:
    """An upload by id, for jobs; None when there is none."""
    with tenant_scope(tenant_id, read_only=True):
        segment = db.session.get(Segment, upload_id)
        return None if segment is None else _detached(tenant_id, segment, take_is_open=False)


def _detached(tenant_id: str, segment: Segment, *, take_is_open: bool) -> Upload:
    return Upload(
        tenant_id=tenant_id,
        id=segment.id,
        length=segment.length,
        status=segment.status,
        store_key=segment.store_key,
        expires_at=segment.expires_at,
        cipher=service.segment_cipher(segment),
        take_is_open=take_is_open,
    )


def offset_of(upload: Upload) -> int:
    """Durable plaintext bytes: whole chunks, and the last one once it is there."""
    if upload.is_complete:
        return upload.length
    stored = ports().recordings.size(upload.store_key)
    if stored >= sealed_size(upload.length):
        return upload.length
    return stored // SEALED_CHUNK_BYTES * CHUNK_BYTES


@contextmanager
def hold(upload: Upload) -> Iterator[Hold]:
    """Be the one who writes. Raises UploadRefused ``upload_locked`` (423) while another does."""
    token, now = new_id(), utcnow()
    free = or_(Segment.locked_by.is_(None), Segment.locked_until < now)
    with tenant_transaction(upload.tenant_id):
        if not _change(upload.id, free, locked_by=token, locked_until=now + LEASE):
            raise UploadRefused("upload_locked", 423, headers={"Retry-After": "2"})
    held = Hold(upload, token)
    try:
        yield held
    finally:
        values: dict[str, object] = {"locked_by": None, "locked_until": None}
        if held.offset is not None:
            values |= {"offset": held.offset, "expires_at": service.upload_expiry()}
        with tenant_transaction(upload.tenant_id):
            _change(upload.id, Segment.locked_by == token, **values)


def receive(held: Hold, offset: int, read: Callable[[int], bytes]) -> int:
    """Seal what ``read(size)`` gives until it ends or the upload is full; returns the offset that is durable.

    ``offset`` is the present one. Bytes after the last whole chunk are dropped: the client sends them again. Chunks that
    arrive fast are made durable four at a time (1 MiB of memory). Raises RetryableError of the store with everything
    before it kept.
    """
    upload, last = held.upload, chunk_count(held.upload.length) - 1
    run: list[bytes] = []
    begun = time.monotonic()
    for index in range(offset // CHUNK_BYTES, last + 1):
        size = min(CHUNK_BYTES, upload.length - index * CHUNK_BYTES)
        plaintext = read(size)
        if len(plaintext) < size:
            break
        run.append(upload.cipher.seal_chunk(index, plaintext, last=index == last))
        if len(run) == _RUN_CHUNKS or time.monotonic() - begun > _RUN_SECONDS:
            offset = _keep(held, offset, run)
            run, begun = [], time.monotonic()
    return _keep(held, offset, run)


def _keep(held: Hold, offset: int, run: list[bytes]) -> int:
    """Make a run of sealed chunks durable; the offset after it."""
    if run:
        held.keep()
        position = offset // CHUNK_BYTES * SEALED_CHUNK_BYTES
        ports().recordings.append(held.upload.store_key, position, b"".join(run))
        fault_point("upload.chunk_stored")
        offset += sum(len(sealed) - SEAL_BYTES for sealed in run)
        held.offset = offset
    return offset


def settle(upload: Upload) -> int:
    """Verify and close an upload whose every byte is stored; returns the offset that is durable afterwards.

    Call it without a hold: nothing can be appended to a full upload. A chunk that does not open again (a disk that
    lied) is cut off with all after it, and the client goes on from there. Raises Gone ``upload_terminated`` when it was
    ended meanwhile.
    """
    if upload.is_complete or offset_of(upload) < upload.length:
        return offset_of(upload)
    digest, broken = _fingerprint(upload)
    if broken is not None:
        return _cut(upload, broken)
    fault_point("upload.complete")
    with tenant_transaction(upload.tenant_id):
        closed = service.change_status(
            upload.id, service.COMPLETE, offset=upload.length, sha256=digest, completed_at=utcnow()
        )
        if closed:
            cancel_work("expire_upload", upload.id)
        else:
            segment = db.session.get(Segment, upload.id)
            if segment is None or segment.status != service.COMPLETE:
                raise Gone("upload_terminated")
    return upload.length


def settle_take(tenant_id: str, take_id: str, invitation_id: str | None) -> None:
    """Close every upload of a take whose bytes are all there, which a server that died did not get to."""
    with tenant_scope(tenant_id, read_only=True):
        take = queries.find_owned_take(take_id, invitation_id)
        waiting = [
            _detached(tenant_id, segment, take_is_open=True)
            for segment in (queries.segments_of_takes([take_id])[take_id] if take else ())
            if segment.status == service.UPLOADING
        ]
    for upload in waiting:
        settle(upload)


def remove(upload: Upload, status: str) -> bool:
    """End an unfinished upload and remove its bytes. False when it is complete; UploadRefused 423 while written to."""
    with hold(upload):
        if upload.status == service.UPLOADING and offset_of(upload) == upload.length:
            return False
        ports().recordings.delete(upload.store_key)
        with tenant_transaction(upload.tenant_id):
            service.change_status(upload.id, status, offset=0)
            cancel_work("expire_upload", upload.id)
    return True


def _fingerprint(upload: Upload) -> tuple[str, int | None]:
    """SHA-256 of the plaintext read back from the store, and the first chunk that does not open."""
    store, digest = ports().recordings, hashlib.sha256()
    for index in range(chunk_count(upload.length)):
        try:
            digest.update(open_stored_chunk(store, upload.store_key, upload.cipher, index, upload.length))
        except PermanentError as error:
            log.error("chunk_broken", upload=upload.id, chunk=index, reason=error.reason)
            return "", index
    return digest.hexdigest(), None


def _cut(upload: Upload, chunk: int) -> int:
    with hold(upload):
        ports().recordings.truncate(upload.store_key, chunk * SEALED_CHUNK_BYTES)
    return offset_of(upload)


def _change(upload_id: str, condition, **values: object) -> bool:  # type: ignore[no-untyped-def]
    """Change an unfinished upload under a condition; False when it does not hold."""
    result = db.session.execute(
        update(Segment)
        .where(Segment.id == upload_id, Segment.status == service.UPLOADING, condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
