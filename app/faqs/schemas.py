"""What the API takes and gives about frequent questions."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.core.catalogue import DEFAULT_LANGUAGE, languages

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Entry(BaseModel):
    """A question and its answer, by language; the default language is required, both have the same ones."""

    model_config = ConfigDict(extra="forbid")

    question: dict[str, Question]
    answer: dict[str, Answer]

    @model_validator(mode="after")
    def _in_known_languages(self) -> Self:
        if DEFAULT_LANGUAGE not in self.question or set(self.question) - set(languages()):
            raise ValueError(
                f"words in {DEFAULT_LANGUAGE} are required, in {', '.join(languages())} possible"
            )
        if set(self.question) != set(self.answer):
            raise ValueError("a question and its answer come in the same languages")
        return self


class FaqIn(BaseModel):
    """The company's own questions, in their order; they stand before the product's."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Entry] = Field(max_length=30)


class FaqOut(BaseModel):
    """The company's own questions."""

    entries: list[Entry]


class AnsweredQuestion(BaseModel):
    """One question in one language."""

    question: str
    answer: str


class CandidateFaqOut(BaseModel):
    """The company's questions, then what the product answers about every interview."""

    company: list[AnsweredQuestion]
    product: list[AnsweredQuestion]
