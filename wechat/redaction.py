"""Keeps WeChat's secrets out of logs and error texts.

The token URL carries the app secret and every call's URL an access token; ``urllib3`` logs URLs at debug
level.
"""

from __future__ import annotations

import logging
import re

_NAMES = (
    "access_token|secret|appsecret|js_code|code|session_key|refresh_token|authorizer_refresh_token"
    "|component_appsecret|component_access_token|component_verify_ticket|msg_signature|signature"
)
_IN_URL = re.compile(rf"(?i)\b({_NAMES})=[^&\s\"'<>)]+")
_IN_JSON = re.compile(rf"(?i)([\"'](?:{_NAMES})[\"']\s*:\s*[\"'])[^\"']*")


def redact(text: str) -> str:
    """``text`` with the values of secret URL parameters and JSON members replaced by ``***``."""
    return _IN_JSON.sub(r"\1***", _IN_URL.sub(r"\1=***", text))


class RedactingFilter(logging.Filter):
    """Rewrites a log record's message without secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record."""
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, ()
        return True


def protect_logs() -> None:
    """Put the filter on every logger that sees WeChat URLs; calling it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry", "wechatpy", "wechatpy.client.base"):
        logger = logging.getLogger(name)
        if not any(isinstance(present, RedactingFilter) for present in logger.filters):
            logger.addFilter(RedactingFilter())
