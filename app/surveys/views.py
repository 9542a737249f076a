"""Routes of surveys."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.http.actors import actor
from app.http.callers import STAFF, allow, viewer
from app.http.idempotency import idempotent
from app.http.problems import language
from app.interviews.finding import find_interview
from app.invitations.access import current_invitation
from app.positions.visibility import check_position
from app.surveys import service
from app.surveys.questions import ChoiceQuestion, ScaleQuestion, SurveyQuestion, words_in
from app.surveys.schemas import (
    OptionOut,
    SummaryOut,
    SummaryQuery,
    SurveyIn,
    SurveyOut,
    SurveyQuestionOut,
    SurveyResponseOut,
)
from app.wording.access import words_pass

blueprint = APIBlueprint("surveys", __name__, url_prefix="/api/v1", tag="Surveys")


@blueprint.get("/candidate/survey")
@allow("candidate")
@blueprint.output(SurveyOut)
def get_survey() -> SurveyOut:
    """The questionnaire about the interview, in the caller's language."""
    survey, questions = service.current_survey()
    interview = find_interview(current_invitation(even_closed=True).id)
    return SurveyOut(
        version=survey.version,
        title=survey.title,
        answered=interview is not None and service.has_answered(interview.id),
        available=interview is not None and interview.finished_at is not None,
        questions=[_shown(question, language()) for question in questions],
    )


@blueprint.post("/candidate/survey")
@allow("candidate", before=words_pass("answers"))
@idempotent
@blueprint.input(SurveyIn)
@blueprint.output(SurveyResponseOut, status_code=201)
def answer_survey(json_data: SurveyIn) -> SurveyResponseOut:
    """Answer the questionnaire, once, after the interview. HR sees groups of at least five people only."""
    interview = service.get_interview(current_invitation(even_closed=True).id)
    service.answer_survey(actor(), interview, json_data.answers)
    response, answers = service.own_response(interview)
    return SurveyResponseOut(answers=answers, answered_at=response.created_at)


@blueprint.get("/candidate/survey/response")
@allow("candidate")
@blueprint.output(SurveyResponseOut)
def get_own_response() -> SurveyResponseOut:
    """What the caller answered."""
    response, answers = service.own_response(service.get_interview(current_invitation(even_closed=True).id))
    return SurveyResponseOut(answers=answers, answered_at=response.created_at)


@blueprint.get("/survey/summary")
@allow(*STAFF)
@blueprint.input(SummaryQuery, location="query")
@blueprint.output(SummaryOut)
def summarise(query_data: SummaryQuery) -> SummaryOut:
    """What candidates of the positions I may see said, anonymously, from five responses on."""
    if query_data.position_id is not None:
        check_position(viewer(), query_data.position_id)
    return service.survey_summary(query_data.position_id, language(), viewer=viewer())


def _shown(question: SurveyQuestion, tongue: str) -> SurveyQuestionOut:
    scale = question if isinstance(question, ScaleQuestion) else None
    choice = question if isinstance(question, ChoiceQuestion) else None
    return SurveyQuestionOut(
        key=question.key,
        kind=question.kind,
        text=words_in(question.text, tongue),
        required=question.required,
        least=scale.least if scale else None,
        most=scale.most if scale else None,
        options=[OptionOut(key=o.key, text=words_in(o.text, tongue)) for o in choice.options]
        if choice
        else None,
    )
