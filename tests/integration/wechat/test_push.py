"""Events of the stand-in arrive signed and encrypted at a callback, and our codec reads them."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.core.errors import Forbidden
from app.core.ids import new_token
from app.ports import SubscribeMessage
from tests.integration.wechat.sandbox_client import INVITED, PAGES, REMINDED, Sandbox
from wechat.client import WeChatClientGateway
from wechat.events import (
    Event,
    SubscribeChange,
    SubscribePopup,
    SubscribeSent,
    parse_push,
    verify_signature,
)

TOKEN = new_token()
KEY = base64.b64encode(bytes(range(1, 33))).decode()[:43]


class Callback:
    """An endpoint that parses pushes; the first ``failures`` are answered with 500."""

    def __init__(self) -> None:
        self.app_id = ""
        self.failures = 0
        self.posts = 0
        self.events: list[Event] = []
        self.changed = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.posts += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                query = dict(parse_qsl(urlsplit(self.path).query))
                if outer.failures:
                    outer.failures -= 1
                    self.send_error(500)
                    return
                events = parse_push(outer.app_id, TOKEN, KEY, query, body)
                with outer.changed:
                    outer.events += events
                    outer.changed.notify_all()
                self._answer(b"success")

            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                try:
                    verify_signature(TOKEN, query["timestamp"], query["nonce"], query["signature"])
                except Forbidden:
                    self.send_error(403)
                    return
                self._answer(query["echostr"].encode())

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/wechat/push"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, enough: Callable[[list[Event]], bool]) -> list[Event]:
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self.events), timeout=5), self.events
        return self.events


@pytest.fixture
def callback() -> Iterator[Callback]:
    endpoint = Callback()
    yield endpoint
    endpoint.server.shutdown()
    endpoint.server.server_close()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_consent_send_and_refusal_arrive_as_events(
    sandbox: Sandbox, gateway: WeChatClientGateway, callback: Callback, form: str
) -> None:
    app = sandbox.register_app(
        callback_url=callback.url, token=TOKEN, encoding_aes_key=KEY, callback_format=form
    )
    callback.app_id = app.app_id
    person = sandbox.new_person()
    openid = person.openid(app)
    accepted = {INVITED: "accept", REMINDED: "reject"}
    person.act("subscriptions", app, template_ids=[INVITED, REMINDED], accept=accepted)
    popups = callback.wait(lambda events: len(events) == 2)
    assert all(isinstance(event, SubscribePopup) and event.openid == openid for event in popups)
    assert {(e.template_id, e.accepted) for e in popups} == {(INVITED, True), (REMINDED, False)}

    message = SubscribeMessage(
        app, openid, INVITED, PAGES[0], {"thing1": "销售经理", "time2": "2026年11月22日 20:00"}
    )
    msgid = gateway.send_subscribe_message(message)
    sent = callback.wait(lambda events: len(events) == 3)[2]
    assert isinstance(sent, SubscribeSent)
    assert (sent.msgid, sent.error_code, sent.template_id) == (msgid, 0, INVITED)

    person.act("unsubscribe", app, template_ids=[INVITED])
    change = callback.wait(lambda events: len(events) == 4)[3]
    assert isinstance(change, SubscribeChange)
    assert not change.accepted
    assert len({event.dedupe_key for event in callback.events}) == 4


def test_a_push_that_is_not_answered_comes_three_times(sandbox: Sandbox, callback: Callback) -> None:
    app = sandbox.register_app(callback_url=callback.url, token=TOKEN, encoding_aes_key=KEY)
    callback.app_id = app.app_id
    person = sandbox.new_person()
    callback.failures = 2
    person.consent(app)
    callback.wait(lambda events: len(events) == 1)
    assert callback.posts == 3
    callback.failures, callback.posts = 10, 0
    started = time.monotonic()
    person.consent(app)
    assert time.monotonic() - started < 0.5  # the phone does not wait for our callback
    while [e["outcome"] for e in sandbox.get("events") if e["app_id"] == app.app_id] != [
        "delivered",
        "given_up",
    ]:
        assert time.monotonic() - started < 5
        time.sleep(0.02)
    assert callback.posts == 3
    assert len(callback.events) == 1


def test_the_callback_url_is_verified(sandbox: Sandbox, callback: Callback) -> None:
    good = sandbox.register_app(callback_url=callback.url, token=TOKEN, encoding_aes_key=KEY)
    assert sandbox.post(f"apps/{good.app_id}/verify")["ok"]
    bad = sandbox.register_app(callback_url=callback.url, token="another", encoding_aes_key=KEY)
    assert not sandbox.post(f"apps/{bad.app_id}/verify")["ok"]
