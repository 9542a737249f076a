"""Routes of sessions and of the company's people."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import request
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_limiter.util import get_remote_address
from jwt.exceptions import PyJWTError

from app.core.database import db
from app.core.errors import NotAuthenticated
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.idempotency import idempotent, repeatable
from app.http.limits import account_key, limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.users import phones, queries, service
from app.users.models import User
from app.users.schemas import (
    CodeIn,
    CodeOut,
    ColleagueOut,
    ColleaguePage,
    MakeCodeIn,
    MeOut,
    PasswordIn,
    PhoneOut,
    RefreshIn,
    SessionOut,
    SignInIn,
    TokensOut,
    UserIn,
    UserOut,
    UserPage,
    UserPatch,
)
from app.users.sessions import end_family, renew_session
from app.users.showing import company_of, session_of
from tenants.tenancy import get_tenant, tenant_scope

blueprint = APIBlueprint("users", __name__, url_prefix="/api/v1", tag="People and sessions")


def _account() -> str:
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    return account_key(body.get("company", ""), body.get("email", ""))


@blueprint.post("/sessions")
@allow("public")
@repeatable("each sign-in is a session of its own, and its tokens are never kept")
@limiter.limit("10/minute", key_func=_account)
@limiter.limit("120/minute", key_func=get_remote_address)
@blueprint.input(SignInIn)
@blueprint.output(SessionOut, status_code=201)
def sign_in(json_data: SignInIn) -> SessionOut:
    """Sign in with company code, e-mail and password."""
    pair, user, tenant_id = service.sign_in(json_data.company, json_data.email, json_data.password)
    return SessionOut.model_validate(
        {**asdict(pair), "role": user.role, "name": user.name, "tenant": company_of(tenant_id)}
    )


@blueprint.post("/sessions/refresh")
@allow("public")
@limiter.limit("600/minute", key_func=get_remote_address)
@blueprint.input(RefreshIn)
@blueprint.output(TokensOut)
def refresh_session(json_data: RefreshIn) -> TokensOut:
    """Exchange a refresh token for the next pair; using one twice ends the whole session."""
    try:
        tenant_id = decode_token(json_data.refresh_token).get("tenant")
    except (JWTExtendedException, PyJWTError) as error:
        raise NotAuthenticated("session_ended") from error
    if not isinstance(tenant_id, str):
        raise NotAuthenticated("session_ended")
    with tenant_scope(tenant_id):
        try:
            pair = renew_session(json_data.refresh_token)
        except NotAuthenticated:
            db.session.commit()  # the end of a family whose token was used twice must last
            raise
        db.session.commit()
    return TokensOut(**asdict(pair))


@blueprint.delete("/sessions")
@allow("candidate", "guest", *STAFF)
@blueprint.output({}, status_code=204)
def sign_out() -> str:
    """End this session: its tokens are refused from now on."""
    end_family(caller().family or "")
    return ""


@blueprint.get("/me")
@allow(*STAFF)
@blueprint.output(MeOut)
def me() -> MeOut:
    """Who is signed in."""
    who = caller()
    user = queries.get_user(who.subject)
    return MeOut(**dict(_shown(user)), tenant=company_of(who.tenant_id or ""))


@blueprint.put("/me/password")
@allow(*STAFF)
@limiter.limit("10/minute", key_func=lambda: f"password:{caller().subject}")
@blueprint.input(PasswordIn)
@blueprint.output(TokensOut)
def change_password(json_data: PasswordIn) -> TokensOut:
    """Change my password: all my sessions end and my WeChat is unbound, the answer begins a new session."""
    pair = service.change_own_password(caller().subject, json_data.current_password, json_data.new_password)
    return TokensOut(**asdict(pair))


@blueprint.post("/users")
@allow("owner")
@idempotent
@blueprint.input(UserIn)
@blueprint.output(UserOut, status_code=201)
def add_user(json_data: UserIn) -> UserOut:
    """Add a person to the company."""
    return _shown(service.add_user(actor(), **json_data.model_dump()))


@blueprint.get("/users")
@allow("owner")
@blueprint.input(PageQuery, location="query")
@blueprint.output(UserPage)
def list_users(query_data: PageQuery) -> UserPage:
    """The company's people, newest first."""
    rows, cursor = fetch_page(queries.users(), User.id, query_data)
    bound = phones.bound_at_of(row.id for row in rows)
    items = [_shown(row).model_copy(update={"phone_bound_at": bound.get(row.id)}) for row in rows]
    return UserPage(items=items, next_cursor=cursor)


@blueprint.get("/colleagues")
@allow("owner", "recruiter")
@blueprint.input(PageQuery, location="query")
@blueprint.output(ColleaguePage)
def list_colleagues(query_data: PageQuery) -> ColleaguePage:
    """Colleagues who can sign in, newest first, to choose whom to show a position or an interview."""
    rows, cursor = fetch_page(queries.colleagues(), User.id, query_data)
    items = [ColleagueOut.model_validate(row, from_attributes=True) for row in rows]
    return ColleaguePage(items=items, next_cursor=cursor)


@blueprint.patch("/users/<user_id>")
@allow("owner")
@blueprint.input(UserPatch)
@blueprint.output(UserOut)
def change_user(user_id: str, json_data: UserPatch) -> UserOut:
    """Change a person's role or password, or disable them; sessions end at once, a new password unbinds WeChat."""
    return _shown(service.change_user(actor(), user_id, **json_data.model_dump()))


@blueprint.post("/me/phone-codes")
@allow(*STAFF)
@repeatable("a newer code ends the one before, and codes are never kept")
@limiter.limit("6/minute", key_func=person_key)
@blueprint.input(MakeCodeIn)
@blueprint.output(CodeOut, status_code=201)
def make_own_code(json_data: MakeCodeIn) -> CodeOut:
    """A one-time code to bind my WeChat to my account, or to sign in once in a phone's browser; asks my password."""
    who = caller()
    made = phones.make_code(who.subject, json_data.password)
    return CodeOut(code=made.code, company=get_tenant(who.tenant_id or "").slug, expires_at=made.expires_at)


@blueprint.get("/me/phone")
@allow(*STAFF)
@blueprint.output(PhoneOut)
def show_own_phone() -> PhoneOut:
    """Whether my WeChat is bound to my account."""
    who = caller().subject
    return PhoneOut(bound_at=phones.bound_at_of([who]).get(who))


@blueprint.delete("/me/phone")
@allow(*STAFF)
@blueprint.output({}, status_code=204)
def unbind_own_phone() -> str:
    """Unbind my WeChat; every session that began on a phone ends."""
    phones.unbind(actor(), caller().subject)
    return ""


@blueprint.delete("/users/<user_id>/phone")
@allow("owner")
@blueprint.output({}, status_code=204)
def unbind_phone(user_id: str) -> str:
    """Unbind a person's WeChat, say when a phone was lost; every session of theirs that began on a phone ends."""
    phones.unbind(actor(), user_id)
    return ""


@blueprint.post("/sessions/by-code")
@allow("public")
@repeatable("a code works once")
@limiter.limit("60/minute", key_func=get_remote_address)
@blueprint.input(CodeIn)
@blueprint.output(SessionOut, status_code=201)
def sign_in_by_code(json_data: CodeIn) -> SessionOut:
    """Sign in once with a one-time code, in a browser outside WeChat; it binds nothing."""
    return session_of(phones.enter_with_code(json_data.company, json_data.code, None))


def _shown(user: User) -> UserOut:
    return UserOut.model_validate(user, from_attributes=True)
