"""Reads behind scores and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from app.candidates.models import Candidate, not_erased
from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Answer, Interview, Take
from app.invitations.models import Invitation
from app.positions.models import Position, PositionVersion
from app.reports.models import ScoreRow
from app.users.models import User

SHOWN_VERSIONS = 5


@dataclass(frozen=True)
class Progress:
    """How many answers of an interview stand between it and its score."""

    unsubmitted: int
    analysing: int


def progress_of(interview_id: str) -> Progress:
    """What is pending; a warm-up may be left out. Columns are read, not entities: another transaction may just have
    changed them."""
    rubric = db.session.scalars(
        select(PositionVersion.rubric)
        .join(Interview, Interview.position_version_id == PositionVersion.id)
        .where(Interview.id == interview_id)
    ).one()
    asked = [question["id"] for question in rubric["questions"] if not question.get("warm_up")]
    rows = db.session.execute(
        select(Answer.take_id, Take.status)
        .outerjoin(Take, Take.id == Answer.take_id)
        .where(Answer.interview_id == interview_id, Answer.question_id.in_(asked))
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


def late_answers(interview: Interview) -> frozenset[str]:
    """The answers that were handed in after the end of the window."""
    ends_at = (
        select(Invitation.window_ends_at).where(Invitation.id == interview.invitation_id).scalar_subquery()
    )
    late = select(Answer.id).where(Answer.interview_id == interview.id, Answer.submitted_at > ends_at)
    return frozenset(db.session.scalars(late))


def get_rubric_version(interview: Interview) -> PositionVersion:
    """The rubric's version the interview started with."""
    return db.session.get_one(PositionVersion, interview.position_version_id)


def get_position(interview: Interview) -> Position:
    """The position an interview is for."""
    return db.session.get_one(Position, interview.position_id)


def get_candidate(interview: Interview) -> Candidate:
    """The person interviewed."""
    return db.session.get_one(Candidate, interview.candidate_id)


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


def newest_points(row: ScoreRow, limit: int) -> list[tuple[int | None, dict[str, int | None]]]:
    """(total, points by competency) of the newest scores by a score's rubric version and algorithm, it included.

    One read of an index and of small columns: no score is opened. What is left of erased candidates counts no more.
    """
    statement = (
        select(ScoreRow.total, ScoreRow.points)
        .join(Interview, Interview.id == ScoreRow.interview_id)
        .where(
            not_erased(Interview.candidate_id),
            ScoreRow.position_version_id == row.position_version_id,
            ScoreRow.algorithm == row.algorithm,
            ScoreRow.points.is_not(None),
        )
        .order_by(ScoreRow.created_at.desc())
        .limit(limit)
    )
    return [(total, points or {}) for total, points in db.session.execute(statement)]


def newer_versions(interview: Interview) -> list[int]:
    """Numbers of the position's versions after the one the interview started with: the newest few, in order."""
    numbers = select(PositionVersion.number)
    started_with = numbers.where(PositionVersion.id == interview.position_version_id).scalar_subquery()
    statement = numbers.where(
        PositionVersion.position_id == interview.position_id, PositionVersion.number > started_with
    )
    newest = statement.order_by(PositionVersion.number.desc()).limit(SHOWN_VERSIONS)
    return sorted(db.session.scalars(newest))


def get_version(interview: Interview, number: int) -> PositionVersion:
    """A version of the interview's position by its number. Raises NotFound ``version_unknown``."""
    statement = select(PositionVersion).where(
        PositionVersion.position_id == interview.position_id, PositionVersion.number == number
    )
    version = db.session.scalars(statement).one_or_none()
    if version is None:
        raise NotFound("version_unknown")
    return version


def name_of_user(user_id: str) -> str:
    """The name of one of the company's people."""
    return db.session.get_one(User, user_id).name


def totals_of(interview_ids: Sequence[str]) -> Mapping[str, int | None]:
    """The newest total in hundredths by interview, for those that were scored."""
    statement = select(ScoreRow.interview_id, ScoreRow.total).where(ScoreRow.interview_id.in_(interview_ids))
    return dict(db.session.execute(statement.order_by(ScoreRow.created_at, ScoreRow.id)).all())


def count_by_status(seen: ColumnElement[bool]) -> dict[str, int]:
    """How many of the interviews that meet a condition there are in each status."""
    statement = select(Interview.status, func.count(Interview.id)).where(seen).group_by(Interview.status)
    return dict(db.session.execute(statement).all())
