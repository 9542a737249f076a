"""Who WeChat says a person is: codes of the mini-program, exchanged with no database scope open."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask_jwt_extended import create_access_token
from itsdangerous import BadData, URLSafeTimedSerializer

from app.core.context import ports, settings
from app.core.errors import Forbidden, InvalidInput, NotFound, OutsideError, PermanentError, Unavailable
from app.core.ids import new_id
from tenants.wechat.apps import get_app, official_account_for
from tenants.wechat.identities import upsert_identity

VISITOR_LIFETIME = timedelta(minutes=30)
AUTHORIZATION_LIFETIME = timedelta(minutes=10)
BROWSER_CALLBACK = "/wechat/browser/callback"
log = structlog.get_logger("identities")


def sign_in_visitor(app_id: str, code: str) -> str:
    """A visitor's access token for a ``wx.login`` code.

    Raises NotFound ``wechat_app_unknown``, InvalidInput ``wechat_code_invalid``, Forbidden ``wechat_user_blocked``,
    Unavailable ``wechat_down``.
    """
    app = get_app(app_id).app
    with _refusals(app_id):
        found = ports().wechat.code_to_session(app, code)
    return _visitor(upsert_identity(found), app_id)


@dataclass(frozen=True)
class Authorization:
    """A browser on its way to WeChat: where to, and what it brings back unseen (``memory``, in a cookie)."""

    address: str
    memory: str


def begin_authorization(token: str | None, tenant_id: str | None) -> Authorization:
    """Send WeChat's browser to say who is there; ``token`` is the link it holds, if any.

    The answer is only taken in the browser that asked (the state is in its cookie), or somebody could make another
    browser enter as themselves. Raises NotFound ``wechat_app_missing``.
    """
    account = official_account_for(tenant_id)
    if account is None:
        raise NotFound("wechat_app_missing")
    state = secrets.token_hex(16)
    back_to = f"{settings().public_base_url.rstrip('/')}{BROWSER_CALLBACK}"
    address = ports().wechat.authorization_address(account.app, back_to=back_to, state=state)
    return Authorization(address, _signer().dumps({"state": state, "app": account.app_id, "token": token}))


def asked_from(memory: str) -> str | None:
    """The link with which a browser was sent to WeChat. Raises Forbidden ``wechat_state_invalid``."""
    found: str | None = _remembered(memory)["token"]
    return found


def finish_authorization(memory: str, state: str, code: str) -> str:
    """A visitor's access token for the code that WeChat gave. Raises as ``sign_in_visitor`` and ``asked_from``."""
    before = _remembered(memory)
    if not hmac.compare_digest(before["state"].encode(), state.encode("utf-8", "replace")):
        raise Forbidden("wechat_state_invalid")
    app = get_app(before["app"]).app
    with _refusals(app.app_id):
        found = ports().wechat.code_to_visitor(app, code)
    return _visitor(upsert_identity(found), app.app_id)


def _remembered(memory: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _signer().loads(memory, max_age=int(AUTHORIZATION_LIFETIME.total_seconds()))
    except BadData as error:
        raise Forbidden("wechat_state_invalid") from error
    return found


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().jwt_secret_key.get_secret_value(), salt="wechat-browser")


def _visitor(identity_id: str, app_id: str) -> str:
    claims = {"role": "visitor", "identity": identity_id, "app_id": app_id}
    return create_access_token(identity_id, expires_delta=VISITOR_LIFETIME, additional_claims=claims)


def open_visit() -> str:
    """A visitor's access token for a browser outside WeChat: it knows nobody, and may ask for a code and use it."""
    claims = {"role": "visitor", "identity": None}
    return create_access_token(new_id(), expires_delta=VISITOR_LIFETIME, additional_claims=claims)


def verified_phone(app_id: str, code: str) -> str:
    """The phone number (E.164) that WeChat verified, for a ``getPhoneNumber`` code. Raises as ``sign_in_visitor``."""
    app = get_app(app_id).app
    with _refusals(app_id):
        return ports().wechat.phone_number(app, code)


@contextmanager
def _refusals(app_id: str) -> Iterator[None]:
    """WeChat's refusals as ours. A fault of the mini-program's registration is not the person's: 503, and logged."""
    try:
        yield
    except PermanentError as error:
        if error.reason == "code_invalid":
            raise InvalidInput("wechat_code_invalid") from error
        if error.reason == "snapshot_visitor":
            raise Forbidden("wechat_visitor_lent") from error
        if error.reason == "user_blocked":
            raise Forbidden("wechat_user_blocked") from error
        log.error("wechat_refused", app=app_id, reason=error.reason)
        raise Unavailable("wechat_down") from error
    except OutsideError as error:
        log.warning("wechat_down", app=app_id, reason=error.reason)
        raise Unavailable("wechat_down") from error
