"""Playback tickets: a ``<video>`` element sends no headers, so the address itself is the credential, for minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from app.audits.service import Actor
from app.core.clock import utcnow
from app.core.context import settings
from app.core.errors import Gone, NotFound

_SALT = "weimian playback ticket 1"
MEDIA_PATH = "/api/v1/media/"


@dataclass(frozen=True)
class Ticket:
    """``path`` is the address below the site's root."""

    path: str
    expires_at: datetime


@dataclass(frozen=True)
class Pass:
    """What a ticket allows: one segment of one tenant."""

    tenant_id: str
    segment_id: str


def sign_ticket(tenant_id: str, segment_id: str, viewer: Actor) -> Ticket:
    """A ticket for one segment, good for ``playback_ticket_minutes``."""
    token = _serializer().dumps([tenant_id, segment_id, viewer.kind, viewer.id])
    return Ticket(MEDIA_PATH + str(token), utcnow() + _lifetime())


def read_ticket(token: str) -> Pass:
    """What a ticket allows. Raises NotFound ``ticket_unknown``, Gone ``ticket_expired``."""
    try:
        content, signed_at = _serializer().loads(token, return_timestamp=True)
    except BadData as error:
        raise NotFound("ticket_unknown") from error
    if signed_at + _lifetime() < utcnow():
        raise Gone("ticket_expired")
    return Pass(tenant_id=content[0], segment_id=content[1])


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().jwt_secret_key.get_secret_value(), salt=_SALT)


def _lifetime() -> timedelta:
    return timedelta(minutes=settings().playback_ticket_minutes)
