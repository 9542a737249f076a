"""Routes of shortlist rules and background checks."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.board.service import why_shortlisted
from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.http.problems import language
from app.interviews.finding import get_interview
from app.shortlists import service
from app.shortlists.schemas import BackgroundCheckIn, BackgroundCheckOut, ShortlistRuleIn, ShortlistRuleOut
from app.shortlists.service import RuleFacts

blueprint = APIBlueprint("shortlists", __name__, url_prefix="/api/v1", tag="Shortlists")


@blueprint.get("/positions/<position_id>/shortlist-rule")
@allow(*STAFF)
@blueprint.output(ShortlistRuleOut)
def get_rule(position_id: str) -> ShortlistRuleOut:
    """Whom the position marks as shortlisted; nobody without a rule."""
    return _rule(service.rule_of(position_id))


@blueprint.put("/positions/<position_id>/shortlist-rule")
@allow("owner", "recruiter")
@blueprint.input(ShortlistRuleIn)
@blueprint.output(ShortlistRuleOut)
def set_rule(position_id: str, json_data: ShortlistRuleIn) -> ShortlistRuleOut:
    """Mark candidates of the position from a score on, if wished only with a passed background check. It rejects nobody."""
    return _rule(
        service.set_rule(
            actor(),
            position_id,
            min_total=round(json_data.min_score * 100),
            needs_check=json_data.needs_background_check,
        )
    )


@blueprint.delete("/positions/<position_id>/shortlist-rule")
@allow("owner", "recruiter")
@blueprint.output({}, status_code=204)
def remove_rule(position_id: str) -> str:
    """Mark nobody any more."""
    service.remove_rule(actor(), position_id)
    return ""


@blueprint.get("/interviews/<interview_id>/background-check")
@allow(*STAFF)
@blueprint.output(BackgroundCheckOut)
def get_background_check(interview_id: str) -> BackgroundCheckOut:
    """What somebody recorded about the background check, and whether the candidate is shortlisted and why."""
    return _check(interview_id)


@blueprint.put("/interviews/<interview_id>/background-check")
@allow("owner", "recruiter")
@blueprint.input(BackgroundCheckIn)
@blueprint.output(BackgroundCheckOut)
def record_background_check(interview_id: str, json_data: BackgroundCheckIn) -> BackgroundCheckOut:
    """Record what came of the background check, in the caller's name. It decides nothing."""
    service.record_check(actor(), interview_id, json_data.status)
    return _check(interview_id)


def _rule(facts: RuleFacts) -> ShortlistRuleOut:
    return ShortlistRuleOut(
        position_id=facts.position_id,
        min_score=None if facts.min_total is None else f"{facts.min_total / 100:.2f}",
        needs_background_check=facts.needs_check,
        words=service.rule_words(language(), facts),
        set_by_name=facts.set_by_name,
        set_at=facts.set_at,
    )


def _check(interview_id: str) -> BackgroundCheckOut:
    interview = get_interview(interview_id)
    facts = service.check_of(interview)
    return BackgroundCheckOut(
        interview_id=interview_id,
        status=facts.status,  # type: ignore[arg-type]
        recorded_by_name=facts.recorded_by_name,
        recorded_at=facts.recorded_at,
        shortlisted=why_shortlisted([interview_id], language()).get(interview_id),
    )
