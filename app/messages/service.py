"""What other features ask for: plan a message, move or cancel reminders, settle an unknown outcome.

A message is a row with sealed words and a ``deliver_message`` work item, in the caller's transaction. How it goes out
is decided when it does (``app.messages.delivery``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from app.audits.service import Actor, record
from app.candidates.models import Candidate
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.interviews.models import Interview
from app.invitations.models import Invitation
from app.messages import queries
from app.messages.hours import SendingHours, reminder_times
from app.messages.models import Message
from app.messages.words import Reader, compose
from app.policies.service import get_policy
from app.positions.models import Position
from tenants.keys import candidate_key, candidate_keys
from tenants.tenancy import get_tenant
from tenants.wechat.ledger import return_consent
from tenants.wechat.routes import close_route, find_call

CODE_LIFE = timedelta(minutes=10)
_WAITING_FOR_INTERVIEW = ("sent", "bound", "started")


def plan_invitation(invitation: Invitation) -> Message:
    """Tell the candidate of the invitation, now: somebody at the company has just made it. Once per invitation."""
    reader = _reader(invitation)
    materials = ""
    if invitation.materials.strip():
        materials = text(
            reader.language,
            "messages.kinds.invitation.materials",
            materials=" ".join(invitation.materials.split()).rstrip("。."),
        )
    content = compose(
        reader,
        "invitation",
        time=invitation.window_ends_at,
        until=invitation.window_ends_at,
        starts=reader.clock(invitation.window_starts_at),
        materials=materials,
    )
    return _plan(invitation, "invitation", f"invitation:{invitation.id}", content, utcnow())


def plan_binding_code(invitation: Invitation, code: str, *, channel: str = "sms") -> Message:
    """Send a code to the invited phone by SMS, or by e-mail, now. One that still waits is replaced."""
    _cancel(queries.queued(invitation.id, ("binding_code",)), "replaced")
    until = utcnow() + CODE_LIFE
    content = compose(_reader(invitation), "binding_code", time=until, until=until, linked=False, code=code)
    return _plan(invitation, "binding_code", f"binding_code:{new_id()}", content, utcnow(), channel=channel)


def plan_reminders(invitation: Invitation) -> list[Message]:
    """Plan the reminders of an invitation, in place of those that have not gone out (C2).

    Call it when an invitation is made, its window or slot changes, and when the interview starts: from then on the
    reminders count to the window's end. Nothing is planned for an invitation that is over.
    """
    now = utcnow()
    planned = []
    if invitation.status in _WAITING_FOR_INTERVIEW:
        slot = invitation.slot_at if invitation.status != "started" else None
        slot = slot if slot is not None and slot > now else None
        anchor, name = (slot, "slot") if slot else (invitation.window_ends_at, "end")
        hours = sending_hours(invitation.candidate_id)
        for kind, due_at in reminder_times(anchor, now, hours).items():
            key = f"{kind}:{invitation.id}:{name}:{anchor:%Y%m%dT%H%M%S}"
            planned.append((kind, key, due_at, f"{kind}_{name}", anchor))
    keys = {key for _, key, *_ in planned}
    stale = [m for m in queries.queued(invitation.id, queries.REMINDERS) if m.dedupe_key not in keys]
    _cancel(stale, "rescheduled" if planned else "reminders_cancelled")
    if not planned:
        return []
    reader = _reader(invitation)
    return [
        _plan(invitation, kind, key, compose(reader, words, time=anchor, until=anchor), due_at)
        for kind, key, due_at, words, anchor in planned
    ]


def cancel_reminders(invitation_id: str) -> None:
    """The interview is finished, or will not take place: no reminder goes out any more."""
    _cancel(queries.queued(invitation_id, queries.REMINDERS), "reminders_cancelled")


def result_words(interview: Interview, *, outcome: str, next_steps: str, decided_by: str) -> dict[str, Any]:
    """What ``plan_result`` would tell the candidate now, word for word; nothing is kept. Gone ``candidate_erased``."""
    reader = _reader(db.session.get_one(Invitation, interview.invitation_id))
    return compose(
        reader,
        f"result_{outcome}",
        time=utcnow(),
        note=next_steps.strip() or None,
        next_steps=_told_steps(reader, outcome, next_steps),
        decided_by=decided_by,
    )


def told_results(invitation_ids: Iterable[str]) -> set[str]:
    """Those of these invitations whose candidate can read their result: its notice went out, whatever way it went."""
    return queries.told_results(invitation_ids)


def planned_reminders(invitation_id: str) -> list[datetime]:
    """When the reminders of an invitation that wait will go out, the first one first."""
    return queries.planned_reminders(invitation_id)


def plan_result(interview: Interview, *, outcome: str, next_steps: str, decided_by: str) -> Message:
    """Tell the candidate the decision (N4): ``outcome`` advance, offer, reject or pool, the next steps as the company
    wrote them, and the name of the person who decided. At the next allowed hour; once per interview. A word that there
    is no decision yet, when it still waits, does not go out.
    """
    invitation = db.session.get_one(Invitation, interview.invitation_id)
    _cancel(queries.queued(invitation.id, ("status",)), "replaced")
    content = result_words(interview, outcome=outcome, next_steps=next_steps, decided_by=decided_by)
    due_at = sending_hours(invitation.candidate_id).next_allowed(utcnow())
    return _plan(invitation, "result", f"result:{interview.id}", content, due_at)


def plan_status(interview: Interview, expected_at: datetime) -> Message:
    """Tell the candidate that a person has not decided yet, and by when to expect it (N4); once for a date.

    One about another date that still waits to go out is replaced.
    """
    invitation = db.session.get_one(Invitation, interview.invitation_id)
    _cancel(queries.queued(invitation.id, ("status",)), "replaced")
    content = compose(_reader(invitation), "status", time=expected_at)
    due_at = sending_hours(invitation.candidate_id).next_allowed(utcnow())
    return _plan(invitation, "status", f"status:{interview.id}:{expected_at:%Y%m%dT%H%M%S}", content, due_at)


def plan_reply(invitation: Invitation, post_id: str, words: str) -> Message:
    """Tell the candidate what the company answered in their thread, now: they are waiting for it. Once per post."""
    content = compose(_reader(invitation), "reply", time=utcnow(), reply=" ".join(words.split()))
    return _plan(invitation, "reply", f"reply:{post_id}", content, utcnow())


def plan_help(invitation: Invitation, post_id: str, words: str, author: str) -> Message:
    """Tell the candidate what a named person changed to help them, or that they took the invitation back, now.

    Once per post of their thread.
    """
    over = invitation.status == "cancelled"  # there is nothing to open any more
    content = compose(
        _reader(invitation),
        "cancelled" if over else "help",
        time=utcnow(),
        help=" ".join(words.split()),
        author=author,
        linked=not over,
    )
    return _plan(invitation, "reply", f"reply:{post_id}", content, utcnow())


def spoken_time(invitation: Invitation, moment: datetime) -> str:
    """A moment as the candidate would say it, with the name of their clock."""
    reader = _reader(invitation)
    words = {"moment": reader.clock(moment), "zone": reader.zone_name(moment)}
    return text(reader.language, "messages.moment_in_zone", **words)


def plan_appeal_answer(
    interview: Interview,
    *,
    outcome: str,
    answer: str,
    answered_by: str,
    decision: str | None,
    same_person: bool = False,
) -> Message:
    """Tell the candidate what a named person found (C13), at the next allowed hour; once per interview.

    ``outcome`` confirmed or revised; ``decision`` is the outcome that stands now, if there is one. ``same_person``: who
    answered had decided too, as nobody else could; the candidate is told so.
    """
    invitation = db.session.get_one(Invitation, interview.invitation_id)
    reader = _reader(invitation)
    stands = text(reader.language, f"messages.decided.{decision}") if decision else ""
    if same_person:
        stands = f"{stands} {text(reader.language, 'messages.same_person')}".strip()
    content = compose(
        reader,
        f"appeal_{outcome}",
        time=utcnow(),
        answer=" ".join(answer.split()),
        answered_by=answered_by,
        stands=stands,
    )
    due_at = sending_hours(invitation.candidate_id).next_allowed(utcnow())
    return _plan(invitation, "appeal", f"appeal:{interview.id}", content, due_at)


def plan_survey(interview: Interview) -> Message:
    """Ask the candidate how the interview was, at the next allowed hour; once per interview."""
    invitation = db.session.get_one(Invitation, interview.invitation_id)
    content = compose(_reader(invitation), "survey", time=utcnow())
    due_at = sending_hours(invitation.candidate_id).next_allowed(utcnow())
    return _plan(invitation, "survey", f"survey:{interview.id}", content, due_at)


def resolve_message(actor: Actor, message_id: str, *, was_sent: bool) -> Message:
    """A person says what became of an uncertain message; one that was not sent is queued again, as a new attempt.

    Raises NotFound ``message_unknown``, Conflict ``message_not_uncertain``.
    """
    message = queries.get_message(message_id, lock=True)
    if message.status != "uncertain":
        raise Conflict("message_not_uncertain")
    attempt = queries.open_attempt(message.id)
    if attempt is not None:
        attempt.outcome, attempt.finished_at = "sent" if was_sent else "refused", utcnow()
        attempt.reason = "said_sent" if was_sent else "said_not_sent"
    cancel_work("settle_message", message.id)
    if was_sent:
        message.status, message.reason, message.sent_at = "sent", "said_sent", utcnow()
    else:
        message.status, message.reason = "queued", "said_not_sent"
        schedule_work("deliver_message", message.id)
        if attempt is not None and attempt.channel == "wechat":
            _forget_call(attempt.id)
    record(actor, "message.resolved", "message", message.id, was_sent=was_sent)
    return message


def uncertain_messages(most: int, seen: Select[str]) -> list[Message]:
    """The oldest messages of the invitations of these ids whose outcome nobody knows: only a person can find out."""
    return queries.uncertain(most, seen)


def contents_of(messages: Sequence[Message]) -> dict[str, dict[str, Any]]:
    """The words of messages by message id; those of an erased candidate are absent."""
    tenant_id = current_tenant_id()
    keys = candidate_keys(tenant_id, sorted({message.candidate_id for message in messages}))
    return {
        message.id: unseal_json(keys[message.candidate_id], message.content, content_context(message.id))
        for message in messages
        if message.candidate_id in keys
    }


def content_context(message_id: str) -> str:
    """What the sealed words of a message are bound to."""
    return f"message:{message_id}:content"


def sending_hours(candidate_id: str) -> SendingHours:
    """The company's sending hours on a candidate's clock."""
    policy = get_policy()
    zone = db.session.get_one(Candidate, candidate_id).time_zone
    return SendingHours(zone, policy.sending_from_minute, policy.sending_until_minute)


def _plan(
    invitation: Invitation,
    kind: str,
    key: str,
    content: dict[str, Any],
    due_at: datetime,
    *,
    channel: str = "wechat",
) -> Message:
    """The message of a key: made once; a cancelled one comes back when its time does."""
    message = queries.find_by_key(key)
    if message is not None and message.status not in {"queued", "cancelled"}:
        return message
    if message is None:
        message_id = new_id()
        sealed = _sealed(invitation.candidate_id, message_id, content)
        message = Message(
            id=message_id,
            kind=kind,
            channel=channel,
            candidate_id=invitation.candidate_id,
            invitation_id=invitation.id,
            content=sealed,
            dedupe_key=key,
            due_at=due_at,
        )
        db.session.add(message)
    else:
        message.content = _sealed(invitation.candidate_id, message.id, content)
        message.status, message.reason, message.due_at = "queued", None, due_at
    db.session.flush()
    schedule_work("deliver_message", message.id, due_at)
    return message


def _cancel(messages: Sequence[Message], reason: str) -> None:
    for message in messages:
        message.status, message.reason = "cancelled", reason
        cancel_work("deliver_message", message.id)


def _sealed(candidate_id: str, message_id: str, content: dict[str, Any]) -> bytes:
    return seal_json(candidate_key(current_tenant_id(), candidate_id), content, content_context(message_id))


def _reader(invitation: Invitation) -> Reader:
    candidate = db.session.get_one(Candidate, invitation.candidate_id)
    key = candidate_key(current_tenant_id(), candidate.id)
    profile = unseal_json(key, candidate.profile, f"candidate:{candidate.id}:profile")
    return Reader(
        name=profile["name"],
        language=candidate.language,
        zone=candidate.time_zone,
        company=get_tenant(current_tenant_id()).name,
        position=db.session.get_one(Position, invitation.position_id).title,
        link=f"{settings().public_base_url.rstrip('/')}/i/{invitation.token}",
        token=invitation.token,
    )


def _told_steps(reader: Reader, outcome: str, next_steps: str) -> str:
    """The company's next steps on one line; where they are missing and needed, that the company will be in touch."""
    joined = " ".join(next_steps.split())
    if joined or outcome not in {"advance", "offer"}:
        return joined
    return text(reader.language, "messages.company_writes")


def _forget_call(attempt_id: str) -> None:
    """The call never happened: its consent is back, and no event will tell of it."""
    call = find_call(attempt_id)
    if call is not None:
        identity, template_id = call
        return_consent(identity, template_id, attempt_id=attempt_id)
        close_route(attempt_id, None)
