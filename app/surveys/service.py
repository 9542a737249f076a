"""The satisfaction survey: asked once after an interview, shown to HR in groups of at least five (C9, S1)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.core.catalogue import DEFAULT_LANGUAGE, text
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.interviews.finding import find_interview
from app.interviews.models import Interview
from app.positions.visibility import Viewer, visible_interviews
from app.surveys import queries
from app.surveys.models import Survey, SurveyResponse
from app.surveys.questions import (
    GROUP,
    AnswerValue,
    ChoiceQuestion,
    ScaleQuestion,
    SurveyQuestion,
    TextQuestion,
    check_answers,
    default_questions,
    read_questions,
    words_in,
)
from app.surveys.schemas import (
    ChoiceCount,
    QuestionSummary,
    SummaryOut,
)
from tenants.keys import candidate_key, candidate_keys


def ensure_default_survey() -> Survey:
    """The tenant's questionnaire, made with our default questions when there is none yet."""
    survey = queries.find_current_survey()
    if survey is None:
        survey = Survey(
            version=1,
            title=text(DEFAULT_LANGUAGE, "surveys.title"),
            questions=[question.model_dump(mode="json") for question in default_questions()],
        )
        db.session.add(survey)
        db.session.flush()
    return survey


def current_survey() -> tuple[Survey, list[SurveyQuestion]]:
    """The present questionnaire and its questions. Raises NotFound ``survey_unknown``."""
    survey = queries.get_current_survey()
    return survey, read_questions(survey.questions)


def get_interview(invitation_id: str | None) -> Interview:
    """The interview of a candidate's invitation. Raises Conflict ``survey_too_early`` before it began."""
    interview = find_interview(invitation_id)
    if interview is None:
        raise Conflict("survey_too_early")
    return interview


def has_answered(interview_id: str) -> bool:
    """Whether the candidate of this interview has answered."""
    return queries.find_response(interview_id) is not None


def answer_survey(actor: Actor, interview: Interview, answers: dict[str, AnswerValue]) -> SurveyResponse:
    """Keep a candidate's answers, once, after the last question of the interview.

    Raises Conflict ``survey_too_early`` | ``survey_answered``, InvalidInput as ``check_answers``.
    """
    if interview.finished_at is None:
        raise Conflict("survey_too_early")
    if has_answered(interview.id):
        raise Conflict("survey_answered")
    survey, questions = current_survey()
    kept = check_answers(questions, answers)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    response = SurveyResponse(
        id=(response_id := new_id()),
        survey_id=survey.id,
        interview_id=interview.id,
        candidate_id=interview.candidate_id,
        answers=seal_json(key, kept, _context(response_id)),
    )
    db.session.add(response)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("survey_answered") from error
    record(actor, "survey.answered", "interview", interview.id)
    return response


def own_response(interview: Interview) -> tuple[SurveyResponse, dict[str, AnswerValue]]:
    """A candidate's own answers. Raises NotFound ``survey_not_answered``."""
    response = queries.find_response(interview.id)
    if response is None:
        raise NotFound("survey_not_answered")
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    return response, unseal_json(key, response.answers, _context(response.id))


def survey_summary(position_id: str | None, language: str, *, viewer: Viewer | None = None) -> SummaryOut:
    """What the candidates of a position (or of all that ``viewer`` may see) said, in numbers, from five people on.

    Responses join the numbers five at a time, in the order they came: otherwise the change between two looks would
    be one person's answers. Free words are shown when at least five people wrote some, in no telling order.
    """
    survey, questions = current_survey()
    seen = None if viewer is None else visible_interviews(viewer)
    responses = queries.count_responses(survey.id, position_id, seen)
    counted = responses // GROUP * GROUP
    if counted == 0:
        return SummaryOut(
            responses=responses,
            counted=0,
            withheld=True,
            reason=text(language, "surveys.withheld", least=GROUP),
            questions=[],
        )
    answers = _opened(queries.oldest_responses(survey.id, position_id, seen, counted))
    shown = [_summary(question, answers, language) for question in questions]
    return SummaryOut(responses=responses, counted=counted, withheld=False, reason=None, questions=shown)


def _opened(responses: list[SurveyResponse]) -> list[dict[str, AnswerValue]]:
    """The answers of those whose data was not erased since."""
    keys = candidate_keys(current_tenant_id(), [response.candidate_id for response in responses])
    return [
        unseal_json(keys[response.candidate_id], response.answers, _context(response.id))
        for response in responses
        if response.candidate_id in keys
    ]


def _summary(
    question: SurveyQuestion, responses: list[dict[str, AnswerValue]], language: str
) -> QuestionSummary:
    given = [response[question.key] for response in responses if question.key in response]
    shown: dict[str, Any] = {
        "key": question.key,
        "kind": question.kind,
        "text": words_in(question.text, language),
        "answered": len(given),
        "withheld": len(given) < GROUP,
    }
    if len(given) >= GROUP:
        shown |= _numbers(question, given, language)
    return QuestionSummary(**shown)


def _numbers(question: SurveyQuestion, given: list[AnswerValue], language: str) -> dict[str, Any]:
    if isinstance(question, TextQuestion):
        return {"texts": sorted(str(value) for value in given)}
    if isinstance(question, ScaleQuestion):
        numbers = [value for value in given if isinstance(value, int)]
        counts = Counter(numbers)
        scale = range(question.least, question.most + 1)
        return {
            "mean": round(sum(numbers) / len(numbers), 2),
            "counts": [ChoiceCount(value=str(n), text=str(n), count=counts[n]) for n in scale],
        }
    return {"counts": _chosen(question, given, language)}


def _chosen(question: ChoiceQuestion, given: list[AnswerValue], language: str) -> list[ChoiceCount]:
    counts = Counter(key for value in given if isinstance(value, list) for key in value)
    return [
        ChoiceCount(value=option.key, text=words_in(option.text, language), count=counts[option.key])
        for option in question.options
    ]


def _context(response_id: str) -> str:
    return f"survey_response:{response_id}:answers"
