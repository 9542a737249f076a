"""Routes of a candidate's own profile."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.candidates import service as candidates
from app.candidates.models import Candidate
from app.core.database import current_tenant_id
from app.http.actors import actor
from app.http.callers import allow, caller
from app.invitations.access import current_invitation
from app.profiles import service
from app.profiles.schemas import ProfileIn, ProfileOut
from app.resumes.service import find_file
from app.resumes.showing import shown_file
from app.wording.access import words_pass
from tenants.tenancy import get_tenant

blueprint = APIBlueprint("profiles", __name__, url_prefix="/api/v1/candidate", tag="My data")


@blueprint.get("/profile")
@allow("candidate")
@blueprint.output(ProfileOut)
def get_profile() -> ProfileOut:
    """What this company knows me as, and the résumé I gave it."""
    current_invitation(even_closed=True)
    return _shown(candidates.get_candidate(caller().subject))


@blueprint.put("/profile")
@allow("candidate", before=words_pass("name", "resume", scene="profile"))
@blueprint.input(ProfileIn)
@blueprint.output(ProfileOut)
def change_profile(json_data: ProfileIn) -> ProfileOut:
    """Change it; the company sees what changed and when. A code by e-mail still goes to the address it had."""
    current_invitation(even_closed=True)
    return _shown(service.change_own(actor(), caller().subject, **json_data.model_dump()))


def _shown(candidate: Candidate) -> ProfileOut:
    profile, resume = candidates.get_profile(candidate), candidates.find_resume(candidate.id)
    given = find_file(candidate.id)
    return ProfileOut(
        company=get_tenant(current_tenant_id()).name,
        name=profile.name,
        phone=profile.phone,
        email=profile.email,
        language=candidate.language,
        time_zone=candidate.time_zone,
        resume=resume.text if resume else "",
        resume_updated_at=resume.updated_at if resume else None,
        resume_file=None if given is None else shown_file(given),
        changed_at=candidate.changed_at,
    )
