"""SMS through an HTTP gateway: POST {phone, body, reference} with a bearer token -> {message_id}."""

from __future__ import annotations

import requests

from app.core.errors import PermanentError, RateLimited, RetryableError, UncertainError
from app.ports import TextMessageSender
from config import Settings


class HttpTextMessageSender:
    """Speaks the small gateway contract described in docs/operations.md."""

    def __init__(self, url: str, token: str, timeout: tuple[float, float]) -> None:
        self._url, self._token, self._timeout = url, token, timeout

    def send_text(self, phone: str, body: str, *, reference: str) -> str | None:
        """Send once; the gateway may use ``reference`` to refuse a repeat."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        payload = {"phone": phone, "body": body, "reference": reference}
        try:
            response = requests.post(self._url, json=payload, headers=headers, timeout=self._timeout)
        except requests.ConnectTimeout as error:
            raise RetryableError("sms_gateway_down") from error
        except requests.ConnectionError as error:
            if "NewConnectionError" in repr(error):
                raise RetryableError("sms_gateway_down") from error
            raise UncertainError("no_answer") from error
        except requests.Timeout as error:
            raise UncertainError("no_answer") from error
        if response.status_code == 429:
            raise RateLimited("sms_rate_limited", after_seconds=60)
        if response.status_code >= 500:
            raise UncertainError("no_answer", str(response.status_code))
        if response.status_code >= 400:
            raise PermanentError("sms_refused", str(response.status_code))
        try:
            return str(response.json()["message_id"])
        except (ValueError, KeyError, TypeError):
            return None


class NoTextMessageSender:
    """No gateway is configured: says so instead of pretending."""

    def send_text(self, phone: str, body: str, *, reference: str) -> str | None:
        """Always PermanentError ``sms_not_configured``."""
        raise PermanentError("sms_not_configured")


def build_text_message_sender(settings: Settings) -> TextMessageSender:
    """The sender the settings ask for."""
    if not settings.sms_gateway_url:
        return NoTextMessageSender()
    timeout = (settings.wechat_connect_timeout_seconds, settings.wechat_read_timeout_seconds)
    return HttpTextMessageSender(
        settings.sms_gateway_url, settings.sms_gateway_token.get_secret_value(), timeout
    )
