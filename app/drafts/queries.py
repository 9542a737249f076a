"""Reads of drafts and pre-assessments."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.core.database import db
from app.core.errors import NotFound
from app.drafts.models import Draft, PreAssessmentRow


def drafts() -> Select[tuple[Draft]]:
    """Every draft that was not discarded."""
    return select(Draft).where(Draft.status != "discarded")


def get_draft(draft_id: str, *, lock: bool = False) -> Draft:
    """A draft. Raises NotFound ``draft_unknown``."""
    draft = find_draft(draft_id, lock=lock)
    if draft is None or draft.status == "discarded":
        raise NotFound("draft_unknown")
    return draft


def find_draft(draft_id: str, *, lock: bool = False) -> Draft | None:
    """A draft whatever its state, or None."""
    return db.session.get(Draft, draft_id, with_for_update=lock or None)


def preassessments(
    candidate_id: str | None = None, position_id: str | None = None
) -> Select[tuple[PreAssessmentRow]]:
    """Pre-assessments, perhaps of one candidate or for one position."""
    statement = select(PreAssessmentRow)
    if candidate_id is not None:
        statement = statement.where(PreAssessmentRow.candidate_id == candidate_id)
    return statement if position_id is None else statement.where(PreAssessmentRow.position_id == position_id)


def get_preassessment(preassessment_id: str, *, lock: bool = False) -> PreAssessmentRow:
    """A pre-assessment. Raises NotFound ``preassessment_unknown``."""
    row = find_preassessment(preassessment_id, lock=lock)
    if row is None:
        raise NotFound("preassessment_unknown")
    return row


def find_preassessment(preassessment_id: str, *, lock: bool = False) -> PreAssessmentRow | None:
    """A pre-assessment or None."""
    return db.session.get(PreAssessmentRow, preassessment_id, with_for_update=lock or None)
