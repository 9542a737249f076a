"""Runs the Alembic trees on one schema. Always in a process of its own when several run at once.

Alembic keeps its state in module globals, so threads corrupt it; ``upgrade_all`` spawns processes.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, MetaData, create_engine, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import BLANK_SCHEMA, CreateSchema

from config.settings import ROOT

TREES = ("control", "hub", "tenant")


def _config(tree: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / tree))
    config.set_main_option("path_separator", "os")
    return config


def head(tree: str) -> str:
    """The newest revision of a tree."""
    revision = ScriptDirectory.from_config(_config(tree)).get_current_head()
    assert revision is not None
    return revision


def upgrade(tree: str, url: URL) -> str:
    """Bring one schema to the newest revision; safe to repeat after a kill. Returns the revision."""
    config = _config(tree)
    engine = _engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()
    return head(tree)


def revision(tree: str, url: URL) -> str | None:
    """The revision a schema is at."""
    engine = _engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": f"alembic_version_{tree}"})
        return context.get_current_revision()


def create_schema(url: URL, name: str) -> None:
    """Create a MySQL schema unless it is there; a SQLite file makes itself."""
    if url.get_backend_name() == "sqlite":
        return
    engine = _engine(url._replace(database=None))
    with engine.connect() as connection:
        if name not in _schemas(connection):
            connection.execute(CreateSchema(name, if_not_exists=True))
            connection.commit()
    engine.dispose()


def placeholder_free(metadata: MetaData) -> MetaData:
    """A copy of the metadata without its placeholder schema, as the migrated schema should look."""
    plain = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(plain, schema=None, referred_schema_fn=lambda *_: BLANK_SCHEMA)  # type: ignore[arg-type]
    return plain


@dataclass(frozen=True)
class UpgradeResult:
    """How the upgrade of one schema went; ``problem`` is None when it is at the newest revision."""

    name: str
    revision: str | None
    problem: str | None


def upgrade_all(targets: list[tuple[str, list[tuple[str, str]]]], processes: int = 4) -> list[UpgradeResult]:
    """Upgrade many schemas in parallel processes; one that fails stops nobody else.

    ``targets``: (name, [(tree, url with password)]) pairs.
    """
    results = []
    with ProcessPoolExecutor(min(processes, max(1, len(targets))), mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(_upgrade_one, trees): name for name, trees in targets}
        for job in as_completed(jobs):
            try:
                results.append(UpgradeResult(jobs[job], job.result(), None))
            except Exception as error:
                results.append(UpgradeResult(jobs[job], None, f"{type(error).__name__}: {error}"[:500]))
    return results


def _upgrade_one(trees: list[tuple[str, str]]) -> str:
    last = ""
    for tree, url in trees:
        last = upgrade(tree, make_url(url))
    return last


def _engine(url: URL):  # type: ignore[no-untyped-def]
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        return create_engine(url, poolclass=NullPool, connect_args={"timeout": 30})
    return create_engine(url, poolclass=NullPool, connect_args={"charset": "utf8mb4"})


def _schemas(connection: Connection) -> list[str]:
    return list(connection.dialect.get_schema_names(connection))
