"""Where each tenant lives: engines, the registry and the scopes every edge opens.

``tenant_scope`` is the only way to tenant data, and it opens for ``active`` registry rows only.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import URL, Engine, make_url, select

from app.core.database import Scope, db, make_engine, open_scope
from app.core.errors import Forbidden, NotFound
from config import Settings
from config.settings import PRIMARY_SERVER
from tenants.models import Tenant

_REGISTRY_SECONDS = 2.0
_OPEN_FILES = 64
_LINK = re.compile(r"[0-9A-Za-z]{28}")  # six of the company, the rest at random


@dataclass(frozen=True)
class TenantRecord:
    """A registry row, detached."""

    id: str
    slug: str
    name: str
    status: str
    server: str
    schema_name: str
    link_key: str


class Tenancy:
    """Engines by place, and the registry with a short memory (a suspension is felt within two seconds)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._records: dict[tuple[str, str], tuple[float, TenantRecord]] = {}
        self._lock = threading.Lock()
        self.known_keys: dict[tuple[str, str], tuple[float, bytes]] = {}  # kept briefly by tenants.keys

    def is_sqlite(self, server: str) -> bool:
        """Whether a server is a folder of SQLite files."""
        return make_url(self.settings.servers[server]).get_backend_name() == "sqlite"

    def url(self, server: str, schema: str) -> URL:
        """The address of one schema: a database on a server, or a file in its folder."""
        url = make_url(self.settings.servers[server])
        if url.get_backend_name() != "sqlite":
            return url.set(database=schema)
        folder = Path(str(url.database))
        folder.mkdir(parents=True, exist_ok=True)
        return url.set(database=str(folder / f"{schema}.db"))

    @property
    def control_schema(self) -> str:
        """The name of the control plane's schema."""
        return f"{self.settings.schema_prefix}_control"

    @property
    def hub_schema(self) -> str:
        """The name of the hub schema on servers that have one for all their tenants."""
        return f"{self.settings.schema_prefix}_hub"

    def engine(self, server: str, schema: str) -> Engine:
        """One engine per MySQL server; on SQLite one per file, the least recently used closed beyond 64."""
        sqlite = self.is_sqlite(server)
        key = f"{server}/{schema}" if sqlite else server
        with self._lock:
            engine = self._engines.pop(key, None)
            if engine is None:
                # No default database: an unrouted name must fail, not land somewhere.
                url = self.url(server, schema) if sqlite else make_url(self.settings.servers[server])
                engine = make_engine(url, pool_size=self.settings.database_pool_size)
            self._engines[key] = engine
            if len(self._engines) > _OPEN_FILES:
                _, oldest = self._engines.popitem(last=False)
                oldest.dispose()
        return engine

    def scope(self, server: str, schema: str, kind: str, tenant_id: str | None, read_only: bool) -> Scope:
        """A scope over ``kind`` (tenant or control) tables and the hub beside them."""
        one_file = self.is_sqlite(server)
        names = {kind: "main" if one_file else schema, "hub": "main" if one_file else self.hub_schema}
        return Scope(self.engine(server, schema), names, tenant_id, read_only)

    def record(self, column: str, value: str) -> TenantRecord | None:
        """A registry row by ``id``, ``slug`` or ``link_key``, at most two seconds old."""
        now = time.monotonic()
        kept = self._records.get((column, value))
        if kept is not None and now - kept[0] < _REGISTRY_SECONDS:
            return kept[1]
        with control_scope(read_only=True):
            row = db.session.execute(
                select(Tenant).where(getattr(Tenant, column) == value)
            ).scalar_one_or_none()
            if row is None:
                return None
            record = TenantRecord(
                row.id, row.slug, row.name, row.status, row.server, row.schema_name, row.link_key
            )
        self._records[(column, value)] = (now, record)
        return record

    def forget(self) -> None:
        """Read the registry afresh (after this process changed it)."""
        self._records.clear()

    def close(self) -> None:
        """Close every pool."""
        with self._lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def tenancy() -> Tenancy:
    """The tenancy of the running application."""
    return current_app.extensions["tenancy"]


@contextmanager
def control_scope(*, read_only: bool = False) -> Iterator[Scope]:
    """The control plane (and the primary server's hub), in a session of its own."""
    place = tenancy()
    with open_scope(place.scope(PRIMARY_SERVER, place.control_schema, "control", None, read_only)) as scope:
        yield scope


@contextmanager
def control_transaction() -> Iterator[Scope]:
    """A control scope that commits when the block ends well and rolls back when it raises."""
    with control_scope() as scope:
        yield scope
        db.session.commit()


@contextmanager
def tenant_scope(tenant_id: str, *, read_only: bool = False) -> Iterator[Scope]:
    """One tenant's tables and its server's hub. Raises Forbidden ``tenant_inactive`` unless the tenant is active."""
    record = tenancy().record("id", tenant_id)
    if record is None or record.status != "active":
        raise Forbidden("tenant_inactive")
    with open_scope(_scope_of(record, read_only=read_only)) as scope:
        yield scope


@contextmanager
def tenant_transaction(tenant_id: str) -> Iterator[Scope]:
    """A tenant scope that commits when the block ends well and rolls back when it raises."""
    with tenant_scope(tenant_id) as scope:
        yield scope
        db.session.commit()


def _scope_of(record: TenantRecord, *, read_only: bool) -> Scope:
    return tenancy().scope(record.server, record.schema_name, "tenant", record.id, read_only)


@contextmanager
def provisioning_scope(record: TenantRecord) -> Iterator[Scope]:
    """A tenant that is not active yet: for provisioning only."""
    with open_scope(_scope_of(record, read_only=False)) as scope:
        yield scope


@contextmanager
def provisioning_transaction(record: TenantRecord) -> Iterator[Scope]:
    """A provisioning scope that commits when the block ends well and rolls back when it raises."""
    with provisioning_scope(record) as scope:
        yield scope
        db.session.commit()


def get_tenant(tenant_id: str) -> TenantRecord:
    """The registry row of a tenant. Raises NotFound ``tenant_unknown``."""
    record = tenancy().record("id", tenant_id)
    if record is None:
        raise NotFound("tenant_unknown")
    return record


def find_active_tenant(*, slug: str | None = None, link_key: str | None = None) -> TenantRecord | None:
    """The active tenant of a sign-in slug or of the key that opens its links; None otherwise."""
    record = tenancy().record("slug", slug) if slug else tenancy().record("link_key", link_key or "")
    return record if record is not None and record.status == "active" else None


def find_tenant_of_link(token: str) -> TenantRecord | None:
    """The active tenant of a link to an invitation or a share; None for what is no link of ours."""
    return find_active_tenant(link_key=token[:6]) if _LINK.fullmatch(token) else None


def active_tenant_ids() -> list[str]:
    """Every company that lets anybody in."""
    with control_scope(read_only=True):
        return list(
            db.session.scalars(select(Tenant.id).where(Tenant.status == "active").order_by(Tenant.id))
        )


def hub_scopes() -> Iterator[Scope]:
    """Every hub to scan: one per MySQL server; on SQLite the control file and each active tenant's file."""
    place = tenancy()
    with control_scope(read_only=True):
        active = select(Tenant.server, Tenant.schema_name).where(Tenant.status == "active")
        tenants = [(row.server, row.schema_name) for row in db.session.execute(active)]
    seen: set[str] = set()
    for server, schema in [(PRIMARY_SERVER, place.control_schema), *tenants]:
        key = f"{server}/{schema}" if place.is_sqlite(server) else server
        if key not in seen:
            seen.add(key)
            name = "main" if place.is_sqlite(server) else place.hub_schema
            yield Scope(place.engine(server, schema), {"hub": name})
