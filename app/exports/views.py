"""Routes of a candidate's own data: take a copy, erase it (C10)."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.erasures.schemas import ErasureOut
from app.erasures.service import erase_candidate
from app.exports import service
from app.exports.schemas import ErasureIn, ExportOut
from app.http.actors import actor
from app.http.callers import allow, caller
from app.http.limits import limiter, person_key
from app.invitations.access import current_invitation

blueprint = APIBlueprint("exports", __name__, url_prefix="/api/v1/candidate", tag="My data")
_AS_FILE = {
    "Content-Disposition": 'attachment; filename="my-interview-data.json"',
    "Cache-Control": "no-store",
}


@blueprint.get("/data")
@allow("candidate", on_record=True)
@limiter.limit("6/minute", key_func=person_key)  # it opens everything and audits every recording
@blueprint.output(ExportOut)
def export_data() -> tuple[ExportOut, int, dict[str, str]]:
    """Everything this company keeps about the caller, as a file; recordings as addresses good for minutes."""
    current_invitation(even_closed=True)
    document = service.export_candidate(actor(), caller().subject)
    return ExportOut.model_validate(document), 200, _AS_FILE


@blueprint.put("/erasure")
@allow("candidate")
@blueprint.input(ErasureIn)
@blueprint.output(ErasureOut)
def erase_own_data(json_data: ErasureIn) -> ErasureOut:  # noqa: ARG001 - that it is there is the confirmation
    """Erase everything this company keeps about the caller, for good. The answer is the receipt; the session ends."""
    current_invitation(even_closed=True)
    who = caller().subject
    erased = erase_candidate(actor(), who)
    assert erased.erased_at is not None
    return ErasureOut(candidate_id=erased.id, erased_at=erased.erased_at)
