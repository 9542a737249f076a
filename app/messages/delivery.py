"""The states of one delivery, as transitions that a job or an event applies in its own transaction.

Each locks the message's row before it looks: a worker, an event and a person may come at the same moment.

queued -> sending (the attempt is stored) -> sent -> delivered. A refusal that trying again may mend goes back to queued;
one that it cannot mend falls back to another way or fails. An attempt whose outcome nobody knows makes the message
uncertain: only the sent event or a person ends that, never another call.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult

from app.candidates.models import Candidate
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Gone
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.interviews.models import Interview
from app.invitations.models import Invitation
from app.messages import queries
from app.messages.models import Message, MessageAttempt
from app.messages.service import content_context, sending_hours
from tenants.keys import candidate_key

SETTLE_AFTER = timedelta(minutes=10)
_KEEPS_HOURS = {"reminder_day", "status", "result", "survey", "appeal"}
_OPEN = {"sent", "bound", "started"}
_NEEDS_OPEN_INVITATION = {"invitation", *queries.REMINDERS}
_WITHDRAWN = {"cancelled", "declined"}


@dataclass(frozen=True)
class Parcel:
    """All that a call needs, taken out of the database so that no transaction is open while it is made."""

    tenant_id: str
    message_id: str
    kind: str
    channel: str
    attempt_id: str
    content: dict[str, Any]
    phone: str
    email: str | None
    identity_id: str | None

    @property
    def until(self) -> datetime | None:
        """After this moment the message is of no use."""
        return _moment(self.content.get("until"))


def pack(message_id: str) -> Parcel | datetime | None:
    """What to send now; or the moment to try again; or None when there is nothing to do (any more).

    An attempt found without an outcome was cut short between call and record: the message becomes uncertain.
    """
    message = queries.find_message(message_id, lock=True)
    if message is None or message.status not in {"queued", "sending"}:
        return None
    if message.status == "sending":
        _mark_uncertain(message, queries.open_attempt(message.id), "interrupted")
        return None
    try:
        key = candidate_key(current_tenant_id(), message.candidate_id)
    except Gone:
        _stop(message, "cancelled", "candidate_erased")
        return None
    content = unseal_json(key, message.content, content_context(message.id))
    invitation = db.session.get_one(Invitation, message.invitation_id)
    needless = _needless(message.kind, invitation, _moment(content.get("until")))
    if needless is not None:
        _stop(message, "cancelled", needless)
        return None
    if message.kind in _KEEPS_HOURS:
        opening = sending_hours(message.candidate_id).next_allowed(utcnow())
        if opening > utcnow():
            message.due_at, message.reason = opening, "sending_hours"
            return opening
    if message.channel == "wechat" and invitation.identity_id is None:
        message.channel, message.reason = "sms", "not_bound"
    candidate = db.session.get_one(Candidate, message.candidate_id)
    profile = unseal_json(key, candidate.profile, f"candidate:{candidate.id}:profile")
    return Parcel(
        tenant_id=current_tenant_id(),
        message_id=message.id,
        kind=message.kind,
        channel=message.channel,
        attempt_id=_attempt_id(message.id),
        content=content,
        phone=profile["phone"],
        email=_address(message.kind, profile),
        identity_id=invitation.identity_id,
    )


def begin_attempt(parcel: Parcel) -> bool:
    """Store the attempt before the call. False when the message is not queued any more (cancelled meanwhile)."""
    claimed = db.session.execute(
        update(Message)
        .where(Message.id == parcel.message_id, Message.status == "queued")
        .values(status="sending")
        .execution_options(synchronize_session=False)
    )
    assert isinstance(claimed, CursorResult)
    if claimed.rowcount != 1:
        return False
    db.session.add(MessageAttempt(id=parcel.attempt_id, message_id=parcel.message_id, channel=parcel.channel))
    db.session.flush()
    return True


def record_sent(parcel: Parcel, outside_id: str | None) -> None:
    """The other side took it. An event may have told of its delivery already."""
    attempt = db.session.get_one(MessageAttempt, parcel.attempt_id)
    attempt.outcome, attempt.outside_id, attempt.finished_at = "sent", outside_id, utcnow()
    message = queries.get_message(parcel.message_id, lock=True)
    message.sent_at = message.sent_at or utcnow()
    if message.status in {"sending", "uncertain"}:
        message.status = "sent"
        cancel_work("settle_message", message.id)


def record_uncertain(parcel: Parcel, reason: str) -> None:
    """The call left and nothing came back."""
    message = queries.get_message(parcel.message_id, lock=True)
    if message.status == "sending":
        _mark_uncertain(message, db.session.get_one(MessageAttempt, parcel.attempt_id), reason)


def record_refused(parcel: Parcel, reason: str) -> Message:
    """Certainly not sent: the message is queued again until the caller says otherwise."""
    attempt = db.session.get(MessageAttempt, parcel.attempt_id)
    if attempt is not None:
        attempt.outcome, attempt.reason, attempt.finished_at = "refused", reason, utcnow()
    message = queries.get_message(parcel.message_id, lock=True)
    if message.status in {"sending", "queued"}:
        message.status, message.reason = "queued", reason
    return message


def fall_back(message: Message, reason: str) -> Message | None:
    """Go another way and say so: WeChat, SMS, e-mail, then only inside the client. None when no way is left.

    A code goes no other way by itself: whoever waits for it chooses. A message to a candidate whose data was erased
    meanwhile is cancelled.
    """
    try:
        key = candidate_key(current_tenant_id(), message.candidate_id)
    except Gone:
        _stop(message, "cancelled", "candidate_erased")
        return None
    way = _next_way(message, key)
    if way is None:
        _stop(message, "failed", reason)
        return None
    successor = _successor(message, way)
    if way == "in_app":
        successor.status, successor.sent_at = "sent", utcnow()
    else:
        schedule_work("deliver_message", successor.id)
    _stop(message, "fallen_back", reason)
    message.fallback_id = successor.id
    return successor


def _next_way(message: Message, key: bytes) -> str | None:
    if message.channel == "wechat":
        return "sms"
    if message.kind == "binding_code":
        return None
    candidate = db.session.get_one(Candidate, message.candidate_id)
    profile = unseal_json(key, candidate.profile, f"candidate:{candidate.id}:profile")
    if message.channel == "sms" and profile["email"] and ports().mails.is_configured:
        return "email"
    bound = db.session.get_one(Invitation, message.invitation_id).identity_id
    return "in_app" if message.channel in {"sms", "email"} and bound else None


def _address(kind: str, profile: dict[str, Any]) -> str | None:
    """Where an e-mail goes; a code only to the address that the company gave (app.candidates.service.Profile)."""
    given = profile.get("given") if kind == "binding_code" else None
    return (given or profile)["email"]


def record_event(message_id: str, attempt_id: str, outside_id: str, *, refusal: str | None) -> None:
    """WeChat's sent event: delivered, or (``refusal`` named) accepted and then not delivered."""
    message = queries.find_message(message_id, lock=True)
    if message is None or message.status not in {"queued", "sending", "sent", "uncertain"}:
        return
    attempt = db.session.get(MessageAttempt, attempt_id)
    if attempt is not None:
        attempt.outcome = "sent" if refusal is None else "refused"
        attempt.reason, attempt.outside_id = refusal, outside_id
        attempt.finished_at = attempt.finished_at or utcnow()
    cancel_work("settle_message", message.id)
    cancel_work("deliver_message", message.id)
    if refusal is None:
        message.status, message.reason, message.delivered_at = "delivered", None, utcnow()
        message.sent_at = message.sent_at or message.delivered_at
    else:
        fall_back(message, "delivery_refused")


def settle(message_id: str) -> bool:
    """Nothing told of an uncertain message in time: a person must. False when it is settled already."""
    message = queries.find_message(message_id, lock=True)
    if message is None or message.status != "uncertain":
        return False
    message.reason = "waits_for_person"
    return True


def _needless(kind: str, invitation: Invitation, until: datetime | None) -> str | None:
    """Why nobody needs this message any more, or None."""
    if kind in _NEEDS_OPEN_INVITATION and invitation.status not in _OPEN:
        return "invitation_over"
    if kind == "binding_code" and invitation.status in _WITHDRAWN:
        return "invitation_over"  # a finished one is still opened, to read the report and to appeal
    if kind in queries.REMINDERS and _status_of_interview(invitation.id) not in {None, "in_progress"}:
        return "invitation_over"
    if kind == "status" and _status_of_interview(invitation.id) == "decided":
        return "replaced"  # it was on its way, or nobody knew, while a person decided
    return "too_late" if until is not None and until <= utcnow() else None


def _status_of_interview(invitation_id: str) -> str | None:
    return db.session.execute(
        select(Interview.status).where(Interview.invitation_id == invitation_id)
    ).scalar_one_or_none()


def _attempt_id(message_id: str) -> str:
    """The next attempt's id: the same again when a crash came before it was stored, so its consent is taken once."""
    count = db.session.scalar(
        select(func.count()).select_from(MessageAttempt).where(MessageAttempt.message_id == message_id)
    )
    return hashlib.sha256(f"{message_id}:{count}".encode()).hexdigest()[:32]


def _mark_uncertain(message: Message, attempt: MessageAttempt | None, reason: str) -> None:
    if attempt is not None:
        attempt.outcome, attempt.reason, attempt.finished_at = "uncertain", reason, utcnow()
    _stop(message, "uncertain", reason)
    schedule_work("settle_message", message.id, utcnow() + SETTLE_AFTER)


def _stop(message: Message, status: str, reason: str) -> None:
    message.status, message.reason = status, reason


def _successor(message: Message, channel: str) -> Message:
    key = candidate_key(current_tenant_id(), message.candidate_id)
    content = unseal_json(key, message.content, content_context(message.id))
    message_id = new_id()
    successor = Message(
        id=message_id,
        kind=message.kind,
        channel=channel,
        candidate_id=message.candidate_id,
        invitation_id=message.invitation_id,
        content=seal_json(key, content, content_context(message_id)),
        dedupe_key=f"{message.dedupe_key}:{channel}",
        due_at=utcnow(),
    )
    db.session.add(successor)
    db.session.flush()
    return successor


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if value else None
