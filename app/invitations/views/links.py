"""The link of an invitation: what it shows to whoever holds it, and how it is bound to the person invited."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask_limiter.util import get_remote_address

from app.candidates import service as candidates
from app.core.context import ports
from app.core.errors import DomainError
from app.http.callers import allow, caller
from app.http.idempotency import repeatable
from app.http.limits import limiter
from app.http.problems import language
from app.identities.schemas import VisitorOut
from app.identities.service import VISITOR_LIFETIME, open_visit, verified_phone
from app.invitations import binding, queries, service
from app.invitations.consent import privacy_facts
from app.invitations.schemas import BindingIn, BindingOut, CodeOut, CodeQuery, LinkOut
from tenants.tenancy import tenant_scope, tenant_transaction
from tenants.wechat.apps import official_account_for

blueprint = APIBlueprint("links", __name__, url_prefix="/api/v1/invitation-links", tag="Invitation links")


@blueprint.get("/<token>")
@allow("public")
@blueprint.output(LinkOut)
def open_link(token: str) -> LinkOut:
    """Who invites, for what and when, and what happens with the recording, in the language of the answer."""
    tenant = service.tenant_of_link(token)
    with tenant_scope(tenant.id, read_only=True):
        invitation = service.get_invitation_of_link(token)
        candidate = candidates.get_candidate(invitation.candidate_id)
        profile, account = candidates.get_profile(candidate), official_account_for(tenant.id)
        return LinkOut.model_validate(
            {
                "company": tenant.name,
                "position": queries.get_position(invitation.position_id).title,
                "status": invitation.status,
                "app_id": invitation.app_id,
                "mini_program_path": service.mini_program_path(invitation),
                "window_starts_at": invitation.window_starts_at,
                "window_ends_at": invitation.window_ends_at,
                "time_zone": candidate.time_zone,
                "materials": invitation.materials,
                "masked_phone": profile.masked_phone,
                "masked_email": profile.masked_email if ports().mails.is_configured else None,
                "official_account": account.app_id if account else None,
                "privacy": privacy_facts(language(), tenant.name),
            }
        )


@blueprint.post("/<token>/visits")
@allow("public")
@repeatable("a visit is a token that knows nobody; nothing is stored")
@limiter.limit("600/minute", key_func=get_remote_address)  # phones of one network share an address
@blueprint.output(VisitorOut, status_code=201)
def visit(token: str) -> VisitorOut:
    """Become a visitor in a browser outside WeChat: a code to the invited phone is then the only way on."""
    with tenant_scope(service.tenant_of_link(token).id, read_only=True):
        service.get_invitation_of_link(token)
    return VisitorOut(access_token=open_visit(), expires_in=int(VISITOR_LIFETIME.total_seconds()))


@blueprint.post("/<token>/codes")
@allow("visitor")
@repeatable("a second code within a minute is refused")
@limiter.limit("60/minute", key_func=get_remote_address)
@blueprint.input(CodeQuery, location="query")
@blueprint.output(CodeOut, status_code=201)
def send_code(token: str, query_data: CodeQuery) -> CodeOut:
    """Send a code to the invited phone or e-mail, wherever the link is held: only its owner can go on."""
    with tenant_transaction(service.tenant_of_link(token).id):
        sent = binding.send_code(token, _visitor(), channel=query_data.by)
    wait = int(binding.CODE_LIMITS[0][1].total_seconds())
    return CodeOut(sent_to=sent.sent_to, expires_at=sent.expires_at, resend_after_seconds=wait)


@blueprint.post("/<token>/bindings")
@allow("visitor")
@repeatable("whoever is bound gets a session again, nobody is bound twice")
@limiter.limit("300/minute", key_func=get_remote_address)
@blueprint.input(BindingIn)
@blueprint.output(BindingOut, status_code=201)
def bind(token: str, json_data: BindingIn) -> BindingOut:
    """Bind the invitation to the visitor who proves to own the invited phone, and open their session.

    Repeating it as the same person opens another session and needs no proof.
    """
    tenant, visitor = service.tenant_of_link(token), _visitor()
    proven = None
    if json_data.phone_code is not None:
        with tenant_scope(tenant.id, read_only=True):
            app_id = binding.open_offer(token, visitor).app_id
        proven = verified_phone(app_id, json_data.phone_code)  # asks WeChat: no scope is open
    with tenant_transaction(tenant.id):
        bound = binding.bind(token, visitor, code=json_data.code, proven_phone=proven)
    if isinstance(bound, DomainError):
        raise bound
    return BindingOut(**asdict(bound.tokens), invitation_id=bound.invitation_id)


def _visitor() -> binding.Visitor:
    who = caller()
    return binding.visitor_of(who.subject, who.identity_id)
