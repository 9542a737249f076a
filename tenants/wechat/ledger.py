"""The subscription ledger: what each person agreed to receive, counted once, and what was sent of it (N2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from app.core.clock import utcnow
from app.core.database import db
from app.ports import WeChatIdentity
from tenants.models import SubscriptionBalance, SubscriptionEntry
from tenants.tenancy import control_scope


def add_consent(identity: WeChatIdentity, template_id: str, *, source: str, source_key: str) -> bool:
    """Count one accepted subscription. False when this very consent was counted before."""
    return _change(identity, template_id, +1, source, source_key)


def return_consent(identity: WeChatIdentity, template_id: str, *, attempt_id: str) -> bool:
    """Give back a consent that a certainly unsent message had taken."""
    return _change(identity, template_id, +1, "returned", f"returned:{attempt_id}")


def take_consent(identity: WeChatIdentity, template_id: str, *, attempt_id: str) -> bool:
    """Take one consent for one attempt to send, once however often it is asked. False when none is left."""
    if _counted(f"sent:{attempt_id}"):
        return True
    with control_scope():
        taken = db.session.execute(
            update(SubscriptionBalance)
            .where(*of_person(SubscriptionBalance, identity, template_id), SubscriptionBalance.remaining > 0)
            .values(remaining=SubscriptionBalance.remaining - 1, updated_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount != 1:
            return False
        db.session.add(_entry(identity, template_id, -1, "sent", f"sent:{attempt_id}"))
        db.session.commit()
        return True


def clear_consents(identity: WeChatIdentity, template_id: str, *, source_key: str) -> None:
    """WeChat says none is left (43101) or the person switched the template off: the balance becomes zero, once."""
    if _counted(source_key):
        return
    with control_scope():
        row = db.session.get(SubscriptionBalance, (identity.app_id, identity.openid, template_id))
        if row is not None and row.remaining:
            db.session.add(_entry(identity, template_id, -row.remaining, "cleared", source_key))
            row.remaining = 0
            db.session.commit()


def remaining_consents(identity: WeChatIdentity) -> dict[str, int]:
    """Messages left by template id."""
    with control_scope(read_only=True):
        rows = db.session.scalars(
            select(SubscriptionBalance).where(
                SubscriptionBalance.app_id == identity.app_id, SubscriptionBalance.openid == identity.openid
            )
        ).all()
        return {row.template_id: row.remaining for row in rows}


def _change(identity: WeChatIdentity, template_id: str, change: int, source: str, source_key: str) -> bool:
    for attempt in range(2):
        try:
            with control_scope():
                db.session.add(_entry(identity, template_id, change, source, source_key))
                db.session.flush()
                row = db.session.get(
                    SubscriptionBalance, (identity.app_id, identity.openid, template_id), with_for_update=True
                )
                if row is None:
                    row = SubscriptionBalance(
                        app_id=identity.app_id, openid=identity.openid, template_id=template_id, remaining=0
                    )
                    db.session.add(row)
                row.remaining += change
                db.session.commit()
                return True
        except IntegrityError:  # counted before, or the balance row was just made by somebody else
            if attempt == 1 or _counted(source_key):
                return False
    return False


def _counted(source_key: str) -> bool:
    with control_scope(read_only=True):
        found = select(SubscriptionEntry.id).where(SubscriptionEntry.source_key == source_key)
        return db.session.execute(found).first() is not None


def _entry(
    identity: WeChatIdentity, template_id: str, change: int, source: str, key: str
) -> SubscriptionEntry:
    return SubscriptionEntry(
        app_id=identity.app_id,
        openid=identity.openid,
        template_id=template_id,
        change=change,
        source=source,
        source_key=key,
    )


def of_person(table: Any, identity: WeChatIdentity, template_id: str) -> tuple[ColumnElement[bool], ...]:
    """That a row is one person's for one template."""
    return (
        table.app_id == identity.app_id,
        table.openid == identity.openid,
        table.template_id == template_id,
    )
