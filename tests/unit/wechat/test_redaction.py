"""Secrets do not reach logs."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat.redaction import protect_logs, redact

VALUE = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=6, max_size=60
).map(lambda value: "Q7z" + value)
NAME = st.sampled_from(["access_token", "secret", "js_code", "appsecret", "session_key", "code", "SECRET"])


@given(NAME, VALUE)
def test_a_secret_parameter_is_starred_wherever_it_stands(name: str, value: str) -> None:
    for text in (
        f"GET /cgi-bin/token?appid=wx1&{name}={value} HTTP/1.1",
        f"Max retries exceeded with url: /x?{name}={value}&a=b (Caused by X)",
        f'{{"{name}": "{value}", "b": 1}}',
        f"{{'{name}':'{value}'}}",
    ):
        clean = redact(text)
        assert value not in clean
        assert "***" in clean


def test_what_is_no_secret_stays() -> None:
    assert redact("errcode=43101 template_id=abc barcode=12") == "errcode=43101 template_id=abc barcode=12"


def test_url_loggers_are_protected_once(caplog: pytest.LogCaptureFixture) -> None:
    protect_logs()
    before = len(logging.getLogger("urllib3.connectionpool").filters)
    protect_logs()
    assert len(logging.getLogger("urllib3.connectionpool").filters) == before
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3.connectionpool").debug('"%s %s"', "GET", "/token?secret=hush-hush-hush")
    assert "secret=***" in caplog.text
    assert "hush" not in caplog.text
