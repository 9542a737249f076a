"""Bodies of requests are never on the disk: what people send is sealed before it lies anywhere."""

from __future__ import annotations

import io
from typing import IO

from flask import Request


class InMemoryRequest(Request):
    """A request whose forms keep their files in memory, as long as the route takes (``max_content_length``) and no longer.

    Recordings come by ``app.recordings.body`` and are sealed piece by piece.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Werkzeug's own would be an unlinked file in /tmp from 500 kB on."""
        return io.BytesIO()
