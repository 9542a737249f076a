"""The caller as the actor of an audit entry."""

from __future__ import annotations

from app.audits.service import Actor
from app.http.callers import STAFF, caller


def actor() -> Actor:
    """The verified caller of this request as an actor."""
    who = caller()
    return Actor("user" if who.role in STAFF else who.role, who.subject)
