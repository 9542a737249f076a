"""Carries due work from the database to the queues, fairly; run by every scheduler process.

One look costs what is due, not what exists. A row is offered by a conditional UPDATE of its lease before its job is
enqueued, so two relays never offer the same row at once; and a lease that ends without a claim (queue lost, worker
killed) makes the row due again. Of each tenant at most ``work_in_flight_per_tenant`` rows per queue are offered or held
at a time: ten thousand rows of one tenant do not delay another's one (T6).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, or_, select, update
from sqlalchemy.engine import CursorResult, Row

from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import Scope, db, open_scope
from app.core.faults import fault_point
from app.core.work import CONTROL, Work
from tenants.tenancy import hub_scopes, tenancy
from workers.queues import Offer, offer

_SUSPENDED_WAIT = timedelta(seconds=60)
_MOST_PER_TICK = 500
log = structlog.get_logger("relay")


def tick(valkey: Redis) -> int:
    """Offer what is due on every hub. Returns how many jobs were enqueued; one hub's trouble stops no other.

    Nothing is leased while Valkey is away, so that everything is offered as soon as it is back. RedisError.
    """
    valkey.ping()
    enqueued = 0
    for hub in hub_scopes():
        try:
            leased = _lease_due(hub)
            if leased:
                fault_point("relay.offered")
                enqueued += offer(valkey, leased)
        except RedisError as error:  # the leases end by themselves and the rows are offered again
            log.warning("valkey_away", problem=type(error).__name__)
            return enqueued
        except Exception:
            log.exception("relay_failed")
    return enqueued


def offer_lease() -> timedelta:
    """How long an offer may wait in a queue before somebody looks whether it is still there."""
    return timedelta(seconds=1.5 * settings().work_lease_seconds)


def _lease_due(hub: Scope) -> list[Offer]:
    """Lease what may be offered now. Looking takes no write lock; only rows found are written."""
    now = utcnow()
    with open_scope(Scope(hub.engine, hub.schemas, read_only=True)):
        rows = _due(now)
    if not rows:
        return []
    with open_scope(Scope(hub.engine, hub.schemas)):
        inactive = {row.tenant_id for row in rows if not _is_active(row.tenant_id)}
        for tenant_id in inactive:
            _put_off(tenant_id, now)
        offers = [
            Offer(row.kind, row.tenant_id, row.entity_id, row.attempts)
            for row in rows
            if row.tenant_id not in inactive and _lease(row.id, now)
        ]
        db.session.commit()
    return offers


def _due(now: datetime) -> list[Row[tuple[str, str, str, str, int]]]:
    """Due rows within each tenant's share, everybody's first before anybody's second."""
    waiting = (Work.due_at <= now) & or_(Work.lease_until.is_(None), Work.lease_until < now)
    place = func.row_number().over(partition_by=(Work.tenant_id, Work.queue), order_by=(Work.due_at, Work.id))
    due = (
        select(
            Work.id,
            Work.kind,
            Work.tenant_id,
            Work.entity_id,
            Work.attempts,
            Work.queue,
            place.label("place"),
        )
        .where(waiting)
        .subquery()
    )
    flying = (
        select(Work.tenant_id, Work.queue, func.count().label("number"))
        .where(Work.lease_until >= now)
        .group_by(Work.tenant_id, Work.queue)
        .subquery()
    )
    same = (flying.c.tenant_id == due.c.tenant_id) & (flying.c.queue == due.c.queue)
    share = settings().work_in_flight_per_tenant
    statement = (
        select(due.c.id, due.c.kind, due.c.tenant_id, due.c.entity_id, due.c.attempts)
        .outerjoin(flying, same)
        .where(due.c.place + func.coalesce(flying.c.number, 0) <= share)
        .order_by(due.c.place, due.c.id)
        .limit(_MOST_PER_TICK)
    )
    return list(db.session.execute(statement))


def _lease(work_id: str, now: datetime) -> bool:
    """Ours to enqueue, unless another relay was faster. An earlier holder that is overdue loses its claim."""
    leased = db.session.execute(
        update(Work)
        .where(
            Work.id == work_id, Work.due_at <= now, or_(Work.lease_until.is_(None), Work.lease_until < now)
        )
        .values(lease_until=now + offer_lease(), holder=None)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(leased, CursorResult)
    return leased.rowcount == 1


def _put_off(tenant_id: str, now: datetime) -> None:
    """A suspended company's work waits; it is all still there when the company comes back."""
    db.session.execute(
        update(Work)
        .where(
            Work.tenant_id == tenant_id,
            Work.due_at <= now,
            or_(Work.holder.is_(None), Work.lease_until < now),
        )
        .values(due_at=now + _SUSPENDED_WAIT, lease_until=None, holder=None, reason="tenant_inactive")
        .execution_options(synchronize_session=False)
    )
    log.info("tenant_inactive", tenant=tenant_id)


def _is_active(tenant_id: str) -> bool:
    if tenant_id == CONTROL:
        return True
    record = tenancy().record("id", tenant_id)
    return record is not None and record.status == "active"
