"""The candidate's client in a browser: the built files under /m/, and what it has to know about this installation."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response, jsonify, request, send_from_directory
from flask_limiter.util import get_remote_address

from app.clients.files import BUILD, is_built
from app.core.context import settings
from app.http.callers import allow
from app.http.limits import limiter
from app.pages.rendering import dress, render_problem

_A_YEAR = 365 * 24 * 3600
_PROBE_BYTES = 256 * 1024
blueprint = APIBlueprint("clients", __name__, url_prefix="/m", enable_openapi=False)


@blueprint.get("/")
@allow("public")
def client() -> Response:
    """The client's page. It names its scripts by their content, so it is asked for again each time."""
    if not is_built():
        return dress(render_problem("client_not_built", 503))
    response = _file("index.html")
    response.headers["Content-Security-Policy"] = _policy()
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=()"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/assets/<path:name>")
@allow("public")
def asset(name: str) -> Response:
    """A script, style or picture. Its name changes with its content: a browser keeps it for good."""
    response = _file(f"assets/{name}")
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response


@blueprint.get("/config.json")
@allow("public")
def config() -> Response:
    """Where the stand-in for WeChat is, outside production, and whether the sample models serve.

    It changes with an installation only: a browser begins with what it knows and asks again meanwhile.
    """
    response = jsonify(sandbox=_sandbox(), sample=settings().sample_models_active)
    response.headers["Cache-Control"] = "max-age=60, stale-while-revalidate=86400"
    return response


@blueprint.get("/probe")
@allow("public")
@limiter.limit("240/minute", key_func=get_remote_address)  # phones of one network share an address
def probe() -> Response:
    """Bytes that cannot be compressed, by which the device check measures the network."""
    noise = os.urandom(_PROBE_BYTES // 2).hex()
    response = Response(noise, content_type="text/plain; charset=us-ascii")
    response.headers["Cache-Control"] = "no-store"
    return response


def _file(name: str) -> Response:
    """A file of the build; its smaller copy where the browser takes one."""
    smaller = BUILD / f"{name}.gz"
    zipped = request.accept_encodings.quality("gzip") > 0 and _is_built(smaller)
    response = send_from_directory(BUILD, f"{name}.gz" if zipped else name, mimetype=_type_of(name))
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _is_built(path: Path) -> bool:
    """Whether the build has this file; not when its name is one that no file can have."""
    try:
        return path.resolve().is_relative_to(BUILD.resolve()) and path.is_file()
    except (OSError, ValueError):
        return False


def _type_of(name: str) -> str | None:
    """By the name without ``.gz``; None leaves it to Flask."""
    known = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    return known.get(Path(name).suffix)


def _sandbox() -> str | None:
    """The stand-in's address; never in production, where its code is not even loaded."""
    url = urlsplit(settings().wechat_api_base_url)
    if settings().profile == "production" or url.hostname not in {"127.0.0.1", "localhost"}:
        return None
    return f"{url.scheme}://{url.netloc}"


def _policy() -> str:
    """Nothing from elsewhere. uni-app writes styles as it runs; recordings are played from memory (``blob:``)."""
    sandbox = _sandbox()
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"media-src 'self' blob: mediastream:; font-src 'self' data:; connect-src 'self'{f' {sandbox}' if sandbox else ''}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
