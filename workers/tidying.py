"""What has served its time is removed: old codes and tokens, answers kept for repeated requests, pictures that no post came
for, what WeChat told long ago.

Each rule reads old rows only, because ids begin with their time. Rows go in small transactions, so that nobody waits long
and a tick that is killed loses nothing; several schedulers may do it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from redis import Redis
from sqlalchemy import ColumnElement, delete, select

from app.core.clock import utcnow
from app.core.database import Scope, db
from app.core.ids import first_id
from app.http.idempotency import KEPT
from app.http.models import IdempotencyRecord
from app.invitations.models import BindingCode
from app.threads.models import Picture
from app.threads.service import LOOSE_FOR
from app.users.models import PhoneCode, RefreshToken
from tenants.models import MessageRoute, PushEvent
from tenants.tenancy import active_tenant_ids, control_transaction, tenant_transaction

EVERY_SECONDS = 3600.0
ENDED = timedelta(days=2)
"""How long codes and tokens stay after they expired: how many were sent in a day is counted by them."""
TOLD = timedelta(days=30)
"""How long WeChat's events stay, by which a repeated one is known."""
ROUTED = timedelta(days=180)
"""How long it is known whose message a send was: as long as somebody may settle one of which nobody knows."""
_BATCH = 500
_MOST_BATCHES = 40
log = structlog.get_logger("tidying")


@dataclass(frozen=True)
class Rule:
    """Rows of ``table`` that are made before ``before(now)``, and that ``ended(now)`` says nobody needs."""

    table: Any
    before: Callable[[datetime], datetime]
    key: Any
    ended: Callable[[datetime], Iterable[ColumnElement[bool]]] = lambda _now: ()


def _expired(table: Any) -> Rule:
    return Rule(table, lambda now: now - ENDED, table.id, lambda now: (table.expires_at < now - ENDED,))


OF_TENANTS = (
    _expired(RefreshToken),
    _expired(BindingCode),
    _expired(PhoneCode),
    Rule(IdempotencyRecord, lambda now: now - KEPT, IdempotencyRecord.id),
    Rule(Picture, lambda now: now - LOOSE_FOR, Picture.id, lambda _now: (Picture.post_id.is_(None),)),
)
OF_CONTROL = (
    Rule(PushEvent, lambda now: now - TOLD, PushEvent.id),
    Rule(MessageRoute, lambda now: now - ROUTED, MessageRoute.attempt_id),
)


def tick(_valkey: Redis) -> int:
    """Remove what nobody needs, everywhere. Returns how many rows went; one company's trouble stops no other."""
    gone = _tidy("control", control_transaction, OF_CONTROL)
    for tenant_id in active_tenant_ids():
        gone += _tidy(tenant_id, partial(tenant_transaction, tenant_id), OF_TENANTS)
    return gone


def _tidy(place: str, transaction: Callable[[], AbstractContextManager[Scope]], rules: Iterable[Rule]) -> int:
    gone = 0
    try:
        for rule in rules:
            for _ in range(_MOST_BATCHES):  # the rest goes with the next tick
                with transaction():
                    removed = _remove_some(rule)
                gone += removed
                if removed < _BATCH:
                    break
    except Exception:
        log.exception("tidying_failed", place=place)
    return gone


def _remove_some(rule: Rule) -> int:
    now = utcnow()
    ended = tuple(rule.ended(now))
    old = select(rule.key).where(rule.key < first_id(rule.before(now)), *ended).limit(_BATCH)
    found = list(db.session.scalars(old))
    if found:
        gone = delete(rule.table).where(rule.key.in_(found), *ended)  # some may be needed again since
        db.session.execute(gone.execution_options(synchronize_session=False))
    return len(found)
