"""WeChat's events reach us signed and encrypted, are kept once, and change consents and messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import time_machine
from werkzeug.serving import make_server

from app.core.ids import new_id
from app.ports import WeChatApp, WeChatIdentity
from tenants.wechat.apps import register_app
from tenants.wechat.ledger import remaining_consents
from tenants.wechat.routes import find_call
from tests.factories import TEMPLATES, World, ok
from tests.integration.conftest import register_on_sandbox
from tests.integration.messages.conftest import Invited
from tests.integration.wechat.sandbox_client import Sandbox, Someone
from wechat.sandbox.push import Delivery, _post
from wechat.sandbox.state import App

PUSH = {"token": "push-token-1", "encoding_aes_key": "c2FuZGJveC1wdXNoLWtleS1vZi0zMi1ieXRlcyEhISE"}
HOURLY, DAILY = TEMPLATES["reminder_hour"][0], TEMPLATES["reminder_day"][0]


@pytest.fixture
def callback_url(either_world: World) -> Iterator[str]:
    """The application on a real socket, where the sandbox can reach it."""
    server = make_server("127.0.0.1", 0, either_world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/wechat/callbacks"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["json", "xml"])
def app(
    request: pytest.FixtureRequest, either_world: World, sandbox: Sandbox, callback_url: str
) -> Iterator[WeChatApp]:
    """acme's own mini-program with message push: its events count the consents."""
    app = WeChatApp(f"wx{new_id()[-16:]}", "secret-of-the-app")
    push = {"push_token": PUSH["token"], "push_aes_key": PUSH["encoding_aes_key"]}
    either_world.register_app(app, tenant_id=either_world.acme.id, **push)
    register_on_sandbox(
        sandbox, app, callback_url=f"{callback_url}/{app.app_id}", callback_format=request.param, **PUSH
    )
    yield app
    with either_world.app.app_context():  # MariaDB's companies are shared: acme uses the platform's app again
        register_app(app.app_id, app.secret, "gone", tenant_id="0" * 32)


@pytest.fixture
def pushed(either_world: World, sandbox: Sandbox, app: WeChatApp) -> Invited:
    """A candidate bound through that mini-program."""
    person = sandbox.new_person()
    company = either_world.acme
    candidate, position = (
        either_world.add_candidate(company, person.phone),
        either_world.add_position(company),
    )
    invitation = either_world.invite(company, candidate, position, hours=20)
    either_world.perform("deliver_message")
    return Invited(either_world, sandbox, person, invitation, either_world.accept(invitation, person, app))


def await_events(sandbox: Sandbox, app: WeChatApp, count: int) -> list[dict[str, Any]]:
    """The app's events once so many of them were delivered or given up."""
    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while datetime.now(UTC) < deadline:
        events = [e for e in sandbox.get("events") if e["app_id"] == app.app_id and e["outcome"] != "pending"]
        if len(events) >= count:
            return events
        threading.Event().wait(0.05)
    raise AssertionError(sandbox.get("events"))


def consents(world: World, person: Someone, app: WeChatApp) -> dict[str, int]:
    with world.app.app_context():
        return remaining_consents(WeChatIdentity(app.app_id, person.openid(app)))


def test_wechat_may_check_the_address(sandbox: Sandbox, app: WeChatApp, callback_url: str) -> None:
    assert sandbox.post(f"apps/{app.app_id}/verify")["ok"] is True
    forged = {"echostr": "x", "timestamp": "1", "nonce": "2", "signature": "0" * 40}
    for path in (app.app_id, "wxunknown"):
        answer = requests.get(f"{callback_url}/{path}", params=forged, timeout=5)
        assert answer.status_code == 403 and answer.json()["code"] == "wechat_signature_invalid"


def test_a_forged_push_changes_nothing(pushed: Invited, app: WeChatApp, callback_url: str) -> None:
    url = f"{callback_url}/{app.app_id}"
    query = {"timestamp": "1", "nonce": "2", "signature": "0" * 40, "msg_signature": "0" * 40}
    for body in (b'{"Encrypt": "AAAA"}', b"<xml><Encrypt>AAAA</Encrypt></xml>", b"", b"{", b"\xff" * 300_000):
        assert requests.post(url, params=query, data=body, timeout=5).status_code == 403
    assert pushed.world.due("handle_push") == []


def test_each_acceptance_is_counted_once(pushed: Invited, app: WeChatApp) -> None:
    world, person, sandbox = pushed.world, pushed.person, pushed.sandbox
    answer = person.act("subscriptions", app, template_ids=[HOURLY, DAILY], accept={HOURLY: "accept"})
    [event] = await_events(sandbox, app, 1)
    assert event["last_answer"] == "200 success"
    # What the mini-program reports about the same tap is acknowledged and not counted again.
    body = {"results": {HOURLY: answer[HOURLY], DAILY: answer[DAILY]}, "request_id": "tap"}
    ok(world.client.put("/api/v1/candidate/subscriptions", json=body, headers=pushed.me))
    assert world.perform("handle_push") == 2  # one accepted, one refused
    assert consents(world, person, app) == {HOURLY: 1}
    person.act("unsubscribe", app, template_ids=[HOURLY])
    await_events(sandbox, app, 2)
    world.perform("handle_push")
    assert consents(world, person, app) == {HOURLY: 0}


def test_a_repeated_push_is_kept_once(pushed: Invited, app: WeChatApp, callback_url: str) -> None:
    """WeChat repeats what it thinks was not answered; the very same bytes come twice."""
    described = App(
        app.app_id, app.secret, callback_url=f"{callback_url}/{app.app_id}", callback_format="json", **PUSH
    )
    openid = pushed.person.openid(app)
    item = {"TemplateId": HOURLY, "SubscribeStatusString": "accept", "PopupScene": "0"}
    delivery = Delivery(described, openid, "subscribe_msg_popup_event", [item])
    with requests.Session() as session:
        assert [_post(session, delivery) for _ in range(3)] == ["200 success"] * 3
        other = Delivery(described, openid, "user_enter_tempsession", [])
        other.event = "subscribe_msg_popup_event"
        assert _post(session, other) == "200 success"  # an empty list is nothing
    assert pushed.world.perform("handle_push") == 1
    assert consents(pushed.world, pushed.person, app) == {HOURLY: 1}


def test_the_sent_event_says_delivered(pushed: Invited, app: WeChatApp) -> None:
    accept_one(pushed, app)
    with time_machine.travel(hour_before(pushed)):
        pushed.world.perform("deliver_message")
    await_events(pushed.sandbox, app, 2)
    message = pushed.messages("reminder_hour")[-1]
    assert message["status"] == "sent"
    act_on_events(pushed)
    message = pushed.messages("reminder_hour")[-1]
    assert message["status"] == "delivered" and message["delivered_at"]


@pytest.mark.parametrize("fault", ["close_after_accept", "close_connection"])
def test_the_sent_event_ends_the_doubt(pushed: Invited, app: WeChatApp, fault: str) -> None:
    accept_one(pushed, app)
    pushed.sandbox.fault("subscribe_send", fault, app)
    with time_machine.travel(hour_before(pushed)):
        pushed.world.perform("deliver_message")
    message = pushed.messages("reminder_hour")[-1]
    assert message["status"] == "uncertain"
    if fault == "close_connection":  # it never arrived: no event, and no second call
        assert pushed.received("wechat") == []
        act_on_events(pushed)
        assert pushed.messages("reminder_hour")[-1]["status"] == "uncertain"
        return
    await_events(pushed.sandbox, app, 2)
    act_on_events(pushed)
    message = pushed.messages("reminder_hour")[-1]
    assert (message["status"], message["reason"]) == ("delivered", None)
    assert message["attempts"][-1]["outcome"] == "sent"
    assert len(pushed.received("wechat")) == 1
    with time_machine.travel(hour_before(pushed) + timedelta(minutes=11)):
        assert message["id"] not in {entity for _, _, entity in pushed.world.due("settle_message")}


def test_an_accepted_message_that_wechat_did_not_deliver_goes_by_sms(
    pushed: Invited, app: WeChatApp, callback_url: str
) -> None:
    accept_one(pushed, app)
    pushed.sandbox.fault("subscribe_send", "close_connection", app)
    with time_machine.travel(hour_before(pushed)):
        pushed.world.perform("deliver_message")
    message = pushed.messages("reminder_hour")[-1]
    with pushed.world.app.app_context():
        assert find_call(message["attempts"][0]["id"]) is not None
    described = App(app.app_id, app.secret, callback_url=f"{callback_url}/{app.app_id}", **PUSH)
    item = {"TemplateId": HOURLY, "MsgID": "77", "ErrorCode": "43101", "ErrorStatus": "user refuse"}
    with requests.Session() as session:
        delivery = Delivery(described, pushed.person.openid(app), "subscribe_msg_sent_event", [item])
        assert _post(session, delivery) == "200 success"
    pushed.world.perform("handle_push")
    with time_machine.travel(hour_before(pushed) + timedelta(minutes=1)):
        pushed.world.perform("deliver_message")
    first, second = pushed.messages("reminder_hour")[-2:]
    assert (first["status"], first["reason"]["code"]) == ("fallen_back", "delivery_refused")
    assert (second["status"], second["channel"]) == ("sent", "sms")


def accept_one(pushed: Invited, app: WeChatApp) -> None:
    pushed.person.act("subscriptions", app, template_ids=[HOURLY], accept=True)
    await_events(pushed.sandbox, app, 1)
    pushed.world.perform("handle_push")


def act_on_events(pushed: Invited) -> None:
    """The server shares our clock: what came in while it was an hour before the end is due then."""
    with time_machine.travel(hour_before(pushed) + timedelta(minutes=1)):
        pushed.world.perform("handle_push")


def hour_before(pushed: Invited) -> datetime:
    ends = datetime.fromisoformat(pushed.invitation["window_ends_at"])
    return ends - timedelta(hours=1) + timedelta(seconds=1)
