"""The contract of the port LanguageModel, kept by the adapter against a strict stand-in and by the one that is off."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.language_model import ChatLanguageModel, NoLanguageModel, build_language_model
from app.core.errors import OutsideError, PermanentError, RateLimited, RetryableError
from app.ports import ChatMessage, LanguageModel
from config.settings import load_settings
from tests.integration.drafts import stand_in
from tests.integration.drafts.stand_in import KEY, MODEL, StandIn, serving

MESSAGES = [ChatMessage("system", "Answer with JSON."), ChatMessage("user", "{}")]
TIMEOUT = 1.0


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def model(server: StandIn) -> LanguageModel:
    server.script, server.requests, server.refusals = [], [], []
    return ChatLanguageModel(server.url, KEY, MODEL, TIMEOUT)


def refusal(model: LanguageModel) -> OutsideError:
    with pytest.raises(OutsideError) as raised:
        model.complete(MESSAGES)
    return raised.value


def test_a_good_answer_is_its_text_and_the_models_name(model: LanguageModel, server: StandIn) -> None:
    server.script = [stand_in.says({"a": 1})]
    completion = model.complete(MESSAGES)
    assert (completion.text, completion.model) == ('{"a": 1}', f"{MODEL}-2026")
    assert server.refusals == []


ANSWERS: dict[str, tuple[Callable[..., None], type[OutsideError], str]] = {
    "429": (stand_in.status(429, Retry_After="7"), RateLimited, "language_model_busy"),
    "429 without a time": (stand_in.status(429), RateLimited, "language_model_busy"),
    "429 with nonsense": (stand_in.status(429, Retry_After="nan"), RateLimited, "language_model_busy"),
    "500": (stand_in.status(500), RetryableError, "language_model_down"),
    "503": (stand_in.status(503), RetryableError, "language_model_down"),
    "400": (stand_in.status(400), PermanentError, "language_model_refused"),
    "404": (stand_in.status(404), PermanentError, "language_model_refused"),
    "redirect": (
        stand_in.status(307, Location="http://127.0.0.1:9/"),
        PermanentError,
        "language_model_refused",
    ),
    "no JSON": (stand_in.raw(b"<html>"), RetryableError, "language_model_down"),
    "no choices": (stand_in.raw(b'{"choices": []}'), RetryableError, "language_model_down"),
    "another shape": (stand_in.raw(b'{"choices": {"0": 1}}'), RetryableError, "language_model_down"),
    "a list": (stand_in.raw(b"[]"), RetryableError, "language_model_down"),
    "not UTF-8": (stand_in.raw(b"\xff\xfe\x00"), RetryableError, "language_model_down"),
    "no text": (stand_in.says(None), PermanentError, "language_model_refused"),
    "filtered": (stand_in.says("{}", "content_filter"), PermanentError, "language_model_refused"),
    "cut off": (stand_in.says('{"a', "length"), PermanentError, "language_model_too_long"),
    "endless": (stand_in.endless, PermanentError, "language_model_too_long"),
    "slow": (stand_in.slow(2.0), RetryableError, "language_model_down"),
    "dripping": (stand_in.dripping(0.05), RetryableError, "language_model_down"),
    "hang-up": (stand_in.hang_up, RetryableError, "language_model_down"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_bad_answer_is_a_named_refusal_in_time(
    name: str, model: LanguageModel, server: StandIn
) -> None:
    answer, kind, reason = ANSWERS[name]
    server.script = [answer]
    began = time.monotonic()
    error = refusal(model)
    assert (type(error), error.reason) == (kind, reason)
    assert time.monotonic() - began < TIMEOUT + 5.0  # dripping would take fifty seconds
    assert KEY not in str(error)


def test_the_wait_that_is_asked_for_is_passed_on(model: LanguageModel, server: StandIn) -> None:
    server.script = [stand_in.status(429, Retry_After="7")]
    error = refusal(model)
    assert isinstance(error, RateLimited) and error.after_seconds == 7
    server.script = [stand_in.status(429, Retry_After="999999")]
    error = refusal(model)
    assert isinstance(error, RateLimited) and error.after_seconds == 600


def test_a_wrong_key_is_refused_for_good(server: StandIn) -> None:
    assert refusal(ChatLanguageModel(server.url, "wrong", MODEL, TIMEOUT)).reason == "language_model_refused"


def test_nobody_there_is_down() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        model = ChatLanguageModel(f"http://127.0.0.1:{unused.getsockname()[1]}/v1", KEY, MODEL, TIMEOUT)
        assert refusal(model).reason == "language_model_down"


def test_none_is_configured_by_default_and_says_so(tmp_path: Path) -> None:
    model = build_language_model(load_settings(profile="test", data_dir=tmp_path))
    assert isinstance(model, NoLanguageModel) and not model.is_configured
    assert refusal(model).reason == "language_model_off"


def test_the_settings_choose_the_model(tmp_path: Path, server: StandIn) -> None:
    asked: dict[str, Any] = {
        "language_model_url": server.url + "/",
        "language_model_key": KEY,
        "language_model_name": MODEL,
    }
    model = build_language_model(load_settings(profile="test", data_dir=tmp_path, **asked))
    server.script = [stand_in.says("{}")]
    assert model.is_configured and model.complete(MESSAGES).text == "{}"


@pytest.mark.parametrize(
    "broken",
    [
        {"model": "other"},
        {"stream": True},
        {"messages": []},
        {"response_format": None},
        {"max_tokens": 0},
        {"extra": 1},
    ],
)
def test_the_stand_in_refuses_what_breaks_the_contract(
    broken: dict[str, Any], model: LanguageModel, server: StandIn
) -> None:
    """It would be no witness otherwise."""
    import requests

    server.script = [stand_in.says("{}")]
    model.complete(MESSAGES)
    body = {**server.requests[0], **broken}
    answer = requests.post(
        f"{server.url}/chat/completions", json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=5
    )
    assert answer.status_code == 400
