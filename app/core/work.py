"""The work list: every asynchronous action is a row that commits together with the change that asks for it.

The database is the truth, the queue is a hint. A row is *waiting* until ``due_at``, *offered* once the relay has
enqueued a job for it (``lease_until`` set), *held* while a worker performs it (``holder`` set, the lease extended by a
heartbeat), and gone when its result is recorded: in one transaction, and only by its holder. An expired lease is
offered again, so a lost queue or a killed worker loses nothing. Rows hold ids only and live once per database server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Integer, delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import UtcDateTime, ascii_string, id_type
from app.core.database import HubModel, current_scope, db
from app.core.errors import WeimianError
from app.core.ids import new_id

CONTROL = "control"  # stands in the tenant_id column for work of the control plane


class LostClaim(WeimianError):
    """Another worker holds this work now; whatever was computed must not be recorded."""


@dataclass(frozen=True)
class WorkKind:
    """A kind of work: the queue that serves it and the dotted path of its job ``(tenant_id, entity_id)``."""

    queue: str
    job: str
    max_attempts: int = 8


KINDS: Mapping[str, WorkKind] = {
    "deliver_message": WorkKind("delivery", "workers.jobs.messages.deliver_message"),
    "analyse_take": WorkKind("analysis", "workers.jobs.analyses.analyse_take", max_attempts=5),
    "render_take": WorkKind("renditions", "workers.jobs.renditions.render_take", max_attempts=3),
    "score_interview": WorkKind("maintenance", "workers.jobs.reports.score_interview"),
    "handle_push": WorkKind("callbacks", "workers.jobs.pushes.handle_push"),
    "settle_message": WorkKind("maintenance", "workers.jobs.messages.settle_message"),
    "close_invitation": WorkKind("maintenance", "workers.jobs.invitations.close_invitation"),
    "improve_draft": WorkKind("maintenance", "workers.jobs.drafts.improve_draft", max_attempts=3),
    "improve_preassessment": WorkKind(
        "maintenance", "workers.jobs.drafts.improve_preassessment", max_attempts=3
    ),
    "erase_candidate": WorkKind("maintenance", "workers.jobs.erasures.erase_candidate"),
    "watch_alert": WorkKind("maintenance", "workers.jobs.alerts.watch_alert"),
    "watch_invitation": WorkKind("maintenance", "workers.jobs.alerts.watch_invitation"),
    "post_alerts": WorkKind("maintenance", "workers.jobs.alerts.post_alerts"),
    "send_digest": WorkKind("maintenance", "workers.jobs.alerts.send_digest"),
    "tell_status": WorkKind("maintenance", "workers.jobs.reports.tell_status"),
    "expire_upload": WorkKind("maintenance", "workers.jobs.recordings.expire_upload"),
}


class Work(HubModel):
    """One piece of work that somebody must do at ``due_at`` or later."""

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_due", "due_at", "lease_until"),
        Index("uq_work_subject", "tenant_id", "kind", "entity_id", unique=True),
    )

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(id_type())
    kind: Mapped[str] = mapped_column(ascii_string(40))
    entity_id: Mapped[str] = mapped_column(id_type())
    queue: Mapped[str] = mapped_column(ascii_string(20))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime())
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    holder: Mapped[str | None] = mapped_column(id_type())
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(ascii_string(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


def schedule_work(kind: str, entity_id: str, due_at: datetime | None = None) -> None:
    """Ask for work on an entity, in the current transaction. Already asked for: its time moves to ``due_at``.

    Work that a worker holds at this moment is left to it when ``due_at`` is not later than now; otherwise KeyError
    for an unknown kind.
    """
    tenant_id = current_scope().tenant_id or CONTROL
    due_at = due_at or utcnow()
    # Locked: a worker that claims or finishes it at this moment is waited for, not overwritten.
    wanted = _subject(select(Work), tenant_id, kind, entity_id).with_for_update()
    found = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        queue = KINDS[kind].queue
        db.session.add(Work(tenant_id=tenant_id, kind=kind, entity_id=entity_id, queue=queue, due_at=due_at))
        db.session.flush()
    elif found.holder is None or (found.lease_until is not None and found.lease_until < utcnow()):
        found.due_at, found.lease_until, found.holder, found.attempts = due_at, None, None, 0
        db.session.flush()


def cancel_work(kind: str, entity_id: str) -> None:
    """Nobody needs to do it any more; no error when nothing was asked for."""
    tenant_id = current_scope().tenant_id or CONTROL
    db.session.execute(_subject(delete(Work), tenant_id, kind, entity_id))


def is_scheduled(kind: str, entity_id: str) -> bool:
    """Whether this work is waiting, offered or held."""
    tenant_id = current_scope().tenant_id or CONTROL
    return db.session.execute(_subject(select(Work.id), tenant_id, kind, entity_id)).first() is not None


def claim_work(kind: str, entity_id: str, lease: timedelta) -> str | None:
    """Hold the work for ``lease``: the holder's token, or None when it is gone, not due, or held by a living worker."""
    tenant_id = current_scope().tenant_id or CONTROL
    now, holder = utcnow(), new_id()
    claim = (
        _subject(update(Work), tenant_id, kind, entity_id)
        .where(Work.due_at <= now, (Work.holder.is_(None)) | (Work.lease_until < now))
        .values(holder=holder, lease_until=now + lease, attempts=Work.attempts + 1)
    )
    return holder if _changed(claim) == 1 else None


def attempts_of(kind: str, entity_id: str) -> int:
    """How many times this work was claimed so far."""
    tenant_id = current_scope().tenant_id or CONTROL
    return (
        db.session.execute(_subject(select(Work.attempts), tenant_id, kind, entity_id)).scalar_one_or_none()
        or 0
    )


def extend_work(kind: str, entity_id: str, holder: str, lease: timedelta) -> bool:
    """Heartbeat: keep holding it. False when it is lost."""
    return _changed(_held(update(Work), kind, entity_id, holder).values(lease_until=utcnow() + lease)) == 1


def finish_work(kind: str, entity_id: str, holder: str) -> None:
    """Done: call it in the transaction that records the result. Raises LostClaim, so that the result is rolled back."""
    if _changed(_held(delete(Work), kind, entity_id, holder)) != 1:
        raise LostClaim(f"{kind} {entity_id}")


def postpone_work(
    kind: str, entity_id: str, holder: str, due_at: datetime, reason: str, *, counts: bool = True
) -> None:
    """Not done: give it back for a later time; with ``counts=False`` this attempt is forgotten. Raises LostClaim."""
    values: dict[str, Any] = {"due_at": due_at, "holder": None, "lease_until": None, "reason": reason[:60]}
    if not counts:
        values["attempts"] = Work.attempts - 1
    if _changed(_held(update(Work), kind, entity_id, holder).values(**values)) != 1:
        raise LostClaim(f"{kind} {entity_id}")


def _subject(statement, tenant_id: str, kind: str, entity_id: str):  # type: ignore[no-untyped-def]
    return statement.where(Work.tenant_id == tenant_id, Work.kind == kind, Work.entity_id == entity_id)


def _held(statement, kind: str, entity_id: str, holder: str):  # type: ignore[no-untyped-def]
    return _subject(statement, current_scope().tenant_id or CONTROL, kind, entity_id).where(
        Work.holder == holder
    )


def _changed(statement) -> int:  # type: ignore[no-untyped-def]
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
