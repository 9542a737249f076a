"""What a tenant has decided about scoring beyond the rubric."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from app.core.signals import Document

MAX_FACE_WEIGHT_HUNDREDTHS = 100


class ScoringPolicy(Document):
    """The face counts nothing unless a tenant gives it weight and says why; the report shows why (R2).

    The weight is in hundredths of a point. It applies to communication competencies only and takes its
    room from delivery's 2.00 points, so what was said never counts less because of it.
    """

    face_weight_hundredths: int = Field(default=0, ge=0, le=MAX_FACE_WEIGHT_HUNDREDTHS)
    face_reason: str | None = None

    @model_validator(mode="after")
    def _weight_needs_a_reason(self) -> Self:
        if self.face_weight_hundredths and not (self.face_reason or "").strip():
            raise ValueError("a face weight needs a stated reason")
        return self
