"""Reads of candidates and applications."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.candidates.models import Application, Candidate
from app.core.database import db
from app.core.errors import NotFound


def candidates() -> Select[tuple[Candidate]]:
    """Every candidate."""
    return select(Candidate)


def get_candidate(candidate_id: str) -> Candidate:
    """A candidate. Raises NotFound ``candidate_unknown``."""
    candidate = db.session.get(Candidate, candidate_id)
    if candidate is None:
        raise NotFound("candidate_unknown")
    return candidate


def find_by_phone_index(phone_index: str) -> Candidate | None:
    """The candidate with this phone's blind index."""
    found = select(Candidate).where(Candidate.phone_index == phone_index)
    return db.session.execute(found).scalar_one_or_none()


def find_application(candidate_id: str, position_id: str, *, lock: bool = False) -> Application | None:
    """A candidate's application for a position; locked until the transaction ends when asked."""
    found = select(Application).where(
        Application.candidate_id == candidate_id, Application.position_id == position_id
    )
    return db.session.execute(found.with_for_update() if lock else found).scalar_one_or_none()
