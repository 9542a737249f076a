"""A candidate asks for a human review once; a named person answers before the clock runs out (C13, PIPL article 24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError

from app.alerts import service as alerts
from app.appeals import queries
from app.appeals.models import Appeal
from app.audits.service import Actor, record
from app.candidates.service import profiles_by_id
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.ids import new_id
from app.decisions.service import DecisionFacts, find_decision, revise
from app.interviews.finding import lock_interview
from app.interviews.models import Interview
from app.messages.service import plan_appeal_answer
from app.positions.service import titles_of
from app.positions.visibility import Viewer, visible_interviews
from app.users.service import colleagues, get_user, names_of
from tenants.keys import candidate_key, candidate_keys

ANSWER_WITHIN = timedelta(days=7)
REVIEWERS = ("owner", "recruiter", "lead")


@dataclass(frozen=True)
class AppealFacts:
    """An appeal, opened. The words are None once the candidate was erased."""

    interview_id: str
    candidate_id: str
    status: str
    reason: str | None
    due_at: datetime
    overdue: bool
    created_at: datetime
    outcome: str | None
    answer: str | None
    answered_by_name: str | None
    same_person: bool | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Review:
    """Whether somebody may answer an appeal; whoever made the decision (``own``) may not while there are ``others``."""

    may: bool
    own: bool
    others: Sequence[str] = ()


@dataclass(frozen=True)
class ListedAppeal:
    """An appeal with whom and what it is about."""

    facts: AppealFacts
    candidate_name: str
    position_title: str


def appeal(actor: Actor, interview: Interview, reason: str) -> AppealFacts:
    """Ask for a human review. Raises Conflict ``appeal_too_early`` | ``appeal_exists``."""
    if interview.finished_at is None:
        raise Conflict("appeal_too_early")
    now = utcnow()
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    made = Appeal(
        id=(appeal_id := new_id()),
        interview_id=interview.id,
        candidate_id=interview.candidate_id,
        reason=seal_json(key, {"body": reason}, _context(appeal_id, "reason")),
        due_at=now + ANSWER_WITHIN,
        created_at=now,
    )
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("appeal_exists") from error
    alerts.appeal_made(interview, made.due_at)
    record(actor, "appeal.made", "interview", interview.id)
    return _facts(made, key, {})


def answer(
    actor: Actor, interview_id: str, *, outcome: str, words: str, decision: dict[str, str] | None
) -> AppealFacts:
    """Answer in the caller's own name and tell the candidate; ``revised`` puts ``decision`` in the first one's place.

    Whoever decided does not review the decision, unless nobody else in the company may. Raises NotFound
    ``appeal_unknown`` | ``decision_unknown``, Conflict ``appeal_answered``, Forbidden ``appeal_own_decision``.
    """
    interview = lock_interview(interview_id)
    made = queries.find_appeal(interview_id, lock=True)
    if made is None:
        raise NotFound("appeal_unknown")
    if made.status != "open":
        raise Conflict("appeal_answered")
    standing = find_decision(interview)
    if not _review(actor.id, standing).may:
        raise Forbidden("appeal_own_decision")
    made.same_person = None if standing is None else standing.decided_by == actor.id
    if decision is not None:
        standing = revise(actor, interview_id, **decision)
    key = candidate_key(current_tenant_id(), made.candidate_id)
    made.status, made.outcome = "answered", outcome
    made.answer = seal_json(key, {"body": words}, _context(made.id, "answer"))
    made.answered_by, made.answered_at = actor.id, utcnow()
    db.session.flush()
    names = names_of([actor.id])
    plan_appeal_answer(
        interview,
        outcome=outcome,
        answer=words,
        answered_by=names[actor.id],
        decision=standing.outcome if standing else None,
        same_person=bool(made.same_person),
    )
    alerts.appeal_answered(interview)
    record(actor, "appeal.answered", "interview", interview_id, outcome=outcome)
    return _facts(made, key, names)


def find_appeal(interview_id: str) -> AppealFacts | None:
    """The appeal of an interview; None when nobody asked."""
    made = queries.find_appeal(interview_id)
    return opened([made])[0] if made else None


def appeal_of(interview_id: str) -> Appeal:
    """The row of an interview's appeal. Raises NotFound ``appeal_unknown``."""
    made = queries.find_appeal(interview_id)
    if made is None:
        raise NotFound("appeal_unknown")
    return made


def appeals(viewer: Viewer, status: str | None) -> Select[tuple[Appeal]]:
    """The appeals somebody may see, perhaps of one status."""
    return queries.appeals(status, visible_interviews(viewer))


def most_urgent(viewer: Viewer, most: int) -> list[ListedAppeal]:
    """The open appeals somebody may see, the one due first at the top."""
    return listed(queries.most_urgent(most, visible_interviews(viewer)))


def counts(viewer: Viewer) -> tuple[int, int]:
    """How many of the appeals somebody may see wait for an answer, and how many of those are overdue."""
    seen = visible_interviews(viewer)
    return queries.count_open(seen), queries.count_open(seen, due_before=utcnow())


def listed(found: Sequence[Appeal]) -> list[ListedAppeal]:
    """Rows for a list, in a bounded number of queries."""
    profiles = profiles_by_id(made.candidate_id for made in found)
    positions = queries.positions_of(made.interview_id for made in found)
    titles = titles_of(positions.values())
    return [
        ListedAppeal(
            facts=facts,
            candidate_name=profiles[facts.candidate_id].name if facts.candidate_id in profiles else "",
            position_title=titles[positions[facts.interview_id]],
        )
        for facts in opened(found)
    ]


def end_appeals_of(candidate_id: str) -> None:
    """An erased candidate's open appeals: nobody can read or answer them any more. Safe to repeat."""
    queries.remove_open_of(candidate_id)


def opened(found: Sequence[Appeal]) -> list[AppealFacts]:
    """Appeals with their words."""
    keys = candidate_keys(current_tenant_id(), sorted({made.candidate_id for made in found})) if found else {}
    names = names_of(made.answered_by for made in found if made.answered_by)
    return [_facts(made, keys.get(made.candidate_id), names) for made in found]


def review_of(user_id: str, interview: Interview) -> Review:
    """Whether this person may answer the appeal: not about their own decision, unless nobody else can (ADR 20)."""
    return _review(user_id, find_decision(interview))


def _review(user_id: str, standing: DecisionFacts | None) -> Review:
    if standing is None or standing.decided_by != user_id:
        return Review(may=get_user(user_id).role in REVIEWERS, own=False)
    others = [one for one in colleagues() if one.role in REVIEWERS and one.id != user_id]
    return Review(may=not others, own=True, others=[one.name for one in others])


def _facts(made: Appeal, key: bytes | None, names: dict[str, str]) -> AppealFacts:
    return AppealFacts(
        interview_id=made.interview_id,
        candidate_id=made.candidate_id,
        status=made.status,
        reason=_words(key, made.reason, made.id, "reason"),
        due_at=made.due_at,
        overdue=made.status == "open" and made.due_at < utcnow(),
        created_at=made.created_at,
        outcome=made.outcome,
        answer=_words(key, made.answer, made.id, "answer"),
        answered_by_name=names.get(made.answered_by or ""),
        same_person=made.same_person,
        answered_at=made.answered_at,
    )


def _words(key: bytes | None, sealed: bytes | None, appeal_id: str, column: str) -> str | None:
    if key is None or sealed is None:
        return None
    return str(unseal_json(key, sealed, _context(appeal_id, column))["body"])


def _context(appeal_id: str, column: str) -> str:
    return f"appeal:{appeal_id}:{column}"
