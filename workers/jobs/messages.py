"""Sending one message: pack it, store the attempt, call with nothing open, record what came of it (N3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import db
from app.core.errors import InvalidInput, OutsideError, PermanentError, RateLimited, UncertainError
from app.core.faults import fault_point
from app.messages import delivery
from app.messages.delivery import Parcel
from app.messages.queries import REMINDERS, find_message, get_message
from app.ports import SubscribeMessage, WeChatIdentity
from tenants.wechat import apps, identities, ledger, routes
from wechat.errors import reaction_for
from wechat.templates import fit_value, time_value, validate_template_data
from workers.jobs.work import HeldWork, performs

log = structlog.get_logger("messages")
_PATIENCE = timedelta(
    minutes=10
)  # a message that has a deadline waits this long for a quota, then goes another way
_WECHAT_LANGUAGES = {"zh-CN": "zh_CN", "en": "en_US"}


def _give_up(work: HeldWork, reason: str) -> None:
    """Tried long enough: another way, or failed with its reason."""
    with work.scope():
        message = find_message(work.entity_id, lock=True)
        if message is not None and message.status == "queued":
            delivery.fall_back(message, reason)
        elif message is not None and message.status == "sending":
            delivery.pack(message.id)  # an attempt without an outcome: uncertain
        work.finish()
        db.session.commit()


@performs("deliver_message", give_up=_give_up)
def deliver_message(work: HeldWork) -> None:
    """Send one queued message by the way it is meant to go."""
    with work.scope():
        parcel = delivery.pack(work.entity_id)
        if isinstance(parcel, datetime):
            work.postpone((parcel - utcnow()).total_seconds(), "sending_hours", counts=False)
        elif parcel is None:
            work.finish()
        db.session.commit()
    if isinstance(parcel, Parcel) and parcel.channel == "wechat":
        _send_by_wechat(work, parcel)
    elif isinstance(parcel, Parcel):
        _send_directly(work, parcel)


@performs("settle_message")
def settle_message(work: HeldWork) -> None:
    """Ten minutes after a call without an answer: no event came, so it is shown to a person and stays as it is."""
    with work.scope():
        if delivery.settle(work.entity_id):
            log.warning("message_needs_person", message=work.entity_id)
        work.finish()
        db.session.commit()


# --- WeChat ---------------------------------------------------------------------------------------------------------


def _send_by_wechat(work: HeldWork, parcel: Parcel) -> None:
    assert parcel.identity_id is not None
    identity = identities.get_identity(parcel.identity_id)
    prepared = _prepare(parcel, identity)
    if isinstance(prepared, str):
        return _go_another_way(work, parcel, prepared)
    template_id = prepared.template_id
    routes.open_route(parcel.attempt_id, identity, template_id, parcel.tenant_id, parcel.message_id)
    if not _begin(work, parcel):
        return _take_back(parcel, identity, template_id)
    try:
        msgid = ports().wechat.send_subscribe_message(prepared)
    except UncertainError as error:
        return _record_uncertain(work, parcel, error)
    except OutsideError as error:
        _react(parcel, identity, template_id, error)
        return _record_refusal(work, parcel, error)
    fault_point("delivery.sent")
    _record_sent(work, parcel, msgid)
    if msgid is not None:
        routes.close_route(parcel.attempt_id, msgid)
    return None


def _prepare(parcel: Parcel, identity: WeChatIdentity) -> SubscribeMessage | str:
    """The message with its consent taken, or why it cannot go by WeChat: no_template, parameter_invalid, no_consent."""
    template = apps.find_template(identity.app_id, parcel.kind)
    if template is None:
        return "no_template"
    try:
        data = template_data(template.fields, parcel.content["fields"])
    except InvalidInput:
        log.error("template_misfit", app=identity.app_id, template=template.template_id, purpose=parcel.kind)
        return "parameter_invalid"
    if not ledger.take_consent(identity, template.template_id, attempt_id=parcel.attempt_id):
        return "no_consent"
    return SubscribeMessage(
        app=apps.get_app(identity.app_id).app,
        openid=identity.openid,
        template_id=template.template_id,
        page=parcel.content["page"],
        data=data,
        language=_WECHAT_LANGUAGES.get(parcel.content["language"], "zh_CN"),
    )


def template_data(mapping: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Our values in a template's fields, cut where the type allows. InvalidInput ``template_field_*``."""
    data = {}
    for ours, theirs in mapping.items():
        if ours not in values:
            raise InvalidInput("template_field_invalid", field=ours, limit=0)
        value = str(values[ours])
        if ours == "time":
            value = time_value(datetime.fromisoformat(value))
        data[theirs] = fit_value(theirs, value)
    validate_template_data(data)
    return data


def _react(parcel: Parcel, identity: WeChatIdentity, template_id: str, error: OutsideError) -> None:
    """Bring the ledger, the templates and the routes in line with a certain refusal. Safe to repeat."""
    reaction = reaction_for(error.reason)
    if reaction == "ledger_zero":
        ledger.clear_consents(identity, template_id, source_key=f"refused:{parcel.attempt_id}")
        routes.close_route(parcel.attempt_id, None)
    else:
        _take_back(parcel, identity, template_id)
    if reaction == "disable_template":
        apps.disable_template(identity.app_id, template_id, error.reason)
    if reaction in {"disable_template", "alert"}:
        log.error("wechat_needs_person", app=identity.app_id, template=template_id, reason=error.reason)


def _take_back(parcel: Parcel, identity: WeChatIdentity, template_id: str) -> None:
    ledger.return_consent(identity, template_id, attempt_id=parcel.attempt_id)
    routes.close_route(parcel.attempt_id, None)


# --- SMS and e-mail -------------------------------------------------------------------------------------------------


def _send_directly(work: HeldWork, parcel: Parcel) -> None:
    if not _begin(work, parcel):
        return
    try:
        outside_id = _call(parcel)
    except UncertainError as error:
        return _record_uncertain(work, parcel, error)
    except OutsideError as error:
        return _record_refusal(work, parcel, error)
    fault_point("delivery.sent")
    _record_sent(work, parcel, outside_id)


def _call(parcel: Parcel) -> str | None:
    content, reference = parcel.content, parcel.attempt_id
    if parcel.channel == "sms":
        return ports().text_messages.send_text(parcel.phone, content["sms"], reference=reference)
    if parcel.email is None:
        raise PermanentError("mail_refused", "no address")
    words = content.get("mail", content["sms"])
    return ports().mails.send_mail(parcel.email, content["title"], words, reference=reference)


# --- What is recorded -----------------------------------------------------------------------------------------------
# The outcome is a fact whoever holds the work by now, so it is committed without asking for the claim; the wrapper
# finishes the work afterwards, and a repeat finds the message in its new state and does nothing.


def _begin(work: HeldWork, parcel: Parcel) -> bool:
    with work.scope():
        begun = delivery.begin_attempt(parcel)
        db.session.commit()
    if begun:
        fault_point("delivery.attempt_stored")
    return begun


def _record_sent(work: HeldWork, parcel: Parcel, outside_id: str | None) -> None:
    with work.scope():
        delivery.record_sent(parcel, outside_id)
        db.session.commit()


def _record_uncertain(work: HeldWork, parcel: Parcel, error: UncertainError) -> None:
    log.warning("message_uncertain", message=parcel.message_id, reason=error.reason, detail=error.detail)
    with work.scope():
        delivery.record_uncertain(parcel, error.reason)
        db.session.commit()


def _record_refusal(work: HeldWork, parcel: Parcel, error: OutsideError) -> None:
    """Permanent: another way, or failed. Otherwise raised again, so that the wrapper postpones the work."""
    other_way = isinstance(error, PermanentError) or _would_come_too_late(parcel, error)
    with work.scope():
        message = delivery.record_refused(parcel, error.reason)
        if other_way and message.status == "queued":
            delivery.fall_back(message, error.reason)
        db.session.commit()
    if not other_way:
        raise error


def _would_come_too_late(parcel: Parcel, error: OutsideError) -> bool:
    """Whether a closed quota outlasts what a message with a deadline can wait."""
    return (
        isinstance(error, RateLimited)
        and parcel.kind in {*REMINDERS, "binding_code"}
        and error.after_seconds > _PATIENCE.total_seconds()
    )


def _go_another_way(work: HeldWork, parcel: Parcel, reason: str) -> None:
    """Nothing was called: no attempt is stored, the message says why another one took over."""
    with work.scope():
        message = get_message(parcel.message_id, lock=True)
        if message.status == "queued":
            delivery.fall_back(message, reason)
        work.finish()
        db.session.commit()
