"""Where WeChat pushes its events: verified, stored, answered at once, acted on by a job (N5).

WeChat repeats what is not answered within 5 s, so nothing is done here but one insert per event, and each event is
kept once.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

import structlog
from apiflask import APIBlueprint
from flask import Response, request
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from app.core.errors import Forbidden, NotFound
from app.core.faults import fault_point
from app.core.work import schedule_work
from app.http.callers import allow
from tenants.models import PushEvent
from tenants.tenancy import control_scope
from tenants.wechat.apps import AppRecord, get_app
from wechat.events import Event, OtherEvent, parse_push, verify_signature

blueprint = APIBlueprint(
    "wechat_callbacks", __name__, url_prefix="/wechat/callbacks", tag="WeChat", enable_openapi=False
)
log = structlog.get_logger("wechat")


@blueprint.get("/<app_id>")
@allow("public")
def confirm_address(app_id: str) -> Response:
    """WeChat checks our address when message push is switched on: the echo, for its signature only."""
    app, args = _app_with_push(app_id), request.args
    token = app.push_token or ""
    verify_signature(token, args.get("timestamp", ""), args.get("nonce", ""), args.get("signature", ""))
    return _plain(args.get("echostr", ""))


@blueprint.post("/<app_id>")
@allow("public")
def receive_push(app_id: str) -> Response:
    """Keep the events of one push, each once, and say ``success``."""
    app = _app_with_push(app_id)
    events = parse_push(
        app.app_id, app.push_token or "", app.push_aes_key or "", request.args, request.get_data()
    )
    for event in events:
        if isinstance(event, OtherEvent):
            log.info("push_ignored", app=app_id, event=event.name[:40])
        else:
            _keep(event)
    return _plain("success")


def _app_with_push(app_id: str) -> AppRecord:
    """The app, if it may push to us. An unknown one looks like a wrong signature."""
    try:
        app = get_app(app_id)
    except NotFound:
        raise Forbidden("wechat_signature_invalid") from None
    if not app.push_token or not app.push_aes_key:
        raise Forbidden("wechat_signature_invalid")
    return app


def _keep(event: Event) -> None:
    """Store one event with its work; a repeat of the push changes nothing."""
    try:
        with control_scope():
            row = PushEvent(
                app_id=event.app_id,
                dedupe_key=event.dedupe_key,
                kind=type(event).__name__,
                body=json.dumps(_document(event), ensure_ascii=False),
            )
            db.session.add(row)
            db.session.flush()
            schedule_work("handle_push", row.id)
            fault_point("push.stored")
            db.session.commit()
    except IntegrityError:
        return


def _document(event: Event) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _plain(words: str) -> Response:
    return Response(words, content_type="text/plain; charset=utf-8")
