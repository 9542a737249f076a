"""Idempotency-Key: a creating POST that is repeated gives the first answer again instead of creating twice.

The answer is stored in the transaction that did the work, so either both exist or neither. It may name a candidate, so it
is sealed and kept for a day only; a candidate's own answers are sealed with their key and end with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, make_response, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal, unseal
from app.core.errors import Conflict, InvalidInput
from app.core.ids import first_id
from app.http.callers import Caller, caller
from app.http.models import IdempotencyRecord
from tenants.keys import candidate_key, tenant_key

View = TypeVar("View", bound=Callable[..., Any])
KEPT = timedelta(days=1)
_LONGEST = 200


def idempotent(view: View) -> View:
    """Honour Idempotency-Key on a view. Put it directly under ``@allow``, above ``@input`` and ``@output``."""

    @wraps(view)
    def replayed(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        if not 0 < len(key) <= _LONGEST:
            raise InvalidInput("idempotency_key_invalid")
        who = caller()
        # One candidate may hold several invitations, whose addresses are the same.
        asker = f"{who.role}:{who.subject}:{who.invitation_id or ''}"
        key_hash = _digest(f"{asker}:{request.method}:{request.path}:{key}".encode())
        request_hash = _digest(request.get_data())
        record = _find(key_hash)
        if record is not None:
            return _replay(record, request_hash, _key_of(who))
        _forget_old()
        record = IdempotencyRecord(key_hash=key_hash, request_hash=request_hash)
        db.session.add(record)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Conflict("request_in_progress") from error
        response = make_response(view(*args, **kwargs))
        record.status = response.status_code
        record.body = seal(_key_of(who), response.get_data(), f"idempotency:{key_hash}")
        return response

    replayed.honours_idempotency_key = True  # type: ignore[attr-defined]
    return replayed  # type: ignore[return-value]


def repeatable(why: str) -> Callable[[View], View]:
    """Say of a creating POST why repeating it does no harm without Idempotency-Key. Put it where ``@idempotent`` goes."""

    def declare(view: View) -> View:
        view.why_repeatable = why  # type: ignore[attr-defined]
        return view

    return declare


def _find(key_hash: str) -> IdempotencyRecord | None:
    return db.session.execute(
        select(IdempotencyRecord).where(IdempotencyRecord.key_hash == key_hash)
    ).scalar_one_or_none()


def _forget_old() -> None:
    """Remove what was kept for a day; ids begin with their time, so this reads the old rows only."""
    old = IdempotencyRecord.id < first_id(utcnow() - KEPT)
    if db.session.execute(select(IdempotencyRecord.id).where(old).limit(1)).first() is not None:
        gone = delete(IdempotencyRecord).where(old).execution_options(synchronize_session=False)
        db.session.execute(gone)


def _key_of(who: Caller) -> bytes:
    """What an answer to this caller is sealed with. Raises Gone ``candidate_erased``."""
    tenant_id = current_tenant_id()
    return candidate_key(tenant_id, who.subject) if who.role == "candidate" else tenant_key(tenant_id)


def _replay(record: IdempotencyRecord, request_hash: str, key: bytes) -> Response:
    if record.request_hash != request_hash:
        raise InvalidInput("idempotency_key_reused")
    if record.status is None or record.body is None:
        raise Conflict("request_in_progress")
    body = unseal(key, record.body, f"idempotency:{record.key_hash}")
    response = Response(body, status=record.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
