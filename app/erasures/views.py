"""Routes of erasures."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.erasures import service
from app.erasures.schemas import ErasureOut
from app.http.actors import actor
from app.http.callers import allow

blueprint = APIBlueprint("erasures", __name__, url_prefix="/api/v1/candidates", tag="Candidates")


@blueprint.put("/<candidate_id>/erasure")
@allow("owner")
@blueprint.output(ErasureOut)
def erase_candidate(candidate_id: str) -> ErasureOut:
    """Erase a candidate's recordings and personal data for good. It cannot be undone; repeating it changes nothing."""
    erased = service.erase_candidate(actor(), candidate_id)
    assert erased.erased_at is not None
    return ErasureOut(candidate_id=erased.id, erased_at=erased.erased_at)
