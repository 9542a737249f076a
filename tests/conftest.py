"""What every test shares: hypothesis profiles, and real servers, one of each for the whole run.

Tests keep apart on the servers by schema names and key prefixes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.services import MariaDB, ServiceUnavailable, find_mariadbd, start_valkey

# No deadline: an example that shares two cores with a database server may take its time.
_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("quick", _ANY_SPEED, max_examples=60)
settings.register_profile("full", _ANY_SPEED, max_examples=1000)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A running private MariaDB server; skips where it is not installed, except on the build server."""
    if find_mariadbd() is None:
        message = "MariaDB is not installed: run bin/setup, which installs it or says how"
        if os.environ.get("CI"):
            raise ServiceUnavailable(message)
        pytest.skip(message)
    with MariaDB(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_url(mariadb: MariaDB) -> str:
    """SQLAlchemy URL of the private MariaDB, without a default database."""
    return mariadb.url


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """redis:// URL of a private Valkey on a loopback port, without persistence."""
    server = start_valkey(tmp_path_factory.mktemp("valkey"))
    yield f"redis://{server.host}:{server.port}/0"
    server.stop()
