"""The one tree of errors.

A ``DomainError`` is something a user or caller can meet: a stable ``code``, an HTTP status, and parameters for the
words in ``app/core/catalogue/<language>/errors.json`` (``title``, ``detail``, ``next``). Adapters translate what the
outside says into the three ``OutsideError`` kinds, which tell a job whether trying again can help.
"""

from __future__ import annotations

from typing import Any


class WeimianError(Exception):
    """Root of every error we raise on purpose."""


class DomainError(WeimianError):
    """A refusal with a stable code. ``params`` fill the words; they must hold no secret."""

    status = 400
    code = "bad_request"

    def __init__(self, code: str | None = None, *, status: int | None = None, **params: Any) -> None:
        self.code = code or self.code
        self.status = status or self.status
        self.params = params
        super().__init__(self.code)


class InvalidInput(DomainError):
    """The request is well-formed but its content is not acceptable (422)."""

    status, code = 422, "invalid_input"


class NotAuthenticated(DomainError):
    """No credential, or one that is not accepted (401)."""

    status, code = 401, "not_authenticated"


class Forbidden(DomainError):
    """A known caller who may not do this (403)."""

    status, code = 403, "forbidden"


class NotFound(DomainError):
    """Nothing of that id is visible to this caller (404)."""

    status, code = 404, "not_found"


class Conflict(DomainError):
    """The state of the thing does not allow it now (409)."""

    status, code = 409, "conflict"


class Gone(DomainError):
    """It existed and is over: expired, cancelled, erased (410)."""

    status, code = 410, "gone"


class TooManyRequests(DomainError):
    """A limit was reached (429)."""

    status, code = 429, "too_many_requests"


class Unavailable(DomainError):
    """Something we depend on is away; the same request may succeed later (503)."""

    status, code = 503, "unavailable"


class TenantNotSelected(WeimianError):
    """Tenant data was touched with no tenant bound: a programming error that must fail closed."""


class TenantMixed(WeimianError):
    """A statement or session met a second tenant: a programming error that must fail closed."""


class OutsideError(WeimianError):
    """What an adapter raises about a system outside. ``reason`` is a stable snake_case word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class RetryableError(OutsideError):
    """Certainly not done; trying again later may succeed. ``after_seconds`` is the least wait."""

    def __init__(self, reason: str, detail: str = "", *, after_seconds: float = 5.0) -> None:
        super().__init__(reason, detail)
        self.after_seconds = after_seconds


class RateLimited(RetryableError):
    """Certainly not done: a quota is used up until ``after_seconds`` from now."""


class PermanentError(OutsideError):
    """Certainly not done, and the same call will never succeed."""


class UncertainError(OutsideError):
    """The call left us and no answer came: it may have been done. Never repeated blindly."""
