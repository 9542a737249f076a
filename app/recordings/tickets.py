"""Playback tickets: a ``<video>`` element sends no headers, so the address itself is the credential, for minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from itsdangerous import BadData, URLSafeTimedSerializer

from app.audits.service import Actor
from app.core.clock import utcnow
from app.core.context import settings
from app.core.errors import Gone, NotFound

_SALT = "weimian playback ticket 2"
MEDIA_PATH = "/api/v1/media/"
ONE_VIEW = timedelta(hours=4)
"""As long after a ticket was signed another one goes on with the same view: somebody watches, stops and comes back."""

FileKind = Literal["segment", "rendition"]


@dataclass(frozen=True)
class Ticket:
    """``path`` is the address below the site's root."""

    path: str
    expires_at: datetime


@dataclass(frozen=True)
class Pass:
    """What a ticket allows: one file of one tenant, a segment or a rendition."""

    tenant_id: str
    file_id: str
    kind: FileKind


def sign_ticket(
    tenant_id: str, file_id: str, viewer: Actor, *, take_id: str = "", kind: FileKind = "segment"
) -> Ticket:
    """A ticket for one file, good for ``playback_ticket_minutes``."""
    token = _serializer().dumps([tenant_id, file_id, kind, viewer.kind, viewer.id, take_id])
    return Ticket(MEDIA_PATH + str(token), utcnow() + _lifetime())


def read_ticket(token: str) -> Pass:
    """What a ticket allows. Raises NotFound ``ticket_unknown``, Gone ``ticket_expired``."""
    content, signed_at = _read(token)
    if signed_at + _lifetime() < utcnow():
        raise Gone("ticket_expired")
    return Pass(tenant_id=content[0], file_id=content[1], kind=content[2])


def continues(path: str, tenant_id: str, take_id: str, viewer: Actor) -> bool:
    """Whether an address, expired or not, was this viewer's for this take, within one view. A made-up one is not."""
    try:
        content, signed_at = _read(path.rpartition("/")[2])
    except NotFound:
        return False
    mine = (content[0], *content[3:]) == (tenant_id, viewer.kind, viewer.id, take_id)
    return mine and signed_at + ONE_VIEW > utcnow()


def _read(token: str) -> tuple[list[Any], datetime]:
    try:
        content, signed_at = _serializer().loads(token, return_timestamp=True)
    except BadData as error:
        raise NotFound("ticket_unknown") from error
    return content, signed_at


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().jwt_secret_key.get_secret_value(), salt=_SALT)


def _lifetime() -> timedelta:
    return timedelta(minutes=settings().playback_ticket_minutes)
