"""Reads behind the board: a handful of statements however many positions and candidates there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, exists, func, or_, select

from app.alerts.models import Alert
from app.analyses.models import Analysis
from app.appeals.models import Appeal
from app.candidates.models import Candidate, not_erased
from app.core.clock import utcnow
from app.core.database import db
from app.decisions.models import Decision
from app.interviews.models import Answer, Interview, Take
from app.invitations.models import Invitation
from app.positions.models import Position
from app.reports.models import ScoreRow
from app.shortlists.models import BackgroundCheck, ShortlistRule
from app.threads.models import Thread
from app.users.models import User

WAITING = ("finished", "scored")
HIGH = 800


def positions(visible: ColumnElement[bool]) -> Select[tuple[Position]]:
    """Positions on which somebody is or was interviewed, or that are open."""
    return select(Position).where(visible, or_(Position.status == "open", _has_interview()))


def longest_waiting() -> ColumnElement[datetime | None]:
    """Since when somebody of the position waits for a decision."""
    return (
        select(func.min(Interview.finished_at))
        .where(
            Interview.position_id == Position.id,
            Interview.status.in_(WAITING),
            not_erased(Interview.candidate_id),
        )
        .correlate(Position)
        .scalar_subquery()
    )


def counts(
    position_ids: Sequence[str], seen: ColumnElement[bool], now: datetime
) -> Sequence[Row[str, str, int, int, int, int, int, datetime | None]]:
    """(position, status, interviews, of them >= 8.00, shortlisted, abstained, overdue, first finished) of these positions.

    ``seen`` narrows to single interviews for those who see no more.
    """
    total = _totals()
    statement = (
        select(
            Interview.position_id,
            Interview.status,
            func.count(Interview.id),
            func.sum(case((total.c.total >= HIGH, 1), else_=0)),
            func.sum(case((_is_shortlisted(total.c.total), 1), else_=0)),
            func.sum(case((and_(total.c.interview_id.is_not(None), total.c.total.is_(None)), 1), else_=0)),
            func.sum(case((and_(Interview.status.in_(WAITING), Interview.result_due_at < now), 1), else_=0)),
            func.min(Interview.finished_at),
        )
        .outerjoin(total, total.c.interview_id == Interview.id)
        .where(Interview.position_id.in_(position_ids), seen)
        .group_by(Interview.position_id, Interview.status)
    )
    return db.session.execute(statement).all()


def invited(position_ids: Sequence[str]) -> Sequence[Row[str, str, int]]:
    """(position, invitation status, how many) of invitations that led to no interview."""
    statement = (
        select(Invitation.position_id, Invitation.status, func.count(Invitation.id))
        .outerjoin(Interview, Interview.invitation_id == Invitation.id)
        .where(
            Invitation.position_id.in_(position_ids),
            Interview.id.is_(None),
            not_erased(Invitation.candidate_id),
        )
        .group_by(Invitation.position_id, Invitation.status)
    )
    return db.session.execute(statement).all()


def interviews(
    seen: ColumnElement[bool],
    *,
    position_id: str | None,
    statuses: Sequence[str],
    min_total: int | None,
    shortlisted: bool,
    waiting_since: datetime | None,
    overdue_at: datetime | None,
    phone_index: str | None,
) -> Select[tuple[Interview]]:
    """Interviews, narrowed by what is given."""
    statement = select(Interview).where(seen)
    if statuses:
        statement = statement.where(Interview.status.in_(statuses))
    if position_id is not None:
        statement = statement.where(Interview.position_id == position_id)
    if min_total is not None or shortlisted:
        total = _totals()
        statement = statement.join(total, total.c.interview_id == Interview.id)
        if min_total is not None:
            statement = statement.where(total.c.total >= min_total)
        if shortlisted:
            statement = statement.where(_is_shortlisted(total.c.total))
    if waiting_since is not None:
        statement = statement.where(Interview.finished_at <= waiting_since)
    if overdue_at is not None:
        statement = statement.where(Interview.result_due_at < overdue_at)
    if phone_index is not None:
        statement = statement.join(Candidate, Candidate.id == Interview.candidate_id)
        statement = statement.where(Candidate.phone_index == phone_index)
    return statement


def by_ids(interview_ids: Sequence[str]) -> list[Interview]:
    """These interviews."""
    return list(db.session.scalars(select(Interview).where(Interview.id.in_(interview_ids))))


def due_counts(seen: ColumnElement[bool], now: datetime, soon: datetime) -> tuple[int, int, int]:
    """How many candidates wait for a result that is overdue, due until ``soon``, or later."""
    due_at = Interview.result_due_at
    statement = select(
        func.coalesce(func.sum(case((due_at <= now, 1), else_=0)), 0),
        func.coalesce(func.sum(case((and_(due_at > now, due_at <= soon), 1), else_=0)), 0),
        func.count(Interview.id),
    ).where(seen, Interview.status.in_(WAITING))
    overdue, near, every = db.session.execute(statement).one()
    return int(overdue), int(near), int(every) - int(overdue) - int(near)


def totals(interview_ids: Sequence[str]) -> dict[str, int | None]:
    """The total in hundredths by interview, for those that were scored; None where the machine abstained."""
    found = _totals()
    statement = select(found.c.interview_id, found.c.total).where(found.c.interview_id.in_(interview_ids))
    return {row[0]: row[1] for row in db.session.execute(statement)}


def decisions(interview_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(outcome, name of who decided) by interview."""
    statement = (
        select(Decision.interview_id, Decision.outcome, User.name)
        .join(User, User.id == Decision.decided_by)
        .where(Decision.interview_id.in_(interview_ids))
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(statement)}


def open_alerts(interview_ids: Sequence[str]) -> Sequence[Row[str | None, str]]:
    """(interview, kind) of open alerts about them."""
    statement = select(Alert.interview_id, Alert.kind).where(
        Alert.interview_id.in_(interview_ids), Alert.resolved_at.is_(None)
    )
    return db.session.execute(statement).all()


def appealed(interview_ids: Sequence[str]) -> set[str]:
    """Of which an appeal waits for an answer."""
    statement = select(Appeal.interview_id).where(
        Appeal.interview_id.in_(interview_ids), Appeal.status == "open"
    )
    return set(db.session.scalars(statement))


def writing(invitation_ids: Sequence[str]) -> set[str]:
    """Invitations whose candidate waits for a reply."""
    statement = select(Thread.invitation_id).where(
        Thread.invitation_id.in_(invitation_ids), Thread.status == "waiting"
    )
    return set(db.session.scalars(statement))


def takes_that_count(interview_id: str) -> list[tuple[Answer, Take | None]]:
    """The answers of an interview, each with the take that counts."""
    statement = (
        select(Answer, Take)
        .outerjoin(Take, Take.id == Answer.take_id)
        .where(Answer.interview_id == interview_id)
        .order_by(Answer.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def not_measured(take_ids: Sequence[str]) -> Sequence[Row[str, str, str | None]]:
    """(take, modality, reason) where measuring failed or abstained; what nobody wanted or agreed to is not missing."""
    statement = (
        select(Analysis.take_id, Analysis.modality, Analysis.reason)
        .where(
            Analysis.take_id.in_(take_ids),
            Analysis.status.in_(("failed", "abstained")),
            Analysis.reason.is_not(None),
        )
        .order_by(Analysis.take_id, Analysis.modality)
    )
    return db.session.execute(statement).all()


def next_waiting(
    seen: ColumnElement[bool], after: Interview, position_id: str | None
) -> tuple[Interview | None, int]:
    """Who comes after this one where the longest waiting come first, and after the last one the first; and how many wait
    beside it. Of one position when it is given."""
    statement = select(Interview).where(
        seen, Interview.status.in_(WAITING), Interview.id != after.id, Interview.finished_at.is_not(None)
    )
    if position_id is not None:
        statement = statement.where(Interview.position_id == position_id)
    number = db.session.execute(statement.with_only_columns(func.count(Interview.id))).scalar_one()
    since = after.finished_at or utcnow()
    waits_less = or_(
        Interview.finished_at > since, and_(Interview.finished_at == since, Interview.id > after.id)
    )
    order = (case((waits_less, 0), else_=1), Interview.finished_at, Interview.id)
    return db.session.scalars(statement.order_by(*order).limit(1)).first(), number


def _is_shortlisted(total: ColumnElement[int | None]) -> ColumnElement[bool]:
    """That an interview waits and meets its position's rule (app.shortlists), its total standing in a column beside it."""
    passed = exists().where(
        BackgroundCheck.application_id == Interview.application_id, BackgroundCheck.status == "passed"
    )
    met = exists().where(
        ShortlistRule.position_id == Interview.position_id,
        total >= ShortlistRule.min_total,
        or_(ShortlistRule.needs_check.is_(False), passed),
    )
    return and_(Interview.status.in_(WAITING), met)


def _has_interview() -> ColumnElement[bool]:
    return select(Interview.id).where(Interview.position_id == Position.id).correlate(Position).exists()


def _totals() -> Subquery:
    """The newest score of each interview by the version it started with: (interview_id, total)."""
    place = func.row_number().over(
        partition_by=ScoreRow.interview_id, order_by=(ScoreRow.created_at.desc(), ScoreRow.id.desc())
    )
    ranked = (
        select(ScoreRow.interview_id, ScoreRow.total, place.label("place"))
        .join(
            Interview,
            and_(
                Interview.id == ScoreRow.interview_id,
                Interview.position_version_id == ScoreRow.position_version_id,
            ),
        )
        .subquery()
    )
    return select(ranked.c.interview_id, ranked.c.total).where(ranked.c.place == 1).subquery()
