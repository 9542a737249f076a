"""What can be done with drafts of positions (F2, F3). Nothing becomes a position but by a person who approves it."""

from __future__ import annotations

from datetime import timedelta

from app.audits.service import Actor, record
from app.core.clock import utcnow
from app.core.context import ports, settings
from app.core.database import db
from app.core.errors import Conflict, InvalidInput
from app.core.work import cancel_work, schedule_work
from app.drafts.documents import DraftLanguage, PositionDraft, Provenance
from app.drafts.library import families
from app.drafts.model_drafts import PROMPT_VERSION
from app.drafts.models import Draft
from app.drafts.queries import drafts, find_draft, get_draft
from app.drafts.reading import find_protected, read_posting
from app.drafts.rules import draft_from_template, draft_position
from app.positions.models import Position
from app.positions.service import create_position
from app.scoring.rubric import Rubric

__all__ = [
    "approve_draft",
    "content_of",
    "discard_draft",
    "draft_from_description",
    "draft_from_family",
    "edit_draft",
    "get_draft",
    "provenance_of",
    "stop_waiting",
    "waiting_drafts",
]

PATIENCE = timedelta(minutes=10)
"""Longer than this nobody waits for a language model: the rules' draft stays."""
STOPPED = "stopped"
_WORK = "improve_draft"


def draft_from_description(actor: Actor, text: str, *, title: str | None, language_model: bool) -> Draft:
    """A draft from a job description, by rules at once; a language model's comes later where one is wanted.

    Raises InvalidInput ``draft_text_empty`` | ``draft_text_too_long`` | ``draft_language_unsupported``.
    """
    posting = read_posting(text, title)
    content = draft_position(posting, most_seconds=settings().answer_max_seconds)
    draft = _add(actor, content)
    if language_model and ports().language_model.is_configured:
        draft.status, draft.asked_at = "writing", utcnow()
        schedule_work(_WORK, draft.id)
    return draft


def draft_from_family(actor: Actor, family: str, language: DraftLanguage) -> Draft:
    """A draft from a ready template. Raises InvalidInput ``draft_template_unknown``."""
    if family not in families():
        raise InvalidInput("draft_template_unknown")
    return _add(actor, draft_from_template(family, language, most_seconds=settings().answer_max_seconds))


def waiting_drafts(most: int) -> list[Draft]:
    """The newest drafts that nobody approved yet."""
    waiting = drafts().where(Draft.status != "approved").order_by(Draft.id.desc()).limit(most)
    return list(db.session.scalars(waiting))


def content_of(draft: Draft) -> PositionDraft:
    """The draft's document."""
    return PositionDraft.model_validate(draft.content)


def provenance_of(draft: Draft) -> Provenance:
    """Who made the draft's text."""
    return Provenance.model_validate(draft.provenance)


def edit_draft(actor: Actor, draft_id: str, *, title: str, description: str, rubric: Rubric) -> Draft:
    """Keep a person's edits; a language model that is still writing is not waited for any more.

    What the edited text says about protected attributes is flagged again and left as the person wrote it.
    Raises NotFound ``draft_unknown``, Conflict ``draft_closed``.
    """
    draft = _open(draft_id)
    before = content_of(draft)
    asked = "\n".join([title, description, *(question.text for question in rubric.questions)])
    after = before.model_copy(
        update={
            "title": title,
            "description": description,
            "rubric": rubric,
            "grounds": [g for g in before.grounds if g.competency in {c.key for c in rubric.competencies}],
            "flags": find_protected(asked, before.language)[1],
            "notes": [note for note in before.notes if note != "protected_removed"],
        }
    )
    if after != before:
        _stop(draft)
        draft.title, draft.content = title, after.model_dump(mode="json")
        draft.provenance = provenance_of(draft).model_copy(update={"edited": True}).model_dump(mode="json")
        record(actor, "draft.edited", "draft", draft.id)
    return draft


def stop_waiting(actor: Actor, draft_id: str) -> Draft:
    """Take the rules' draft instead of waiting for the language model. Errors as ``edit_draft``."""
    draft = _open(draft_id)
    if draft.status == "writing":
        _stop(draft)
        record(actor, "draft.not_waited_for", "draft", draft.id)
    return draft


def approve_draft(actor: Actor, draft_id: str) -> Position:
    """Make the position, in the approver's name. Errors as ``edit_draft``; InvalidInput ``answer_limit_too_long``."""
    draft = _open(draft_id)
    _stop(draft)
    content, made = content_of(draft), provenance_of(draft)
    position = create_position(
        actor, title=content.title, description=content.description, rubric=content.rubric
    )
    draft.status, draft.position_id = "approved", position.id
    draft.approved_by, draft.approved_at = actor.id, utcnow()
    detail = {"made_by": made.made_by, "model": made.model, "edited": made.edited, "position": position.id}
    record(actor, "draft.approved", "draft", draft.id, **detail)
    return position


def discard_draft(actor: Actor, draft_id: str) -> None:
    """Put it away. Errors as ``edit_draft``."""
    draft = _open(draft_id)
    _stop(draft)
    draft.status = "discarded"
    record(actor, "draft.discarded", "draft", draft.id)


# --- for the worker ---------------------------------------------------------------------------------------------------


def draft_to_improve(draft_id: str) -> PositionDraft | None:
    """What a language model is to improve; None when nobody waits for it any more."""
    draft = find_draft(draft_id)
    return content_of(draft) if draft is not None and draft.status == "writing" else None


def is_overdue(draft_id: str) -> bool:
    """Whether the language model was asked so long ago that nobody waits."""
    draft = find_draft(draft_id)
    return draft is not None and draft.asked_at is not None and utcnow() - draft.asked_at > PATIENCE


def record_improved(draft_id: str, content: PositionDraft, model: str) -> None:
    """Take the language model's draft, unless a person went on without it."""
    draft = find_draft(draft_id, lock=True)
    if draft is None or draft.status != "writing":
        return
    made = Provenance(made_by="language_model", model=model, prompt_version=PROMPT_VERSION)
    draft.status, draft.title = "ready", content.title
    draft.content, draft.provenance = content.model_dump(mode="json"), made.model_dump(mode="json")


def record_not_improved(draft_id: str, reason: str) -> None:
    """The rules' draft stays, and says why."""
    draft = find_draft(draft_id, lock=True)
    if draft is not None and draft.status == "writing":
        draft.status = "ready"
        draft.provenance = (
            provenance_of(draft).model_copy(update={"fallback": reason}).model_dump(mode="json")
        )


def _add(actor: Actor, content: PositionDraft) -> Draft:
    draft = Draft(
        title=content.title,
        content=content.model_dump(mode="json"),
        provenance=Provenance().model_dump(mode="json"),
        created_by=actor.id,
    )
    db.session.add(draft)
    db.session.flush()
    record(actor, "draft.made", "draft", draft.id)
    return draft


def _open(draft_id: str) -> Draft:
    draft = get_draft(draft_id, lock=True)
    if draft.status == "approved":
        raise Conflict("draft_closed")
    return draft


def _stop(draft: Draft) -> None:
    if draft.status == "writing":
        cancel_work(_WORK, draft.id)
        record_not_improved(draft.id, STOPPED)
