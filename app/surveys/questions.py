"""The questionnaire as a document: what may be asked, what may be answered, and the one every tenant starts with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from app.core.catalogue import DEFAULT_LANGUAGE, languages, text
from app.core.errors import InvalidInput
from app.core.signals import Document

TEXT_CHARACTERS = 1000
GROUP = 5
"""The least number of people whose answers are shown together (S1)."""
AnswerValue = int | str | list[str]
_SCALES = ("process", "system", "interviewer")
_ISSUES = ("process_too_long", "system_unstable", "questions_unclear", "instructions_unclear", "none")


class ScaleQuestion(Document):
    """A number from ``least`` (worst) to ``most`` (best)."""

    key: str
    kind: Literal["scale"] = "scale"
    text: dict[str, str]
    least: int = 1
    most: int = 5
    required: bool = True


class Option(Document):
    """One choice."""

    key: str
    text: dict[str, str]


class ChoiceQuestion(Document):
    """Any number of options; ``none`` stands alone."""

    key: str
    kind: Literal["choice"] = "choice"
    text: dict[str, str]
    options: list[Option]
    required: bool = False


class TextQuestion(Document):
    """Free words, up to TEXT_CHARACTERS."""

    key: str
    kind: Literal["text"] = "text"
    text: dict[str, str]
    required: bool = False


SurveyQuestion = Annotated[ScaleQuestion | ChoiceQuestion | TextQuestion, Field(discriminator="kind")]
_QUESTIONS: TypeAdapter[list[SurveyQuestion]] = TypeAdapter(list[SurveyQuestion])


def read_questions(stored: list[dict[str, Any]]) -> list[SurveyQuestion]:
    """The questions of a stored survey. pydantic's ValidationError when they are none."""
    return _QUESTIONS.validate_python(stored)


def words_in(words: dict[str, str], language: str) -> str:
    """Words in a language, else in the default one."""
    return words.get(language, words[DEFAULT_LANGUAGE])


def default_questions() -> list[SurveyQuestion]:
    """Process, system and interviewer from 1 to 5, what went wrong, and free words (C9), in every language."""
    scales = [ScaleQuestion(key=key, text=_words(f"questions.{key}")) for key in _SCALES]
    options = [Option(key=key, text=_words(f"options.{key}")) for key in _ISSUES]
    issues = ChoiceQuestion(key="issues", text=_words("questions.issues"), options=options)
    return [*scales, issues, TextQuestion(key="remarks", text=_words("questions.remarks"))]


def _words(key: str) -> dict[str, str]:
    return {language: text(language, f"surveys.{key}") for language in languages()}


def check_answers(questions: list[SurveyQuestion], answers: dict[str, AnswerValue]) -> dict[str, AnswerValue]:
    """The answers in the questionnaire's order, empty ones left out.

    InvalidInput ``survey_answer_missing`` | ``survey_answer_invalid`` | ``survey_question_unknown`` (param ``question``).
    """
    unknown = sorted(set(answers) - {question.key for question in questions})
    if unknown:
        raise InvalidInput("survey_question_unknown", question=unknown[0][:64])
    kept: dict[str, AnswerValue] = {}
    for question in questions:
        given = answers.get(question.key)
        if given is None or given in ("", []):
            if question.required:
                raise InvalidInput("survey_answer_missing", question=question.key)
            continue
        if not _fits(question, given):
            raise InvalidInput("survey_answer_invalid", question=question.key)
        kept[question.key] = given
    return kept


def _fits(question: SurveyQuestion, given: AnswerValue) -> bool:
    if isinstance(question, ScaleQuestion):
        return isinstance(given, int) and question.least <= given <= question.most
    if isinstance(question, TextQuestion):
        return isinstance(given, str) and len(given) <= TEXT_CHARACTERS
    known = {option.key for option in question.options}
    return (
        isinstance(given, list)
        and len(set(given)) == len(given)
        and set(given) <= known
        and not ("none" in given and len(given) > 1)
    )
