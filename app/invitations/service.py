"""What can be done with invitations, by the company and by the candidate."""

from __future__ import annotations

from datetime import datetime

from app.alerts import service as alerts
from app.audits.service import SYSTEM, Actor, record
from app.candidates import service as candidates
from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id, new_token
from app.core.work import cancel_work, is_scheduled, schedule_work
from app.invitations.models import Invitation
from app.invitations.queries import (
    OPEN,
    find_live_invitation,
    get_invitation,
    get_invitation_by_token,
    get_position,
    has_interview,
    invitations_of_candidate,
)
from app.invitations.windows import check_usable, check_window
from app.messages.service import cancel_reminders, plan_invitation, plan_reminders
from app.policies.service import retention
from app.users.sessions import end_sessions_of
from tenants.keys import candidate_key
from tenants.tenancy import TenantRecord, find_tenant_of_link, get_tenant
from tenants.wechat.apps import app_for_tenant
from tenants.wechat.identities import forget_proofs

PAGE = "pages/invitation/index"


# --- the company's side ------------------------------------------------------------------------------------------


def invite(
    actor: Actor,
    *,
    candidate_id: str,
    position_id: str,
    window_starts_at: datetime,
    window_ends_at: datetime,
    materials: str = "",
) -> Invitation:
    """Invite a candidate for a time window, tell them and plan the reminders (C1, C2).

    Raises NotFound ``candidate_unknown``, ``position_unknown``, ``wechat_app_missing``; Conflict ``position_closed``,
    ``application_closed``, ``invitation_exists``; InvalidInput as ``reschedule``.
    """
    check_window(window_starts_at, window_ends_at)
    position = get_position(position_id)
    if position.status != "open":
        raise Conflict("position_closed")
    candidate = candidates.require_known(candidates.get_candidate(candidate_id))
    application = candidates.ensure_application(candidate.id, position.id)
    if find_live_invitation(application.id) is not None:
        raise Conflict("invitation_exists")
    invitation = Invitation(
        id=new_id(),
        application_id=application.id,
        candidate_id=candidate.id,
        position_id=position.id,
        token=get_tenant(current_tenant_id()).link_key + new_token(22),
        app_id=app_for_tenant(current_tenant_id()).app_id,
        window_starts_at=window_starts_at,
        window_ends_at=window_ends_at,
        materials=materials,
        created_by=actor.id,
    )
    db.session.add(invitation)
    db.session.flush()
    plan_invitation(invitation)
    plan_reminders(invitation)
    schedule_work("close_invitation", invitation.id, window_ends_at)
    if not is_scheduled("erase_candidate", candidate.id):  # else it looks again by itself
        schedule_work("erase_candidate", candidate.id, window_ends_at + retention())
    alerts.invitation_open(invitation)
    record(actor, "invitation.sent", "invitation", invitation.id)
    return invitation


def reschedule(
    actor: Actor, invitation_id: str, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> Invitation:
    """Move the window; the reminders and the end move with it, and a booked slot outside it is given back.

    An expired invitation opens again where it stood, with everything recorded so far. Raises Conflict
    ``invitation_closed``, ``invitation_exists``, ``application_closed``; InvalidInput ``window_order``, ``window_over``,
    ``window_too_long``.
    """
    invitation = get_invitation(invitation_id, lock=True)
    if invitation.status == "expired":
        _reopen(invitation)
    _require_open(invitation)
    starts_at, ends_at = starts_at or invitation.window_starts_at, ends_at or invitation.window_ends_at
    check_window(starts_at, ends_at)
    invitation.window_starts_at, invitation.window_ends_at = starts_at, ends_at
    if invitation.slot_at is not None and not starts_at <= invitation.slot_at < ends_at:
        invitation.slot_at = None
    db.session.flush()
    plan_reminders(invitation)
    schedule_work("close_invitation", invitation.id, ends_at)
    alerts.invitation_open(invitation)
    record(actor, "invitation.rescheduled", "invitation", invitation.id)
    return invitation


def cancel(actor: Actor, invitation_id: str, reason: str) -> Invitation:
    """Take an invitation back. What was recorded stays until its retention ends. Raises Conflict ``invitation_closed``."""
    invitation = _open_invitation(invitation_id)
    _close(invitation, "cancelled", reason)
    record(actor, "invitation.cancelled", "invitation", invitation.id)
    return invitation


def unbind(actor: Actor, invitation_id: str) -> Invitation:
    """Forget which WeChat identity opened it and end its sessions, a browser's too; a code binds it again (C1).

    Raises Conflict ``invitation_not_bound``.
    """
    invitation = get_invitation(invitation_id, lock=True)
    if invitation.bound_at is None:
        raise Conflict("invitation_not_bound")
    invitation.identity_id, invitation.bound_at = None, None
    if invitation.status == "bound":
        invitation.status = "sent"
    end_sessions_of(invitation.candidate_id, invitation=invitation.id)
    forget_proofs(current_tenant_id(), invitation.candidate_id)
    record(actor, "invitation.unbound", "invitation", invitation.id)
    return invitation


def allow_voice(invitation: Invitation) -> bool:
    """Voice is enough for this interview, whatever the rubric asks. False when it was already."""
    hold(invitation)
    if invitation.voice_allowed:
        return False
    invitation.voice_allowed = True
    db.session.flush()
    return True


def postpone_slot(invitation: Invitation, slot_at: datetime) -> None:
    """The company moves the candidate's time; the reminders move with it. Raises as ``book_slot``."""
    hold(invitation)
    book_slot(invitation, slot_at)


def hand_over(invitation: Invitation, user_id: str) -> bool:
    """Somebody else answers for this invitation. False when they do already."""
    hold(invitation)
    if responsible_for(invitation) == user_id:
        return False
    invitation.responsible_id = user_id
    db.session.flush()
    return True


def responsible_for(invitation: Invitation) -> str:
    """Who answers for an invitation: whom it was handed over to, else who made it."""
    return invitation.responsible_id or invitation.created_by


# --- the candidate's side ------------------------------------------------------------------------------------------


def tenant_of_link(token: str) -> TenantRecord:
    """The tenant of a link. NotFound ``invitation_unknown`` for a wrong one and for a company that is not active."""
    tenant = find_tenant_of_link(token)
    if tenant is None:
        raise NotFound("invitation_unknown")
    return tenant


def get_invitation_of_link(token: str) -> Invitation:
    """The usable invitation of a link, in its tenant's scope; after the window's end still for who began, so that what lies
    on their device can arrive. NotFound ``invitation_unknown``, Gone as ``check_usable``."""
    invitation = get_invitation_by_token(token)
    check_usable(invitation, late=has_interview(invitation.id))
    return invitation


def hold(invitation: Invitation) -> None:
    """Lock an invitation's row until the transaction ends."""
    db.session.refresh(invitation, with_for_update=True)


def invitation_by_id(invitation_id: str) -> Invitation:
    """An invitation of the company. Raises NotFound ``invitation_unknown``."""
    return get_invitation(invitation_id)


def book_slot(invitation: Invitation, slot_at: datetime | None) -> Invitation:
    """Book a time inside the window, or give it back with None; the reminders move (C3).

    Raises Conflict ``invitation_closed``, InvalidInput ``slot_outside_window``.
    """
    _require_open(invitation)
    begins = max(invitation.window_starts_at, utcnow())
    if slot_at is not None and not begins <= slot_at < invitation.window_ends_at:
        raise InvalidInput("slot_outside_window")
    invitation.slot_at = slot_at
    db.session.flush()
    plan_reminders(invitation)
    return invitation


def decline(actor: Actor, invitation: Invitation, reason: str) -> Invitation:
    """The candidate does not want to be interviewed; their application is withdrawn (C3).

    Raises Conflict ``invitation_closed``.
    """
    _require_open(invitation)
    _close(invitation, "declined", reason)
    candidates.withdraw_application(invitation.application_id)
    record(actor, "invitation.declined", "invitation", invitation.id)
    return invitation


def mark_started(invitation: Invitation) -> None:
    """The interview began: reminders now count to the window's end. Raises Conflict ``invitation_closed``."""
    _require_open(invitation)
    invitation.status = "started"
    db.session.flush()
    plan_reminders(invitation)


def mark_finished(invitation: Invitation) -> None:
    """Every answer is in: nobody is reminded any more and the window's end means nothing."""
    invitation.status = "finished"
    db.session.flush()
    cancel_reminders(invitation.id)
    cancel_work("close_invitation", invitation.id)
    alerts.invitation_over(invitation.id)
    if invitation.window_ends_at <= utcnow():
        record(
            Actor("candidate", invitation.candidate_id),
            "invitation.finished_late",
            "invitation",
            invitation.id,
        )


def tell_anew(candidate_id: str) -> None:
    """The candidate's name, language or clock is another: reminders that wait are worded and timed again."""
    for invitation in invitations_of_candidate(candidate_id):
        if invitation.status in OPEN:
            plan_reminders(invitation)


# --- nobody at all --------------------------------------------------------------------------------------------------


def expire(invitation: Invitation) -> bool:
    """Close an invitation whose window is over; False when it has time left or is closed already."""
    if invitation.status not in OPEN or invitation.window_ends_at > utcnow():
        return False
    invitation.status = "expired"
    db.session.flush()
    cancel_reminders(invitation.id)
    alerts.invitation_over(invitation.id)
    record(SYSTEM, "invitation.expired", "invitation", invitation.id)
    return True


# --- helpers ----------------------------------------------------------------------------------------------------------


def link_of(invitation: Invitation) -> str:
    """The address that opens the invitation in a browser."""
    return f"{settings().public_base_url.rstrip('/')}/i/{invitation.token}"


def mini_program_path(invitation: Invitation) -> str:
    """The page that opens the invitation inside WeChat."""
    return f"{PAGE}?token={invitation.token}"


def closing_reason(invitation: Invitation, key: bytes) -> str | None:
    """Why it was cancelled or declined, in the words of who did it. ``key`` is the candidate's."""
    if invitation.closing_reason is None:
        return None
    return str(unseal_json(key, invitation.closing_reason, _reason_context(invitation)))


def _reopen(invitation: Invitation) -> None:
    candidates.ensure_application(invitation.candidate_id, invitation.position_id)
    if find_live_invitation(invitation.application_id) is not None:
        raise Conflict("invitation_exists")
    bound = "bound" if invitation.identity_id else "sent"
    invitation.status = "started" if has_interview(invitation.id) else bound


def _open_invitation(invitation_id: str) -> Invitation:
    invitation = get_invitation(invitation_id, lock=True)
    _require_open(invitation)
    return invitation


def _require_open(invitation: Invitation) -> None:
    if invitation.status not in OPEN:
        raise Conflict("invitation_closed", invitation_status=invitation.status)


def _close(invitation: Invitation, status: str, reason: str) -> None:
    key = candidate_key(current_tenant_id(), invitation.candidate_id)
    invitation.status = status
    invitation.closing_reason = seal_json(key, reason, _reason_context(invitation))
    db.session.flush()
    cancel_reminders(invitation.id)
    cancel_work("close_invitation", invitation.id)
    alerts.invitation_over(invitation.id)


def _reason_context(invitation: Invitation) -> str:
    return f"invitation:{invitation.id}:closing_reason"
