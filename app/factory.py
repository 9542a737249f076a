"""The composition root: builds the Flask application and hands adapters to the ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import redis
import structlog
from apiflask import APIFlask
from flask import Response, g, request
from flask_jwt_extended import JWTManager
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

import app.models  # noqa: F401  (every table must be known before the first query)
from app.adapters.language_model import build_language_model
from app.adapters.mails import build_mail_sender
from app.adapters.recordings import build_recording_store
from app.adapters.robots import build_robots
from app.adapters.text_messages import build_text_message_sender
from app.blueprints import BLUEPRINTS
from app.cli import register_commands
from app.core.database import db
from app.core.ids import new_id
from app.core.logs import configure_logs
from app.http.bodies import InMemoryRequest
from app.http.callers import require_guards
from app.http.limits import register_limits
from app.http.openapi import register_openapi
from app.http.overriding import MethodOverride
from app.http.paths import loggable_path
from app.http.problems import register_problems
from app.ports import Ports
from config import Settings, load_settings
from config.settings import PRIMARY_SERVER
from tenants.tenancy import Tenancy
from wechat.client import build_gateway


def create_app(settings: Settings | None = None, *, ports: Ports | None = None) -> APIFlask:
    """The web application. ``ports`` replaces the adapters (tests); everything else comes from the settings."""
    settings = settings or load_settings()
    configure_logs(settings)
    application = APIFlask(
        "app", title="Weimian 微面", version="0.1.0", docs_path=None, spec_path="/openapi.json"
    )
    application.request_class = InMemoryRequest
    application.config.update(_flask_config(settings))
    valkey = connect_valkey(settings.valkey_url)
    application.extensions["settings"] = settings
    application.extensions["valkey"] = valkey
    application.extensions["tenancy"] = tenancy = Tenancy(settings)
    application.extensions["ports"] = ports or build_ports(settings, valkey)
    application.config["SQLALCHEMY_DATABASE_URI"] = tenancy.url(PRIMARY_SERVER, tenancy.control_schema)
    db.init_app(application)
    JWTManager(application)
    register_limits(application, settings)
    register_problems(application)
    register_openapi(application)
    require_guards(application)
    for blueprint in BLUEPRINTS:
        application.register_blueprint(blueprint)
    register_commands(application)
    _register_request_log(application)
    application.wsgi_app = MethodOverride(application.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        application.wsgi_app = ProxyFix(application.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    return application


def connect_valkey(url: str) -> redis.Redis:
    """A client that gives up within a second when Valkey is away: nothing of ours may hang on it."""
    patience = Retry(ExponentialBackoff(cap=0.3, base=0.05), retries=2)
    return redis.Redis.from_url(url, socket_connect_timeout=2.0, retry=patience)


def build_ports(settings: Settings, valkey: redis.Redis) -> Ports:
    """The adapters the settings ask for."""
    return Ports(
        wechat=build_gateway(settings, valkey),
        text_messages=build_text_message_sender(settings),
        mails=build_mail_sender(settings),
        recordings=build_recording_store(settings),
        language_model=build_language_model(settings),
        robots=build_robots(settings),
    )


def _flask_config(settings: Settings) -> Mapping[str, Any]:
    return {
        "DATABASE_POOL_SIZE": settings.database_pool_size,
        "JWT_SECRET_KEY": settings.jwt_secret_key.get_secret_value(),
        "JWT_TOKEN_LOCATION": ["headers", "cookies"],
        "JWT_COOKIE_SECURE": settings.public_base_url.startswith("https"),
        "JWT_COOKIE_SAMESITE": "Strict",
        "JWT_COOKIE_CSRF_PROTECT": True,
        "JWT_REFRESH_COOKIE_PATH": "/hr",
        "JWT_CSRF_CHECK_FORM": True,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "OPEN_ENDPOINTS": {"static", "openapi.spec"},
        "JSON_SORT_KEYS": False,
        "OPENAPI_VERSION": "3.1.0",
    }


def _register_request_log(application: APIFlask) -> None:
    """One structured line per request, with an id that problems and headers carry; nothing in it opens anything."""
    log = structlog.get_logger("http")

    @application.before_request
    def _begin() -> None:
        g.request_id = new_id()

    @application.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        log.info(
            "request",
            method=request.method,
            path=loggable_path(),
            status=response.status_code,
            id=g.get("request_id"),
        )
        return response
