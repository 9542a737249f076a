"""Rate limits, counted in Valkey; while it is away each process counts for itself rather than failing requests."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config import Settings

limiter = Limiter(
    key_func=get_remote_address, default_limits=[], in_memory_fallback_enabled=True, headers_enabled=True
)


def register_limits(app: Flask, settings: Settings) -> None:
    """Attach the limiter."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.valkey_url.replace("unix://", "redis+unix://")
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    limiter.init_app(app)
