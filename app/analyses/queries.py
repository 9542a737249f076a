"""Reads of analyses and of the takes they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.analyses.models import Analysis
from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Answer, Interview, Take
from app.positions.models import PositionVersion


def find_take(take_id: str) -> Take | None:
    """A take."""
    return db.session.get(Take, take_id)


def get_take(take_id: str) -> Take:
    """A take. Raises NotFound ``take_unknown``."""
    take = db.session.get(Take, take_id)
    if take is None:
        raise NotFound("take_unknown")
    return take


def analyses_of(take_ids: list[str]) -> list[Analysis]:
    """Everything stored about some takes."""
    return list(db.session.scalars(select(Analysis).where(Analysis.take_id.in_(take_ids))))


def stored_modalities(take_id: str) -> frozenset[str]:
    """The modalities of a take that need no more work."""
    return frozenset(db.session.scalars(select(Analysis.modality).where(Analysis.take_id == take_id)))


@dataclass(frozen=True)
class Asked:
    """What a take answers."""

    invitation_id: str
    question_id: str
    rubric: dict[str, object]


def asked(take: Take) -> Asked:
    """The question a take answers, with the rubric its interview started with."""
    statement = (
        select(Interview.invitation_id, Answer.question_id, PositionVersion.rubric)
        .join(Answer, Answer.interview_id == Interview.id)
        .join(PositionVersion, PositionVersion.id == Interview.position_version_id)
        .where(Answer.id == take.answer_id)
    )
    invitation_id, question_id, rubric = db.session.execute(statement).one()
    return Asked(invitation_id, question_id, rubric)
