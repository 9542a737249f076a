"""What WeChat's error codes mean to us, as one table.

``VERDICTS`` maps a code to a stable ``reason``, the kind of error it becomes and the ``reaction`` it asks
for. Reactions ``refresh_token``, ``wait_openid`` and ``back_off`` are carried out by the client itself, a
bounded number of times; the others are for the caller, who finds them by reason with ``reaction_for``.

Source: the error tables of the official server API pages and docs/operations.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from app.core.clock import utcnow
from app.core.errors import OutsideError, PermanentError, RateLimited, RetryableError
from wechat.redaction import redact

Kind = Literal["permanent", "retryable", "rate_limited"]
Reaction = Literal[
    "none",
    "fall_back",  # this message cannot go this way: use SMS, e-mail or in-app
    "ledger_zero",  # no consent is left: set the ledger to zero and fall back
    "disable_template",  # stop using the template and alert the tenant
    "alert",  # a person must change configuration or content
    "refresh_token",
    "wait_openid",
    "back_off",
    "pause_until_reset",
    "pause_until_next_minute",
]

# WeChat's daily quotas reset at midnight in China, which has no daylight saving time.
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Verdict:
    """What one error code means: ``kind`` picks the exception, ``reaction`` what should happen next."""

    reason: str
    kind: Kind
    reaction: Reaction = "none"


_CREDENTIALS = Verdict("app_credentials_invalid", "permanent", "alert")
_TOKEN = Verdict("token_refused", "retryable", "refresh_token")
_CODE = Verdict("code_invalid", "permanent")
_PARAMETER = Verdict("parameter_invalid", "permanent", "alert")
_CONTENT = Verdict("content_refused", "permanent", "fall_back")
_NOT_ALLOWED = Verdict("api_not_allowed", "permanent", "alert")
_SCENE = Verdict("scene_invalid", "permanent", "alert")

VERDICTS: dict[int, Verdict] = {
    -1: Verdict("wechat_busy", "retryable", "back_off"),
    40001: _TOKEN,
    40014: _TOKEN,
    42001: _TOKEN,
    40003: Verdict("openid_mismatch", "permanent", "fall_back"),
    40013: _CREDENTIALS,
    40125: _CREDENTIALS,
    40243: _CREDENTIALS,
    40164: Verdict("ip_not_allowed", "permanent", "alert"),
    40029: _CODE,
    40163: _CODE,
    40226: Verdict("user_blocked", "permanent"),
    40037: Verdict("template_unknown", "permanent", "disable_template"),
    40097: _PARAMETER,
    40129: _SCENE,
    40169: _SCENE,
    41001: _TOKEN,
    41030: Verdict("page_unknown", "permanent", "alert"),
    43101: Verdict("no_consent", "permanent", "ledger_zero"),
    43107: Verdict("template_banned", "permanent", "disable_template"),
    43108: Verdict("openid_busy", "retryable", "wait_openid"),
    44002: _PARAMETER,
    45009: Verdict("quota_day", "rate_limited", "pause_until_reset"),
    45011: Verdict("quota_minute", "rate_limited", "pause_until_next_minute"),
    45168: _CONTENT,
    87014: _CONTENT,
    47001: _PARAMETER,
    47003: _PARAMETER,
    48001: _NOT_ALLOWED,
    61003: _NOT_ALLOWED,
    61010: Verdict("visit_too_old", "permanent"),
    61023: _NOT_ALLOWED,
    1400001: Verdict("phone_quota", "permanent", "alert"),
}

# A code that means something else for one operation: the limit on code images is per minute.
_BY_OPERATION: dict[tuple[str, int], Verdict] = {
    ("mini_program_code", 45009): VERDICTS[45011],
}

# A definite refusal we have no row for: never repeated, always shown to a person.
UNKNOWN = Verdict("wechat_refused", "permanent", "alert")


def verdict_for(code: int, operation: str = "") -> Verdict:
    """The verdict on a non-zero error code of an operation; ``UNKNOWN`` when the table has no row."""
    return _BY_OPERATION.get((operation, code)) or VERDICTS.get(code, UNKNOWN)


def reaction_for(reason: str) -> Reaction:
    """What the caller should do about an ``OutsideError`` of this reason; ``none`` for one not from the
    table.
    """
    if reason == UNKNOWN.reason:
        return UNKNOWN.reaction
    return next((v.reaction for v in VERDICTS.values() if v.reason == reason), "none")


def seconds_to_reset(reaction: Reaction, now: datetime) -> float:
    """Seconds from ``now`` (aware) until a quota opens again: next minute, or midnight Asia/Shanghai, plus
    one.
    """
    local = now.astimezone(CHINA)
    if reaction == "pause_until_next_minute":
        opens = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
    else:
        opens = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (opens - local).total_seconds() + 1


def error_from(code: int, message: str, operation: str, *, now: datetime | None = None) -> OutsideError:
    """The exception for an answer with a non-zero error code; its detail is redacted and short."""
    verdict = verdict_for(code, operation)
    detail = f"{code} {redact(message)}"[:200]
    if verdict.kind == "permanent":
        return PermanentError(verdict.reason, detail)
    if verdict.kind == "rate_limited":
        wait = seconds_to_reset(verdict.reaction, now or utcnow())
        return RateLimited(verdict.reason, detail, after_seconds=wait)
    return RetryableError(verdict.reason, detail)
