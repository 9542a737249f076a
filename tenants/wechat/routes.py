"""Which tenant's message a send was, so that WeChat's events find it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core.clock import utcnow
from app.core.database import db
from app.ports import WeChatIdentity
from tenants.models import MessageRoute
from tenants.tenancy import control_scope
from tenants.wechat.ledger import of_person


def open_route(
    attempt_id: str, identity: WeChatIdentity, template_id: str, tenant_id: str, message_id: str
) -> None:
    """Before a call: remember whose message it is."""
    with control_scope():
        if db.session.get(MessageRoute, attempt_id) is None:
            db.session.add(
                MessageRoute(
                    attempt_id=attempt_id,
                    app_id=identity.app_id,
                    openid=identity.openid,
                    template_id=template_id,
                    tenant_id=tenant_id,
                    message_id=message_id,
                )
            )
            db.session.commit()


def close_route(attempt_id: str, msgid: str | None) -> None:
    """After a call that answered: keep WeChat's msgid, or forget a route that certainly sent nothing."""
    with control_scope():
        row = db.session.get(MessageRoute, attempt_id)
        if row is not None:
            if msgid is None:
                db.session.delete(row)
            else:
                row.msgid = msgid
            db.session.commit()


def find_call(attempt_id: str) -> tuple[WeChatIdentity, str] | None:
    """(recipient, template id) of a call that was begun and is not known to have sent nothing."""
    with control_scope(read_only=True):
        row = db.session.get(MessageRoute, attempt_id)
        return (WeChatIdentity(row.app_id, row.openid), row.template_id) if row is not None else None


def find_route(identity: WeChatIdentity, template_id: str, msgid: str) -> tuple[str, str, str] | None:
    """(tenant id, message id, attempt id) of a sent event.

    By msgid; else, when exactly one call to this person with this template in the last day has no answer yet, that one.
    """
    with control_scope(read_only=True):
        row = db.session.execute(
            select(MessageRoute).where(MessageRoute.app_id == identity.app_id, MessageRoute.msgid == msgid)
        ).scalar_one_or_none()
        if row is None:
            unknown = db.session.scalars(
                select(MessageRoute).where(
                    *of_person(MessageRoute, identity, template_id),
                    MessageRoute.msgid.is_(None),
                    MessageRoute.created_at > utcnow() - timedelta(days=1),
                )
            ).all()
            row = unknown[0] if len(unknown) == 1 else None
        return (row.tenant_id, row.message_id, row.attempt_id) if row is not None else None
