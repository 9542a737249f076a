"""Files that a browser shows."""

from __future__ import annotations

from flask import Response


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF shown in place, kept by no cache. ``name`` is plain ASCII without quotes."""
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
