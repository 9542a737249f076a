"""Who is calling, and what they may call.

Every route carries ``@allow(...)`` with the roles it serves; a route without it answers nobody (a test also fails for
it). The guard reads the credential, binds the caller's tenant for the whole request and owns the transaction: commit
when the view returns, roll back when it raises. What a path names is refused to people of the company whose positions do
not include it (``app.positions.visibility``).

Roles: ``public`` (nobody known), ``visitor`` (a WeChat identity, no tenant yet), ``candidate`` (one invitation),
``guest`` (looks at one shared interview), ``owner``, ``recruiter``, ``interviewer``, ``lead`` (the tenant's people),
``operator`` (the platform).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g, request
from flask_jwt_extended import get_jwt, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from app.core.database import db
from app.core.errors import Forbidden, NotAuthenticated
from app.positions.visibility import Viewer, check
from app.users.sessions import is_family_alive
from tenants.tenancy import tenant_scope

STAFF = ("owner", "recruiter", "interviewer", "lead")
DECIDERS = ("owner", "recruiter", "lead")
ROLES = ("public", "visitor", "candidate", "guest", *STAFF, "operator")
_TENANT_ROLES = ("candidate", "guest", *STAFF)
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Caller:
    """A verified caller. ``subject`` is a user, identity, candidate, share or operator id by role."""

    role: str
    subject: str
    tenant_id: str | None = None
    invitation_id: str | None = None
    identity_id: str | None = None
    family: str | None = None


def caller() -> Caller:
    """The caller of this request. Raises NotAuthenticated on a public route."""
    found: Caller | None = g.get("caller")
    if found is None:
        raise NotAuthenticated()
    return found


def allow(
    *roles: str,
    transaction: bool = True,
    on_record: bool = False,
    before: Callable[[Caller], None] | None = None,
) -> Callable[[View], View]:
    """Say who may call a view. Put it directly under the route decorator.

    With ``transaction=False`` (uploads, media) the caller is verified and no scope stays open: the view opens short
    ones with ``tenant_scope(caller().tenant_id)``. ``on_record``: looking is put on record, so the transaction of a GET may
    write from its beginning. ``before`` is called with a verified caller while no scope is open, to ask somebody outside;
    what it raises is the answer.
    """
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"unknown roles {unknown}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            with ExitStack() as scopes:
                g.caller = who = _verify(roles)
                if who is None or who.tenant_id is None:
                    return view(*args, **kwargs)
                read_only = not on_record and request.method in {"GET", "HEAD", "OPTIONS"}
                scopes.enter_context(tenant_scope(who.tenant_id, read_only=read_only))
                _check_alive(who)
                _check_visible(who)
                if before is not None:
                    scopes.close()
                    before(who)
                    scopes.enter_context(tenant_scope(who.tenant_id, read_only=read_only))
                    _check_alive(who)  # a session may have ended meanwhile
                if not transaction:
                    scopes.close()
                    return view(*args, **kwargs)
                result = view(*args, **kwargs)
                db.session.commit()
                return result

        guarded.allowed_roles = roles  # type: ignore[attr-defined]
        guarded.asks_outside = before is not None  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _verify(roles: tuple[str, ...]) -> Caller | None:
    """The caller, or None on a route that is open to everybody."""
    if roles == ("public",):
        return None
    try:
        verify_jwt_in_request()
    except (JWTExtendedException, PyJWTError) as error:
        code = "token_expired" if type(error).__name__ == "ExpiredSignatureError" else "not_authenticated"
        raise NotAuthenticated(code) from error
    claims = get_jwt()
    if claims.get("role") not in roles:
        raise Forbidden("role_not_allowed")
    who = Caller(
        role=claims["role"],
        subject=claims["sub"],
        tenant_id=claims.get("tenant"),
        invitation_id=claims.get("invitation"),
        identity_id=claims.get("identity"),
        family=claims.get("family"),
    )
    if (who.role in _TENANT_ROLES) != (who.tenant_id is not None):
        raise Forbidden("role_not_allowed")
    return who


def _check_alive(who: Caller) -> None:
    """A signed-out or disabled session is refused at once, not when its access token ends."""
    if who.family is None or not is_family_alive(who.family):
        raise NotAuthenticated("session_ended")


def viewer() -> Viewer:
    """The calling person of the company, as lists narrow themselves by. Raises Forbidden for anybody else."""
    who = caller()
    if who.role not in STAFF:
        raise Forbidden("role_not_allowed")
    return Viewer(who.subject, who.role)


def _check_visible(who: Caller) -> None:
    """A person of the company is refused what their positions do not include, whatever the view does (T5)."""
    if who.role in STAFF:
        for name, value in (request.view_args or {}).items():
            check(Viewer(who.subject, who.role), name, str(value))


def require_guards(app: Flask) -> None:
    """Refuse every route that does not say who may call it (fails closed)."""

    @app.before_request
    def _guarded_only() -> None:
        if request.endpoint is None or request.endpoint in app.config["OPEN_ENDPOINTS"]:
            return
        view = app.view_functions[request.endpoint]
        if not hasattr(view, "allowed_roles"):
            raise Forbidden("role_not_allowed")
