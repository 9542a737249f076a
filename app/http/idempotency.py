"""Idempotency-Key: a creating POST that is repeated gives the first answer again instead of creating twice.

The answer is stored in the transaction that did the work, so either both exist or neither. It is kept for a day. What is
about a candidate, whoever asked, is sealed with the candidate's key and ends with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import reduce, wraps
from operator import getitem
from typing import Any, TypeVar

from flask import Response, make_response, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.database import current_tenant_id, db
from app.core.encryption import seal, unseal
from app.core.errors import Conflict, InvalidInput
from app.http.callers import Caller, caller
from app.http.models import IdempotencyRecord
from app.positions.visibility import candidate_of
from tenants.keys import candidate_key, candidate_keys, tenant_key

View = TypeVar("View", bound=Callable[..., Any])
KEPT = timedelta(days=1)
_LONGEST = 200


def idempotent(view: View) -> View:
    """Honour Idempotency-Key on a view. Put it directly under ``@allow``, above ``@input`` and ``@output``.

    Whom the answer is about is known from the caller or from what the path names.
    """
    return _idempotent(view, None)


def idempotent_about(field: str) -> Callable[[View], View]:
    """As ``idempotent``, for a view whose answer names the candidate it is about in ``field``, say ``candidate.id``."""

    def declare(view: View) -> View:
        return _idempotent(view, field)

    return declare


def _idempotent(view: View, field: str | None) -> View:
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
            return _replay(record, request_hash, _key_of(who, record.candidate_id))
        record = IdempotencyRecord(key_hash=key_hash, request_hash=request_hash)
        db.session.add(record)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Conflict("request_in_progress") from error
        response = make_response(view(*args, **kwargs))
        record.status, record.candidate_id = response.status_code, _concerned(who, response, field)
        key_of_answer = _key_of(who, record.candidate_id)
        record.body = seal(key_of_answer, response.get_data(), f"idempotency:{key_hash}")
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


def _concerned(who: Caller, response: Response, field: str | None) -> str | None:
    """The candidate that an answer is about; None also for one who was erased, of whom nothing is left to tell."""
    if who.role == "candidate":
        return who.subject
    if field is not None:
        found = {str(reduce(getitem, field.split("."), response.get_json()))}
    else:
        named = (candidate_of(name, str(value)) for name, value in (request.view_args or {}).items())
        found = {candidate_id for candidate_id in named if candidate_id is not None}
    return next(iter(candidate_keys(current_tenant_id(), sorted(found))), None) if found else None


def _key_of(who: Caller, candidate_id: str | None) -> bytes:
    """What an answer is sealed with: a candidate's own always with their key. Raises Gone ``candidate_erased``."""
    tenant_id = current_tenant_id()
    if who.role == "candidate":
        return candidate_key(tenant_id, who.subject)
    return tenant_key(tenant_id) if candidate_id is None else candidate_key(tenant_id, candidate_id)


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
