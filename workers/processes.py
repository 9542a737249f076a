"""One child process of the supervisor: started with its own log and process group, ended with everything it started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import ROOT

_LOG_BYTES = 20 * 1024 * 1024
_STEADY_SECONDS = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Program:
    """What to run. Lower stages start earlier and stop later; ``grace_seconds`` are given to end by itself."""

    name: str
    command: tuple[str, ...]
    stage: int
    grace_seconds: float = 8.0


class Child:
    """A program that should be running: started, watched, started again with a growing pause when it crashes."""

    def __init__(self, program: Program, environment: Mapping[str, str], log: Path) -> None:
        self.program = program
        self.log = log
        self.wanted = False
        self.restarts = 0
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_after = 0.0
        self._pause = _FIRST_PAUSE

    @property
    def pid(self) -> int | None:
        """Its process id while it runs; the id of its process group too."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it and want it to run."""
        self.wanted = True
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_dies_with_parent(), *self.program.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self._environment,
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def watch(self) -> str | None:
        """Start it again when it ended and its pause is over. Returns what happened, if something did."""
        if not self.wanted or self._process is None:
            return None
        status = self._process.poll()
        now = time.monotonic()
        if status is None:
            return None
        if self._start_after == 0.0:
            self._end_group()  # what it started must not outlive it and hold its port
            steady = now - self._started_at > _STEADY_SECONDS or status == 0
            self._pause = _FIRST_PAUSE if steady else min(self._pause * 2, _LONGEST_PAUSE)
            self._start_after = now + self._pause
            return f"ended with {status}, starts again in {self._pause:.2f} s"
        if now < self._start_after:
            return None
        self._start_after = 0.0
        self.restarts += 1
        self.start()
        return "started again"

    def kill(self) -> None:
        """End it and all it started at once, as a crash would."""
        self._end_group()
        if self._process is not None:
            self._process.wait()

    def ask_to_stop(self) -> None:
        """Want it no more and send SIGTERM."""
        self.wanted = False
        if self.pid is not None and self._process is not None:
            self._process.terminate()

    def wait_stopped(self, deadline: float) -> None:
        """Wait until it ended, or ``deadline`` (monotonic), then end what is left of its group."""
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        self.kill()
        self._start_after = 0.0

    def log_end(self, lines: int = 15) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end_group(self) -> None:
        if self._process is not None:
            # The group keeps its number while one member lives, so no stranger can be meant.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _dies_with_parent() -> list[str]:
    """On Linux, ask the system to end the child should its supervisor be killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
