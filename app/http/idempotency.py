"""Idempotency-Key: a creating POST that is repeated gives the first answer again instead of creating twice.

The answer is stored in the transaction that did the work, so either both exist or neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, make_response, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.database import current_tenant_id, db
from app.core.encryption import seal, unseal
from app.core.errors import Conflict, InvalidInput
from app.http.callers import caller
from app.http.models import IdempotencyRecord
from tenants.keys import tenant_key

View = TypeVar("View", bound=Callable[..., Any])
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
        key_hash = _digest(f"{who.role}:{who.subject}:{request.method}:{request.path}:{key}".encode())
        request_hash = _digest(request.get_data())
        record = _find(key_hash)
        if record is not None:
            return _replay(record, request_hash)
        record = IdempotencyRecord(key_hash=key_hash, request_hash=request_hash)
        db.session.add(record)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Conflict("request_in_progress") from error
        response = make_response(view(*args, **kwargs))
        record.status = response.status_code
        record.body = seal(tenant_key(current_tenant_id()), response.get_data(), f"idempotency:{key_hash}")
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


def _replay(record: IdempotencyRecord, request_hash: str) -> Response:
    if record.request_hash != request_hash:
        raise InvalidInput("idempotency_key_reused")
    if record.status is None or record.body is None:
        raise Conflict("request_in_progress")
    body = unseal(tenant_key(current_tenant_id()), record.body, f"idempotency:{record.key_hash}")
    response = Response(body, status=record.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
