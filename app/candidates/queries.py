"""Reads of candidates and applications."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select

from app.candidates.models import Application, Candidate, Resume
from app.core.database import db
from app.core.errors import NotFound


def candidates() -> Select[tuple[Candidate]]:
    """Every candidate."""
    return select(Candidate)


def get_candidate(candidate_id: str, *, lock: bool = False) -> Candidate:
    """A candidate, locked until the transaction ends when asked. Raises NotFound ``candidate_unknown``."""
    candidate = db.session.get(Candidate, candidate_id, with_for_update=True if lock else None)
    if candidate is None:
        raise NotFound("candidate_unknown")
    return candidate


def find_by_phone_index(phone_index: str) -> Candidate | None:
    """The candidate with this phone's blind index."""
    found = select(Candidate).where(Candidate.phone_index == phone_index)
    return db.session.execute(found).scalar_one_or_none()


def find_resume_row(candidate_id: str) -> Resume | None:
    """The row of the résumé a candidate gave, which may be an empty one."""
    return db.session.execute(select(Resume).where(Resume.candidate_id == candidate_id)).scalar_one_or_none()


def find_application(candidate_id: str, position_id: str) -> Application | None:
    """A candidate's application for a position."""
    found = select(Application).where(
        Application.candidate_id == candidate_id, Application.position_id == position_id
    )
    return db.session.execute(found).scalar_one_or_none()


def candidates_by_id(candidate_ids: Iterable[str]) -> list[Candidate]:
    """These candidates."""
    return list(db.session.scalars(select(Candidate).where(Candidate.id.in_(set(candidate_ids)))))
