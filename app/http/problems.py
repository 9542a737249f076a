"""Errors as problem details (RFC 9457), in the caller's language, with a stable ``code`` and a next step."""

from __future__ import annotations

from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, json, request
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from app.core import catalogue
from app.core.errors import DomainError, OutsideError, RetryableError
from app.http.paths import loggable_path

log = structlog.get_logger()
_BY_STATUS = {
    400: "bad_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    429: "too_many_requests",
    503: "unavailable",
}


def language() -> str:
    """The language of this answer: ``?lang=`` first, then Accept-Language, then the default."""
    return catalogue.best_language(request.args.get("lang") or request.accept_languages.best_match(_tags()))


def _tags() -> list[str]:
    """What Accept-Language may match, generous about regions."""
    return [*catalogue.languages(), "zh", "zh-Hans", "en-US", "en-GB"]


def problem(code: str, status: int, *, params: dict[str, Any] | None = None, **extra: Any) -> Response:
    """A problem response. Unknown codes fall back to the words of their status, keeping the code."""
    words = code if catalogue.has(f"errors.{code}.title") else _BY_STATUS.get(status, "internal_error")
    tongue = language()
    body = {
        "type": f"urn:weimian:problem:{code}",
        "title": catalogue.text(tongue, f"errors.{words}.title", **(params or {})),
        "status": status,
        "detail": catalogue.text(tongue, f"errors.{words}.detail", **(params or {})),
        "next": catalogue.text(tongue, f"errors.{words}.next", **(params or {})),
        "code": code,
        "instance": f"urn:weimian:request:{g.get('request_id', '')}",
        **extra,
    }
    response = Response(json.dumps(body), status=status, content_type="application/problem+json")
    response.headers["Content-Language"] = tongue
    return response


def register_problems(app: APIFlask) -> None:
    """Turn every error of the API into a problem."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Response:
        return problem(error.code, error.status, params=error.params)

    @app.errorhandler(OutsideError)
    def _outside(error: OutsideError) -> Response:
        log.warning("outside_error", reason=error.reason, detail=error.detail)
        response = problem(error.reason, 503)
        if isinstance(error, RetryableError):
            response.headers["Retry-After"] = str(max(1, round(error.after_seconds)))
        return response

    @app.errorhandler(OperationalError)
    @app.errorhandler(IntegrityError)
    def _database(error: OperationalError | IntegrityError) -> Response:
        """Two transactions met, or the server is away: nothing was changed, the same request may succeed now."""
        # Of a broken constraint only the number: its words may hold somebody's name.
        words = error.orig.args[:1] if isinstance(error, IntegrityError) and error.orig else error.orig
        log.warning("database_refused", problem=str(words)[:200], path=loggable_path())
        response = problem("try_again", 503)
        response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(RateLimitExceeded)
    def _limited(_error: RateLimitExceeded) -> Response:
        return problem("too_many_requests", 429)

    @app.error_processor
    def _http(error: HTTPError) -> Response:
        if error.status_code == 422:
            return problem("invalid_input", 422, errors=_field_errors(error.detail))
        response = problem(_BY_STATUS.get(error.status_code, "internal_error"), error.status_code)
        for name, value in dict(error.headers or {}).items():
            response.headers.setdefault(name, value)
        return response

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        log.exception("unexpected_error", path=loggable_path())
        return problem("internal_error", 500)


def _field_errors(detail: Any) -> list[dict[str, str]]:
    """[{field, message}] out of APIFlask's nested {location: {field: [messages]}}."""
    found: list[dict[str, str]] = []

    def walk(path: str, node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(f"{path}.{key}" if path else str(key), value)
        else:
            found.extend(
                {"field": path, "message": str(message)}
                for message in (node if isinstance(node, list) else [node])
            )

    walk("", detail or {})
    return found
