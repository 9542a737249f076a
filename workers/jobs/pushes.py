"""What WeChat's events change: consents in the ledger, and the fate of messages (N2, N5)."""

from __future__ import annotations

import json
from typing import Any

import structlog

from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import Forbidden
from app.core.faults import fault_point
from app.messages import delivery
from app.ports import WeChatIdentity
from tenants.models import PushEvent
from tenants.tenancy import tenant_transaction
from tenants.wechat import apps, ledger, routes
from workers.jobs.work import HeldWork, performs

log = structlog.get_logger("pushes")


@performs("handle_push")
def handle_push(work: HeldWork) -> None:
    """Act on one stored event. Each effect is keyed by the event, so a repeat changes nothing."""
    with work.scope(read_only=True):
        row = db.session.get(PushEvent, work.entity_id)
        known = (row.kind, row.dedupe_key, json.loads(row.body)) if row is not None else None
    if known is not None:
        kind, key, event = known
        identity = WeChatIdentity(event["app_id"], event["openid"])
        _ACTIONS[kind](identity, key, event)
        fault_point("push.handled")
    with work.scope():
        row = db.session.get(PushEvent, work.entity_id)
        if row is not None:
            row.handled_at = utcnow()
        work.finish()
        db.session.commit()


def _popup(identity: WeChatIdentity, key: str, event: dict[str, Any]) -> None:
    """An acceptance is one message; for an app whose consents the client reports it only confirms them."""
    if event["accepted"] and apps.get_app(identity.app_id).consent_source == "event":
        ledger.add_consent(identity, event["template_id"], source="event", source_key=f"event:{key}")


def _change(identity: WeChatIdentity, key: str, event: dict[str, Any]) -> None:
    """Switched off in WeChat's settings: no consent is left."""
    if not event["accepted"]:
        ledger.clear_consents(identity, event["template_id"], source_key=f"change:{key}")


def _sent(identity: WeChatIdentity, _key: str, event: dict[str, Any]) -> None:
    """Delivered, or refused after it was accepted; also what ends the doubt about a call without an answer."""
    route = routes.find_route(identity, event["template_id"], event["msgid"])
    if route is None:
        log.info("sent_event_of_nobody", app=identity.app_id, msgid=event["msgid"])
        return
    tenant_id, message_id, attempt_id = route
    refusal = None if event["error_code"] == 0 else "delivery_refused"
    if refusal is not None:
        log.warning("delivery_refused", message=message_id, code=event["error_code"])
    try:
        with tenant_transaction(tenant_id):
            delivery.record_event(message_id, attempt_id, event["msgid"], refusal=refusal)
    except Forbidden:  # the company is suspended; its message is shown to a person when it is back
        log.info("tenant_inactive", tenant=tenant_id)
        return
    routes.close_route(attempt_id, event["msgid"])


_ACTIONS = {"SubscribePopup": _popup, "SubscribeChange": _change, "SubscribeSent": _sent}
