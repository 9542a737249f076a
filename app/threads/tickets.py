"""Short-lived addresses of a thread's pictures."""

from __future__ import annotations

from app.audits.service import Actor
from app.core.tickets import Tickets

_TICKETS = Tickets("/api/v1/pictures/", "weimian thread picture 1")
read_picture_ticket = _TICKETS.read


def picture_address(tenant_id: str, picture_id: str, viewer: Actor) -> str:
    """Where a picture can be looked at for ``playback_ticket_minutes``."""
    return _TICKETS.address(tenant_id, picture_id, viewer.kind, viewer.id)
