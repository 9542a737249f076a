"""Reads of shares."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from app.core.database import db
from app.core.errors import NotFound
from app.shares.models import Share


def shares_of(interview_id: str) -> Select[tuple[Share]]:
    """The shares of an interview."""
    return select(Share).where(Share.interview_id == interview_id)


def all_shares(interview_id: str) -> list[Share]:
    """The shares of an interview, oldest first."""
    return list(db.session.scalars(shares_of(interview_id).order_by(Share.id)))


def shares_of_candidate(candidate_id: str) -> list[Share]:
    """Every share of a candidate's interviews."""
    return list(db.session.scalars(select(Share).where(Share.candidate_id == candidate_id)))


def count_shares(interview_id: str) -> int:
    """How often an interview was shared."""
    found = select(func.count(Share.id)).where(Share.interview_id == interview_id)
    return db.session.execute(found).scalar_one()


def answered_of(interview_id: str) -> list[Share]:
    """The shares of an interview that were answered, oldest answer first."""
    found = shares_of(interview_id).where(Share.answered_at.is_not(None))
    return list(db.session.scalars(found.order_by(Share.answered_at, Share.id)))


def get_share(share_id: str, *, lock: bool = False) -> Share:
    """A share, locked until the transaction ends when asked. Raises NotFound ``share_unknown``."""
    share = db.session.get(Share, share_id, with_for_update=True if lock else None)
    if share is None:
        raise NotFound("share_unknown")
    return share


def get_share_by_token(token: str, *, lock: bool = False) -> Share:
    """The share of a link. Raises NotFound ``share_unknown``."""
    found = select(Share).where(Share.token == token)
    share = db.session.execute(found.with_for_update() if lock else found).scalar_one_or_none()
    if share is None:
        raise NotFound("share_unknown")
    return share
