"""Names of candidates, opened with their own keys."""

from __future__ import annotations

from collections.abc import Sequence

from app.candidates.models import Candidate
from app.core.database import current_tenant_id
from app.core.encryption import unseal_json
from tenants.keys import candidate_keys


def names_of(candidates: Sequence[Candidate]) -> dict[str, str]:
    """The name by candidate id; somebody whose data was erased has an empty one."""
    keys = candidate_keys(current_tenant_id(), [candidate.id for candidate in candidates])
    return {
        candidate.id: (
            str(
                unseal_json(keys[candidate.id], candidate.profile, f"candidate:{candidate.id}:profile")[
                    "name"
                ]
            )
            if candidate.id in keys
            else ""
        )
        for candidate in candidates
    }
