"""Shortlists by a company's own rule (H4), made where they are shown: what changes in rule, score or check is seen at once.

A rule marks who is worth an early look. Nothing here advances, rejects or is told to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audits.service import Actor, record
from app.candidates.service import get_candidate, require_known
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.database import db
from app.interviews.finding import get_interview
from app.interviews.models import Interview
from app.positions.service import get_position
from app.shortlists import queries
from app.shortlists.models import BackgroundCheck, ShortlistRule
from app.users.service import names_of

WAITING = ("finished", "scored")


@dataclass(frozen=True)
class RuleFacts:
    """A position's rule, by whom; ``min_total`` (hundredths of a point) is None without one."""

    position_id: str
    min_total: int | None = None
    needs_check: bool = False
    set_by_name: str | None = None
    set_at: datetime | None = None


@dataclass(frozen=True)
class CheckFacts:
    """What is known of a background check: pending while nobody recorded anything."""

    status: str = "pending"
    recorded_by_name: str | None = None
    recorded_at: datetime | None = None


def rule_of(position_id: str) -> RuleFacts:
    """The rule of a position. Raises NotFound ``position_unknown``."""
    rule = queries.find_rule(get_position(position_id).id)
    if rule is None:
        return RuleFacts(position_id)
    return RuleFacts(
        position_id, rule.min_total, rule.needs_check, names_of([rule.set_by])[rule.set_by], rule.set_at
    )


def set_rule(actor: Actor, position_id: str, *, min_total: int, needs_check: bool) -> RuleFacts:
    """Mark whoever has ``min_total`` hundredths of a point or more, and a passed check where asked for.

    Raises NotFound ``position_unknown``.
    """
    rule = queries.find_rule(get_position(position_id).id)
    if rule is None:
        rule = ShortlistRule(position_id=position_id)
        db.session.add(rule)
    rule.min_total, rule.needs_check = min_total, needs_check
    rule.set_by, rule.set_at = actor.id, utcnow()
    db.session.flush()
    record(
        actor,
        "shortlist_rule.set",
        "position",
        position_id,
        min_total=min_total,
        needs_check=needs_check,
    )
    return rule_of(position_id)


def remove_rule(actor: Actor, position_id: str) -> None:
    """Mark nobody any more; without a rule nothing changes. Raises NotFound ``position_unknown``."""
    rule = queries.find_rule(get_position(position_id).id)
    if rule is not None:
        db.session.delete(rule)
        db.session.flush()
        record(actor, "shortlist_rule.removed", "position", position_id)


def check_of(interview: Interview) -> CheckFacts:
    """What was recorded about the application of an interview."""
    return _facts(queries.find_check(interview.application_id))


def record_check(actor: Actor, interview_id: str, status: str) -> CheckFacts:
    """A person says what came of the check; the last word counts, each is in the audit log.

    Raises NotFound ``interview_unknown``, Gone ``candidate_erased``.
    """
    interview = get_interview(interview_id)
    require_known(get_candidate(interview.candidate_id, lock=True))
    check = queries.find_check(interview.application_id)
    if check is None:
        check = BackgroundCheck(application_id=interview.application_id, candidate_id=interview.candidate_id)
        db.session.add(check)
    check.status, check.recorded_by, check.recorded_at = status, actor.id, utcnow()
    db.session.flush()
    record(actor, "background_check.recorded", "interview", interview_id, status=status)
    return _facts(check)


def checks_for_copy(candidate_id: str) -> dict[str, CheckFacts]:
    """What was recorded about somebody, by application, for their own copy."""
    return {one: _facts(check) for one, check in queries.checks_of(candidate_id).items()}


def forget_checks_of(candidate_id: str) -> None:
    """Erased: what was recorded about them goes."""
    for check in queries.checks_of(candidate_id).values():
        db.session.delete(check)
    db.session.flush()


def shortlisted(found: Sequence[Interview], totals: Mapping[str, int | None]) -> dict[str, RuleFacts]:
    """The rule that marks each of these interviews, by interview; those that wait and meet it only. Two queries."""
    rules = queries.rules_of(_distinct(interview.position_id for interview in found))
    passed = (
        queries.passed_among(_distinct(interview.application_id for interview in found)) if rules else set()
    )
    return {
        interview.id: RuleFacts(rule.position_id, rule.min_total, rule.needs_check)
        for interview in found
        if interview.status in WAITING
        and (rule := rules.get(interview.position_id)) is not None
        and (total := totals.get(interview.id)) is not None
        and total >= rule.min_total
        and (not rule.needs_check or interview.application_id in passed)
    }


def rule_words(language: str, rule: RuleFacts) -> str | None:
    """The rule as a sentence."""
    if rule.min_total is None:
        return None
    key = "shortlists.rule_checked" if rule.needs_check else "shortlists.rule"
    return text(language, key, points=f"{rule.min_total / 100:.2f}")


def reason(language: str, rule: RuleFacts, total: int) -> str:
    """Why somebody is marked, as a sentence; ``total`` in hundredths of a point."""
    key = "shortlists.reason_checked" if rule.needs_check else "shortlists.reason"
    return text(language, key, total=f"{total / 100:.2f}", points=f"{(rule.min_total or 0) / 100:.2f}")


def _facts(check: BackgroundCheck | None) -> CheckFacts:
    if check is None:
        return CheckFacts()
    return CheckFacts(check.status, names_of([check.recorded_by])[check.recorded_by], check.recorded_at)


def _distinct(ids: Iterable[str]) -> list[str]:
    return sorted(set(ids))
