"""The candidate's own invitation. Which one it is comes from their session and from nothing else."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.candidates import service as candidates
from app.core.database import current_tenant_id
from app.http.actors import actor
from app.http.callers import allow, caller
from app.http.idempotency import idempotent
from app.http.problems import language
from app.invitations import own, queries, service, subscriptions
from app.invitations.access import current_invitation
from app.invitations.consent import privacy_facts
from app.invitations.models import Invitation
from app.invitations.schemas import (
    MyCompany,
    MyInvitation,
    MyInvitationOut,
    ReasonIn,
    SlotIn,
    SubscriptionsIn,
    SubscriptionsOut,
)
from app.messages.service import planned_reminders
from app.users.service import names_of
from app.wording.access import words_pass
from tenants.tenancy import get_tenant

blueprint = APIBlueprint("my_invitation", __name__, url_prefix="/api/v1/candidate", tag="Candidate")


@blueprint.get("/invitation")
@allow("candidate")
@blueprint.output(MyInvitationOut)
def my_invitation() -> MyInvitationOut:
    """My invitation, with what I should know before anything is recorded."""
    return _shown(current_invitation())


@blueprint.get("/invitations")
@allow("candidate")
@blueprint.output(MyCompany)
def my_invitations() -> MyCompany:
    """All my invitations of this company, newest first."""
    invitation = current_invitation(even_closed=True)
    shown = own.own_invitations(invitation.candidate_id, invitation.id)
    company = get_tenant(current_tenant_id()).name
    return MyCompany(company=company, available=True, invitations=[MyInvitation(**one) for one in shown])


@blueprint.put("/slot")
@allow("candidate")
@blueprint.input(SlotIn)
@blueprint.output(MyInvitationOut)
def book_slot(json_data: SlotIn) -> MyInvitationOut:
    """Book a time inside the window, or give it back; the reminders move."""
    return _shown(service.book_slot(current_invitation(lock=True), json_data.slot_at))


@blueprint.post("/decline")
@allow("candidate", before=words_pass("reason"))
@idempotent
@blueprint.input(ReasonIn)
@blueprint.output(MyInvitationOut)
def decline(json_data: ReasonIn) -> MyInvitationOut:
    """Decline the interview with a reason."""
    return _shown(service.decline(actor(), current_invitation(lock=True), json_data.reason))


@blueprint.get("/subscriptions")
@allow("candidate")
@blueprint.output(SubscriptionsOut)
def get_subscriptions() -> SubscriptionsOut:
    """Templates to ask for at the next tap, and how many messages each may still carry."""
    return SubscriptionsOut.model_validate(
        subscriptions.subscriptions_of(current_invitation(), caller().identity_id)
    )


@blueprint.put("/subscriptions")
@allow("candidate")
@blueprint.input(SubscriptionsIn)
@blueprint.output(SubscriptionsOut)
def report_subscriptions(json_data: SubscriptionsIn) -> SubscriptionsOut:
    """Report what ``wx.requestSubscribeMessage`` answered; each accepted template is one message, counted once."""
    invitation, identity_id = current_invitation(), caller().identity_id
    subscriptions.count_consents(invitation, identity_id, json_data.results, json_data.request_id)
    return SubscriptionsOut.model_validate(subscriptions.subscriptions_of(invitation, identity_id))


def _shown(invitation: Invitation) -> MyInvitationOut:
    candidate = candidates.get_candidate(invitation.candidate_id)
    company, responsible = get_tenant(current_tenant_id()).name, service.responsible_for(invitation)
    values = {name: getattr(invitation, name, None) for name in MyInvitationOut.model_fields}
    values |= {
        "company": company,
        "position": queries.get_position(invitation.position_id).title,
        "reminders": planned_reminders(invitation.id),
        "language": candidate.language,
        "time_zone": candidate.time_zone,
        "responsible_name": names_of([responsible]).get(responsible),
        "privacy": privacy_facts(language(), company),
    }
    return MyInvitationOut.model_validate(values)
