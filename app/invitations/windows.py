"""When an invitation can be used, and until when something of it may still arrive."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.clock import utcnow
from app.core.errors import Gone, InvalidInput
from app.invitations.models import Invitation
from app.invitations.queries import OPEN, invitations_of_candidate

LONGEST_WINDOW = timedelta(days=366)
LATE = timedelta(hours=24)


def check_window(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse a window nobody could use: InvalidInput ``window_order``, ``window_over``, ``window_too_long``."""
    if ends_at <= starts_at:
        raise InvalidInput("window_order")
    if ends_at <= utcnow():
        raise InvalidInput("window_over")
    if ends_at - min(starts_at, utcnow()) > LONGEST_WINDOW:
        raise InvalidInput("window_too_long", days=LONGEST_WINDOW.days)


def late_until(invitation: Invitation) -> datetime:
    """Until when an answer that was begun inside the window may still arrive (ADR 23)."""
    return invitation.window_ends_at + LATE


def last_window_end(candidate_id: str) -> datetime | None:
    """When the last window that a candidate was given ends or ended; None for somebody who was never invited."""
    return max((one.window_ends_at for one in invitations_of_candidate(candidate_id)), default=None)


def answerable_until(candidate_id: str) -> datetime | None:
    """Until when a candidate may still answer, or something of theirs arrive; None when nothing is open to them."""
    able = [one for one in invitations_of_candidate(candidate_id) if one.status in (*OPEN, "expired")]
    return max((late_until(one) for one in able), default=None)


def check_usable(invitation: Invitation, *, late: bool = False) -> None:
    """Refuse an invitation that is over: Gone ``invitation_cancelled``, ``invitation_declined``, ``invitation_expired``.

    Its window counts, not whether the job that closes it has run. A finished one stays usable: its candidate reads
    the report and answers the survey. ``late`` lets pass what only arrives after the window's end.
    """
    if late and invitation.status in {*OPEN, "expired"} and utcnow() < late_until(invitation):
        return
    if invitation.status in {"cancelled", "declined", "expired"}:
        raise Gone(f"invitation_{invitation.status}")
    if invitation.status in OPEN and invitation.window_ends_at <= utcnow():
        raise Gone("invitation_expired")
