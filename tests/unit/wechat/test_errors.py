"""The table of WeChat's error codes: every row, and the times at which quotas open."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalogue import languages, text
from app.core.errors import OutsideError, PermanentError, RateLimited, RetryableError
from wechat.errors import (
    UNKNOWN,
    VERDICTS,
    error_from,
    reaction_for,
    seconds_to_reset,
    verdict_for,
)

# code, reason, exception, reaction: what the facts say, written out again on purpose.
EXPECTED: list[tuple[int, str, type[OutsideError], str]] = [
    (-1, "wechat_busy", RetryableError, "back_off"),
    (40001, "token_refused", RetryableError, "refresh_token"),
    (40014, "token_refused", RetryableError, "refresh_token"),
    (42001, "token_refused", RetryableError, "refresh_token"),
    (40003, "openid_mismatch", PermanentError, "fall_back"),
    (40029, "code_invalid", PermanentError, "none"),
    (40163, "code_invalid", PermanentError, "none"),
    (40226, "user_blocked", PermanentError, "none"),
    (40037, "template_unknown", PermanentError, "disable_template"),
    (40125, "app_credentials_invalid", PermanentError, "alert"),
    (40164, "ip_not_allowed", PermanentError, "alert"),
    (41030, "page_unknown", PermanentError, "alert"),
    (43101, "no_consent", PermanentError, "ledger_zero"),
    (43107, "template_banned", PermanentError, "disable_template"),
    (43108, "openid_busy", RetryableError, "wait_openid"),
    (45009, "quota_day", RateLimited, "pause_until_reset"),
    (45011, "quota_minute", RateLimited, "pause_until_next_minute"),
    (45168, "content_refused", PermanentError, "fall_back"),
    (47003, "parameter_invalid", PermanentError, "alert"),
    (1400001, "phone_quota", PermanentError, "alert"),
]


@pytest.mark.parametrize(("code", "reason", "kind", "reaction"), EXPECTED)
def test_a_code_becomes_its_reason_kind_and_reaction(
    code: int, reason: str, kind: type[OutsideError], reaction: str
) -> None:
    error = error_from(code, "words", "subscribe_send")
    assert (type(error), error.reason) == (kind, reason)
    assert verdict_for(code).reaction == reaction
    assert reaction_for(reason) == reaction


@given(st.integers(min_value=1, max_value=10**7).filter(lambda code: code not in VERDICTS))
def test_a_code_without_a_row_is_never_repeated_and_is_shown_to_a_person(code: int) -> None:
    error = error_from(code, "?", "subscribe_send")
    assert isinstance(error, PermanentError)
    assert error.reason == UNKNOWN.reason
    assert str(code) in error.detail
    assert reaction_for(error.reason) == "alert"


def test_the_limit_on_code_images_is_per_minute() -> None:
    assert error_from(45009, "", "mini_program_code").reason == "quota_minute"
    assert error_from(45009, "", "subscribe_send").reason == "quota_day"


@pytest.mark.parametrize(
    ("now", "to_midnight", "to_minute"),
    [
        (datetime(2026, 11, 22, 15, 59, 30, tzinfo=UTC), 31, 31),
        (datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), 86401, 61),
        (datetime(2026, 11, 22, 1, 0, 1, tzinfo=UTC), 15 * 3600, 60),
    ],
)
def test_quotas_open_at_midnight_in_china_and_at_the_next_minute(
    now: datetime, to_midnight: float, to_minute: float
) -> None:
    assert seconds_to_reset("pause_until_reset", now) == to_midnight
    assert seconds_to_reset("pause_until_next_minute", now) == to_minute
    daily = error_from(45009, "", "subscribe_send", now=now)
    assert isinstance(daily, RateLimited)
    assert daily.after_seconds == to_midnight


def test_the_detail_is_short_and_holds_no_secret() -> None:
    error = error_from(40001, "bad access_token=80_abcdef secret=topsecret " + "x" * 500, "token")
    assert "80_abcdef" not in str(error)
    assert "topsecret" not in str(error)
    assert len(error.detail) <= 200


def test_every_reason_has_words_in_every_language() -> None:
    sources = [p.read_text("utf-8") for p in Path("wechat").glob("*.py")]
    raised = {
        reason
        for source in sources
        for reason in re.findall(
            r"(?:PermanentError|RetryableError|RateLimited|UncertainError)\(\s*\"(\w+)\"", source
        )
    }
    reasons = raised | {verdict.reason for verdict in VERDICTS.values()} | {UNKNOWN.reason}
    assert {"no_answer", "wechat_down", "token_refresh_limited"} <= raised
    for language in languages():
        known = json.loads(Path(f"app/core/catalogue/{language}/wechat.json").read_text("utf-8"))["reasons"]
        assert reasons <= set(known) | {"token_busy", "openid_busy"}
        for reason in known:
            assert text(language, f"wechat.reasons.{reason}.title")
            assert text(language, f"wechat.reasons.{reason}.next")
