"""Making a tenant: registry row, data key, schema from real migrations, active (T2)."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.core.database import db
from app.core.errors import Conflict, InvalidInput
from app.core.ids import new_id, new_token
from config.settings import PRIMARY_SERVER
from tenants import migrations
from tenants.keys import create_tenant_key
from tenants.models import Tenant
from tenants.tenancy import TenantRecord, control_scope, get_tenant, tenancy

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")


def prepare_platform() -> None:
    """Create or upgrade the control plane and the primary server's hub. Safe to repeat."""
    place = tenancy()
    url = place.url(PRIMARY_SERVER, place.control_schema)
    migrations.create_schema(url, place.control_schema)
    migrations.upgrade("control", url)
    _prepare_hub(PRIMARY_SERVER, place.control_schema)


def provision_tenant(slug: str, name: str, *, server: str = PRIMARY_SERVER) -> TenantRecord:
    """Register a tenant and build its schema; repeating it after a crash finishes the work.

    Returns the row with status ``provisioning``: the caller fills the schema in a ``provisioning_scope`` (owner,
    policy) and then calls ``activate_tenant``. Raises InvalidInput ``slug_invalid``, Conflict ``slug_taken``.
    """
    if not _SLUG.fullmatch(slug):
        raise InvalidInput("slug_invalid", slug=slug)
    with control_scope():
        row = db.session.execute(select(Tenant).where(Tenant.slug == slug)).scalar_one_or_none()
        if row is not None and row.status not in {"provisioning", "failed"}:
            raise Conflict("slug_taken", slug=slug)
        if row is None:
            tenant_id = new_id()
            schema = f"{tenancy().settings.schema_prefix}_t_{slug.replace('-', '_')}_{tenant_id[-8:]}"
            row = Tenant(
                id=tenant_id, slug=slug, name=name, server=server, schema_name=schema, link_key=new_token(6)
            )
            db.session.add(row)
        row.status, row.problem, row.name = "provisioning", None, name
        tenant_id, server, schema = row.id, row.server, row.schema_name
        db.session.commit()
    tenancy().forget()
    create_tenant_key(tenant_id)
    try:
        revision = _build_schema(server, schema)
    except Exception as error:
        _record(tenant_id, status="failed", problem=f"{type(error).__name__}: {error}"[:500])
        raise
    _record(tenant_id, revision=revision)
    return get_tenant(tenant_id)


def activate_tenant(tenant_id: str) -> TenantRecord:
    """Let people in."""
    _record(tenant_id, status="active")
    return get_tenant(tenant_id)


def set_tenant_status(tenant_id: str, status: str) -> TenantRecord:
    """Suspend or resume: ``active`` or ``suspended``. Raises NotFound ``tenant_unknown``."""
    get_tenant(tenant_id)
    _record(tenant_id, status=status)
    return get_tenant(tenant_id)


def upgrade_tenants(processes: int = 4) -> list[migrations.UpgradeResult]:
    """Upgrade every tenant's schema in parallel processes; results are kept in the registry (T3)."""
    place = tenancy()
    with control_scope(read_only=True):
        rows = [
            (t.id, t.server, t.schema_name)
            for t in db.session.scalars(select(Tenant))
            if t.status != "erased"
        ]
    targets = []
    for tenant_id, server, schema in rows:
        url = place.url(server, schema).render_as_string(hide_password=False)
        trees = [("tenant", url), ("hub", url)] if place.is_sqlite(server) else [("tenant", url)]
        targets.append((tenant_id, trees))
    results = migrations.upgrade_all(targets, processes) if targets else []
    for result in results:
        if result.problem:
            _record(result.name, problem=result.problem)
        else:
            _record(result.name, revision=migrations.head("tenant"), problem=None)
    return results


def _build_schema(server: str, schema: str) -> str:
    place = tenancy()
    url = place.url(server, schema)
    migrations.create_schema(url, schema)
    revision = migrations.upgrade("tenant", url)
    _prepare_hub(server, schema)
    return revision


def _prepare_hub(server: str, schema: str) -> None:
    """The hub beside a schema: in the same SQLite file, or the one hub schema of the server."""
    place = tenancy()
    name = schema if place.is_sqlite(server) else place.hub_schema
    url = place.url(server, name)
    migrations.create_schema(url, name)
    migrations.upgrade("hub", url)


def _record(tenant_id: str, **values: str | None) -> None:
    with control_scope():
        row = db.session.get_one(Tenant, tenant_id)
        for key, value in values.items():
            setattr(row, key, value)
        db.session.commit()
    tenancy().forget()
