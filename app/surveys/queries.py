"""Reads of surveys."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Interview
from app.surveys.models import Survey, SurveyResponse


def find_current_survey() -> Survey | None:
    """The newest version of the questionnaire."""
    return db.session.scalars(select(Survey).order_by(Survey.version.desc()).limit(1)).first()


def get_current_survey() -> Survey:
    """The newest version of the questionnaire. Raises NotFound ``survey_unknown``."""
    survey = find_current_survey()
    if survey is None:
        raise NotFound("survey_unknown")
    return survey


def find_response(interview_id: str) -> SurveyResponse | None:
    """What the candidate of an interview answered."""
    return db.session.execute(
        select(SurveyResponse).where(SurveyResponse.interview_id == interview_id)
    ).scalar_one_or_none()


def count_responses(survey_id: str, position_id: str | None, seen: Select[str] | None) -> int:
    """How many answered, for one position or all of them, about the interviews of these ids or any."""
    statement = select(func.count(SurveyResponse.id)).where(SurveyResponse.survey_id == survey_id)
    if position_id is not None:
        statement = statement.join(Interview, Interview.id == SurveyResponse.interview_id).where(
            Interview.position_id == position_id
        )
    if seen is not None:
        statement = statement.where(SurveyResponse.interview_id.in_(seen))
    return db.session.execute(statement).scalar_one()


def oldest_responses(
    survey_id: str, position_id: str | None, seen: Select[str] | None, limit: int
) -> list[SurveyResponse]:
    """The first ``limit`` of the responses that ``count_responses`` counts, oldest first."""
    statement = select(SurveyResponse).where(SurveyResponse.survey_id == survey_id)
    if position_id is not None:
        statement = statement.join(Interview, Interview.id == SurveyResponse.interview_id).where(
            Interview.position_id == position_id
        )
    if seen is not None:
        statement = statement.where(SurveyResponse.interview_id.in_(seen))
    return list(db.session.scalars(statement.order_by(SurveyResponse.id).limit(limit)))
