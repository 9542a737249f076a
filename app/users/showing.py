"""Sessions of the hiring team as the API gives them."""

from __future__ import annotations

from dataclasses import asdict

from app.users.phones import Entered
from app.users.schemas import CompanyOut, SessionOut
from tenants.tenancy import get_tenant


def session_of(found: Entered) -> SessionOut:
    """A session that was opened on a phone."""
    known = {**asdict(found.tokens), "role": found.role, "name": found.name}
    return SessionOut.model_validate({**known, "tenant": company_of(found.tenant_id)})


def company_of(tenant_id: str) -> CompanyOut:
    """The company somebody is signed in to."""
    tenant = get_tenant(tenant_id)
    return CompanyOut(id=tenant.id, slug=tenant.slug, name=tenant.name)
