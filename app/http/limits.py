"""Rate limits, counted in Valkey; while it is away each process counts for itself rather than failing requests."""

from __future__ import annotations

import hashlib

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.http.callers import caller
from config import Settings

limiter = Limiter(
    key_func=get_remote_address, default_limits=[], in_memory_fallback_enabled=True, headers_enabled=True
)


def account_key(company: object, email: object) -> str:
    """What a guesser of passwords varies least: the address together with the account asked for, as a digest.

    Counters lie in Valkey, where nobody's e-mail address belongs.
    """
    account = f"{company}/{email}"[:300].lower()
    digest = hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()
    return f"sign-in:{get_remote_address()}:{digest}"


def person_key() -> str:
    """Counts for each signed-in person, not for the office whose address they share."""
    who = caller()
    return f"person:{who.tenant_id}:{who.subject}"


def register_limits(app: Flask, settings: Settings) -> None:
    """Attach the limiter."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.valkey_url.replace("unix://", "redis+unix://")
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    limiter.init_app(app)
