"""Runs every process of the product on one machine: ``python -m workers.supervisor``.

embedded: Valkey, web server, one worker per queue, scheduler and, with ``--with-sandbox``, the stand-in for WeChat.
production: the same without Valkey and sandbox, which lie elsewhere. Each child logs to ``<data_dir>/logs``; a crashed
one is started again. SIGTERM or SIGINT ends all of them. One JSON line says when everything answers; in production the
analysis worker may still be fetching its models then, and ``waiting_for`` says so.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Self

from pydantic import ValidationError

from config import QUEUES, Settings, load_settings
from config.settings import ROOT
from workers.probes import StackFailed, answers, missing, pings, reach_valkey, take_port
from workers.processes import Child, Program
from workers.stopping import stop_asked

_WATCH_SECONDS = 0.1
_LOOK_SECONDS = 2.0
_VALKEY, _SANDBOX, _WORKERS, _WEB, _SCHEDULER = range(5)  # stages
_MODELS = "worker:analysis"  # what a production stack may still lack when it is ready


class Stack:
    """All processes over one data directory. ``environment`` is added to this process's own.

    ``event_retry_seconds``: the sandbox's pause before it pushes an event again, as WeChat three times in all.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        with_sandbox: bool = False,
        sandbox_port: int = 0,
        event_retry_seconds: float = 5.0,
        web_processes: int = 1,
        workers: Mapping[str, int] | None = None,
        await_models: bool = True,
    ) -> None:
        self.port, self.sandbox_port = (
            take_port(host, port),
            take_port(host, sandbox_port) if with_sandbox else 0,
        )
        self.mail_port = take_port("127.0.0.1", 0) if with_sandbox else 0
        self.url = f"http://{host}:{self.port}"
        self.sandbox_url = f"http://{host}:{self.sandbox_port}" if with_sandbox else ""
        self.environment = self._environment({**os.environ, **(environment or {})})
        self.settings = _settings_of(self.environment)
        self._event_retry_seconds = event_retry_seconds
        self._await_models = await_models and self.settings.profile != "production"
        self._lock: IO[str] | None = None
        self._stopping, self._asked_to_stop = threading.Event(), threading.Event()
        self._watcher: threading.Thread | None = None
        self._guard = threading.RLock()
        programs = self._programs(host, web_processes, {**dict.fromkeys(QUEUES, 1), **(workers or {})})
        self.children = {
            program.name: Child(program, self.environment, self.logs / f"{program.name}.log")
            for program in programs
        }

    @property
    def logs(self) -> Path:
        """Where every process writes what it has to say."""
        return self.settings.data_dir / "logs"

    def start(self, timeout: float = 120.0, *, asked_to_stop: threading.Event | None = None) -> Self:
        """Bring everything up and wait until it answers. Raises StackFailed, with nothing left running."""
        self._asked_to_stop = asked_to_stop or threading.Event()
        self._take_lock()
        try:
            if self.settings.embedded_valkey is None:
                reach_valkey(self.settings.valkey_url, self._asked_to_stop)
            self._start_stages(range(_VALKEY, _SANDBOX + 1))
            self._wait(self._neighbours_answer, timeout, "Valkey or the sandbox")
            self._start_stages(range(_WORKERS, _WORKERS + 1))  # loading the models takes longest
            self._prepare()
            self._start_stages(range(_WEB, _SCHEDULER + 1))
            self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._watcher.start()
            self._wait(self._usable, timeout, "the platform")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything, in order: nothing new is offered, requests end, jobs at hand end, then the rest."""
        self._stopping.set()
        with self._guard:
            for stage in reversed(range(_VALKEY, _SCHEDULER + 1)):
                ending = [c for c in self.children.values() if c.program.stage == stage]
                for child in ending:
                    child.ask_to_stop()
                deadline = time.monotonic() + max((c.program.grace_seconds for c in ending), default=0.0)
                for child in ending:
                    child.wait_stopped(deadline)
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self, name: str, *, stay_down: bool = False) -> None:
        """Kill a child as a crash would; it is started again unless it shall ``stay_down`` until ``restart``."""
        with self._guard:
            self.children[name].wanted = not stay_down
            self.children[name].kill()

    def restart(self, name: str) -> None:
        """Stop a child properly, if it runs, and start it."""
        child = self.children[name]
        with self._guard:
            child.ask_to_stop()
            child.wait_stopped(time.monotonic() + child.program.grace_seconds)
            child.start()

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run."""
        return {name: child.pid for name, child in self.children.items() if child.pid is not None}

    def healthy(self) -> bool:
        """Whether the platform says that all of it works."""
        return not self.missing()

    def missing(self) -> list[str]:
        """What does not answer, by the platform's own account: ``web`` when it gives none."""
        return missing(self.url)

    def _usable(self) -> bool:
        """Candidates can be served. Full-size models may take minutes to fetch, or a person: nothing waits for them."""
        return not set(self.missing()) - (set() if self._await_models else {_MODELS})

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # --- What runs ---

    def _environment(self, environment: dict[str, str]) -> dict[str, str]:
        environment.setdefault("PUBLIC_BASE_URL", self.url)
        environment["PYTHONUNBUFFERED"] = "1"
        if self.sandbox_url:
            # A machine's proxy does not know our own addresses.
            for name in ("NO_PROXY", "no_proxy"):
                environment[name] = ",".join(filter(None, (environment.get(name), "127.0.0.1", "localhost")))
            environment["WECHAT_API_BASE_URL"] = self.sandbox_url
            environment["WECHAT_OPEN_BASE_URL"] = self.sandbox_url
            environment |= {
                "MAIL_HOST": "127.0.0.1",
                "MAIL_PORT": str(self.mail_port),
                "MAIL_SECURITY": "none",
                "MAIL_USER": "",
            }
            environment["SMS_GATEWAY_URL"] = f"{self.sandbox_url}/sandbox/sms"
        return environment

    def _programs(self, host: str, web_processes: int, workers: Mapping[str, int]) -> list[Program]:
        python, data_dir = sys.executable, self.settings.data_dir
        programs = []
        if self.settings.embedded_valkey is not None:
            programs.append(Program("valkey", (python, "-m", "workers.valkey"), _VALKEY))
        if self.sandbox_url:
            journal = data_dir / "sandbox" / "journal.jsonl"
            command = [python, "-m", "wechat.sandbox", "--host", host, "--port", str(self.sandbox_port)]
            command += ["--mail-port", str(self.mail_port), "--state", str(journal)]
            command += ["--event-retry-seconds", str(self._event_retry_seconds)]
            programs.append(Program("sandbox", tuple(command), _SANDBOX))
        for queue, count in workers.items():
            command = [python, "-m", "workers.runtime", queue]
            names = [queue] if count == 1 else [f"{queue}-{number}" for number in range(1, count + 1)]
            programs += [Program(f"worker-{name}", tuple(command), _WORKERS) for name in names]
        command = [python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(self.port)]
        command += ["--workers", str(web_processes), "--no-ws", "--http", "1"]
        command += ["--blocking-threads", str(self.settings.web_threads)]
        programs.append(Program("web", (*command, "--workers-kill-timeout", "5", "wsgi:app"), _WEB))
        programs.append(Program("scheduler", (python, "-m", "workers.scheduler"), _SCHEDULER))
        return programs

    # --- Coming up ---

    def _take_lock(self) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._stopping.clear()
        lock = (self.settings.data_dir / "supervisor.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StackFailed(f"another supervisor runs over {self.settings.data_dir}") from None
        self._lock = lock

    def _start_stages(self, stages: range) -> None:
        for child in sorted(self.children.values(), key=lambda child: child.program.stage):
            if child.program.stage in stages:
                child.start()

    def _prepare(self) -> None:
        """Create or upgrade every schema, as ``bin/manage prepare`` does."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        (self.logs / "prepare.log").write_text(done.stdout)
        if done.returncode != 0:
            raise StackFailed(f"the databases could not be prepared:\n{done.stdout[-2000:]}")

    def _neighbours_answer(self) -> bool:
        valkey = self.settings.embedded_valkey
        ready = valkey is None or pings(valkey)
        return ready and (not self.sandbox_url or answers(f"{self.sandbox_url}/sandbox/health"))

    def _wait(self, ready: Any, timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            if self._asked_to_stop.is_set():
                raise StackFailed("told to stop while starting")
            ended = [child for child in self.children.values() if child.wanted and child.pid is None]
            early = [child for child in ended if self._watcher is None or child.restarts > 2]
            if early or time.monotonic() > deadline:
                shown = early or [c for c in self.children.values() if c.wanted]
                logs = "\n".join(f"--- {child.program.name}\n{child.log_end()}" for child in shown)
                raise StackFailed(f"{what} did not come up.\n{logs}")
            time.sleep(0.05)

    def _watch(self) -> None:
        while not self._stopping.wait(_WATCH_SECONDS):
            with self._guard:
                if self._stopping.is_set():
                    return
                for name, child in self.children.items():
                    happened = child.watch()
                    if happened is not None:
                        _say({"process": name, "event": happened})


def _settings_of(environment: Mapping[str, str]) -> Settings:
    known = {name.lower(): value for name, value in environment.items()}
    given = {name: known[name] for name in Settings.model_fields if name in known}
    for name in ("database_servers",):
        if name in given:
            given[name] = json.loads(given[name])
    try:
        return load_settings(**given)
    except ValidationError as error:
        problems = [": ".join([*map(str, one["loc"]), one["msg"]]) for one in error.errors()]
        raise StackFailed("; ".join(problems)) from None


def _announce(stack: Stack, waiting_for: list[str]) -> None:
    """Where to look: a line for programs on standard output, one for people on standard error."""
    ready = {"ready": True, "url": stack.url, "sandbox_url": stack.sandbox_url, "logs": str(stack.logs)}
    _say({**ready, "waiting_for": waiting_for})
    line = f"Weimian runs: {stack.url}/ for HR, {stack.url}/docs for the API, logs in {stack.logs}; Ctrl-C stops it."
    if waiting_for:
        log = stack.logs / "worker-analysis*.log"
        line += f" Recordings wait for the models: {log} says how far they are or what is missing."
    print(line, file=sys.stderr, flush=True)


def _say(event: Mapping[str, Any]) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


def main() -> int:
    """Parse the command line, run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m workers.supervisor", description="Run the whole product")
    parser.add_argument("--profile", choices=["embedded", "production", "test"])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--with-sandbox", action="store_true", help="run the stand-in for WeChat and SMS too")
    parser.add_argument("--sandbox-port", type=int, default=8100, help="0 takes a free one")
    parser.add_argument("--web-processes", type=int, default=1)
    parser.add_argument("--analysis-workers", type=int, default=1)
    args = parser.parse_args()
    given = {"PROFILE": args.profile, "DATA_DIR": str(args.data_dir.absolute()) if args.data_dir else None}
    asked = stop_asked()
    try:
        stack = Stack(
            {name: value for name, value in given.items() if value},
            host=args.host,
            port=args.port,
            with_sandbox=args.with_sandbox,
            sandbox_port=args.sandbox_port,
            web_processes=args.web_processes,
            workers={"analysis": args.analysis_workers},
        )
        stack.start(asked_to_stop=asked)
    except StackFailed as failure:
        print(f"supervisor: {failure}", file=sys.stderr)
        return 1
    try:
        waiting_for = stack.missing()
        _announce(stack, waiting_for)
        while waiting_for and not asked.wait(_LOOK_SECONDS):
            waiting_for = stack.missing()
            if not waiting_for:
                _say({"complete": True})
        asked.wait()
    finally:
        stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
