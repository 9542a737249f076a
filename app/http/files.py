"""Files that a browser shows or saves."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF shown in place, kept by no cache. ``name`` is plain ASCII without quotes."""
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def download_response(content: bytes, name: str, content_type: str) -> Response:
    """A file somebody gave us, to be saved and never shown on our pages, kept by no cache. ``name`` may be any text."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
