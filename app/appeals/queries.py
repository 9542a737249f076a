"""Reads of appeals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, delete, func, select

from app.appeals.models import Appeal
from app.core.database import db
from app.interviews.models import Interview


def appeals(status: str | None, seen: Select[str]) -> Select[tuple[Appeal]]:
    """Appeals about the interviews of these ids, perhaps of one status."""
    statement = select(Appeal).where(Appeal.interview_id.in_(seen))
    return statement if status is None else statement.where(Appeal.status == status)


def most_urgent(most: int, seen: Select[str]) -> list[Appeal]:
    """The open appeals about these interviews, the one due first at the top."""
    return list(db.session.scalars(appeals("open", seen).order_by(Appeal.due_at, Appeal.id).limit(most)))


def count_open(seen: Select[str], due_before: datetime | None = None) -> int:
    """How many appeals about these interviews wait for an answer, perhaps only those due before a moment."""
    statement = select(func.count(Appeal.id)).where(Appeal.status == "open", Appeal.interview_id.in_(seen))
    if due_before is not None:
        statement = statement.where(Appeal.due_at < due_before)
    return db.session.execute(statement).scalar_one()


def find_appeal(interview_id: str, *, lock: bool = False) -> Appeal | None:
    """The appeal of an interview, locked until the transaction ends when asked."""
    found = select(Appeal).where(Appeal.interview_id == interview_id)
    return db.session.execute(found.with_for_update() if lock else found).scalar_one_or_none()


def remove_open_of(candidate_id: str) -> None:
    """Remove the appeals of a candidate that nobody answered."""
    gone = delete(Appeal).where(Appeal.candidate_id == candidate_id, Appeal.status == "open")
    db.session.execute(gone.execution_options(synchronize_session=False))


def positions_of(interview_ids: Iterable[str]) -> dict[str, str]:
    """Position ids by interview id."""
    statement = select(Interview.id, Interview.position_id).where(Interview.id.in_(set(interview_ids)))
    return {row.id: row.position_id for row in db.session.execute(statement)}
