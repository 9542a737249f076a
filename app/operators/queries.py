"""Reads of the control plane for operators. Every function expects a control scope."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.core.database import db
from app.core.errors import NotFound
from tenants.models import Operator, Tenant


def tenants() -> Select[tuple[Tenant]]:
    """Every company of the platform."""
    return select(Tenant)


def find_operator(email: str) -> Operator | None:
    """An operator by e-mail address, in any case of letters."""
    found = select(Operator).where(Operator.email == email.strip().lower())
    return db.session.execute(found).scalar_one_or_none()


def get_tenant_row(tenant_id: str) -> Tenant:
    """A company's registry row. Raises NotFound ``tenant_unknown``."""
    row = db.session.get(Tenant, tenant_id)
    if row is None:
        raise NotFound("tenant_unknown")
    return row
