"""Routes of people as WeChat knows them."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from apiflask import APIBlueprint
from flask import Response, request
from flask_limiter.util import get_remote_address
from werkzeug.http import dump_cookie

from app.core.catalogue import text
from app.core.context import settings
from app.core.errors import DomainError, Forbidden, NotAuthenticated
from app.http.callers import allow, caller
from app.http.idempotency import repeatable
from app.http.limits import limiter
from app.http.problems import language
from app.identities import service
from app.identities.schemas import (
    AuthorizationIn,
    AuthorizationOut,
    MyInvitations,
    VisitorOut,
    WeChatSignInIn,
)
from app.invitations.own import invitations_of_person
from app.invitations.schemas import MyCompany, MyInvitation
from app.invitations.service import tenant_of_link
from app.users.phones import enter, enter_with_code, workplaces_of
from app.users.schemas import CodeIn, CompanyOut, SessionOut, WorkplaceIn, WorkplaceOut, WorkplacesOut
from app.users.showing import session_of
from tenants.tenancy import get_tenant, tenant_scope
from tenants.wechat.identities import Person, find_person

blueprint = APIBlueprint("identities", __name__, url_prefix="/api/v1/wechat", tag="WeChat")
browser = APIBlueprint("wechat_browser", __name__, url_prefix="/wechat/browser", enable_openapi=False)
log = structlog.get_logger("identities")
_MEMORY, _VISITOR = "wechat_asked", "wechat_visitor"
_COOKIE_PATHS = {_MEMORY: service.BROWSER_CALLBACK, _VISITOR: "/api/v1/wechat/browser-sessions"}


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


@blueprint.post("/authorizations")
@allow("public")
@limiter.limit("600/minute", key_func=get_remote_address)
@blueprint.input(AuthorizationIn)
@blueprint.output(AuthorizationOut)
def authorize(json_data: AuthorizationIn) -> tuple[AuthorizationOut, int, dict[str, str]]:
    """For WeChat's own browser: the address where an official account learns who is there; a cookie binds the answer."""
    token = json_data.token
    tenant_id = tenant_of_link(token).id if token is not None else None
    begun = service.begin_authorization(token, tenant_id)
    return AuthorizationOut(address=begun.address), 200, _cookie(_MEMORY, begun.memory, "Lax")


@browser.get("/callback")
@allow("public")
@limiter.limit("600/minute", key_func=get_remote_address)
def come_back() -> Response:
    """WeChat's browser comes back: who is there waits in a cookie for the page, which is told only whether it worked."""
    memory, worked, token = request.cookies.get(_MEMORY, ""), "no", None
    response = Response(status=302)
    try:
        token = service.asked_from(memory)
        visitor = service.finish_authorization(
            memory, request.args.get("state", ""), request.args.get("code", "")
        )
        response.headers.extend(_cookie(_VISITOR, visitor, "Strict"))
        worked = "yes"
    except DomainError as error:
        log.warning("wechat_browser_refused", code=error.code)
    response.headers.extend(_cookie(_MEMORY, "", "Lax"))
    page = f"code/index?token={quote(token)}&" if token else "home/index?"
    response.headers["Location"] = f"/m/#/pages/{page}wechat={worked}"
    return response


@blueprint.post("/browser-sessions")
@allow("public")
@repeatable("what the cookie says is given, once")
@limiter.limit("600/minute", key_func=get_remote_address)
@blueprint.output(VisitorOut, status_code=201)
def take_visitor() -> tuple[VisitorOut, int, dict[str, str]]:
    """The visitor that WeChat's browser came back as; the cookie ends."""
    visitor = request.cookies.get(_VISITOR)
    if not visitor:
        raise NotAuthenticated()
    lifetime = int(service.VISITOR_LIFETIME.total_seconds())
    return VisitorOut(access_token=visitor, expires_in=lifetime), 201, _cookie(_VISITOR, "", "Strict")


def _cookie(name: str, value: str, same_site: str) -> dict[str, str]:
    """A cookie that no script reads, for as long as the way there and back takes; an empty one ends it."""
    kept = dump_cookie(
        name,
        value,
        max_age=service.AUTHORIZATION_LIFETIME if value else 0,
        path=_COOKIE_PATHS[name],
        secure=settings().public_base_url.startswith("https"),
        httponly=True,
        samesite=same_site,
    )
    return {"Set-Cookie": kept}


@blueprint.get("/staff/companies")
@allow("visitor")
@blueprint.output(WorkplacesOut)
def my_workplaces() -> WorkplacesOut:
    """The companies where this WeChat is somebody of the hiring team; none in a browser."""
    identity_id = caller().identity_id
    found = workplaces_of(identity_id) if identity_id is not None else []
    return WorkplacesOut(
        companies=[
            WorkplaceOut(
                tenant=CompanyOut(id=one.tenant.id, slug=one.tenant.slug, name=one.tenant.name),
                name=one.name,
                role=one.role,  # type: ignore[arg-type]
                problem=one.problem,
                problem_words=one.problem and text(language(), f"errors.{one.problem}.title"),
            )
            for one in found
        ]
    )


@blueprint.post("/staff/bindings")
@allow("visitor")
@repeatable("a code works once")
@limiter.limit("10/minute", key_func=lambda: f"phone-code:{caller().subject}")
@limiter.limit("60/hour", key_func=lambda: f"phone-code:{caller().subject}")
@blueprint.input(CodeIn)
@blueprint.output(SessionOut, status_code=201)
def bind_to_account(json_data: CodeIn) -> SessionOut:
    """Bind this WeChat to an account of a company with a one-time code, and sign in."""
    return session_of(enter_with_code(json_data.company, json_data.code, _identity()))


@blueprint.post("/staff/sessions")
@allow("visitor")
@repeatable("each sign-in is a session of its own, and its tokens are never kept")
@blueprint.input(WorkplaceIn)
@blueprint.output(SessionOut, status_code=201)
def enter_workplace(json_data: WorkplaceIn) -> SessionOut:
    """Sign in to a company where this WeChat is bound to an account."""
    return session_of(enter(_identity(), json_data.tenant_id))


def _identity() -> str:
    """The caller's WeChat identity. Raises Forbidden ``phone_in_browser`` where there is none."""
    identity_id = caller().identity_id
    if identity_id is None:
        raise Forbidden("phone_in_browser")
    return identity_id


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
