"""The database object, the three kinds of tables and the guarded session.

Every table belongs to one of three placeholder schemas, which exist in no database:

- ``tenant``: one tenant's own data; each tenant has its own schema (MySQL) or file (SQLite);
- ``hub``: the work list of one database server, ids only, in the same transaction as the tenant's change;
- ``control``: the registry of tenants, keys and WeChat identities.

A ``Scope`` says which real schemas the placeholders mean. ``db.session`` belongs to the innermost scope and to nothing
else: with no scope it raises ``TenantNotSelected``, and a session never meets a second scope (the identity map would
hand out another tenant's row). Scopes are opened by ``tenants.routing`` only.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, MetaData, TextClause, create_engine, event, make_url
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.orm import DeclarativeBase

from app.core.errors import TenantMixed, TenantNotSelected

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PLACEHOLDERS = ("tenant", "hub", "control")
_serial = itertools.count(1)


@dataclass(frozen=True)
class Scope:
    """What the placeholders mean for one unit of work. ``tenant_id`` is None in the control plane and the hub."""

    engine: Engine
    schemas: Mapping[str, str]
    tenant_id: str | None = None
    read_only: bool = False
    serial: int = field(default_factory=lambda: next(_serial))


_current: ContextVar[Scope | None] = ContextVar("weimian_scope", default=None)


def current_scope() -> Scope:
    """The innermost open scope. Raises TenantNotSelected when there is none."""
    scope = _current.get()
    if scope is None:
        raise TenantNotSelected("no tenant is bound")
    return scope


def is_scope_open() -> bool:
    """Whether a scope is open, and so a transaction that a caller may join."""
    return _current.get() is not None


def current_tenant_id() -> str:
    """The id of the bound tenant. Raises TenantNotSelected in the control plane, the hub or with no scope."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise TenantNotSelected("this scope has no tenant")
    return tenant_id


@contextmanager
def open_scope(scope: Scope) -> Iterator[Scope]:
    """Bind ``scope`` for the block, with a session of its own that is rolled back unless it was committed."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        try:
            db.session.remove()
        finally:
            _current.reset(token)


def _session_key() -> tuple[str, int]:
    scope = _current.get()
    return ("unbound", threading.get_ident()) if scope is None else ("scope", scope.serial)


class ScopedToOneSession(FlaskSession):
    """A session pinned to the scope that was open when it was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scope = _current.get()
        # One OptionEngine per session: a fresh one for each statement would open a second connection.
        self._routed = None if self._scope is None else route(self._scope)

    def get_bind(self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine:  # type: ignore[override]
        """The routed engine of this session's scope; refuses anything else (fails closed)."""
        if self._scope is None or self._routed is None:
            raise TenantNotSelected("no tenant is bound")
        if _current.get() is not self._scope:
            raise TenantMixed("this session belongs to another scope")
        if isinstance(clause, TextClause):
            raise TenantMixed("text() carries no placeholder schema and cannot be routed")
        return self._routed


def route(scope: Scope) -> Engine:
    """The scope's engine with its placeholders translated and its identity attached for the last guard."""
    return scope.engine.execution_options(schema_translate_map=dict(scope.schemas), scope=scope)


class Base(DeclarativeBase):
    """Root of the models; the three abstract bases below choose the placeholder."""

    metadata = MetaData(schema="control", naming_convention=NAMING)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy whose engine is made like every other engine of ours."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return make_engine(options["url"], pool_size=app.config["DATABASE_POOL_SIZE"])


db = Database(
    model_class=Base,
    session_options={"class_": ScopedToOneSession, "scopefunc": _session_key, "autoflush": True},
)
db.metadatas["tenant"] = MetaData(schema="tenant", naming_convention=NAMING)
db.metadatas["hub"] = MetaData(schema="hub", naming_convention=NAMING)


class ControlModel(db.Model):  # type: ignore[name-defined]
    """A table of the control plane."""

    __abstract__ = True


class TenantModel(db.Model):  # type: ignore[name-defined]
    """A table of one tenant."""

    __abstract__ = True
    __bind_key__ = "tenant"


class HubModel(db.Model):  # type: ignore[name-defined]
    """A table of a database server's hub: ids only, no personal data."""

    __abstract__ = True
    __bind_key__ = "hub"


def make_engine(url: Any, *, pool_size: int = 10) -> Engine:
    """An engine for one database server or SQLite file, with our isolation, guards and pragmas.

    Its errors name no values: they end in logs, and values may be somebody's name.
    """
    url = make_url(url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_timeout=30, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=30,
            pool_pre_ping=True,
            pool_recycle=1800,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={
                "charset": "utf8mb4",
                "connect_timeout": 5,
                "init_command": "SET time_zone='+00:00'",
            },
        )
    event.listen(engine, "before_cursor_execute", _check_scope)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    scope = connection.get_execution_options().get("scope")
    # A deferred transaction that turns to writing fails at once when another one wrote: take the lock first.
    begin = "BEGIN" if scope is not None and scope.read_only else "BEGIN IMMEDIATE"
    driver: Any = connection.connection.driver_connection
    driver.execute(begin)


def _check_scope(
    _connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    context: ExecutionContext,
    _many: bool,
) -> None:
    """Last guard: whatever reaches a cursor was routed by the scope that is open now."""
    scope = context.execution_options.get("scope")
    if scope is None or scope is not _current.get():
        raise TenantMixed(f"a statement of another scope: {statement[:60]}")
    compiled = getattr(context, "compiled", None)
    if compiled is None or isinstance(compiled.statement, TextClause):
        raise TenantMixed("SQL text cannot be routed")
