"""Routes of decisions."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from app.decisions import service
from app.decisions.schemas import DecisionIn, DecisionOut, PreviewIn, PreviewOut
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


@blueprint.get("/<interview_id>/decision")
@allow(*STAFF)
@blueprint.output(DecisionOut)
def get_decision(interview_id: str) -> DecisionOut:
    """What was decided about an interview."""
    return DecisionOut(**asdict(service.get_decision(interview_id)))
