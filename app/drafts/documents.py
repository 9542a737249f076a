"""Drafts and pre-assessments as documents. They propose; a person edits and approves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.core.signals import Document
from app.scoring.rubric import Rubric

DraftLanguage = Literal["zh-CN", "en"]
ProtectedCategory = Literal[
    "age", "sex", "family", "origin", "school", "appearance", "health", "belief", "superstition"
]
NoteCode = Literal[
    "thin", "no_requirements", "nothing_recognised", "template", "formatting_removed", "protected_removed"
]
FactKind = Literal["years", "degree", "skill", "language", "certificate"]
FactStatus = Literal["met", "not_met", "unclear"]
RULES_VERSION = "1"


class Flag(Document):
    """Words of a description that single people out by a protected attribute; nothing is made of them."""

    category: ProtectedCategory
    quote: str


class Ground(Document):
    """Why a competency is in the draft: the lines of the description that ask for it; none when it is usual."""

    competency: str
    quotes: list[str] = Field(default_factory=list)


class Fact(Document):
    """A hard fact a description asks for: years, a degree, a skill. Facts are compared with a résumé, never scored."""

    kind: FactKind
    wanted: str
    quote: str = ""
    required: bool = True


class PositionDraft(Document):
    """A draft competency model with questions, and what HR should know about it."""

    language: DraftLanguage
    family: str
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(max_length=20_000)
    rubric: Rubric
    grounds: list[Ground] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)
    notes: list[NoteCode] = Field(default_factory=list)


class Provenance(Document):
    """Who made a text (P4). ``fallback`` names why a language model's text is not here although one was asked."""

    made_by: Literal["rules", "language_model"] = "rules"
    rules_version: str = RULES_VERSION
    model: str | None = None
    prompt_version: str | None = None
    fallback: str | None = None
    edited: bool = False


class FactCheck(Document):
    """One hard fact against a résumé. ``found`` is what the résumé says, in its own words."""

    kind: FactKind
    wanted: str
    status: FactStatus
    required: bool = True
    found: str = ""


class TailoredQuestion(Document):
    """A question for one person. ``reason`` is a word of the catalogue, ``quote`` the place in the résumé."""

    text: str = Field(min_length=1, max_length=600)
    reason: Literal[
        "challenge", "missing_skill", "measured_result", "bare_claim", "transfer", "depth", "model"
    ]
    competency: str | None = None
    quote: str = Field(default="", max_length=200)


class PreAssessment(Document):
    """What a résumé says to a position's hard facts, what is open, and what to ask. It holds no score."""

    language: DraftLanguage
    facts: list[FactCheck] = Field(default_factory=list)
    mentioned: list[str] = Field(default_factory=list, description="the rubric's words that the résumé has")
    gaps: list[str] = Field(default_factory=list, description="the rubric's words that it has not")
    probes: list[str] = Field(default_factory=list, description="points to probe, in words")
    questions: list[TailoredQuestion] = Field(default_factory=list, max_length=12)
