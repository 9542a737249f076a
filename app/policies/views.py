"""Routes of the company's policy."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.policies import service
from app.policies.models import Policy
from app.policies.schemas import PolicyOut, PolicyPatch

blueprint = APIBlueprint("policies", __name__, url_prefix="/api/v1/policy", tag="Policy")


@blueprint.get("")
@allow(*STAFF)
@blueprint.output(PolicyOut)
def get_policy() -> PolicyOut:
    """What the company decided."""
    return _shown(service.get_policy())


@blueprint.patch("")
@allow("owner")
@blueprint.input(PolicyPatch)
@blueprint.output(PolicyOut)
def change_policy(json_data: PolicyPatch) -> PolicyOut:
    """Change what is named; everything else stays."""
    return _shown(service.change_policy(actor(), json_data.model_dump(exclude_none=True)))


def _shown(policy: Policy) -> PolicyOut:
    return PolicyOut(**{name: getattr(policy, name) for name in PolicyOut.model_fields})
