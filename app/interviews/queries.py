"""Reads of interviews, answers, takes and consents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Answer, Consent, Interview, Take
from app.invitations.models import Invitation
from app.positions.models import PositionVersion


def consents_of(invitation_id: str) -> list[Consent]:
    """Every statement about consent, oldest first."""
    return list(
        db.session.scalars(select(Consent).where(Consent.invitation_id == invitation_id).order_by(Consent.id))
    )


def latest_consents(invitation_id: str) -> dict[str, bool]:
    """What is agreed to now, by modality; a modality nobody spoke about is absent."""
    return {consent.modality: consent.granted for consent in consents_of(invitation_id)}


def recording_withdrawn(interview_id: str) -> bool:
    """Whether the candidate's latest word on being recorded is no: then nobody of the company plays what was recorded."""
    return latest_consents(get_interview(interview_id).invitation_id).get("recording") is False


def interviews(*, position_id: str | None = None, status: str | None = None) -> Select[tuple[Interview]]:
    """Interviews, narrowed."""
    statement = select(Interview)
    if position_id is not None:
        statement = statement.where(Interview.position_id == position_id)
    if status is not None:
        statement = statement.where(Interview.status == status)
    return statement


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
    interview = find_interview(invitation_id)
    if interview is None:
        raise NotFound("interview_unknown")
    return interview


def find_interview(invitation_id: str | None) -> Interview | None:
    """The interview that an invitation led to."""
    return db.session.execute(
        select(Interview).where(Interview.invitation_id == invitation_id)
    ).scalar_one_or_none()


def interview_ids(invitation_ids: Iterable[str]) -> dict[str, str]:
    """The interviews that invitations led to, by invitation."""
    statement = select(Interview.invitation_id, Interview.id).where(
        Interview.invitation_id.in_(list(invitation_ids))
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_version_of(interview: Interview) -> PositionVersion:
    """The version of the position that an interview started with."""
    return db.session.get_one(PositionVersion, interview.position_version_id)


def window_end_of(interview: Interview) -> datetime:
    """The end of the window that an interview belongs into."""
    found = select(Invitation.window_ends_at).where(Invitation.id == interview.invitation_id)
    return db.session.execute(found).scalar_one()


def is_voice_allowed(interview: Interview) -> bool:
    """Whether a person of the company said that voice is enough for this interview."""
    found = select(Invitation.voice_allowed).where(Invitation.id == interview.invitation_id)
    return db.session.execute(found).scalar_one()


def answers_of(interview_id: str) -> dict[str, Answer]:
    """The answers of an interview by question id."""
    statement = select(Answer).where(Answer.interview_id == interview_id)
    return {answer.question_id: answer for answer in db.session.scalars(statement)}


def takes_of(answer_ids: Sequence[str]) -> dict[str, list[Take]]:
    """The takes of several answers, oldest first, by answer."""
    found: dict[str, list[Take]] = {answer_id: [] for answer_id in answer_ids}
    statement = select(Take).where(Take.answer_id.in_(answer_ids)).order_by(Take.number)
    for take in db.session.scalars(statement):
        found[take.answer_id].append(take)
    return found


def get_owned_take(take_id: str, invitation_id: str | None) -> Take:
    """A take recorded for this invitation. Raises NotFound ``take_unknown``."""
    statement = (
        select(Take)
        .join(Interview, Interview.id == Take.interview_id)
        .where(Take.id == take_id, Interview.invitation_id == invitation_id)
    )
    take = db.session.execute(statement).scalar_one_or_none()
    if take is None:
        raise NotFound("take_unknown")
    return take


def last_interview_at(candidate_id: str) -> datetime | None:
    """When a candidate last finished, or else began, an interview; None when there was none."""
    moments = select(func.coalesce(Interview.finished_at, Interview.started_at)).where(
        Interview.candidate_id == candidate_id
    )
    found = db.session.scalars(moments).all()
    return max(found, default=None)
