"""The browser's session: the same tokens as the API's, kept in cookies.

The access token is short. When it has run out, the refresh token (sent below /hr only) is exchanged for the next pair;
a form that was filled in meanwhile is shown again to be confirmed, with a fresh CSRF token, so no words are lost.
"""

from __future__ import annotations

from flask import Response, current_app, request
from flask_jwt_extended import (
    decode_token,
    get_jwt,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from app.core.database import db
from app.core.errors import DomainError, Forbidden, NotAuthenticated
from app.pages.rendering import HOME
from app.users.sessions import TokenPair, renew_session
from tenants.tenancy import tenant_scope


def keep(response: Response, pair: TokenPair) -> Response:
    """Put a session into the browser's cookies."""
    set_access_cookies(response, pair.access_token)
    set_refresh_cookies(response, pair.refresh_token)
    return response


def forget(response: Response) -> Response:
    """Take the session out of the browser."""
    unset_jwt_cookies(response)
    return response


def csrf_token() -> str:
    """What the verified session's forms must send back."""
    return str(get_jwt()["csrf"])


def csrf_token_of(pair: TokenPair) -> str:
    """What forms of a session that was just renewed must send back."""
    return str(decode_token(pair.access_token)["csrf"])


def renew() -> TokenPair | None:
    """The next pair for the refresh token in the cookies; None when there is none or it is not accepted."""
    token = request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    if not token:
        return None
    try:
        tenant_id = decode_token(token).get("tenant")
    except (JWTExtendedException, PyJWTError):
        return None
    if not isinstance(tenant_id, str):
        return None
    try:
        with tenant_scope(tenant_id):
            try:
                return renew_session(token)
            finally:
                db.session.commit()  # also when it is refused: the end of a reused family must last
    except (NotAuthenticated, Forbidden):
        return None


def refuse_foreign_forms() -> None:
    """Refuse a form that another site's page submitted. Raises Forbidden ``form_from_elsewhere``."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise DomainError("form_from_elsewhere", status=403)


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a page below /hr of this site, else the list."""
    if wanted and wanted.startswith("/hr/") and "\\" not in wanted and not wanted.startswith("/hr/sign-"):
        return wanted
    return HOME
