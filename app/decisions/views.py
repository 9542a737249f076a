"""Routes of decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC

from apiflask import APIBlueprint

from app.decisions import service
from app.decisions.schemas import (
    DecisionIn,
    DecisionOut,
    PreviewIn,
    PreviewOut,
    ResultDateIn,
    ResultDateOut,
)
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow
from app.http.idempotency import idempotent

blueprint = APIBlueprint("decisions", __name__, url_prefix="/api/v1/interviews", tag="Decisions")


@blueprint.post("/<interview_id>/decision")
@allow(*DECIDERS)
@idempotent
@blueprint.input(DecisionIn)
@blueprint.output(DecisionOut, status_code=201)
def decide(interview_id: str, json_data: DecisionIn) -> DecisionOut:
    """Decide about a finished interview, in the caller's own name; the candidate is told."""
    facts = service.decide(actor(), interview_id, **json_data.model_dump())
    return DecisionOut(**asdict(facts))


@blueprint.post("/<interview_id>/decision-preview")
@allow(*DECIDERS)
@blueprint.input(PreviewIn)
@blueprint.output(PreviewOut)
def preview_decision(interview_id: str, json_data: PreviewIn) -> PreviewOut:
    """The notice exactly as the candidate would get it if the caller decided so now; nothing is kept or sent."""
    words = service.preview(actor(), interview_id, **json_data.model_dump())
    return PreviewOut.model_validate({name: words[name] for name in PreviewOut.model_fields})


@blueprint.put("/<interview_id>/result-date")
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


@blueprint.get("/<interview_id>/decision")
@allow(*STAFF)
@blueprint.output(DecisionOut)
def get_decision(interview_id: str) -> DecisionOut:
    """What was decided about an interview."""
    return DecisionOut(**asdict(service.get_decision(interview_id)))
