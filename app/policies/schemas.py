"""What the API takes and gives about a company's policy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.catalogue import languages
from app.scoring.policy import MAX_FACE_WEIGHT_HUNDREDTHS

_DAY_MINUTES = 24 * 60


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA database")
    return name


def _known_language(tag: str) -> str:
    if tag not in languages():
        raise ValueError(f"not one of {', '.join(languages())}")
    return tag


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Language = Annotated[str, Field(max_length=16), AfterValidator(_known_language)]
FaceAnalysis = Literal["off", "facts"]


class PolicyPatch(BaseModel):
    """What may change. Sending hours are minutes from midnight in the candidate's time zone.

    A face weight (hundredths of a point, up or down, on communication competencies) needs ``face_analysis: facts`` and a
    ``face_reason``; it counts in scores made from then on, of candidates who agreed to words that state it.
    """

    model_config = ConfigDict(extra="forbid")

    face_analysis: FaceAnalysis | None = None
    face_weight_hundredths: int | None = Field(default=None, ge=0, le=MAX_FACE_WEIGHT_HUNDREDTHS)
    face_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    resume_to_language_model: bool | None = Field(
        default=None, description="whether a résumé, masked, may be sent to the operator's language model"
    )
    candidate_sees_report: bool | None = None
    blind_review: bool | None = Field(
        default=None, description="whether others' reviews show only once one's own is in"
    )
    answer_within_hours: int | None = Field(default=None, ge=1, le=720)
    retention_days: int | None = Field(default=None, ge=1, le=3650)
    time_zone: TimeZone | None = None
    language: Language | None = None
    sending_from_minute: int | None = Field(default=None, ge=0, lt=_DAY_MINUTES)
    sending_until_minute: int | None = Field(default=None, gt=0, le=_DAY_MINUTES)
    privacy_contact: str | None = Field(default=None, max_length=200)


class PolicyOut(BaseModel):
    """The company's policy."""

    face_analysis: FaceAnalysis
    face_weight_hundredths: int
    face_reason: str
    resume_to_language_model: bool
    candidate_sees_report: bool
    blind_review: bool
    answer_within_hours: int
    retention_days: int
    time_zone: str
    language: str
    sending_from_minute: int
    sending_until_minute: int
    privacy_contact: str
    updated_at: datetime
