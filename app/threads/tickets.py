"""Short-lived addresses of a thread's pictures: an ``<img>`` sends no headers, so the address is the credential."""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from app.audits.service import Actor
from app.core.clock import utcnow
from app.core.context import settings
from app.core.errors import Gone, NotFound

_SALT = "weimian thread picture 1"
PATH = "/api/v1/pictures/"


def picture_address(tenant_id: str, picture_id: str, viewer: Actor) -> str:
    """Where a picture can be looked at for ``playback_ticket_minutes``."""
    ticket = _serializer().dumps([tenant_id, picture_id, viewer.kind, viewer.id])
    return f"{settings().public_base_url.rstrip('/')}{PATH}{ticket}"


def read_picture_ticket(ticket: str) -> tuple[str, str]:
    """(tenant id, picture id) of an address. Raises NotFound ``ticket_unknown``, Gone ``ticket_expired``."""
    try:
        content, signed_at = _serializer().loads(ticket, return_timestamp=True)
    except BadData as error:
        raise NotFound("ticket_unknown") from error
    if signed_at + timedelta(minutes=settings().playback_ticket_minutes) < utcnow():
        raise Gone("ticket_expired")
    return content[0], content[1]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().jwt_secret_key.get_secret_value(), salt=_SALT)
