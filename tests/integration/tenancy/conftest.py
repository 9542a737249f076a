"""Two tenants on each kind of database, with equal ids in both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.audits.service import start_chain
from app.core.database import db
from app.core.ids import new_id
from app.factory import create_app
from config import Settings, load_settings
from tenants import provisioning
from tenants.tenancy import provisioning_scope, tenancy


def embedded_settings(folder: Path, **more: object) -> Settings:
    return load_settings(profile="test", data_dir=folder, **more)


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose platform is prepared, on SQLite and on MariaDB."""
    more = {}
    if request.param == "mariadb":
        more = {"database_url": request.getfixturevalue("mariadb_url"), "schema_prefix": f"t{new_id()[-10:]}"}
    app = create_app(embedded_settings(tmp_path, **more))
    with app.app_context():
        provisioning.prepare_platform()
        yield app
        tenancy().close()


@pytest.fixture
def two_tenants(platform: Flask) -> tuple[str, str]:
    """The ids of two active tenants."""
    return tuple(new_tenant(slug) for slug in ("acme", "globex"))  # type: ignore[return-value]


def new_tenant(slug: str) -> str:
    record = provisioning.provision_tenant(slug, slug.title())
    with provisioning_scope(record):
        start_chain()
        db.session.commit()
    return provisioning.activate_tenant(record.id).id
