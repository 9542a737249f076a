"""Reads of everything that belongs to one candidate."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.candidates.models import Application
from app.core.database import db
from app.drafts.models import PreAssessmentRow
from app.interviews.models import Answer, Interview, Take
from app.invitations.models import Invitation
from app.messages.models import Message


def invitations_of(candidate_id: str) -> list[Invitation]:
    """A candidate's invitations, oldest first."""
    found = select(Invitation).where(Invitation.candidate_id == candidate_id).order_by(Invitation.id)
    return list(db.session.scalars(found))


def interviews_of(candidate_id: str) -> dict[str, Interview]:
    """A candidate's interviews by invitation id."""
    found = select(Interview).where(Interview.candidate_id == candidate_id)
    return {str(interview.invitation_id): interview for interview in db.session.scalars(found)}


def takes_of(interview_ids: Sequence[str]) -> dict[str, list[Take]]:
    """Every take of interviews by interview, oldest first."""
    found: dict[str, list[Take]] = {interview_id: [] for interview_id in interview_ids}
    rows = select(Take).where(Take.interview_id.in_(interview_ids)).order_by(Take.id)
    for take in db.session.scalars(rows):
        found[take.interview_id].append(take)
    return found


def positions_applied_for(candidate_id: str) -> dict[str, str]:
    """Position ids by application id."""
    found = select(Application.id, Application.position_id).where(Application.candidate_id == candidate_id)
    return {row.id: row.position_id for row in db.session.execute(found)}


def resumes_of(candidate_id: str) -> list[PreAssessmentRow]:
    """The résumés that the company read against a position, oldest first."""
    found = select(PreAssessmentRow).where(PreAssessmentRow.candidate_id == candidate_id)
    return list(db.session.scalars(found.order_by(PreAssessmentRow.id)))


def messages_to(candidate_id: str) -> list[Message]:
    """Every message that went out to a candidate but the codes, oldest first."""
    found = select(Message).where(
        Message.candidate_id == candidate_id,
        Message.kind != "binding_code",
        Message.status.not_in(("queued", "cancelled")),
    )
    return list(db.session.scalars(found.order_by(Message.id)))


def questions_of(interview_id: str) -> dict[str, str]:
    """Question ids by answer id."""
    found = select(Answer.id, Answer.question_id).where(Answer.interview_id == interview_id)
    return {row.id: row.question_id for row in db.session.execute(found)}
