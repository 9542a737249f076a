"""One tap of HR gets a stuck candidate on; the candidate is told in the thread and by a message, in the author's name (L2).

Every help does one thing to the invitation or the interview through its own service, keeps what was recorded, and is
written down. Doing what is done already changes nothing and tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.audits.service import Actor, record
from app.candidates.service import get_candidate, require_known
from app.contingencies import queries
from app.contingencies.models import Contingency
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import current_tenant_id, db
from app.core.errors import Conflict, DomainError, NotFound
from app.core.ids import new_token
from app.interviews.finding import find_interview
from app.interviews.service import reset_question, rubric_of
from app.invitations.models import Invitation
from app.invitations.service import (
    allow_voice,
    cancel,
    hand_over,
    hold,
    invitation_by_id,
    postpone_slot,
    reschedule,
)
from app.messages.service import spoken_time
from app.positions.members import let_see, stop_seeing, viewers_of
from app.threads.service import tell
from app.users.service import find_active, names_of
from tenants.tenancy import get_tenant

KINDS = ("backup_link", "voice", "delay", "reset", "extend", "hand_over", "cancel")
MOST_BACKUP_LINKS = 5
_SAME_LINK = timedelta(minutes=10)
_NEEDS_ROOM = timedelta(hours=1)


@dataclass(frozen=True)
class Outcome:
    """What was done: ``detail`` as it is kept, ``said`` fills the words for the candidate."""

    detail: dict[str, Any]
    said: dict[str, str]
    token: str | None = None


def help_candidate(actor: Actor, invitation_id: str, kind: str, **given: Any) -> Invitation:
    """Do one thing for a candidate and tell them.

    Raises NotFound ``invitation_unknown`` | ``question_unknown`` | ``user_unknown``, Gone ``candidate_erased``, Conflict as
    ``why_not`` says, ``help_not_started`` (a question of an interview that has not begun), ``backup_links_used_up``.
    """
    invitation = invitation_by_id(invitation_id)
    candidate = require_known(get_candidate(invitation.candidate_id))
    hold(invitation)  # of two taps at once the second sees what the first did
    refusal = why_not(invitation, kind)
    if refusal is not None:
        raise refusal
    outcome = _ACTIONS[kind](actor, invitation, **given)
    if outcome is None:  # it is so already
        return invitation
    db.session.add(
        Contingency(
            invitation_id=invitation.id,
            kind=kind,
            detail=outcome.detail,
            token=outcome.token,
            made_by=actor.id,
        )
    )
    db.session.flush()
    said = text(candidate.language, f"help.told.{kind}", **outcome.said)
    tell(actor, invitation, said, answers=kind != "hand_over")  # who takes over finds what waits
    record(actor, f"help.{kind}", "invitation", invitation.id, **outcome.detail)
    return invitation


def take_back(actor: Actor, invitation_id: str, user_id: str) -> Invitation:
    """Take a single invitation out of somebody's sight; who made it answers for it again. Repeating it changes nothing.

    Raises NotFound ``invitation_unknown``.
    """
    invitation = invitation_by_id(invitation_id)
    hold(invitation)
    if invitation.responsible_id == user_id:
        hand_over(invitation, invitation.created_by)
    stop_seeing(actor, invitation.id, user_id)
    return invitation


def why_not(invitation: Invitation, kind: str) -> DomainError | None:
    """Why a help makes no sense now; None when it does.

    Conflict ``help_finished`` | ``help_cancelled`` | ``help_declined`` | ``help_expired`` (extend it first) | ``help_over``
    (nothing is left to take back) | ``help_started`` (a slot no longer matters) | ``help_not_started`` (no question was
    asked yet).
    """
    if kind == "hand_over" and invitation.status == "finished":
        return None
    if invitation.status in {"finished", "cancelled", "declined"}:
        return Conflict(f"help_{invitation.status}")
    over = invitation.status == "expired" or invitation.window_ends_at <= utcnow()
    if over and kind != "extend":
        return Conflict("help_over" if kind == "cancel" else "help_expired")
    if kind == "delay" and invitation.status == "started":
        return Conflict("help_started")
    if kind == "reset" and invitation.status != "started":
        return Conflict("help_not_started")
    return None


def given_to(invitation: Invitation) -> list[Contingency]:
    """What was done for an invitation, oldest first."""
    return queries.contingencies_of(invitation.id)


def link_of(token: str) -> str:
    """A backup link: straight to the interview's pages in a browser."""
    return f"{settings().public_base_url.rstrip('/')}/m/#/pages/invitation/index?token={token}"


def newest_backup(invitation: Invitation) -> str | None:
    """The newest backup link of an invitation."""
    tokens = [made.token for made in given_to(invitation) if made.token is not None]
    return link_of(tokens[-1]) if tokens else None


def told_words(made: Contingency, invitation: Invitation, language: str) -> str:
    """What a help was, in somebody's words, without the link."""
    detail = made.detail
    said = {"minutes": str(detail.get("minutes", "")), "hours": str(detail.get("hours", ""))}
    interview = find_interview(invitation.id)
    if made.kind == "reset" and interview is not None:
        texts = {question.id: question.text for question in rubric_of(interview).questions}
        said["question"] = texts.get(detail["question_id"], "")
    if made.kind == "hand_over":
        said["name"] = names_of([detail["user_id"]]).get(detail["user_id"], "")
    return text(language, f"help.given.{made.kind}", **said)


def _backup_link(_actor: Actor, invitation: Invitation) -> Outcome | None:
    made = [one for one in given_to(invitation) if one.token is not None]
    if made and made[-1].created_at + _SAME_LINK > utcnow():
        return None
    if len(made) >= MOST_BACKUP_LINKS:
        raise Conflict("backup_links_used_up")
    token = get_tenant(current_tenant_id()).link_key + new_token(22)
    return Outcome({}, {"link": link_of(token)}, token)


def _voice(_actor: Actor, invitation: Invitation) -> Outcome | None:
    return Outcome({}, {}) if allow_voice(invitation) else None


def _delay(actor: Actor, invitation: Invitation, *, minutes: int) -> Outcome:
    slot = (invitation.slot_at or max(invitation.window_starts_at, utcnow())) + timedelta(minutes=minutes)
    if slot <= utcnow():
        slot = utcnow() + timedelta(minutes=minutes)
    ends_at = max(invitation.window_ends_at, slot + _NEEDS_ROOM)
    if ends_at != invitation.window_ends_at:
        reschedule(actor, invitation.id, ends_at=ends_at)
    postpone_slot(invitation, slot)
    return Outcome({"minutes": minutes}, {"minutes": str(minutes), "time": spoken_time(invitation, slot)})


def _reset(_actor: Actor, invitation: Invitation, *, question_id: str) -> Outcome | None:
    interview = find_interview(invitation.id)
    if interview is None:
        raise Conflict("help_not_started")
    questions = {question.id: question.text for question in rubric_of(interview).questions}
    if question_id not in questions:
        raise NotFound("question_unknown")
    if not reset_question(interview, question_id):
        return None
    return Outcome({"question_id": question_id}, {"question": questions[question_id]})


def _extend(actor: Actor, invitation: Invitation, *, hours: int) -> Outcome:
    ends_at = max(invitation.window_ends_at, utcnow()) + timedelta(hours=hours)
    reschedule(actor, invitation.id, ends_at=ends_at)
    return Outcome({"hours": hours}, {"hours": str(hours), "time": spoken_time(invitation, ends_at)})


def _hand_over(actor: Actor, invitation: Invitation, *, user_id: str) -> Outcome | None:
    person = find_active(user_id)
    if not hand_over(invitation, person.id):
        return None
    for former in viewers_of(invitation.id):
        if former.id != person.id:  # looked after by somebody else now: no reason to see it any longer
            stop_seeing(actor, invitation.id, former.id)
    let_see(actor, invitation.id, person.id)
    return Outcome({"user_id": person.id}, {"name": person.name})


def _cancel(actor: Actor, invitation: Invitation, *, reason: str) -> Outcome:
    cancel(actor, invitation.id, reason)
    return Outcome({}, {"reason": reason})


_ACTIONS: dict[str, Callable[..., Outcome | None]] = {
    "backup_link": _backup_link,
    "voice": _voice,
    "delay": _delay,
    "reset": _reset,
    "extend": _extend,
    "hand_over": _hand_over,
    "cancel": _cancel,
}
