"""Migrated schemas equal the models, and an upgrade killed anywhere can be finished."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import URL, create_engine, make_url

from app.core.database import db
from app.core.ids import new_id
from tenants import migrations, provisioning
from tenants.tenancy import tenancy
from tests.integration.tenancy.conftest import new_tenant

METADATA = {"control": None, "hub": "hub", "tenant": "tenant"}


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def empty_schema(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    if request.param == "sqlite":
        return make_url(f"sqlite:///{tmp_path}/one.db")
    name = f"m{new_id()[-12:]}"
    url = make_url(request.getfixturevalue("mariadb_url")).set(database=name)
    migrations.create_schema(url, name)
    return url


@pytest.mark.parametrize("tree", migrations.TREES)
def test_migrated_schema_equals_the_models(tree: str, empty_schema: URL) -> None:
    migrations.upgrade(tree, empty_schema)
    wanted = migrations.placeholder_free(db.metadatas[METADATA[tree]])
    with create_engine(empty_schema).connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": f"alembic_version_{tree}"})
        assert compare_metadata(context, wanted) == []


@pytest.mark.parametrize("tree", migrations.TREES)
def test_an_upgrade_killed_after_any_table_is_finished_by_the_next(tree: str, empty_schema: URL) -> None:
    """MySQL's DDL is not transactional: what a kill leaves is some tables and no version."""
    migrations.upgrade(tree, empty_schema)
    engine = create_engine(empty_schema)
    tables = [t.name for t in migrations.placeholder_free(db.metadatas[METADATA[tree]]).sorted_tables]
    with engine.begin() as connection:
        for name in reversed(tables[len(tables) // 2 :]):
            connection.execute(sa.schema.DropTable(sa.Table(name, sa.MetaData())))
        connection.execute(sa.delete(sa.table(f"alembic_version_{tree}")))
    assert migrations.revision(tree, empty_schema) is None
    migrations.upgrade(tree, empty_schema)
    assert set(tables) <= set(sa.inspect(engine).get_table_names())
    assert migrations.revision(tree, empty_schema) == migrations.head(tree)


def test_one_failing_tenant_stops_nobody_else(platform: Flask) -> None:
    good, bad = new_tenant("good"), new_tenant("bad")
    record = tenancy().record("id", bad)
    assert record is not None
    url = tenancy().url(record.server, record.schema_name)
    with create_engine(url).begin() as connection:
        version = sa.table("alembic_version_tenant", sa.column("version_num"))
        connection.execute(sa.update(version).values(version_num="unheard-of"))
    results = {result.name: result for result in provisioning.upgrade_tenants(processes=2)}
    assert results[good].problem is None
    assert "unheard-of" in (results[bad].problem or "")


def test_what_was_finished_before_due_dates_becomes_due(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path}/one.db")
    migrations.upgrade("tenant", url)
    tables = migrations.placeholder_free(db.metadatas["tenant"]).tables
    interview, policy = tables["interview"], tables["policy"]
    finished = datetime(2026, 5, 1, 12, tzinfo=UTC)
    ids = ("invitation_id", "application_id", "candidate_id", "position_id", "position_version_id")
    with create_engine(url).begin() as connection:
        connection.execute(sa.insert(policy).values(answer_within_hours=72))
        for status, due_at in (
            ("scored", None),
            ("decided", None),
            ("in_progress", None),
            ("finished", finished),
        ):
            values = {"finished_at": None if status == "in_progress" else finished, "result_due_at": due_at}
            connection.execute(
                sa.insert(interview).values(id=status, status=status, **values, **dict.fromkeys(ids, status))
            )
        version = sa.table("alembic_version_tenant", sa.column("version_num"))
        connection.execute(sa.update(version).values(version_num="0013"))
    migrations.upgrade("tenant", url)
    with create_engine(url).connect() as connection:
        due = dict(connection.execute(sa.select(interview.c.id, interview.c.result_due_at)).all())
    assert due == {
        "scored": finished + timedelta(hours=72),
        "decided": None,
        "in_progress": None,
        "finished": finished,  # what was promised stays
    }
