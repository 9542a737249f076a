"""Reads of decisions."""

from __future__ import annotations

from sqlalchemy import select

from app.candidates.models import Application, Candidate
from app.core.database import db
from app.decisions.models import Decision
from app.interviews.models import Interview
from app.users.models import User


def find_decision(interview_id: str) -> tuple[Decision, str] | None:
    """The decision about an interview and the name of who made it."""
    statement = (
        select(Decision, User.name)
        .join(User, User.id == Decision.decided_by)
        .where(Decision.interview_id == interview_id)
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def get_application(interview: Interview) -> Application:
    """The application an interview belongs to."""
    return db.session.get_one(Application, interview.application_id)


def get_candidate(interview: Interview) -> Candidate:
    """The person interviewed."""
    return db.session.get_one(Candidate, interview.candidate_id)
