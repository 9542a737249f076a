"""Who WeChat says a person is: codes of the mini-program, exchanged with no database scope open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from flask_jwt_extended import create_access_token

from app.core.context import ports
from app.core.errors import Forbidden, InvalidInput, OutsideError, PermanentError, Unavailable
from app.core.ids import new_id
from tenants.wechat import get_app, upsert_identity

VISITOR_LIFETIME = timedelta(minutes=30)
log = structlog.get_logger("identities")


def sign_in_visitor(app_id: str, code: str) -> str:
    """A visitor's access token for a ``wx.login`` code.

    Raises NotFound ``wechat_app_unknown``, InvalidInput ``wechat_code_invalid``, Forbidden ``wechat_user_blocked``,
    Unavailable ``wechat_down``.
    """
    app = get_app(app_id).app
    with _refusals(app_id):
        found = ports().wechat.code_to_session(app, code)
    identity_id = upsert_identity(found)
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
        if error.reason == "user_blocked":
            raise Forbidden("wechat_user_blocked") from error
        log.error("wechat_refused", app=app_id, reason=error.reason)
        raise Unavailable("wechat_down") from error
    except OutsideError as error:
        log.warning("wechat_down", app=app_id, reason=error.reason)
        raise Unavailable("wechat_down") from error
