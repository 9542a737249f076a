"""Asking a language model for drafts: outside any transaction; whatever goes wrong, the rules' draft stays."""

from __future__ import annotations

from app.core.context import ports
from app.core.database import db
from app.core.errors import RateLimited, RetryableError
from app.drafts import preassessments, service
from app.drafts.model_drafts import improve_position
from app.drafts.model_drafts import improve_preassessment as ask_for_questions
from workers.jobs.work import HeldWork, performs

_LONGEST_WAIT_SECONDS = 60.0


def _keep_rules_draft(work: HeldWork, reason: str) -> None:
    with work.scope():
        service.record_not_improved(work.entity_id, reason)
        work.finish()
        db.session.commit()


def _keep_rules_questions(work: HeldWork, reason: str) -> None:
    with work.scope():
        preassessments.record_not_improved(work.entity_id, reason)
        work.finish()
        db.session.commit()


@performs("improve_draft", give_up=_keep_rules_draft)
def improve_draft(work: HeldWork) -> None:
    """Have a language model write a position's draft (F3)."""
    with work.scope(read_only=True):
        draft, overdue = service.draft_to_improve(work.entity_id), service.is_overdue(work.entity_id)
    if draft is None:
        return
    if overdue:
        _keep_rules_draft(work, "language_model_down")
        return
    try:
        improved, model = improve_position(ports().language_model, draft)
    except RateLimited as error:
        raise _soon(error) from error
    with work.scope():
        service.record_improved(work.entity_id, improved, model)
        work.finish()
        db.session.commit()


@performs("improve_preassessment", give_up=_keep_rules_questions)
def improve_preassessment(work: HeldWork) -> None:
    """Have a language model write the questions for one résumé (F4)."""
    with work.scope(read_only=True):
        brief = preassessments.brief_of(work.entity_id)
    if brief is None:
        _keep_rules_questions(work, service.STOPPED)
        return
    try:
        improved, model = ask_for_questions(
            ports().language_model,
            brief.found,
            title=brief.title,
            description=brief.description,
            resume=brief.resume,
            names=brief.names,
        )
    except RateLimited as error:
        raise _soon(error) from error
    with work.scope():
        preassessments.record_improved(work.entity_id, improved, model)
        work.finish()
        db.session.commit()


def _soon(error: RateLimited) -> RetryableError:
    """A quota that counts as an attempt: somebody is waiting, and the rules' draft is there."""
    return RetryableError(error.reason, after_seconds=min(error.after_seconds, _LONGEST_WAIT_SECONDS))
