"""Reads behind scores and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.candidates.models import Candidate
from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Answer, Interview, Take
from app.positions.models import Position, PositionVersion
from app.reports.models import ScoreRow


def get_interview(interview_id: str) -> Interview:
    """An interview. Raises NotFound ``interview_unknown``."""
    interview = db.session.get(Interview, interview_id)
    if interview is None:
        raise NotFound("interview_unknown")
    return interview


def lock_interview(interview_id: str) -> Interview:
    """An interview, its row locked until the transaction ends and read afresh. NotFound ``interview_unknown``."""
    statement = select(Interview).where(Interview.id == interview_id).with_for_update()
    interview = db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if interview is None:
        raise NotFound("interview_unknown")
    return interview


def get_interview_of(invitation_id: str | None) -> Interview:
    """The interview that an invitation led to. Raises NotFound ``interview_unknown``."""
    interview = db.session.execute(
        select(Interview).where(Interview.invitation_id == invitation_id)
    ).scalar_one_or_none()
    if interview is None:
        raise NotFound("interview_unknown")
    return interview


@dataclass(frozen=True)
class Progress:
    """How many answers of an interview stand between it and its score."""

    unsubmitted: int
    analysing: int


def progress_of(interview_id: str) -> Progress:
    """What is pending. Columns are read, not entities: another transaction may just have changed them."""
    rows = db.session.execute(
        select(Answer.take_id, Take.status)
        .outerjoin(Take, Take.id == Answer.take_id)
        .where(Answer.interview_id == interview_id)
    ).all()
    return Progress(
        unsubmitted=sum(take_id is None for take_id, _ in rows),
        analysing=sum(status in {"recording", "submitted"} for _, status in rows),
    )


def answers_with_takes(interview_id: str) -> list[tuple[Answer, Take]]:
    """Every answer that has a take which counts."""
    statement = (
        select(Answer, Take)
        .join(Take, Take.id == Answer.take_id)
        .where(Answer.interview_id == interview_id)
        .order_by(Answer.id)
        .execution_options(populate_existing=True)
    )
    return [(answer, take) for answer, take in db.session.execute(statement)]


def get_rubric_version(interview: Interview) -> PositionVersion:
    """The rubric's version the interview started with."""
    return db.session.get_one(PositionVersion, interview.position_version_id)


def get_position(interview: Interview) -> Position:
    """The position an interview is for."""
    return db.session.get_one(Position, interview.position_id)


def get_candidate(interview: Interview) -> Candidate:
    """The person interviewed."""
    return db.session.get_one(Candidate, interview.candidate_id)


def candidates_of(candidate_ids: Sequence[str]) -> list[Candidate]:
    """Several people."""
    return list(db.session.scalars(select(Candidate).where(Candidate.id.in_(candidate_ids))))


def find_score(interview: Interview) -> ScoreRow | None:
    """The newest score of an interview by the version it started with."""
    return db.session.scalars(
        select(ScoreRow)
        .where(
            ScoreRow.interview_id == interview.id,
            ScoreRow.position_version_id == interview.position_version_id,
        )
        .order_by(ScoreRow.created_at.desc(), ScoreRow.id.desc())
        .limit(1)
    ).first()


def scores_of_position(position_id: str, algorithm: str, limit: int) -> list[tuple[ScoreRow, str]]:
    """The newest scores of a position with the candidates they belong to."""
    statement = (
        select(ScoreRow, Interview.candidate_id)
        .join(Interview, Interview.id == ScoreRow.interview_id)
        .where(Interview.position_id == position_id, ScoreRow.algorithm == algorithm)
        .order_by(ScoreRow.created_at.desc(), ScoreRow.id.desc())
        .limit(limit)
    )
    return [(row, candidate_id) for row, candidate_id in db.session.execute(statement)]


def interviews(position_id: str | None = None, status: str | None = None) -> Select[tuple[Interview]]:
    """Interviews, perhaps of one position or one status."""
    statement = select(Interview)
    if position_id:
        statement = statement.where(Interview.position_id == position_id)
    if status:
        statement = statement.where(Interview.status == status)
    return statement


def totals_of(interview_ids: Sequence[str]) -> Mapping[str, int | None]:
    """The total in hundredths by interview, for those that were scored."""
    statement = select(ScoreRow.interview_id, ScoreRow.total).where(ScoreRow.interview_id.in_(interview_ids))
    return dict(db.session.execute(statement).all())


def count_by_status() -> dict[str, int]:
    """How many interviews there are in each status."""
    statement = select(Interview.status, func.count(Interview.id)).group_by(Interview.status)
    return dict(db.session.execute(statement).all())


def titles_of(position_ids: Sequence[str]) -> dict[str, str]:
    """Titles of positions by id."""
    statement = select(Position.id, Position.title).where(Position.id.in_(position_ids))
    return dict(db.session.execute(statement).all())
