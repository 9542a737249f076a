"""The rubric: what a version of a position looks for and asks (F1). Stored as JSON, frozen once used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.core.catalogue import DEFAULT_LANGUAGE
from app.core.signals import Document
from app.scoring.canonical import sha256_of

StarPart = Literal["situation", "task", "action", "result"]
STAR_PARTS: tuple[StarPart, ...] = ("situation", "task", "action", "result")
Medium = Literal["video", "voice", "text"]
MEDIA: tuple[Medium, ...] = ("video", "voice", "text")
WHOLE_BASIS_POINTS = 10_000
LONGEST_DESCRIPTION = 2000

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_DESCRIPTION)]
ShortWords = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


def _repeated(items: Iterable[str]) -> list[str]:
    return sorted(item for item, count in Counter(items).items() if count > 1)


def _named_in_default_language(names: dict[str, ShortWords]) -> dict[str, ShortWords]:
    if DEFAULT_LANGUAGE not in names:
        raise ValueError(f"a name in {DEFAULT_LANGUAGE} is required")
    return names


class Keyword(Document):
    """A word the competency listens for. Its synonyms count as the same word."""

    word: ShortWords
    synonyms: list[ShortWords] = Field(default_factory=list, max_length=50)


class Level(Document):
    """An anchor: what an answer at this score is like."""

    score: int = Field(ge=0, le=10)
    text: Words


class Competency(Document):
    """One dimension of ability. ``weight`` is in basis points of the total."""

    key: Slug
    name: Annotated[dict[str, ShortWords], AfterValidator(_named_in_default_language)]
    weight: int = Field(gt=0, le=WHOLE_BASIS_POINTS)
    communication: bool = Field(
        default=False, description="only here may delivery count, at most 2.00 points"
    )
    levels: list[Level] = Field(default_factory=list, max_length=11)
    keywords: list[Keyword] = Field(default_factory=list, max_length=100)
    star: list[StarPart] = Field(default_factory=lambda: list(STAR_PARTS))

    def name_in(self, language: str) -> str:
        """The name in a language, else in the default one."""
        return self.name.get(language, self.name[DEFAULT_LANGUAGE])

    @model_validator(mode="after")
    def _looks_at_something(self) -> Self:
        if not self.keywords and not self.star:
            raise ValueError(f"competency {self.key!r} needs keywords or STAR parts to look for")
        if repeated := _repeated(self.star):
            raise ValueError(f"competency {self.key!r} repeats STAR parts: {', '.join(repeated)}")
        if repeated := _repeated(str(level.score) for level in self.levels):
            raise ValueError(f"competency {self.key!r} has several levels for score {', '.join(repeated)}")
        spellings = [w.casefold() for k in self.keywords for w in {k.word.casefold(), *k.synonyms}]
        if repeated := _repeated(spellings):
            raise ValueError(f"competency {self.key!r} repeats keywords: {', '.join(repeated)}")
        return self


class Question(Document):
    """One question. With no competency it is asked but not scored.

    ``warm_up`` marks an icebreaker (C14): it comes first, may be skipped, and no machine looks at its answer (ADR 23).
    """

    id: Slug
    text: Words
    plainer_text: Words | None = Field(
        default=None, description="the prepared answer to 'explain it again' (C11)"
    )
    competencies: list[Slug] = Field(default_factory=list)
    media: list[Medium] = Field(default_factory=lambda: list(MEDIA), min_length=1)
    think_seconds: int = Field(default=30, ge=0, le=1800)
    max_seconds: int = Field(default=180, ge=10, le=3600)
    retakes: int = Field(default=1, ge=0, le=10)
    warm_up: bool | None = None

    @model_validator(mode="after")
    def _no_repeats(self) -> Self:
        if self.warm_up and self.competencies:
            raise ValueError(f"question {self.id!r} is a warm-up and cannot be scored")
        if repeated := _repeated(self.competencies) + _repeated(self.media):
            raise ValueError(f"question {self.id!r} repeats: {', '.join(repeated)}")
        return self


class Rubric(Document):
    """Competencies and questions of one version of a position."""

    competencies: list[Competency] = Field(min_length=1, max_length=30)
    questions: list[Question] = Field(min_length=1, max_length=100)
    description: Words | None = Field(
        default=None, description="the job description, so that reciting it can be told from answering"
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        keys = [competency.key for competency in self.competencies]
        if repeated := _repeated(keys):
            raise ValueError(f"competency keys are repeated: {', '.join(repeated)}")
        if repeated := _repeated(question.id for question in self.questions):
            raise ValueError(f"question ids are repeated: {', '.join(repeated)}")
        whole = sum(competency.weight for competency in self.competencies)
        if whole != WHOLE_BASIS_POINTS:
            raise ValueError(f"weights sum to {whole / 100:.2f} %, not 100 %")
        asked = {key for question in self.questions for key in question.competencies}
        if unknown := sorted(asked - set(keys)):
            raise ValueError(f"questions name unknown competencies: {', '.join(unknown)}")
        if unasked := [key for key in keys if key not in asked]:
            raise ValueError(f"no question asks for: {', '.join(unasked)}")
        if any(question.warm_up for question in self.questions[1:]):
            raise ValueError("only the first question may be a warm-up")
        return self

    @property
    def asked(self) -> list[Question]:
        """The questions of the interview proper: all but a warm-up."""
        return [question for question in self.questions if not question.warm_up]

    @property
    def warm_up(self) -> Question | None:
        """The icebreaker, where there is one."""
        return self.questions[0] if self.questions[0].warm_up else None

    def described(self, position: str) -> Rubric:
        """The rubric with what its position says of itself, so that reciting it is told from answering (ADR 16).

        A description it has already stays; of a longer one the first LONGEST_DESCRIPTION characters are known.
        """
        words = position.strip()[:LONGEST_DESCRIPTION].strip()
        if self.description is not None or not words:
            return self
        return self.model_copy(update={"description": words})

    def questions_for(self, competency: str) -> list[Question]:
        """The questions that name a competency, in their order."""
        return [question for question in self.questions if competency in question.competencies]


def rubric_hash(rubric: Rubric) -> str:
    """SHA-256 of the rubric's canonical JSON: the identity of a version, whatever wrote it down."""
    return sha256_of(rubric)
