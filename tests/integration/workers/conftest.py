"""Worker parts against a Valkey of their own, which the tests may empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.services import start_valkey


@pytest.fixture(scope="session")
def own_valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """redis:// URL of a Valkey that no other test uses."""
    server = start_valkey(Path(tmp_path_factory.mktemp("own-valkey")))
    yield f"redis://{server.host}:{server.port}/0"
    server.stop()


@pytest.fixture
def valkey(own_valkey_url: str) -> Iterator[Redis]:
    """A client of it; it begins empty."""
    client = Redis.from_url(own_valkey_url)
    client.flushall()
    yield client
    client.close()
