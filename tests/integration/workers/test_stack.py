"""The running product: all its processes, killed and restarted under a message on its way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from config.settings import ROOT
from samples.client import wait_for
from samples.journey import Journey, MiniProgram, Places, Platform, load_company, open_recruiting
from workers.supervisor import Stack, StackFailed

pytestmark = [pytest.mark.stack, pytest.mark.models]
OPERATOR = ("operator@platform.example", "correct horse battery staple")
PHONES = iter(range(1, 1000))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything, with the fault points of the test profile."""
    directory = tmp_path_factory.mktemp("stack")
    (directory / "faults").mkdir()
    environment = {
        "PROFILE": "test",
        "DATA_DIR": str(directory / "data with a space"),
        "FAULT_POINTS": str(directory / "faults"),
        "WORK_LEASE_SECONDS": "4",
        "OPERATOR_EMAIL": OPERATOR[0],
        "OPERATOR_PASSWORD": OPERATOR[1],
    }
    with Stack(environment, with_sandbox=True) as running:
        yield running


@pytest.fixture(scope="module")
def recruiting(stack: Stack) -> Callable[[], Journey]:
    """Invites and binds one more candidate, who agreed to one message of each kind."""
    places = Places(stack.url, stack.sandbox_url, *OPERATOR)
    platform, program, company = Platform(places), MiniProgram("wxstack0000000001", "微面"), load_company()
    platform.register(program)
    _, slug = platform.open_company(company)
    hr = open_recruiting(places, company, slug)
    first = Journey(places, program, hr, company, company["candidate"])
    position_id = first.create_position()

    def invite() -> Journey:
        profile = {**company["candidate"], "phone": f"+86137{next(PHONES):08d}"}
        journey = Journey(places, program, hr, company, profile)
        journey.invite(position_id, datetime.now(UTC) + timedelta(days=3))
        journey.open_link()
        journey.subscribe()
        return journey

    return invite


def make_reminder_due(journey: Journey) -> None:
    """The window now ends in an hour and a moment."""
    journey.reschedule(datetime.now(UTC) + timedelta(hours=1, seconds=2))


def reminder(journey: Journey) -> dict[str, Any]:
    return next(m for m in journey.messages() if m["kind"] == "reminder_hour" and m["status"] != "cancelled")


def await_reminder(journey: Journey, *statuses: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        message = reminder(journey)
        return message if message["status"] in statuses else None

    return wait_for(f"a reminder that is {statuses}", found, 90)


def cards(journey: Journey) -> list[dict[str, Any]]:
    return [m for m in journey.phone.inbox() if m["channel"] == "wechat"]


def sms_reminders(journey: Journey) -> list[dict[str, Any]]:
    return [m for m in journey.phone.inbox() if m["channel"] == "sms" and "截止，还有" in m["body"]]


def test_a_message_goes_through_every_process(stack: Stack, recruiting: Callable[[], Journey]) -> None:
    journey = recruiting()
    make_reminder_due(journey)
    message = await_reminder(journey, "delivered")
    assert message["channel"] == "wechat" and len(cards(journey)) == 1 and sms_reminders(journey) == []
    health = requests.get(f"{stack.url}/api/v1/health", timeout=5).json()
    assert health["ok"] and health["sample_models_active"]
    assert set(health["processes"].values()) == {1}


def test_a_worker_killed_around_the_call_sends_nothing_twice(
    stack: Stack, recruiting: Callable[[], Journey]
) -> None:
    """Killed before the call: nobody knows, a person must say. Killed after it: WeChat's event tells."""
    before, after = recruiting(), recruiting()
    for journey, point, ends in (
        (before, "delivery.attempt_stored", "uncertain"),
        (after, "delivery.sent", "delivered"),
    ):
        restarts = stack.children["worker-delivery"].restarts
        Path(stack.environment["FAULT_POINTS"], point).touch()
        make_reminder_due(journey)
        await_reminder(journey, ends)
        wait_for(
            "the restart", lambda restarts=restarts: stack.children["worker-delivery"].restarts > restarts
        )
        assert not Path(stack.environment["FAULT_POINTS"], point).exists()
    time.sleep(8)  # every ended lease is offered again meanwhile
    message = reminder(before)
    assert (message["status"], message["reason"]["code"]) == ("uncertain", "interrupted")
    assert [a["outcome"] for a in message["attempts"]] == ["uncertain"]
    assert cards(before) == [] and sms_reminders(before) == []
    message = reminder(after)
    assert message["status"] == "delivered" and [a["outcome"] for a in message["attempts"]] == ["sent"]
    assert len(cards(after)) == 1 and sms_reminders(after) == []


def test_an_empty_valkey_costs_nothing(stack: Stack, recruiting: Callable[[], Journey]) -> None:
    journey = recruiting()
    socket = stack.settings.embedded_valkey
    assert socket is not None
    stack.kill("valkey", stay_down=True)
    make_reminder_due(journey)  # the API works without it
    time.sleep(3)
    for path in socket.parent.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    stack.restart("valkey")
    await_reminder(journey, "delivered", "sent")
    assert len(cards(journey)) == 1 and sms_reminders(journey) == []


def test_every_process_comes_back_after_a_crash(stack: Stack, recruiting: Callable[[], Journey]) -> None:
    for name in ("web", "scheduler", "worker-callbacks", "worker-maintenance", "worker-delivery"):
        old = stack.pids()[name]
        stack.kill(name)
        wait_for(f"{name} to come back", lambda name=name, old=old: stack.pids().get(name) not in (None, old))
    wait_for("the platform", stack.healthy, 60)
    journey = recruiting()
    make_reminder_due(journey)
    await_reminder(journey, "delivered", "sent")
    assert len(cards(journey)) == 1


def test_an_idle_worker_keeps_waiting(stack: Stack) -> None:
    """Nothing has been on the analysis queue so far; its worker, which talked to Valkey before, must not give up."""
    assert stack.children["worker-analysis"].restarts == 0
    assert stack.healthy()


def test_a_second_supervisor_over_the_same_data_is_refused(stack: Stack) -> None:
    with pytest.raises(StackFailed, match="another supervisor"):
        Stack({"PROFILE": "test", "DATA_DIR": str(stack.settings.data_dir)}).start()
    assert stack.healthy()


@pytest.mark.full
def test_two_run_side_by_side_and_one_signal_ends_all_of_one(stack: Stack, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "workers.supervisor",
        "--profile",
        "embedded",
        "--data-dir",
        str(tmp_path),
    ]
    command += ["--port", "0", "--sandbox-port", "0", "--with-sandbox"]
    with ending(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)) as supervisor:
        assert supervisor.stdout is not None
        ready = json.loads(supervisor.stdout.readline())
        assert ready["ready"] and requests.get(f"{ready['url']}/api/v1/health", timeout=5).json()["ok"]
        assert stack.healthy() and ready["url"] != stack.url
        family = descendants(supervisor.pid)
        assert len(family) >= 9
        began = time.monotonic()
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(20) == 0
    assert time.monotonic() - began < 15
    assert [pid for pid in family if is_running(pid)] == []
    assert stack.healthy()


def test_a_taken_port_is_said_at_once(stack: Stack) -> None:
    port = int(re.findall(r":(\d+)", stack.url)[0])
    with pytest.raises(StackFailed, match=f"port {port}"):
        Stack({"PROFILE": "test"}, port=port)


@contextlib.contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Ends a process when its test failed too: leaving ``Popen`` alone would wait for it forever."""
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def descendants(pid: int) -> set[int]:
    """Every process that a process started, and those they started (Linux)."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, look = set(), [pid]
    while look:
        for child in parents.get(look.pop(), []):
            found.add(child)
            look.append(child)
    return found


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
