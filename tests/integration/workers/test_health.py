"""The health answer: whole only when everything needed is there, and it says what is missing."""

from __future__ import annotations

import pytest
import time_machine

from app.core.catalogue import languages, text
from app.core.clock import utcnow
from app.health.service import ROLES, SEEN_SECONDS, mark_alive, mark_gone, note_problem
from config import load_settings
from tests.factories import World
from tests.integration.conftest import close_world, open_world


@pytest.fixture
def valkey(world: World):  # type: ignore[no-untyped-def]
    client = world.app.extensions["valkey"]
    for role in ROLES:
        client.delete(f"weimian:alive:{role}")
    return client


def test_it_is_whole_when_every_role_was_seen(world: World, valkey) -> None:  # type: ignore[no-untyped-def]
    for missing in ROLES:
        answer = world.client.get("/api/v1/health")
        assert answer.status_code == 503 and answer.json["ok"] is False
        assert answer.json["processes"][missing] == 0
        mark_alive(valkey, missing)
    answer = world.client.get("/api/v1/health")
    assert answer.status_code == 200
    assert world.client.get("/api/v1/health/ready").json == {"ready": True}
    assert answer.json == answer.json | {
        "ok": True,
        "database": True,
        "valkey": True,
        "processes": dict.fromkeys(ROLES, 1),
        "problems": {},
        "sample_models_active": True,
        "notices": [text("zh-CN", "analysis.sample_model_notice")],
    }


@pytest.mark.parametrize("language", languages())
def test_missing_models_are_said_in_words(world: World, valkey, language: str) -> None:  # type: ignore[no-untyped-def]
    """On the health route and on HR's pages, with what happens meanwhile and what to do; not to candidates."""
    settings = world.app.extensions["settings"]
    words = text(language, "analysis.models_missing_notice")
    world.app.extensions["settings"] = settings.model_copy(update={"speech_model": "paraformer-zh"})
    try:
        assert world.client.get("/api/v1/health").json["notices"] == []
        note_problem(valkey, "worker:analysis", "model_unavailable")
        health = world.client.get(f"/api/v1/health?lang={language}").json
        assert health["notices"] == [words] and not health["sample_models_active"]
        assert "models_missing" in words
        assert words in world.client.get(f"/hr/sign-in?lang={language}").text
        assert words not in world.client.get(f"/i/{'x' * 28}?lang={language}").text
        note_problem(valkey, "worker:analysis", None)
        assert words not in world.client.get(f"/hr/sign-in?lang={language}").text
    finally:
        world.app.extensions["settings"] = settings
        note_problem(valkey, "worker:analysis", None)


def test_a_silent_process_and_one_that_said_goodbye_do_not_count(world: World, valkey) -> None:  # type: ignore[no-untyped-def]
    for role in ROLES:
        mark_alive(valkey, role)
    mark_gone(valkey, "scheduler")
    assert world.client.get("/api/v1/health").json["processes"]["scheduler"] == 0
    with time_machine.travel(utcnow().timestamp() + SEEN_SECONDS + 1):
        assert set(world.client.get("/api/v1/health").json["processes"].values()) == {0}


def test_without_valkey_or_database_it_says_so(world: World) -> None:
    settings = world.app.extensions["settings"]
    lonely = settings.model_copy(
        update={"valkey_url": "redis://127.0.0.1:1/0", "schema_prefix": "nothing_here"}
    )
    other = open_world(lonely)
    try:
        answer = other.client.get("/api/v1/health")
        assert answer.status_code == 503
        assert answer.json["database"] is False and answer.json["valkey"] is False
        assert set(answer.json["processes"].values()) == {0}
        assert other.client.get("/api/v1/health/ready").status_code == 503
    finally:
        close_world(other)


def test_a_long_or_spaced_data_directory_still_has_a_usable_socket(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("short", "with a space", "x" * 120):
        socket = load_settings(profile="test", data_dir=tmp_path / name).embedded_valkey
        assert socket is not None and len(str(socket)) <= 100 and " " not in str(socket)
    elsewhere = load_settings(profile="test", data_dir=tmp_path, valkey_url="redis://127.0.0.1:1/0")
    assert elsewhere.embedded_valkey is None
