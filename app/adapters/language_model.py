"""A language model behind an OpenAI-compatible address: POST <base>/chat/completions, JSON output asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import requests
import urllib3

from app.core.errors import PermanentError, RateLimited, RetryableError
from app.ports import ChatMessage, Completion, LanguageModel
from config import Settings

CONNECT_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 256 * 1024
MAX_TOKENS = 6000
_CHUNK_BYTES = 16 * 1024
_BUSY_SECONDS = 30.0
_LONGEST_BUSY_SECONDS = 600.0


class ChatLanguageModel:
    """Speaks the part of the chat completions contract that docs/operations.md describes."""

    is_configured = True

    def __init__(self, url: str, key: str, name: str, timeout: float) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._key, self._name, self._timeout = key, name, timeout

    def complete(self, messages: Sequence[ChatMessage]) -> Completion:
        """Ask once. The time limit is for the whole answer, however slowly it comes."""
        deadline = time.monotonic() + self._timeout
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        body: Any = {
            "model": self._name,
            "messages": [asdict(message) for message in messages],
            "response_format": {"type": "json_object"},
            "temperature": 0.2,
            "max_tokens": MAX_TOKENS,
            "stream": False,
        }
        try:
            with requests.post(
                self._url,
                json=body,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, self._timeout), self._timeout),
                stream=True,
                allow_redirects=False,  # the key goes nowhere else
            ) as response:
                _check_status(response)
                raw = _read(response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise RetryableError("language_model_down", type(error).__name__) from error
        return _completion(raw, self._name)


class NoLanguageModel:
    """None is configured: says so instead of pretending."""

    is_configured = False

    def complete(self, messages: Sequence[ChatMessage]) -> Completion:
        """Always PermanentError ``language_model_off``."""
        raise PermanentError("language_model_off")


def build_language_model(settings: Settings) -> LanguageModel:
    """The model the settings ask for."""
    if not settings.language_model_url:
        return NoLanguageModel()
    return ChatLanguageModel(
        settings.language_model_url,
        settings.language_model_key.get_secret_value(),
        settings.language_model_name,
        settings.language_model_timeout_seconds,
    )


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status == 429:
        raise RateLimited("language_model_busy", after_seconds=_wait(response.headers.get("Retry-After")))
    if status >= 500:
        raise RetryableError("language_model_down", str(status))
    if status != 200:
        raise PermanentError("language_model_refused", str(status))


def _wait(retry_after: str | None) -> float:
    """Seconds of Retry-After within reason; a date or nonsense gives the usual wait."""
    whole = (retry_after or "").strip()
    seconds = float(whole) if whole.isascii() and whole.isdigit() else _BUSY_SECONDS
    return min(max(seconds, 1.0), _LONGEST_BUSY_SECONDS)


def _read(response: requests.Response, deadline: float) -> bytes:
    pieces, size = [], 0
    # read1 gives what has come; read would wait for a whole chunk and never look at the clock.
    while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER_BYTES:
            raise PermanentError("language_model_too_long")
        if time.monotonic() > deadline:
            raise RetryableError("language_model_down", "slow")
    return b"".join(pieces)


def _completion(raw: bytes, name: str) -> Completion:
    try:
        answer: Any = json.loads(raw)
        choice = answer["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
        model = answer.get("model")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise RetryableError("language_model_down", "not an answer") from error
    if finish == "length":
        raise PermanentError("language_model_too_long")
    if finish == "content_filter" or not isinstance(text, str):
        raise PermanentError("language_model_refused", str(finish)[:40])
    return Completion(text=text, model=(model if isinstance(model, str) and model else name)[:120])
