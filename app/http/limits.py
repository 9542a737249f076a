"""Rate limits, counted in Valkey; while it is away each process counts for itself rather than failing requests."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config import Settings


def _who() -> str:
    """A credential when there is one (phones share addresses), else the address."""
    credential = request.headers.get("Authorization", "")
    return f"token:{credential[-32:]}" if credential else f"address:{get_remote_address()}"


limiter = Limiter(key_func=_who, default_limits=[], in_memory_fallback_enabled=True, headers_enabled=True)


def register_limits(app: Flask, settings: Settings) -> None:
    """Attach the limiter."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.valkey_url.replace("unix://", "redis+unix://")
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    limiter.init_app(app)
