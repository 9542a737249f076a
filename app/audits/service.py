"""Writes and checks the audit chain (P3)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.audits.models import AuditEntry, AuditHead
from app.core.clock import utcnow
from app.core.database import current_scope, db
from app.core.ids import new_id

_HEAD = "head"


@dataclass(frozen=True)
class Actor:
    """Who acts: ``kind`` is user, candidate, guest (of a share), operator or system."""

    kind: str
    id: str


SYSTEM = Actor("system", "system")


def start_chain() -> None:
    """Make the head of an empty chain (once, at provisioning)."""
    if db.session.get(AuditHead, _HEAD) is None:
        db.session.add(AuditHead(id=_HEAD))
        db.session.flush()


def record(actor: Actor, action: str, entity_kind: str, entity_id: str, **detail: Any) -> None:
    """Add one entry in the current transaction, which may write from its beginning: one that turns to writing only now
    fails when somebody else wrote meanwhile. ``detail`` must hold no personal data.
    """
    if current_scope().read_only:
        raise RuntimeError(f"{action} is put on record in a transaction that only reads")
    head = db.session.execute(select(AuditHead).where(AuditHead.id == _HEAD).with_for_update()).scalar_one()
    entry = AuditEntry(
        id=new_id(),
        number=head.number + 1,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        entity_kind=entity_kind,
        entity_id=entity_id,
        detail=detail,
        created_at=utcnow(),
        previous_hash=head.hash,
        hash="",
    )
    entry.hash = _hash(entry)
    head.number, head.hash = entry.number, entry.hash
    db.session.add(entry)
    db.session.flush()


def find_break() -> int | None:
    """The number of the first entry that does not follow from the one before; None when the chain is whole."""
    previous, expected = "", 1
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)):
        if entry.number != expected or entry.previous_hash != previous or entry.hash != _hash(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    head = db.session.get_one(AuditHead, _HEAD)
    return None if head.number == expected - 1 and head.hash == previous else expected


def _hash(entry: AuditEntry) -> str:
    body = [
        entry.id,
        entry.number,
        entry.actor_kind,
        entry.actor_id,
        entry.action,
        entry.entity_kind,
        entry.entity_id,
        entry.detail,
        entry.created_at.isoformat(),
        entry.previous_hash,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
