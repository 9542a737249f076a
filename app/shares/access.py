"""The share of the reader who is calling: taken from their session and from nothing else."""

from __future__ import annotations

from app.core.errors import NotAuthenticated
from app.http.callers import caller
from app.shares.models import Share
from app.shares.queries import get_share
from app.shares.service import check_usable


def current_share(*, lock: bool = False) -> Share:
    """The share of the calling reader, in the open scope of its tenant. Raises Gone as ``check_usable``."""
    who = caller()
    made = get_share(who.subject, lock=lock)
    if who.identity_id not in (None, made.identity_id):
        raise NotAuthenticated("session_ended")
    check_usable(made)
    return made
