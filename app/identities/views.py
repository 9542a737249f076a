"""Routes of people as WeChat knows them."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask_limiter.util import get_remote_address

from app.core.errors import Forbidden
from app.http.callers import allow, caller
from app.http.idempotency import repeatable
from app.http.limits import limiter
from app.identities import service
from app.identities.schemas import MyInvitations, VisitorOut, WeChatSignInIn
from app.invitations.schemas import MyCompany, MyInvitation
from app.invitations.service import invitations_of_person
from tenants.tenancy import get_tenant, tenant_scope
from tenants.wechat import Person, find_person

blueprint = APIBlueprint("identities", __name__, url_prefix="/api/v1/wechat", tag="WeChat")


@blueprint.post("/sessions")
@allow("public")
@repeatable("a login code of WeChat works once")
@limiter.limit("600/minute", key_func=get_remote_address)  # phones of one network share an address
@blueprint.input(WeChatSignInIn)
@blueprint.output(VisitorOut, status_code=201)
def sign_in(json_data: WeChatSignInIn) -> VisitorOut:
    """Become a visitor with the code of ``wx.login``; a code that was used before is refused."""
    token = service.sign_in_visitor(json_data.app_id, json_data.code)
    return VisitorOut(access_token=token, expires_in=int(service.VISITOR_LIFETIME.total_seconds()))


@blueprint.get("/me/invitations")
@allow("visitor")
@blueprint.output(MyInvitations)
def my_invitations() -> MyInvitations:
    """My invitations across companies, each read on its own; a company that is not available says so."""
    identity_id = caller().identity_id
    if identity_id is None:  # a browser: whose it is, nobody knows before a code was used
        return MyInvitations(companies=[])
    person = find_person(identity_id)
    tenants = dict.fromkeys(tenant_id for tenant_id, _ in person.places)
    return MyInvitations(companies=[_of_company(tenant_id, person) for tenant_id in tenants])


def _of_company(tenant_id: str, person: Person) -> MyCompany:
    company = get_tenant(tenant_id).name
    try:
        with tenant_scope(tenant_id, read_only=True):
            found = [MyInvitation(**shown) for shown in invitations_of_person(person)]
    except Forbidden:  # suspended or erased since
        return MyCompany(company=company, available=False, invitations=[])
    return MyCompany(company=company, available=True, invitations=found)
