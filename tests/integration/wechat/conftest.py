"""One stand-in server and one gateway for the whole run; every test registers an app of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from config.settings import Settings, load_settings
from tests.integration.wechat.sandbox_client import Sandbox
from wechat.client import WeChatClientGateway, build_gateway

READ_TIMEOUT = 0.5


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


@pytest.fixture(scope="session")
def wechat_settings(sandbox: Sandbox, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        profile="test",
        data_dir=Path(tmp_path_factory.mktemp("wechat")),
        wechat_api_base_url=sandbox.url,
        valkey_url=valkey_url,
        wechat_connect_timeout_seconds=0.5,
        wechat_read_timeout_seconds=READ_TIMEOUT,
    )


@pytest.fixture(scope="session")
def wechat_valkey(valkey_url: str) -> Iterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def gateway(wechat_settings: Settings, wechat_valkey: Redis) -> WeChatClientGateway:
    return build_gateway(wechat_settings, wechat_valkey)
