"""Questions to neighbours, asked past any proxy of the machine: is it there, and what does it lack?"""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import RedisError

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_NEIGHBOUR_SECONDS = 15.0


class StackFailed(Exception):
    """It did not come up; the message says which process and shows the end of its log."""


def reach_valkey(url: str, asked_to_stop: threading.Event) -> None:
    """Wait a moment for a Valkey that is not ours to start. Raises StackFailed."""
    deadline = time.monotonic() + _NEIGHBOUR_SECONDS
    while True:
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
                client.ping()
            return
        except (RedisError, ValueError) as error:
            if isinstance(error, ValueError) or time.monotonic() > deadline or asked_to_stop.is_set():
                raise StackFailed(f"the Valkey of VALKEY_URL: {error}") from error
            time.sleep(0.5)


def missing(url: str) -> list[str]:
    """What the platform at ``url`` lacks, by its own account: ``web`` when it gives none."""
    found = _health(url)
    if "processes" not in found:
        return ["web"]
    roles = [role for role, count in found["processes"].items() if not count]
    return [name for name in ("database", "valkey") if not found.get(name)] + roles


def take_port(host: str, wanted: int) -> int:
    """``wanted``, or a free one for 0. Raises StackFailed when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError as error:
            raise StackFailed(f"port {wanted} on {host}: {error.strerror}; choose another one") from error
        return int(probe.getsockname()[1])


def pings(path: Path) -> bool:
    """Whether a Valkey answers on this socket."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers(url: str) -> bool:
    """Whether this address answers with 200."""
    try:
        with _DIRECT.open(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException, ValueError):
        return False


def _health(url: str) -> dict[str, Any]:
    """The body of the health route, which comes with 200 and with 503; empty when there is none."""
    try:
        try:
            answer = _DIRECT.open(f"{url}/api/v1/health", timeout=3)
        except urllib.error.HTTPError as unwell:
            answer = unwell
        with answer:
            found = json.load(answer)
    except (OSError, HTTPException, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
