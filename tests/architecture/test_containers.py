"""Dockerfile and compose.yaml, as far as they can be checked without a container engine."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.clients.files import BUILD
from app.factory import create_app
from config import QUEUES
from config.settings import Settings, load_settings
from tests.architecture.source import ROOT, tracked_files
from workers.supervisor import Stack

PROGRAMS = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORE = (ROOT / ".dockerignore").read_text().split()
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
RUN_WORKER = ["python", "-m", "workers.runtime"]
# What compose.yaml itself reads from compose.env.
COMPOSE_VARIABLES = {"MARIADB_PASSWORD", "VALKEY_PASSWORD"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    lines = [line.partition(" ") for line in joined.splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in lines]


def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions by the name of their stage."""
    found: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for name, rest in instructions():
        if name == "FROM":
            current = found.setdefault(rest.split(" AS ")[1], [])
        else:
            current.append((name, rest))
    return found


def copied_into(stage: str) -> list[list[str]]:
    """What a stage copies: sources and place of each COPY."""
    return [rest.split() for name, rest in stages()[stage] if name == "COPY"]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore leaves a path out: the last pattern that matches it or a folder above decides."""
    above = [path, *(str(folder) for folder in PurePosixPath(path).parents)]
    ignored = False
    for line in IGNORE:
        pattern = re.escape(line.lstrip("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, one) for one in above):
            ignored = not line.startswith("!")
    return ignored


def commands() -> list[list[str]]:
    """Every command an image or a service of ours starts."""
    images = [YAML(typ="safe").load(rest) for name, rest in instructions() if name == "CMD"]
    return images + [service["command"] for service in OURS.values() if "command" in service]


def test_the_dockerfile_passes_hadolint() -> None:
    done = subprocess.run(
        [PROGRAMS / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_follows_its_schema() -> None:
    command = [
        str(PROGRAMS / "check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        str(ROOT / "compose.yaml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("target", ["web", "worker"])
def test_images_run_without_root(target: str) -> None:
    users = [rest for name, rest in stages()[target] if name == "USER"]
    assert users
    assert not re.match(r"(0|root)\b", users[-1])


def test_the_web_image_has_only_the_webs_libraries() -> None:
    assert [words[-1] for words in copied_into("web") if words[0] == "--from=web-libraries"] == ["/opt/venv"]
    assert "worker-libraries" not in str(stages()["web"])
    assert "requirements/worker.txt" not in str(stages()["web-libraries"])
    assert "requirements/worker.txt" in str(stages()["worker-libraries"])


def test_the_web_image_prints_reports() -> None:
    """WeasyPrint's libraries and fonts are those that bin/setup installs."""
    printing = re.search(r"^PRINTING=\((.+)\)$", (ROOT / "bin" / "setup").read_text(), re.MULTILINE)
    assert printing
    installed = " ".join(rest for name, rest in stages()["web"] if name == "RUN").split()
    assert set(printing[1].split()) <= set(installed)
    assert "weasyprint" in (ROOT / "requirements" / "web.txt").read_text()


def test_the_web_image_serves_the_candidates_pages() -> None:
    (where,) = [rest for name, rest in stages()["base"] if name == "WORKDIR"]
    (inside,) = [rest for name, rest in stages()["pages"] if name == "WORKDIR"]
    (words,) = [words for words in copied_into("web") if words[0] == "--from=pages"]
    assert PurePosixPath(where, words[2]) == PurePosixPath(where, BUILD.relative_to(ROOT))
    assert words[1] == f"{inside}/dist/build/h5/"


def test_the_pages_are_built_as_their_lock_says() -> None:
    package = json.loads((ROOT / "clients" / "miniprogram" / "package.json").read_text())
    runs = [rest for name, rest in stages()["pages"] if name == "RUN"]
    assert runs[0] == "npm ci"
    assert runs[1].startswith("npm run build ")
    assert package["scripts"]["build"] == "uni build"
    assert {"package.json", "package-lock.json", ".npmrc"} == {
        Path(path).name for path in copied_into("pages")[0][:-1]
    }


def test_the_pages_are_built_by_a_node_that_is_new_enough() -> None:
    package = json.loads((ROOT / "clients" / "miniprogram" / "package.json").read_text())
    node = re.search(r"^ARG NODE=(\d+)", DOCKERFILE, re.MULTILINE)
    needed = re.fullmatch(r">=(\d+)\.\d+", package["engines"]["node"])
    assert node and needed
    assert int(node[1]) >= int(needed[1])


def test_the_worker_image_has_the_face_networks() -> None:
    assert ["workers/", "workers/"] in copied_into("product")
    networks = [path for path in tracked_files() if path.suffix == ".tflite"]
    assert networks
    for path in networks:
        assert path.is_relative_to(ROOT / "workers")
        assert not is_ignored(str(path.relative_to(ROOT)))


def test_the_worker_image_needs_no_screen_and_no_system_library() -> None:
    """OpenCV's other builds need libGL, which the slim base does not have."""
    pins = (ROOT / "requirements" / "worker.txt").read_text()
    assert "ai-edge-litert==" in pins
    assert set(re.findall(r"^opencv[\w-]*", pins, re.MULTILINE)) == {"opencv-contrib-python-headless"}


def test_what_images_copy_exists_and_is_not_ignored() -> None:
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                path = source.rstrip("/")
                assert (ROOT / path).exists(), f"the Dockerfile copies {path}, which is not there"
                assert not is_ignored(path), f"the Dockerfile copies {path}, which .dockerignore leaves out"


@pytest.mark.parametrize(
    "path",
    [
        ".venv/bin/python",
        "compose.env",
        "data/secrets",
        "tests/conftest.py",
        "app/__pycache__/models.pyc",
        "clients/miniprogram/node_modules/vue/index.js",
        "clients/miniprogram/dist/build/h5/index.html",
    ],
)
def test_what_lies_about_on_a_machine_stays_out(path: str) -> None:
    assert is_ignored(path)


@pytest.mark.parametrize("command", commands(), ids=shlex.join)
def test_commands_start_something_of_ours(command: list[str], tmp_path: Path) -> None:
    match command:
        case ["python", "-m", module, *_]:
            found = importlib.util.find_spec(module)
            assert found and found.origin, f"there is no module {module}"
            assert '__name__ == "__main__"' in Path(found.origin).read_text(), f"{module} starts nothing"
        case ["flask", "--app", "wsgi", *words]:
            done = subprocess.run(
                [PROGRAMS / "flask", "--app", "wsgi", *words, "--help"],
                cwd=ROOT,
                env={**os.environ, "DATA_DIR": str(tmp_path)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        case ["granian", *_, application]:
            assert application == "wsgi:app"
            assert (ROOT / "wsgi.py").exists()
        case _:
            pytest.fail(f"what does {command} start?")


def test_services_and_supervisor_start_the_same_processes(tmp_path: Path) -> None:
    stack = Stack({"PROFILE": "test", "DATA_DIR": str(tmp_path), "VALKEY_URL": "redis://127.0.0.1:1/0"})
    supervised = [list(child.program.command) for child in stack.children.values()]
    modules = {tuple(command[2:]) for command in supervised if command[2].startswith("workers.")}
    assert modules == {tuple(command[2:]) for command in commands() if command[:2] == ["python", "-m"]}
    assert [command[2] for command in supervised if not command[2].startswith("workers.")] == ["granian"]


def test_every_queue_has_one_worker_of_its_own() -> None:
    served = [
        service["command"][3:] for service in OURS.values() if service.get("command", [])[:3] == RUN_WORKER
    ]
    assert sorted(served) == sorted([queue] for queue in QUEUES)


def test_only_what_needs_its_libraries_runs_in_the_worker_image() -> None:
    targets = {name: service["build"]["target"] for name, service in OURS.items()}
    assert {name for name, target in targets.items() if target == "worker"} == {
        "worker-analysis",
        "worker-renditions",
    }


def test_the_health_check_asks_a_path_we_serve(tmp_path: Path) -> None:
    path = re.search(r"127\.0\.0\.1:8000(/[\w/]+)", DOCKERFILE)
    assert path
    settings = load_settings(profile="test", data_dir=tmp_path)
    served = {rule.rule for rule in create_app(settings).url_map.iter_rules()}
    assert path[1] in served
    # A web server is not ill because a worker elsewhere waits for its models.
    assert path[1] == "/api/v1/health/ready"


def test_environment_names_settings_that_exist() -> None:
    known = {name.upper() for name in Settings.model_fields}
    given = {name for service in OURS.values() for name in service["environment"]}
    example = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / "compose.env.example").read_text(), re.MULTILINE)
    assert {"MASTER_KEY", "JWT_SECRET_KEY"} <= set(example)
    assert given <= known
    assert set(example) <= known | COMPOSE_VARIABLES


def test_production_gets_what_it_refuses_to_start_without() -> None:
    for service in OURS.values():
        assert service["environment"]["PROFILE"] == "production"
        assert service["environment"]["DATABASE_URL"].startswith("mysql+pymysql://")
        assert service["environment"]["VALKEY_URL"].startswith("redis://")
        assert service["env_file"] == [{"path": "compose.env", "required": True}]


def test_the_queue_survives_a_restart() -> None:
    assert "--appendonly yes" in " ".join(COMPOSE["services"]["valkey"]["command"])


def test_every_process_sees_the_models_and_only_analysis_changes_them() -> None:
    """Every page has to say when the sample models serve, wherever they were copied."""
    for name, service in OURS.items():
        place = service["environment"]["MODEL_CACHE_DIR"]
        writes = "" if name == "worker-analysis" else ":ro"
        assert f"models:{place}{writes}" in service["volumes"]
        assert f"MODEL_CACHE_DIR={place}" in str(stages()["base"])


def test_named_volumes_are_declared() -> None:
    used = {
        volume.partition(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])
    assert {"recordings", "models"} <= used
