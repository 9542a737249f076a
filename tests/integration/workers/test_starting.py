"""What a start says when something is missing, and what may be missing without harm."""

from __future__ import annotations

import base64
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from app.factory import create_app
from config.settings import SAMPLE_MODELS, load_settings
from samples.client import wait_for
from workers import probes
from workers.probes import StackFailed, missing
from workers.supervisor import Stack

SECRET = "geheim-and-nobodys-business"
KEY = base64.b64encode(bytes(32)).decode()
WHOLE = {
    "PROFILE": "production",
    "DATABASE_URL": f"mysql+pymysql://somebody:{SECRET}@127.0.0.1:1/",
    "VALKEY_URL": f"redis://:{SECRET}@127.0.0.1:1/0",
    "MASTER_KEY": KEY,
    "JWT_SECRET_KEY": KEY,
}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"MASTER_KEY": "", "VALKEY_URL": ""}, "needs VALKEY_URL, MASTER_KEY"),
        ({"MASTER_KEY": SECRET}, "MASTER_KEY must be 32 bytes in base64"),
        ({"UPLOAD_MAX_BYTES": "plenty"}, "upload_max_bytes"),
        ({"VALKEY_URL": "nonsense"}, "VALKEY_URL"),
        ({}, "VALKEY_URL: .*refused"),
    ],
)
def test_a_start_that_cannot_be_says_why_and_tells_no_secret(
    wrong: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "_NEIGHBOUR_SECONDS", 0.2)
    with pytest.raises(StackFailed, match=said) as failure:
        Stack({**WHOLE, **wrong, "DATA_DIR": str(tmp_path)}).start()
    assert SECRET not in str(failure.value)


def test_settings_that_are_refused_are_not_shown() -> None:
    given = {name.lower(): value for name, value in WHOLE.items()} | {"master_key": SECRET}
    with pytest.raises(ValidationError) as refused:
        load_settings(**given)
    assert "MASTER_KEY" in str(refused.value) and SECRET not in str(refused.value)


def test_preparing_says_in_a_line_that_the_database_is_away(tmp_path: Path) -> None:
    given = {name.lower(): value for name, value in WHOLE.items()}
    application = create_app(load_settings(**given, data_dir=tmp_path))
    done = application.test_cli_runner().invoke(args=["prepare"])
    assert done.exit_code == 1
    assert "DATABASE_URL" in done.output and "refused" in done.output
    assert SECRET not in done.output and "Traceback" not in done.output


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, object]]]:
    """A server that gives ``status`` and ``body`` to everything."""
    answer: dict[str, object] = {"status": 200, "body": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = str(answer["body"]).encode()
            self.send_response(int(str(answer["status"])))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answer
        server.shutdown()


def test_what_is_missing_is_the_platforms_own_account(answering: tuple[str, dict[str, object]]) -> None:
    url, answer = answering
    whole = {"database": True, "valkey": True, "processes": {"scheduler": 1, "worker:analysis": 2}}
    answer["body"] = json.dumps(whole)
    assert missing(url) == []
    answer |= {
        "status": 503,
        "body": json.dumps({**whole, "database": False, "processes": {"scheduler": 0, "worker:analysis": 1}}),
    }
    assert missing(url) == ["database", "scheduler"]
    for body in ("", "not json", "[]", "{}"):
        answer["body"] = body
        assert missing(url) == ["web"]
    assert missing("http://127.0.0.1:1") == ["web"]


@pytest.mark.stack
@pytest.mark.models
@pytest.mark.mariadb
@pytest.mark.full
def test_production_serves_while_its_models_are_missing(
    mariadb_url: str, own_valkey_url: str, tmp_path: Path
) -> None:
    place = tmp_path / "models" / "asr"
    tiny = SAMPLE_MODELS / "funasr-tiny"
    environment = {
        **WHOLE,
        "DATABASE_URL": mariadb_url,
        "VALKEY_URL": own_valkey_url,
        "SCHEMA_PREFIX": "without_models",
        "DATA_DIR": str(tmp_path / "data"),
        "SPEECH_MODEL": str(place),
        "VAD_MODEL": str(tiny / "vad"),
        "PUNC_MODEL": str(tiny / "punc"),
        "EXPRESSION_WEIGHTS": str(SAMPLE_MODELS / "facial_expression_model_weights.onnx"),
    }
    with Stack(environment) as stack:
        assert stack.missing() == ["worker:analysis"] and not stack.healthy()
        assert requests.get(f"{stack.url}/api/v1/health/ready", timeout=5).status_code == 200

        def said() -> bool:
            health = requests.get(f"{stack.url}/api/v1/health", timeout=5).json()
            return bool(health["problems"] == {"worker:analysis": "model_unavailable"})

        wait_for("the reason", said, 60)
        assert str(place) in stack.children["worker-analysis"].log_end()
        assert stack.children["worker-analysis"].restarts == 0
        shutil.copytree(tiny / "asr", tmp_path / "copied")
        place.parent.mkdir()
        (tmp_path / "copied").rename(place)
        wait_for("the models", stack.healthy, 90)
