"""Moves an upload's bytes: hold it, seal each chunk, make it durable, record; verify when all is there.

What the store holds is the truth: the offset is its number of whole sealed chunks, made durable before anybody is told, and
a segment is complete only when its declared length is there and every chunk opens again. The database learns the offset at
the end of a request. No scope is open while bytes move. Of two that write at one place the store refuses the second; a
request that lasts takes a lease on the row besides, so that others are turned away before they send.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, or_, true, update
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
_SYNC_RUNS = 4
_SYNC_SECONDS = 0.25
_LASTING_SECONDS = 0.25
log = structlog.get_logger("uploads")


@dataclass(frozen=True)
class Upload:
    """One upload as a request needs it, detached from any session."""

    tenant_id: str
    id: str
    length: int
    status: str
    store_key: str
    offset: int
    locked_until: datetime | None
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
    """One request that writes to an upload, and the lease it may have. ``offset`` is what it made durable."""

    upload: Upload
    token: str | None = None
    offset: int | None = None
    since: float = field(default_factory=time.monotonic)

    def take(self) -> None:
        """Take the lease. Raises UploadRefused ``upload_locked`` (423) while another has it."""
        token, now = new_id(), utcnow()
        free = or_(Segment.locked_by.is_(None), Segment.locked_until < now)
        with tenant_transaction(self.upload.tenant_id):
            if not _change(self.upload.id, free, locked_by=token, locked_until=now + LEASE):
                raise _locked()
        self.token, self.since = token, time.monotonic()

    def keep(self) -> None:
        """Take the lease once the request lasts, extend it when it is time. Raises UploadRefused ``upload_locked`` (423)."""
        lasted = time.monotonic() - self.since
        if self.token is None:
            if lasted > _LASTING_SECONDS:
                self.take()
        elif lasted > _EXTEND_AFTER_SECONDS:
            self.since = time.monotonic()
            with tenant_transaction(self.upload.tenant_id):
                if not _change(
                    self.upload.id, Segment.locked_by == self.token, locked_until=utcnow() + LEASE
                ):
                    raise UploadRefused("upload_locked", 423)

    def end(self) -> None:
        """Say how far it came and give the lease back. What was stored of an upload that ended meanwhile is removed."""
        if self.token is None and self.offset is None:
            return
        values: dict[str, object] = {}
        condition: ColumnElement[bool] = true()
        if self.token is not None:
            values, condition = {"locked_by": None, "locked_until": None}, Segment.locked_by == self.token
        if self.offset is not None:
            values |= {"offset": self.offset, "expires_at": service.upload_expiry()}
        with tenant_transaction(self.upload.tenant_id):
            if not _change(self.upload.id, condition, **values) and _has_ended(self.upload.id):
                ports().recordings.delete(self.upload.store_key)


def find_upload(tenant_id: str, upload_id: str, invitation_id: str | None) -> Upload:
    """An upload of this invitation. Raises NotFound ``upload_unknown``, Gone ``upload_terminated`` | ``upload_expired``."""
    with tenant_scope(tenant_id, read_only=True):
        return find_upload_here(tenant_id, upload_id, invitation_id)


def find_upload_here(tenant_id: str, upload_id: str, invitation_id: str | None) -> Upload:
    """``find_upload`` in the open scope of the tenant."""
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
        offset=segment.offset,
        locked_until=segment.locked_until if segment.locked_by else None,
        expires_at=segment.expires_at,
        cipher=service.segment_cipher(segment),
        take_is_open=take_is_open,
    )


def durable_offset(upload: Upload) -> int:
    """``offset_of``, durable: what a client may be told. Raises RetryableError of the store."""
    offset = offset_of(upload)
    _sync(upload, upload.offset)
    return offset


def offset_of(upload: Upload) -> int:
    """Plaintext bytes in the store: whole chunks, and the last one once it is there."""
    if upload.is_complete:
        return upload.length
    stored = ports().recordings.size(upload.store_key)
    if stored >= sealed_size(upload.length):
        return upload.length
    return stored // SEALED_CHUNK_BYTES * CHUNK_BYTES


@contextmanager
def hold(upload: Upload, *, at_once: bool = True) -> Iterator[Hold]:
    """Be the one who writes; not ``at_once`` takes the lease only when it lasts: two transactions less for most requests.

    Raises UploadRefused ``upload_locked`` (423) while another holds it.
    """
    held = Hold(upload)
    if at_once:
        held.take()
    elif upload.locked_until is not None and upload.locked_until >= utcnow():
        raise _locked()
    try:
        yield held
    finally:
        held.end()


def receive(held: Hold, offset: int, read: Callable[[int], bytes]) -> int:
    """Seal what ``read(size)`` gives until it ends or the upload is full; returns the offset that is durable.

    ``offset`` is the present one. Bytes after the last whole chunk are dropped: the client sends them again. Chunks that
    arrive fast are written four at a time (1 MiB of memory) and made durable every quarter of a second, every 4 MiB and
    at the end. Raises RetryableError of the store with everything before it kept.
    """
    writer, upload = _Writer(held, offset), held.upload
    last = chunk_count(upload.length) - 1
    try:
        for index in range(offset // CHUNK_BYTES, last + 1):
            size = min(CHUNK_BYTES, upload.length - index * CHUNK_BYTES)
            plaintext = read(size)
            if len(plaintext) < size:
                break
            writer.add(upload.cipher.seal_chunk(index, plaintext, last=index == last))
        writer.write()
    finally:
        writer.sync()
    return writer.durable


class _Writer:
    """Sealed chunks on their way into the store: gathered, written in runs, made durable."""

    def __init__(self, held: Hold, offset: int) -> None:
        self._held = held
        self._run: list[bytes] = []
        self._written = self.durable = offset
        self._writes, self._since = 0, time.monotonic()

    def add(self, sealed: bytes) -> None:
        """One more chunk."""
        self._run.append(sealed)
        late = time.monotonic() - self._since > _SYNC_SECONDS
        if late or len(self._run) == _RUN_CHUNKS:
            self.write()
        if late or self._writes == _SYNC_RUNS:
            self.sync()

    def write(self) -> None:
        """Hand over what was gathered. Raises UploadRefused ``upload_locked``, RetryableError."""
        if not self._run:
            return
        self._held.keep()
        position = self._written // CHUNK_BYTES * SEALED_CHUNK_BYTES
        ports().recordings.append(self._held.upload.store_key, position, b"".join(self._run))
        self._written += sum(len(sealed) - SEAL_BYTES for sealed in self._run)
        self._run = []
        self._writes += 1

    def sync(self) -> None:
        """Make what was written durable, and only then count it. Raises RetryableError."""
        if self._written > self.durable:
            _sync(self._held.upload, self.durable)
            fault_point("upload.chunk_stored")
            self._held.offset = self.durable = self._written
        self._writes, self._since = 0, time.monotonic()


def settle(upload: Upload) -> int:
    """Verify and close an upload whose every byte is stored; returns the offset that is durable afterwards.

    Call it without a hold: nothing can be appended to a full upload. A chunk that does not open again (a disk that
    lied) is cut off with all after it, and the client goes on from there. Raises Gone ``upload_terminated`` when it was
    ended meanwhile.
    """
    if upload.is_complete:
        return upload.length
    offset = durable_offset(upload)
    if offset < upload.length:
        return offset
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
    """SHA-256 of the plaintext read back from the store, and the first chunk that does not open.

    One chunk is hashed while the next one is opened: hashing takes longest.
    """
    store, digest = ports().recordings, hashlib.sha256()
    with ThreadPoolExecutor(1) as beside:
        hashed: Future[None] | None = None
        for index in range(chunk_count(upload.length)):
            try:
                chunk = open_stored_chunk(store, upload.store_key, upload.cipher, index, upload.length)
            except PermanentError as error:
                log.error("chunk_broken", upload=upload.id, chunk=index, reason=error.reason)
                return "", index
            if hashed is not None:
                hashed.result()
            hashed = beside.submit(digest.update, chunk)
    return digest.hexdigest(), None


def _sync(upload: Upload, kept: int) -> None:
    """Make what the store holds durable; ``kept`` plaintext bytes are."""
    ports().recordings.sync(upload.store_key, kept // CHUNK_BYTES * SEALED_CHUNK_BYTES)


def _locked() -> UploadRefused:
    return UploadRefused("upload_locked", 423, headers={"Retry-After": "2"})


def _has_ended(upload_id: str) -> bool:
    """Whether an upload was given up, expired or erased since it was read."""
    segment = db.session.get(Segment, upload_id)
    return segment is None or segment.status in {service.TERMINATED, service.EXPIRED, service.ERASED}


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
