"""The link of a share: what it shows to whoever holds it, and how the person named opens it."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask_limiter.util import get_remote_address

from app.core.catalogue import best_language
from app.core.errors import DomainError, Forbidden
from app.http.callers import allow, caller
from app.http.idempotency import repeatable
from app.http.limits import limiter
from app.http.problems import language
from app.identities.schemas import VisitorOut
from app.identities.service import VISITOR_LIFETIME, open_visit, verified_phone
from app.interviews.finding import get_interview
from app.positions.service import titles_of
from app.shares import opening, service
from app.shares.schemas import ProofIn, ShareCodeOut, ShareLinkOut, ShareSessionOut
from tenants.keys import candidate_key
from tenants.tenancy import tenant_scope, tenant_transaction
from tenants.wechat.apps import app_for_tenant, get_app
from tenants.wechat.identities import get_identity

blueprint = APIBlueprint("share_links", __name__, url_prefix="/api/v1/share-links", tag="Share links")


@blueprint.get("/<token>")
@allow("public")
@blueprint.output(ShareLinkOut)
def open_link(token: str) -> ShareLinkOut:
    """Who shares what position's interview, and whose phone opens it."""
    tenant = opening.tenant_of_link(token)
    app_id = app_for_tenant(tenant.id).app_id
    with tenant_scope(tenant.id, read_only=True):
        made = opening.open_link(token)
        position_id = get_interview(made.interview_id).position_id
        person = service.person_of(made, candidate_key(tenant.id, made.candidate_id))
        return ShareLinkOut(
            company=tenant.name,
            position=titles_of([position_id])[position_id],
            shared_by_name=service.sharers_of([made]).get(made.created_by, ""),
            masked_phone=person.masked_phone,
            app_id=app_id,
            expires_at=made.expires_at,
        )


@blueprint.post("/<token>/visits")
@allow("public")
@repeatable("a visit is a token that knows nobody; nothing is stored")
@limiter.limit("600/minute", key_func=get_remote_address)  # phones of one network share an address
@blueprint.output(VisitorOut, status_code=201)
def visit(token: str) -> VisitorOut:
    """Become a visitor in a browser outside WeChat: a code to the named phone is then the only way on."""
    with tenant_scope(opening.tenant_of_link(token).id, read_only=True):
        opening.open_link(token)
    return VisitorOut(access_token=open_visit(), expires_in=int(VISITOR_LIFETIME.total_seconds()))


@blueprint.post("/<token>/codes")
@allow("visitor")
@repeatable("a second code within a minute is refused")
@limiter.limit("60/minute", key_func=get_remote_address)
@blueprint.output(ShareCodeOut, status_code=201)
def send_code(token: str) -> ShareCodeOut:
    """Send a code to the named phone, wherever the link is held: only its owner can go on."""
    who = caller()
    with tenant_transaction(opening.tenant_of_link(token).id):
        code = opening.make_code(token, who.subject, who.identity_id, best_language(language()))
    opening.send_code(code)
    wait = int(opening.CODE_WAIT.total_seconds())
    return ShareCodeOut(sent_to=code.masked_phone, expires_at=code.expires_at, resend_after_seconds=wait)


@blueprint.post("/<token>/sessions")
@allow("visitor")
@repeatable("whoever opened it gets a session again, nobody else does")
@limiter.limit("300/minute", key_func=get_remote_address)
@blueprint.input(ProofIn)
@blueprint.output(ShareSessionOut, status_code=201)
def open_share(token: str, json_data: ProofIn) -> ShareSessionOut:
    """Open the shared interview as the person named. In WeChat the link then opens for nobody else."""
    who, tenant = caller(), opening.tenant_of_link(token)
    app = get_app(get_identity(who.identity_id).app_id) if who.identity_id is not None else None
    if app is not None and app.tenant_id not in {None, tenant.id}:
        raise Forbidden("phone_app_foreign")  # another company holds its secret
    proven = None
    if json_data.phone_code is not None and app is not None:
        with tenant_scope(tenant.id, read_only=True):
            opening.open_link(token, who.identity_id)
        # Asks WeChat: no scope is open.
        proven = verified_phone(app.app_id, json_data.phone_code)
    with tenant_transaction(tenant.id):
        opened = opening.open_share(
            token, who.subject, who.identity_id, code=json_data.code, proven_phone=proven
        )
    if isinstance(opened, DomainError):
        raise opened
    return ShareSessionOut(**asdict(opened.tokens), share_id=opened.share_id)
