"""An application over real databases, with two companies, for every integration test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from app.core.database import db
from app.core.ids import new_id
from app.factory import create_app
from app.ports import WeChatApp
from config.settings import Settings, load_settings
from tests.factories import APP, ROLES, TEMPLATES, World
from tests.integration.wechat.sandbox_client import PAGES, Sandbox
from tests.snapshots import Snapshot

COMPANIES = ("acme", "globex")


def open_world(settings: Settings) -> World:
    """An application on these settings; call ``close_world`` when done."""
    return World(create_app(settings))


def fill_world(world: World) -> None:
    """The platform, its mini-program, two companies and somebody of each role in both, signed in."""
    world.prepare()
    for slug in COMPANIES:
        company = world.add_company(slug)
        for role in ROLES:
            world.staff(company, role)


def close_world(world: World) -> None:
    """Close every database connection."""
    with world.app.app_context():
        world.app.extensions["tenancy"].close()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The WeChat sandbox as a process of its own, with the companies' mini-program."""
    with Sandbox() as server:
        register_on_sandbox(server, APP)
        yield server


def register_on_sandbox(sandbox: Sandbox, app: WeChatApp, **more: object) -> None:
    """Register a mini-program with every template of ``tests.factories`` on the sandbox."""
    templates = [
        {"template_id": template_id, "title": purpose, "fields": {name: name for name in fields.values()}}
        for purpose, (template_id, fields) in TEMPLATES.items()
    ]
    sandbox.post("apps", app_id=app.app_id, secret=app.secret, templates=templates, pages=PAGES, **more)


@pytest.fixture(scope="session")
def prepared_data(
    tmp_path_factory: pytest.TempPathFactory, valkey_url: str, sandbox: Sandbox
) -> tuple[Path, World]:
    """A data directory with the platform and two companies (acme, globex), to be copied by each test."""
    directory = tmp_path_factory.mktemp("prepared")
    world = open_world(_settings(directory, valkey_url, sandbox))
    fill_world(world)
    close_world(world)
    return directory, world


@pytest.fixture
def world_settings(
    prepared_data: tuple[Path, World], tmp_path: Path, valkey_url: str, sandbox: Sandbox
) -> Settings:
    """Settings of ``world``, over a copy of the prepared data; override it to point at other servers."""
    shutil.copytree(prepared_data[0], tmp_path / "data")
    return _settings(tmp_path / "data", valkey_url, sandbox)


@pytest.fixture
def world(prepared_data: tuple[Path, World], world_settings: Settings) -> Iterator[World]:
    """An application on a fresh copy of the prepared SQLite files."""
    world = open_world(world_settings).like(prepared_data[1])
    yield world
    close_world(world)


@pytest.fixture(scope="session")
def prepared_mariadb(mariadb_url: str, prepared_data: tuple[Path, World]) -> tuple[str, World, Snapshot]:
    """The schema prefix of the same two companies on MariaDB, made once for the whole run, and their rows."""
    prefix = f"w{new_id()[-10:]}"
    settings = prepared_data[1].app.extensions["settings"]
    world = open_world(settings.model_copy(update={"database_url": mariadb_url, "schema_prefix": prefix}))
    fill_world(world)
    close_world(world)
    return prefix, world, Snapshot(mariadb_url, prefix)


@pytest.fixture
def mariadb_world(
    mariadb_url: str, prepared_mariadb: tuple[str, World, Snapshot], world_settings: Settings
) -> Iterator[World]:
    """An application on MariaDB, with the rows it was prepared with and no others."""
    prefix, template, rows = prepared_mariadb
    rows.restore()
    settings = world_settings.model_copy(update={"database_url": mariadb_url, "schema_prefix": prefix})
    world = open_world(settings).like(template)
    yield world
    close_world(world)


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.full),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def either_world(request: pytest.FixtureRequest) -> World:
    """The same test on MariaDB and, with the full tests, on SQLite, where every test with ``world`` runs anyway."""
    return request.getfixturevalue("world" if request.param == "sqlite" else "mariadb_world")


def _settings(data_dir: Path, valkey_url: str, sandbox: Sandbox) -> Settings:
    valkey_url = valkey_url.removesuffix("/0") + "/9"
    with Redis.from_url(valkey_url) as valkey:
        valkey.flushdb()  # rate limits begin anew with every world
    return load_settings(
        profile="test",
        data_dir=data_dir,
        valkey_url=valkey_url,
        wechat_api_base_url=sandbox.url,
        wechat_open_base_url=sandbox.url,
        sms_gateway_url=f"{sandbox.url}/sandbox/sms",
        mail_host="127.0.0.1",
        mail_port=sandbox.mail_port,
        mail_security="none",
        log_level="ERROR",
    )
