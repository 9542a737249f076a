"""Reads of contingencies."""

from __future__ import annotations

from sqlalchemy import select

from app.contingencies.models import Contingency
from app.core.database import db


def contingencies_of(invitation_id: str) -> list[Contingency]:
    """What was done for an invitation, oldest first."""
    found = select(Contingency).where(Contingency.invitation_id == invitation_id).order_by(Contingency.id)
    return list(db.session.scalars(found))
