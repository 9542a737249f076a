"""What the API takes and gives about drafts and pre-assessments."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.drafts.documents import DraftLanguage, PositionDraft, PreAssessment, Provenance
from app.drafts.reading import LONGEST_RAW, LONGEST_TEXT
from app.scoring.rubric import Rubric


class DraftIn(BaseModel):
    """A job description to draft from, or one of the ready templates."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(
        default=None, max_length=LONGEST_RAW, description="plain text or HTML, zh-CN or en"
    )
    template: str | None = Field(default=None, max_length=40)
    title: str | None = Field(default=None, min_length=1, max_length=80, description="else the text's own")
    language: DraftLanguage = Field(
        default="zh-CN", description="of a template; a text's own is told from it"
    )
    language_model: bool = Field(
        default=True,
        description="also ask the operator's language model, when there is one; it takes a while",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.template is None):
            raise ValueError("give either text or template")
        return self


class DraftEdit(BaseModel):
    """A draft as a person wants it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=LONGEST_TEXT)
    rubric: Rubric


class DraftOut(BaseModel):
    """A draft of a position. ``label`` must be shown beside it until a person approved it (P4)."""

    id: str
    status: str = Field(description="writing (a language model was asked), ready, approved")
    draft: PositionDraft
    provenance: Provenance
    label: str | None
    position_id: str | None
    created_at: datetime
    approved_at: datetime | None


class DraftSummary(BaseModel):
    """One line of the list."""

    id: str
    title: str
    status: str
    position_id: str | None
    created_at: datetime


class DraftPage(BaseModel):
    """One page of drafts."""

    items: list[DraftSummary]
    next_cursor: str | None


class TemplateOut(BaseModel):
    """A ready template."""

    key: str
    name: dict[str, str]


class TemplateList(BaseModel):
    """Templates that can be used at once."""

    items: list[TemplateOut]


class ApprovalOut(BaseModel):
    """The position that was made of a draft."""

    draft_id: str
    position_id: str


class RewordingIn(BaseModel):
    """A question to be said in plainer words (C11)."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2000)
    language: DraftLanguage = "zh-CN"


class RewordingOut(BaseModel):
    """The question in plainer words, made by rules; a person keeps or changes it."""

    plainer_text: str
    label: str


class PreAssessmentIn(BaseModel):
    """A résumé against a position: a pasted one, else the one that the candidate gave."""

    model_config = ConfigDict(extra="forbid")

    candidate_id: str = Field(max_length=32)
    position_id: str = Field(max_length=32)
    resume: str | None = Field(default=None, max_length=LONGEST_RAW)
    language: DraftLanguage | None = Field(default=None, description="else the résumé's own")
    language_model: bool = Field(
        default=True,
        description="also ask the operator's language model, where the company's policy allows it",
    )


class PreAssessmentOut(BaseModel):
    """What a résumé says to a position. It is no score. ``label`` must be shown beside it until it is approved."""

    id: str
    candidate_id: str
    position_id: str
    status: str
    content: PreAssessment
    provenance: Provenance
    label: str | None
    created_at: datetime
    approved_at: datetime | None


class PreAssessmentSummary(BaseModel):
    """One line of the list."""

    id: str
    candidate_id: str
    position_id: str
    status: str
    created_at: datetime


class PreAssessmentPage(BaseModel):
    """One page of pre-assessments."""

    items: list[PreAssessmentSummary]
    next_cursor: str | None


class QuestionsIn(BaseModel):
    """The tailored questions as edited, in their order; an empty one is dropped."""

    model_config = ConfigDict(extra="forbid")

    questions: list[str] = Field(max_length=12)
