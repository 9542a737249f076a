"""What can be done with résumés against positions (F4). A person reads, edits and confirms; nobody is ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from app.audits.service import Actor, record
from app.candidates.service import get_candidate, get_profile, require_known
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, Gone, InvalidInput
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.drafts.documents import DraftLanguage, PreAssessment, Provenance
from app.drafts.facts import facts_of
from app.drafts.model_drafts import PROMPT_VERSION
from app.drafts.models import PreAssessmentRow
from app.drafts.queries import find_preassessment, get_preassessment, preassessments
from app.drafts.reading import checked_text, read_posting
from app.drafts.resumes import assess
from app.drafts.service import PATIENCE, STOPPED
from app.policies.service import get_policy
from app.positions.models import Position
from app.positions.service import version_of
from app.scoring.rubric import Rubric
from tenants.keys import candidate_key

__all__ = [
    "approve_preassessment",
    "assess_resume",
    "content_of",
    "get_preassessment",
    "may_ask_model",
    "newest_preassessment",
    "provenance_of",
    "resume_of",
]

_WORK = "improve_preassessment"


@dataclass(frozen=True)
class ResumeBrief:
    """What a language model may be shown, before masking, and the rules' findings."""

    found: PreAssessment
    title: str
    description: str
    resume: str
    names: Sequence[str]


def may_ask_model() -> bool:
    """Whether a résumé may go to a language model: one is configured and the company's policy says so."""
    return ports().language_model.is_configured and get_policy().resume_to_language_model


def assess_resume(
    actor: Actor,
    candidate_id: str,
    position: Position,
    text: str,
    *,
    language: DraftLanguage | None,
    language_model: bool,
) -> PreAssessmentRow:
    """A pre-assessment by rules at once; a language model's questions come later where it is wanted and allowed.

    Raises NotFound ``candidate_unknown``, Gone ``candidate_erased``, InvalidInput as ``draft_from_description``.
    """
    candidate = require_known(get_candidate(candidate_id))
    resume, _, told = checked_text(text)
    rubric = Rubric.model_validate(version_of(position).rubric)
    spoken = language or told
    facts = []
    if position.description.strip():
        try:
            posting = read_posting(position.description, position.title)
        except InvalidInput:  # a description in another language has no facts that rules can read
            posting = None
        facts = facts_of(posting.lines, posting.whole, spoken) if posting else []
    content = assess(
        resume,
        title=position.title,
        facts=facts,
        description=position.description,
        rubric=rubric,
        language=spoken,
        today=utcnow().date(),
    )
    key, row_id = candidate_key(current_tenant_id(), candidate.id), new_id()
    row = PreAssessmentRow(
        id=row_id,
        candidate_id=candidate.id,
        position_id=position.id,
        resume=seal_json(key, resume, _context(row_id, "resume")),
        content=seal_json(key, content.model_dump(mode="json"), _context(row_id, "content")),
        provenance=Provenance().model_dump(mode="json"),
        created_by=actor.id,
    )
    if language_model and may_ask_model():
        row.status, row.asked_at = "writing", utcnow()
    db.session.add(row)
    db.session.flush()
    if row.status == "writing":
        schedule_work(_WORK, row.id)
    record(actor, "preassessment.made", "preassessment", row.id, candidate=candidate.id)
    return row


def newest_preassessment(candidate_id: str, position_id: str) -> PreAssessmentRow | None:
    """The latest one of a person for a position."""
    newest: Select[Any] = preassessments(candidate_id, position_id).order_by(PreAssessmentRow.id.desc())
    found: PreAssessmentRow | None = db.session.scalars(newest.limit(1)).first()
    return found


def content_of(row: PreAssessmentRow) -> PreAssessment:
    """The findings. Raises Gone ``candidate_erased``."""
    return PreAssessment.model_validate(_unsealed(row, "content"))


def resume_of(row: PreAssessmentRow) -> str:
    """The résumé itself. Raises Gone ``candidate_erased``."""
    return str(_unsealed(row, "resume"))


def provenance_of(row: PreAssessmentRow) -> Provenance:
    """Who wrote the questions."""
    return Provenance.model_validate(row.provenance)


def read_preassessment(viewer: Actor, row_id: str) -> PreAssessmentRow:
    """One that somebody reads; it quotes the résumé, so the view is audited (P3). NotFound ``preassessment_unknown``."""
    row = get_preassessment(row_id)
    record(viewer, "preassessment.viewed", "preassessment", row.id)
    return row


def approve_preassessment(actor: Actor, row_id: str, texts: Sequence[str]) -> PreAssessmentRow:
    """Confirm the questions in one's own name; ``texts`` are as edited, in their order, empty ones are dropped.

    Raises NotFound ``preassessment_unknown``, Conflict ``preassessment_closed``, Gone ``candidate_erased``.
    """
    row = get_preassessment(row_id, lock=True)
    if row.status == "approved":
        raise Conflict("preassessment_closed")
    if row.status == "writing":
        cancel_work(_WORK, row.id)
        _not_improved(row, STOPPED)
    content = content_of(row)
    kept = [
        question.model_copy(update={"text": text.strip()})
        for question, text in zip(content.questions, texts, strict=False)
        if text.strip()
    ]
    if kept != content.questions:
        made = provenance_of(row).model_copy(update={"edited": True})
        row.provenance = made.model_dump(mode="json")
    _store(row, content.model_copy(update={"questions": kept}))
    row.status, row.approved_by, row.approved_at = "approved", actor.id, utcnow()
    record(actor, "preassessment.approved", "preassessment", row.id, made_by=row.provenance["made_by"])
    return row


# --- for the worker ---------------------------------------------------------------------------------------------------


def brief_of(row_id: str) -> ResumeBrief | None:
    """What is to be improved; None when nobody waits any more, or the candidate or the permission is gone."""
    row = find_preassessment(row_id)
    if row is None or row.status != "writing" or not get_policy().resume_to_language_model:
        return None
    if row.asked_at is not None and utcnow() - row.asked_at > PATIENCE:
        return None
    position = db.session.get_one(Position, row.position_id)
    try:
        profile = get_profile(get_candidate(row.candidate_id))
        resume = resume_of(row)
        found = content_of(row)
    except Gone:
        return None
    parts = profile.name.split() if " " in profile.name else []
    return ResumeBrief(found, position.title, position.description, resume, [profile.name, *parts])


def record_improved(row_id: str, content: PreAssessment, model: str) -> None:
    """Take the language model's questions, unless a person went on without them."""
    row = find_preassessment(row_id, lock=True)
    if row is None or row.status != "writing":
        return
    made = Provenance(made_by="language_model", model=model, prompt_version=PROMPT_VERSION)
    _store(row, content)
    row.status, row.provenance = "ready", made.model_dump(mode="json")


def record_not_improved(row_id: str, reason: str) -> None:
    """The rules' questions stay, and say why."""
    row = find_preassessment(row_id, lock=True)
    if row is not None and row.status == "writing":
        _not_improved(row, reason)


def _not_improved(row: PreAssessmentRow, reason: str) -> None:
    row.status = "ready"
    row.provenance = provenance_of(row).model_copy(update={"fallback": reason}).model_dump(mode="json")


def _store(row: PreAssessmentRow, content: PreAssessment) -> None:
    key = candidate_key(current_tenant_id(), row.candidate_id)
    row.content = seal_json(key, content.model_dump(mode="json"), _context(row.id, "content"))


def _unsealed(row: PreAssessmentRow, part: str) -> object:
    key = candidate_key(current_tenant_id(), row.candidate_id)
    return unseal_json(key, getattr(row, part), _context(row.id, part))


def _context(row_id: str, part: str) -> str:
    return f"preassessment:{row_id}:{part}"
