"""The labelled answers of ``tests/data/answers`` (its README says how they are labelled and how they were split)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field

from app.core.signals import Document
from app.scoring.rubric import Keyword

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data" / "answers"

Half = Literal["tuning", "held_out"]
HALVES: tuple[Half, ...] = ("tuning", "held_out")
Band = Literal["weak", "middle", "strong"]
Tendency = Literal["growth", "stability", "pay"]
Reason = Literal["other_word", "recited", "quoted", "negated", "hypothetical", "other_person", "general"]


class Range(Document):
    """Characters ``start:end`` of the answer, and what they read."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str = Field(min_length=1)


class Mention(Range):
    """A place where a keyword is written. Not credited for a ``reason``, or credited and none."""

    word: str
    credited: bool
    reason: Reason | None = None


class Motive(Range):
    """Where the speaker says what draws them."""

    tendency: Tendency


class StarRanges(Document):
    """Where each part stands; empty where the answer has none."""

    situation: list[Range]
    task: list[Range]
    action: list[Range]
    result: list[Range]


class Labels(Document):
    """What is true of an answer, by the rules of the README."""

    band: Band
    vague: bool
    recited: bool
    mentions: list[Mention]
    star: StarRanges
    motivation: list[Motive]


class LabelledAnswer(Document):
    """One answer and the truth about it."""

    id: str
    language: Literal["zh-CN", "en"]
    position: str
    question: str
    competency: str
    keywords: list[Keyword]
    text: str = Field(min_length=1)
    labels: Labels

    @property
    def kind(self) -> str:
        """``recited``, else ``vague``, else ``plain``."""
        return "recited" if self.labels.recited else "vague" if self.labels.vague else "plain"


def read_answers(half: Half) -> list[LabelledAnswer]:
    """One half of the set, in its order."""
    stored = json.loads((FOLDER / f"{half}.json").read_text("utf-8"))
    return [LabelledAnswer.model_validate(answer) for answer in stored]


Kind = Literal["vague", "told", "lack", "refused", "imagined", "other", "off_subject"]


class ShortAnswer(Document):
    """An answer of the second set, labelled only by whether it speaks in generalities, and else what it does."""

    id: str
    language: Literal["zh-CN", "en"]
    question: str
    kind: Kind
    text: str = Field(min_length=1)


def read_generalities(half: Half) -> list[ShortAnswer]:
    """One half of the second set, in its order."""
    stored = json.loads((FOLDER / f"generalities_{half}.json").read_text("utf-8"))
    return [ShortAnswer.model_validate(answer) for answer in stored]
