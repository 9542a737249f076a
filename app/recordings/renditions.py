"""Renditions: asked for once a take is analysed, made by a worker, sealed as a segment is, erased with the take (ADR 27)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.encryption import CHUNK_BYTES, SEALED_CHUNK_BYTES, ChunkCipher, new_key, unwrap_key, wrap_key
from app.core.ids import new_id
from app.core.signals import Span
from app.core.work import cancel_work, schedule_work
from app.interviews.models import Take
from app.recordings import queries
from app.recordings.models import Rendition
from tenants.keys import candidate_key, candidate_keys

_SOONEST, _LATEST = timedelta(hours=1), timedelta(days=1)
WANTED, READY, ORIGINAL, IMPOSSIBLE, ERASED = "wanted", "ready", "original", "impossible", "erased"


@dataclass(frozen=True)
class Attempt:
    """One attempt at a rendition, detached from any session: where to write, and with which key."""

    rendition_id: str
    take_id: str
    medium: str
    store_key: str
    cipher: ChunkCipher


@dataclass(frozen=True)
class Made:
    """What an attempt made. ``width`` and ``height`` are None for sound alone."""

    length: int
    sha256: str
    duration_ms: int
    gaps: tuple[Span, ...]
    width: int | None
    height: int | None


def request_rendition(take_id: str) -> None:
    """Ask for a take's rendition, once; nothing for a written answer or a take that is not analysed."""
    take = db.session.get(Take, take_id)
    if take is None or take.medium == "text" or take.status != "analysed":
        return
    if queries.find_rendition(take_id) is None:
        rendition_id = new_id()
        rendition = Rendition(
            id=rendition_id,
            take_id=take_id,
            candidate_id=take.candidate_id,
            store_key=f"{current_tenant_id()}/{rendition_id}",
            wrapped_key=b"",
        )
        try:
            with db.session.begin_nested():
                db.session.add(rendition)
        except IntegrityError:  # another request asked at this moment
            return
        schedule_work("render_take", take_id)


def begin_attempt(take_id: str) -> Attempt | None:
    """A fresh key and place for a rendition that is wanted; None when it is made, given up, or its candidate erased.

    What an earlier attempt left in the store is removed first: its key is gone. Should that attempt still live, it writes,
    and removes, where this one does not.
    """
    rendition, take = queries.find_rendition(take_id), db.session.get(Take, take_id)
    if rendition is None or take is None or rendition.status != WANTED:
        return None
    keys = candidate_keys(current_tenant_id(), [rendition.candidate_id])
    if rendition.candidate_id not in keys:
        return None
    file_key = new_key()
    rendition.wrapped_key = wrap_key(keys[rendition.candidate_id], file_key)
    ports().recordings.delete(rendition.store_key)
    rendition.store_key = f"{current_tenant_id()}/{new_id()}"
    db.session.flush()
    cipher = ChunkCipher(file_key, rendition.id)
    return Attempt(rendition.id, take_id, take.medium, rendition.store_key, cipher)


def write_sealed(attempt: Attempt, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Seal the bytes of a file as they come and make it durable; its length and SHA-256. Needs no scope."""
    store, digest = ports().recordings, hashlib.sha256()
    waiting, index, length = bytearray(), 0, 0

    def put(chunk: bytes, *, last: bool) -> None:
        nonlocal index
        sealed = attempt.cipher.seal_chunk(index, chunk, last=last)
        store.append(attempt.store_key, index * SEALED_CHUNK_BYTES, sealed)
        index += 1

    for piece in pieces:
        digest.update(piece)
        length += len(piece)
        waiting += piece
        while len(waiting) > CHUNK_BYTES:  # one whole chunk is kept back: it may be the last
            put(bytes(waiting[:CHUNK_BYTES]), last=False)
            del waiting[:CHUNK_BYTES]
    put(bytes(waiting), last=True)
    store.sync(attempt.store_key, 0)
    return length, digest.hexdigest()


def keep_rendition(attempt: Attempt, made: Made) -> None:
    """The file is there: it is what plays from now on."""
    rendition = db.session.get_one(Rendition, attempt.rendition_id)
    rendition.status, rendition.reason, rendition.made_at = READY, None, utcnow()
    rendition.length, rendition.sha256 = made.length, made.sha256
    rendition.content_type = "audio/mp4" if made.width is None else "video/mp4"
    rendition.facts = {
        "duration_ms": made.duration_ms,
        "gaps": [[gap.start_ms, gap.end_ms] for gap in made.gaps],
        "width": made.width,
        "height": made.height,
    }
    db.session.flush()


def conclude_without(take_id: str, status: str, reason: str | None = None) -> None:
    """No file is made: ``original`` plays everywhere by itself, or it is ``impossible`` for a named reason."""
    rendition = queries.find_rendition(take_id)
    if rendition is not None and rendition.status == WANTED:
        ports().recordings.delete(rendition.store_key)
        rendition.status, rendition.reason, rendition.wrapped_key = status, reason, b""
        db.session.flush()


def try_again_later(take_id: str) -> None:
    """Ask again after as long as it has been wanted already, at least an hour and at most a day; the original plays."""
    rendition = queries.find_rendition(take_id)
    if rendition is not None and rendition.status == WANTED:
        ports().recordings.delete(rendition.store_key)
        now = utcnow()
        wait = min(max(now - rendition.created_at, _SOONEST), _LATEST)
        schedule_work("render_take", take_id, now + wait)


def rendition_cipher(rendition: Rendition) -> ChunkCipher:
    """The cipher of a rendition's file. Raises Gone ``candidate_erased``."""
    key = candidate_key(current_tenant_id(), rendition.candidate_id)
    return ChunkCipher(unwrap_key(key, rendition.wrapped_key), rendition.id)


def delete_renditions_of(candidate_id: str) -> None:
    """Remove every rendition of a candidate from the store; one being made has nowhere to be recorded. Safe to repeat."""
    for rendition in queries.renditions_of_candidate(candidate_id):
        ports().recordings.delete(rendition.store_key)
        rendition.status, rendition.wrapped_key, rendition.facts = ERASED, b"", None
        cancel_work("render_take", rendition.take_id)
    db.session.flush()
