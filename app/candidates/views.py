"""Routes of candidates."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.audits.service import record
from app.candidates import queries, service
from app.candidates.models import Candidate
from app.candidates.schemas import CandidateIn, CandidateOut, CandidatePage
from app.candidates.service import Profile
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller, viewer
from app.http.idempotency import idempotent_about
from app.http.pagination import PageQuery, fetch_page
from app.positions.visibility import may_see_candidate, visible_candidates

blueprint = APIBlueprint("candidates", __name__, url_prefix="/api/v1/candidates", tag="Candidates")


@blueprint.post("")
@allow("owner", "recruiter")
@idempotent_about("id")
@blueprint.input(CandidateIn)
@blueprint.output(CandidateOut, status_code=201, description="a new candidate")
@blueprint.doc(responses={200: "somebody with this phone was known before, and is left as they are"})
def add_candidate(json_data: CandidateIn) -> tuple[CandidateOut, int]:
    """Add a candidate. One phone is one candidate: somebody already known is answered with 200, unchanged."""
    candidate, is_new = service.add_candidate(actor(), **json_data.model_dump())
    if not is_new and not may_see_candidate(viewer(), candidate.id):
        return _shown(
            candidate, None
        ), 200  # known from a position that is not the caller's: who they are stays there
    return _shown(candidate, service.get_profile(candidate)), 201 if is_new else 200


@blueprint.get("")
@allow(*STAFF)
@blueprint.input(PageQuery, location="query")
@blueprint.output(CandidatePage)
def list_candidates(query_data: PageQuery) -> CandidatePage:
    """The candidates of the positions I may see, newest first; a recruiter's also those who applied for nothing yet."""
    mine = queries.candidates().where(visible_candidates(viewer()))
    rows, cursor = fetch_page(mine, Candidate.id, query_data)
    profiles = service.profiles_of(rows)
    return CandidatePage(items=[_shown(row, profiles.get(row.id)) for row in rows], next_cursor=cursor)


@blueprint.get("/<candidate_id>")
@allow(*STAFF, on_record=True)
@blueprint.output(CandidateOut)
def get_candidate(candidate_id: str) -> CandidateOut:
    """One candidate; the view is audited."""
    candidate = queries.get_candidate(candidate_id)
    record(actor(), "candidate.viewed", "candidate", candidate.id)
    return _shown(candidate, service.profiles_of([candidate]).get(candidate.id))


def _shown(candidate: Candidate, profile: Profile | None) -> CandidateOut:
    whole = caller().role in {"owner", "recruiter"}
    phone = None if profile is None else profile.phone if whole else profile.masked_phone
    return CandidateOut(
        id=candidate.id,
        name=profile.name if profile else None,
        phone=phone,
        email=profile.email if profile and whole else None,
        language=candidate.language,
        time_zone=candidate.time_zone,
        given_name=profile.given_name if profile else None,
        changed_at=candidate.changed_at,
        created_at=candidate.created_at,
    )
