"""Decisions: a named person's, once, with a reason; never the machine's (H5, PIPL article 24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.alerts.service import interview_decided
from app.audits.service import Actor, record
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, NotFound
from app.core.faults import fault_point
from app.core.ids import new_id
from app.decisions import queries
from app.decisions.models import Decision
from app.decisions.promises import put_off, result_known
from app.interviews.finding import get_interview, lock_interview
from app.interviews.models import Interview
from app.messages.service import plan_result, plan_survey, result_words, told_results
from app.users.service import names_of
from tenants.keys import candidate_key

_APPLICATION_STATUS = {"advance": "advanced", "offer": "offered", "reject": "rejected", "pool": "pooled"}


@dataclass(frozen=True)
class DecisionFacts:
    """A decision, opened."""

    interview_id: str
    outcome: str
    reason: str
    next_steps: str
    decided_by: str
    decided_by_name: str
    decided_at: datetime


def decide(
    actor: Actor, interview_id: str, *, outcome: str, reason: str, next_steps: str = ""
) -> DecisionFacts:
    """Record the caller's decision and tell the candidate.

    Possible as soon as the interview is finished: a score informs a person, its absence does not bind them. Raises Conflict
    ``decision_too_early`` | ``already_decided`` (saying by whom) | ``application_withdrawn``, NotFound
    ``interview_unknown``, Gone ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    _check_open(interview)
    tongue = queries.get_candidate(interview).language
    content = {
        "reason": reason,
        "next_steps": next_steps or text(tongue, f"decisions.next_steps.{outcome}"),
    }
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    decision = Decision(
        id=(decision_id := new_id()),
        interview_id=interview_id,
        outcome=outcome,
        content=seal_json(key, content, _context(decision_id)),
        decided_by=actor.id,
        decided_at=utcnow(),
    )
    db.session.add(decision)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("already_decided", who="-") from error
    interview.status = "decided"
    queries.get_application(interview).status = _APPLICATION_STATUS[outcome]
    facts = get_decision(interview_id)
    plan_result(interview, outcome=outcome, next_steps=facts.next_steps, decided_by=facts.decided_by_name)
    plan_survey(interview)
    result_known(interview)
    interview_decided(interview)
    # Last, as everywhere: it holds up every other writer of the company until the commit.
    record(actor, "decision.recorded", "interview", interview_id, outcome=outcome)
    fault_point("decision.recorded")
    return facts


def preview(actor: Actor, interview_id: str, *, outcome: str, next_steps: str = "") -> dict[str, Any]:
    """The notice that the candidate would get, exactly as ``decide`` would send it, in their language; nothing is kept.

    Raises as ``decide``.
    """
    interview = get_interview(interview_id)
    _check_open(interview)
    tongue = queries.get_candidate(interview).language
    return result_words(
        interview,
        outcome=outcome,
        next_steps=next_steps or text(tongue, f"decisions.next_steps.{outcome}"),
        decided_by=names_of([actor.id])[actor.id],
    )


def postpone(actor: Actor, interview_id: str, until: datetime) -> Interview:
    """Promise the candidate a later date in the company's name, and tell them; the date that stands changes nothing.

    Raises as ``decide``, and InvalidInput ``result_date_not_later`` | ``result_date_too_far``.
    """
    interview = lock_interview(interview_id)
    _check_open(interview)
    if interview.result_due_at != until:
        put_off(interview, until)
        record(actor, "result.postponed", "interview", interview_id, until=until.isoformat())
    return interview


def _check_open(interview: Interview) -> None:
    """Whether it may be decided now."""
    if interview.finished_at is None:
        raise Conflict("decision_too_early")
    decided = queries.find_decision(interview.id)
    if decided is not None:
        raise Conflict("already_decided", who=decided[1])
    if queries.get_application(interview).status == "withdrawn":
        raise Conflict("application_withdrawn")


def revise(
    actor: Actor, interview_id: str, *, outcome: str, reason: str, next_steps: str = ""
) -> DecisionFacts:
    """Put another decision in place of the first, after a human review; the first stays readable beside it.

    The caller tells the candidate; a notice of the first that has not gone out says what stands now. Raises NotFound
    ``interview_unknown`` | ``decision_unknown``.
    """
    interview = lock_interview(interview_id)
    found = queries.find_decision(interview_id)
    if found is None:
        raise NotFound("decision_unknown")
    decision, name = found
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    before = unseal_json(key, decision.content, _context(decision.id))
    first = {
        **before,
        "outcome": decision.outcome,
        "decided_by": name,
        "decided_at": decision.decided_at.isoformat(),
    }
    earlier = [*first.pop("earlier", []), first]
    tongue = queries.get_candidate(interview).language
    content = {
        "reason": reason,
        "next_steps": next_steps or text(tongue, f"decisions.next_steps.{outcome}"),
        "earlier": earlier,
    }
    decision.content = seal_json(key, content, _context(decision.id))
    decision.outcome, decision.decided_by, decision.decided_at = outcome, actor.id, utcnow()
    queries.get_application(interview).status = _APPLICATION_STATUS[outcome]
    db.session.flush()
    facts = get_decision(interview_id)
    plan_result(interview, outcome=outcome, next_steps=facts.next_steps, decided_by=facts.decided_by_name)
    record(actor, "decision.revised", "interview", interview_id, outcome=outcome)
    return facts


def find_decision(interview: Interview) -> DecisionFacts | None:
    """The decision about an interview, opened; None before there is one. Raises Gone ``candidate_erased``."""
    found = queries.find_decision(interview.id)
    if found is None:
        return None
    decision, name = found
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    content = unseal_json(key, decision.content, _context(decision.id))
    return DecisionFacts(
        interview_id=interview.id,
        outcome=decision.outcome,
        reason=content["reason"],
        next_steps=content["next_steps"],
        decided_by=decision.decided_by,
        decided_by_name=name,
        decided_at=decision.decided_at,
    )


def find_told(interview: Interview) -> DecisionFacts | None:
    """The decision about an interview once its notice went out to the candidate. Raises Gone ``candidate_erased``."""
    return find_decision(interview) if told_results([interview.invitation_id]) else None


def promised_date(interview: Interview) -> datetime | None:
    """By when the candidate was told to expect the result; None before the interview is finished."""
    return interview.result_expected_at or interview.result_due_at


def get_decision(interview_id: str) -> DecisionFacts:
    """The decision about an interview. Raises NotFound ``interview_unknown`` | ``decision_unknown``."""
    found = find_decision(get_interview(interview_id))
    if found is None:
        raise NotFound("decision_unknown")
    return found


def _context(decision_id: str) -> str:
    return f"decision:{decision_id}:content"
