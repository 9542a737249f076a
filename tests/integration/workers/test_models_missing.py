"""Without its models the analysis worker waits for a person: it says what to do and takes no others."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from redis import Redis

from app.factory import create_app
from config.settings import SAMPLE_MODELS, load_settings
from samples.client import wait_for
from workers import runtime

pytestmark = pytest.mark.models


def test_it_says_what_is_missing_and_serves_when_it_was_filled_in_by_hand(
    valkey: Redis,
    own_valkey_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    cache = tmp_path / "filled by hand"
    settings = load_settings(
        profile="test", data_dir=tmp_path / "data", valkey_url=own_valkey_url, speech_model=str(cache / "asr")
    )
    application = create_app(settings)
    monkeypatch.setattr(runtime, "_MODELS_AGAIN_SECONDS", (0.2, 0.4))
    seen: list[dict[str, object]] = []

    def person() -> None:
        def told() -> dict[str, object] | None:
            health = application.test_client().get("/api/v1/health")
            return health.json if health.json["problems"] else None

        seen.append(wait_for("health to say it", told, 60))
        shutil.copytree(SAMPLE_MODELS / "funasr-tiny" / "asr", tmp_path / "copied")
        cache.mkdir()
        (tmp_path / "copied").rename(cache / "asr")

    helper = threading.Thread(target=person)
    helper.start()
    runtime.serve(application, "analysis", burst=True)  # returns: the worker served its empty queue
    helper.join()
    assert seen[0]["problems"] == {"worker:analysis": "model_unavailable"}
    assert seen[0]["ok"] is False and seen[0]["processes"]["worker:analysis"] == 0  # type: ignore[index]
    assert valkey.keys("weimian:problem:*") == []
    logged = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    said = next(line for line in logged if line["event"] == "models_missing")
    assert str(cache / "asr") in said["what_to_do"] and "model.pt" in said["what_to_do"]
    assert [line["event"] for line in logged][-1] == "worker_ready"
