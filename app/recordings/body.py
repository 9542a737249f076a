"""A request body read straight from the WSGI server, up to its declared length, the same under every server.

- granian shows a client that vanished as a clean end; gunicorn and werkzeug as an end or an OSError: all mean the end.
- Nobody may read beyond the declared length: under werkzeug that would wait for ever.
- A body must not be left unread: gunicorn's threads would hang on it.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO, Self

_PIECE = 64 * 1024


class RequestBody:
    """The body of one request. ``declared`` is its length in bytes, None when the client does not tell (chunked)."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._stream: BinaryIO = environ["wsgi.input"]
        given = environ.get("CONTENT_LENGTH") or "0"
        known = given.isascii() and given.isdigit() and "HTTP_TRANSFER_ENCODING" not in environ
        self.declared: int | None = int(given) if known else None
        self._left = self.declared or 0

    @classmethod
    def of(cls, content: bytes) -> Self:
        """A body that was already read into memory."""
        return cls({"wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content))})

    def read_exactly(self, size: int) -> bytes:
        """``size`` bytes; fewer only when the body or the client is gone."""
        size = min(size, self._left)
        first = self._read(size)
        if len(first) == size:
            return first
        pieces = [first]
        missing = size - len(first)
        while missing and pieces[-1]:
            pieces.append(self._read(missing))
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def drain(self, limit: int) -> bool:
        """Read and drop what is left if it is at most ``limit`` bytes. False when something stays unread."""
        if self._left > limit:
            return False
        while self._left and self._read(min(_PIECE, self._left)):
            pass
        return True

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size) if size else b""
        except OSError:
            data = b""
        self._left = self._left - len(data) if data else 0
        return data
