"""Routes of decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC

from apiflask import APIBlueprint

from app.core.catalogue import text
from app.decisions import service
from app.decisions.schemas import (
    CandidateResultOut,
    DecisionIn,
    DecisionOut,
    PreviewIn,
    PreviewOut,
    ResultDateIn,
    ResultDateOut,
    ToldDecisionOut,
)
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow
from app.http.idempotency import idempotent
from app.http.problems import language
from app.interviews.finding import find_interview
from app.invitations.access import current_invitation

blueprint = APIBlueprint("decisions", __name__, url_prefix="/api/v1", tag="Decisions")


@blueprint.post("/interviews/<interview_id>/decision")
@allow(*DECIDERS)
@idempotent
@blueprint.input(DecisionIn)
@blueprint.output(DecisionOut, status_code=201)
def decide(interview_id: str, json_data: DecisionIn) -> DecisionOut:
    """Decide about a finished interview, in the caller's own name; the candidate is told."""
    facts = service.decide(actor(), interview_id, **json_data.model_dump())
    return DecisionOut(**asdict(facts))


@blueprint.post("/interviews/<interview_id>/decision-preview")
@allow(*DECIDERS)
@blueprint.input(PreviewIn)
@blueprint.output(PreviewOut)
def preview_decision(interview_id: str, json_data: PreviewIn) -> PreviewOut:
    """The notice exactly as the candidate would get it if the caller decided so now; nothing is kept or sent."""
    words = service.preview(actor(), interview_id, **json_data.model_dump())
    return PreviewOut.model_validate({name: words[name] for name in PreviewOut.model_fields})


@blueprint.put("/interviews/<interview_id>/result-date")
@allow(*DECIDERS)
@blueprint.input(ResultDateIn)
@blueprint.output(ResultDateOut)
def postpone_result(interview_id: str, json_data: ResultDateIn) -> ResultDateOut:
    """Promise a later date for the result; the candidate is told it now, and again should nobody decide by then."""
    interview = service.postpone(
        actor(), interview_id, json_data.until.astimezone(UTC).replace(microsecond=0)
    )
    return ResultDateOut.model_validate(
        {
            "interview_id": interview_id,
            "due_at": interview.result_due_at,
            "told_at": interview.status_told_at,
        }
    )


@blueprint.get("/interviews/<interview_id>/decision")
@allow(*STAFF)
@blueprint.output(DecisionOut)
def get_decision(interview_id: str) -> DecisionOut:
    """What was decided about an interview."""
    return DecisionOut(**asdict(service.get_decision(interview_id)))


@blueprint.get("/candidate/result")
@allow("candidate")
@blueprint.output(CandidateResultOut)
def get_own_result() -> CandidateResultOut:
    """What I was told of the decision about my interview; until then, by when I am to hear it."""
    interview = find_interview(current_invitation(even_closed=True).id)
    if interview is None:
        return CandidateResultOut(due_at=None, decision=None)
    told = service.find_told(interview)
    if told is None:
        return CandidateResultOut(due_at=service.promised_date(interview), decision=None)
    shown = {name: getattr(told, name) for name in ("outcome", "next_steps", "decided_by_name", "decided_at")}
    words = text(language(), f"decisions.told.{told.outcome}")
    return CandidateResultOut(due_at=None, decision=ToldDecisionOut(**shown, words=words))
