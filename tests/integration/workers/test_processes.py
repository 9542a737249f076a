"""A supervised child: started again when it dies, ended with everything it started, its words kept in a log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import ROOT
from workers.processes import Child, Program

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Starts Python code as a child and ends it after the test."""
    started: list[Child] = []

    def make(code: str, grace_seconds: float = 3.0) -> Child:
        program = Program("probe", (sys.executable, "-c", code), 0, grace_seconds)
        child = Child(program, os.environ, tmp_path / "logs" / "probe.log")
        started.append(child)
        child.start()
        return child

    yield make
    for child in started:
        child.wanted = False
        child.kill()


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def watch_for(child: Child, seconds: float) -> list[str]:
    deadline, events = time.monotonic() + seconds, []
    while time.monotonic() < deadline:
        if (event := child.watch()) is not None:
            events.append(event)
        time.sleep(0.02)
    return events


def test_a_crashed_child_starts_again_with_growing_pauses(start: Callable[..., Child]) -> None:
    child = start("print('hello', flush=True); raise SystemExit(3)")
    events = watch_for(child, 4.0)
    assert 2 <= child.restarts <= 4  # at once it would be dozens
    assert "ended with 3" in events[0]
    assert child.log_end().splitlines().count("hello") >= 2


def test_killing_a_child_ends_what_it_started(start: Callable[..., Child]) -> None:
    child = start(FAMILY)
    wait_for(lambda: "child" in child.log_end())
    grandchild = int(child.log_end().split()[-1])
    assert is_running(grandchild)
    child.wanted = False
    child.kill()
    wait_for(lambda: not is_running(grandchild))
    assert child.pid is None


def test_what_a_crashed_child_started_is_ended_before_it_starts_again(start: Callable[..., Child]) -> None:
    child = start(FAMILY)
    wait_for(lambda: "child" in child.log_end())
    grandchild = int(child.log_end().split()[-1])
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    wait_for(lambda: child.watch() or not is_running(grandchild))
    wait_for(lambda: not is_running(grandchild))


def test_a_child_that_does_not_listen_is_killed_after_its_grace(start: Callable[..., Child]) -> None:
    child = start(STUBBORN, grace_seconds=0.5)
    wait_for(lambda: "up" in child.log_end())
    began = time.monotonic()
    child.ask_to_stop()
    child.wait_stopped(began + 0.5)
    assert child.pid is None and 0.4 < time.monotonic() - began < 3
    assert watch_for(child, 0.6) == []  # not wanted any more


OWNER = """
import os, sys, time
from pathlib import Path
from workers.processes import Child, Program

sleeper = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), 0)
child = Child(sleeper, os.environ, Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system ends orphans on Linux only")
def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "sleeper.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert is_running(pid)
        time.sleep(0.3)
        owner.kill()
    wait_for(lambda: not is_running(pid))
