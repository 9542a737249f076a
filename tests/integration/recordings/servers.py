"""The real application under each WSGI server, and a proxy that breaks connections."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from config.settings import ROOT, Settings
from tests.services import LOOPBACK, free_port

SERVERS = ("granian", "gunicorn", "werkzeug")
_PROGRAMS = Path(sys.executable).parent


class WebServer:
    """One server process on a loopback port, over the data of ``settings``; a context manager."""

    def __init__(self, kind: str, settings: Settings, **environment: str) -> None:
        self.kind = kind
        self.port = free_port()
        self._settings = settings
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Start and wait until it answers."""
        settings = self._settings
        environment = {
            **os.environ,
            "PROFILE": "test",
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "SCHEMA_PREFIX": settings.schema_prefix,
            "VALKEY_URL": settings.valkey_url,
            "LOG_LEVEL": "ERROR",
            **self._environment,
        }
        self._process = subprocess.Popen(
            self._command(), cwd=ROOT, env=environment, start_new_session=True, stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                if requests.options(f"{self.url}/api/v1/uploads", timeout=5).status_code == 204:
                    return self
            time.sleep(0.1)
        raise AssertionError(f"{self.kind} did not start")

    def kill(self) -> None:
        """Kill every process of the server as a crash would."""
        self._end(signal.SIGKILL)

    def has_died(self) -> bool:
        """Whether the process that serves is gone."""
        assert self._process is not None
        return self._process.poll() is not None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _command(self) -> list[str]:
        port = str(self.port)
        if self.kind == "granian":
            options = ["--interface", "wsgi", "--host", LOOPBACK, "--port", port, "--blocking-threads", "8"]
            return [str(_PROGRAMS / "granian"), *options, "--no-ws", "--workers", "1", "wsgi:app"]
        if self.kind == "gunicorn":
            options = ["-k", "gthread", "--threads", "8", "-b", f"{LOOPBACK}:{port}", "--log-level", "error"]
            return [str(_PROGRAMS / "gunicorn"), *options, "wsgi:app"]
        return [
            str(_PROGRAMS / "flask"),
            "--app",
            "wsgi",
            "run",
            "--host",
            LOOPBACK,
            "--port",
            port,
            "--with-threads",
        ]


class CuttingProxy:
    """Passes connections on to a server; breaks each one after the next number of bytes from the client, if any is left."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._target = port
        self._cuts = list(cuts)
        self.broken = 0
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nothing more."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with (
            client,
            contextlib.suppress(OSError),
            socket.create_connection((LOOPBACK, self._target)) as server,
        ):
            threading.Thread(target=self._pass_back, args=(server, client), daemon=True).start()
            passed = 0
            while data := client.recv(65536):
                # Small requests pass: it is the body of an upload that the network loses.
                if self._cuts and passed + len(data) > self._cuts[0] >= 2048:
                    server.sendall(data[: self._cuts.pop(0) - passed])
                    self.broken += 1
                    server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)
                passed += len(data)
            server.shutdown(socket.SHUT_WR)
            threading.Event().wait(0.2)

    @staticmethod
    def _pass_back(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
