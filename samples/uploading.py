"""A tus client on real sockets that sends as our mini-program does, and says when each offset was acknowledged."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

SEALED_BYTES = 256 * 1024
LARGEST_BYTES = 16 * SEALED_BYTES
_QUICK_SECONDS, _SLOW_SECONDS = 1.5, 8.0
_PIECE_BYTES = 16 * 1024


@dataclass(frozen=True)
class Place:
    """A tus server: where uploads are created, and whose they are."""

    host: str
    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One upload as it went: seconds in all, and (seconds since the beginning, offset) of every acknowledgement."""

    seconds: float
    acknowledged: list[tuple[float, int]]

    def stall(self, bytes_per_second: float) -> float:
        """The longest pause between two acknowledged offsets beyond what their bytes take at this rate, in seconds."""
        return max(
            now - before - (offset - reached) / bytes_per_second
            for (before, reached), (now, offset) in zip(
                self.acknowledged, self.acknowledged[1:], strict=False
            )
        )


class UploadRefused(Exception):
    """The server answered something else than tus promises."""


def next_size(size: int, seconds: float) -> int:
    """The next request's size, as ``clients/miniprogram/src/core/chunks.ts`` decides."""
    if seconds < _QUICK_SECONDS:
        return min(LARGEST_BYTES, size * 2)
    return max(SEALED_BYTES, size // 2) if seconds > _SLOW_SECONDS else size


def send(place: Place, content: memoryview, bytes_per_second: float | None = None) -> Sent:
    """Create an upload, ask where it stands, send all of it; ``bytes_per_second`` holds it to a rate.

    Raises UploadRefused, OSError, http.client.HTTPException.
    """
    with contextlib.closing(_Line(place)) as line:
        began = time.perf_counter()
        encoded = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in place.metadata.items())
        created = {"Upload-Length": str(len(content)), "Upload-Metadata": encoded, "Content-Length": "0"}
        path = line.ask("POST", place.path, created)["Location"]
        offset, size = int(line.ask("HEAD", path, {})["Upload-Offset"]), SEALED_BYTES
        acknowledged = [(time.perf_counter() - began, offset)]
        while offset < len(content):
            body = content[offset : offset + size]
            headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            headers["Content-Length"] = str(len(body))
            before = time.perf_counter()
            offset = int(line.ask("PATCH", path, headers, _paced(body, bytes_per_second))["Upload-Offset"])
            now = time.perf_counter()
            size = next_size(size, now - before)
            acknowledged.append((now - began, offset))
        return Sent(time.perf_counter() - began, acknowledged)


class _Line:
    """One connection that stays open, as a browser's and WeChat's do."""

    def __init__(self, place: Place) -> None:
        self._headers = {"Tus-Resumable": "1.0.0", **place.headers}
        self._connection = http.client.HTTPConnection(place.host, place.port, timeout=120)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: memoryview | Iterator[memoryview] | None = None,
    ) -> http.client.HTTPMessage:
        """The headers of the answer."""
        self._connection.request(method, path, body=body, headers={**self._headers, **headers})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise UploadRefused(f"{method} {path}: {response.status} {answer[:200]!r}")
        return response.headers

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _paced(body: memoryview, bytes_per_second: float | None) -> memoryview | Iterator[memoryview]:
    """The body at once, or in pieces no faster than the rate."""
    return body if bytes_per_second is None else _pieces(body, bytes_per_second)


def _pieces(body: memoryview, bytes_per_second: float) -> Iterator[memoryview]:
    began = time.perf_counter()
    for at in range(0, len(body), _PIECE_BYTES):
        yield body[at : at + _PIECE_BYTES]
        due = began + min(at + _PIECE_BYTES, len(body)) / bytes_per_second
        time.sleep(max(0.0, due - time.perf_counter()))
