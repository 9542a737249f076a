"""The stand-in itself: strictness, the control API, SMS, the page, and a restart that keeps the inbox."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from app.ports import WeChatApp
from tests.integration.wechat.sandbox_client import FIELDS, INVITED, PAGES, REMINDED, Sandbox, Someone


def token(sandbox: Sandbox, app: WeChatApp) -> str:
    body = {"grant_type": "client_credential", "appid": app.app_id, "secret": app.secret}
    return str(
        requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=body, timeout=5).json()["access_token"]
    )


def send(sandbox: Sandbox, access_token: str, openid: str, **members: Any) -> dict[str, Any]:
    body = {
        "touser": openid,
        "template_id": REMINDED,
        "data": {"thing1": {"value": "销售经理"}},
        "page": PAGES[0],
    } | members
    return dict(
        requests.post(
            f"{sandbox.url}/cgi-bin/message/subscribe/send",
            params={"access_token": access_token},
            json=body,
            timeout=5,
        ).json()
    )


def test_it_starts_within_two_seconds() -> None:
    started = time.monotonic()
    with Sandbox() as fresh:
        assert fresh.get("health")["ok"]
        assert time.monotonic() - started < 2


def test_two_sends_to_one_openid_at_once_are_refused_with_43108(sandbox: Sandbox) -> None:
    app, person = sandbox.register_app(), sandbox.new_person()
    person.consent(app, 2, REMINDED)
    openid, access = person.openid(app), token(sandbox, app)
    sandbox.fault("subscribe_send", "slow", app, seconds=0.3)
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(a["errcode"] for a in pool.map(lambda _: send(sandbox, access, openid), range(2)))
    assert codes == [0, 43108]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"touser": "oSomebodyElse"}, 40003),
        ({"template_id": "nope"}, 40037),
        ({"data": "text"}, 47003),
        ({"data": {"thing1": "销售经理"}}, 47003),
        ({"data": {"thing1": {"value": ""}}}, 47003),
        ({"data": {"thing1": {"value": 7}}}, 47003),
        ({"lang": "fr"}, 47003),
        ({"miniprogram_state": "beta"}, 47003),
        ({"page": "pages/none"}, 41030),
        ({"page": f"{PAGES[0]}?a=1"}, 0),
        ({"page": ""}, 0),
    ],
)
def test_a_send_is_checked_in_every_part(sandbox: Sandbox, members: dict[str, Any], code: int) -> None:
    app, person = sandbox.register_app(), sandbox.new_person()
    person.consent(app, 1, REMINDED)
    assert send(sandbox, token(sandbox, app), person.openid(app), **members)["errcode"] == code


def test_a_47003_names_the_field_as_wechat_does(sandbox: Sandbox) -> None:
    app, person = sandbox.register_app(), sandbox.new_person()
    answer = send(sandbox, token(sandbox, app), person.openid(app), data={"thing1": {"value": "字" * 21}})
    assert answer["errmsg"].startswith("argument invalid! data.thing1.value invalid")


def test_a_token_is_for_its_own_app_only(sandbox: Sandbox) -> None:
    one, two, person = sandbox.register_app(), sandbox.register_app(), sandbox.new_person()
    person.consent(one, 1, REMINDED)
    assert send(sandbox, token(sandbox, two), person.openid(one))["errcode"] == 40003


def test_the_popup_answers_as_the_mini_program_sees_it(sandbox: Sandbox) -> None:
    app, person = sandbox.register_app(), sandbox.new_person()
    answer = person.act("subscriptions", app, template_ids=[INVITED, REMINDED], accept={INVITED: "accept"})
    assert answer == {"errMsg": "requestSubscribeMessage:ok", INVITED: "accept", REMINDED: "reject"}
    assert (person.consents_left(app), person.consents_left(app, REMINDED)) == (1, 0)
    for template_ids, code in (([], 10001), (["x"], 20001), ([INVITED] * 6, 20003)):
        body = {"app_id": app.app_id, "template_ids": template_ids, "accept": True}
        refused = requests.post(
            f"{sandbox.url}/sandbox/people/{person.id}/subscriptions", json=body, timeout=5
        )
        assert (refused.status_code, refused.json()["errCode"]) == (400, code)
    person.act("unsubscribe", app, template_ids=[INVITED])
    assert person.consents_left(app) == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("apps", {"app_id": "wx"}),
        ("apps", {"app_id": "wx", "secret": "s", "colour": "red"}),
        ("apps", {"app_id": "wx", "secret": "s", "callback_url": "http://127.0.0.1:1/"}),
        (
            "apps",
            {"app_id": "wx", "secret": "s", "templates": [{"template_id": "T", "fields": {"thin1": "x"}}]},
        ),
        ("people", {"name": "x"}),
        ("faults", {"operation": "dance", "fault": -1}),
        ("faults", {"operation": "token", "fault": "explode"}),
        ("sms", {"phone": "+861"}),
    ],
)
def test_the_control_api_refuses_what_it_does_not_understand(
    sandbox: Sandbox, path: str, body: dict[str, Any]
) -> None:
    answer = requests.post(f"{sandbox.url}/sandbox/{path}", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_sms_arrive_in_the_inbox_of_the_phones_owner(sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    sent = sandbox.post("sms", phone=person.phone, body="面试邀请 http://127.0.0.1/i/x", reference="m1")
    (message,) = person.inbox()
    assert (message["channel"], message["message_id"], message["reference"]) == (
        "sms",
        sent["message_id"],
        "m1",
    )
    sandbox.post("sms", phone="+8613000000009", body="hi", reference="m2")
    named = Someone(sandbox, sandbox.post("people", name="王芳", phone="+8613000000009"))
    assert [m["body"] for m in named.inbox()] == ["hi"]
    assert [m["body"] for m in sandbox.get("messages", phone="+8613000000009")] == ["hi"]


@pytest.mark.parametrize(("fault", "status", "arrived"), [(429, 429, 0), ("http_500", 500, 0), (-1, 503, 0)])
def test_sms_faults(sandbox: Sandbox, fault: int | str, status: int, arrived: int) -> None:
    person = sandbox.new_person()
    sandbox.post("faults", operation="sms", fault=fault)
    body = {"phone": person.phone, "body": "x", "reference": "r"}
    answer = requests.post(f"{sandbox.url}/sandbox/sms", json=body, timeout=5)
    assert answer.status_code == status
    assert len(person.inbox()) == arrived


def test_an_sms_lost_after_accept_did_arrive(sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    sandbox.post("faults", operation="sms", fault="close_after_accept")
    body = {"phone": person.phone, "body": "x", "reference": "r"}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{sandbox.url}/sandbox/sms", json=body, timeout=5)
    assert len(person.inbox()) == 1


def test_the_sms_gateway_may_ask_for_a_token() -> None:
    with Sandbox("--sms-token", "right") as guarded:
        body = {"phone": "+8613000000001", "body": "x", "reference": "r"}
        for header, status in (({}, 401), ({"Authorization": "Bearer right"}, 200)):
            answer = requests.post(f"{guarded.url}/sandbox/sms", json=body, headers=header, timeout=5)
            assert answer.status_code == status


def test_a_restart_keeps_people_consents_and_inboxes_but_no_tokens(tmp_path: Path) -> None:
    journal = tmp_path / "state" / "sandbox.jsonl"
    with Sandbox("--state", str(journal)) as first:
        app, person = first.register_app(name="微面"), first.new_person()
        person.consent(app, 2, REMINDED)
        access, openid = token(first, app), person.openid(app)
        assert send(first, access, openid)["errcode"] == 0
        inbox = person.inbox()
    with journal.open("a") as torn:
        torn.write('{"kind": "mess')  # killed while writing
    with Sandbox("--state", str(journal)) as second:
        again = Someone(second, next(p for p in second.get("people") if p["id"] == person.id))
        assert again.inbox() == inbox
        assert again.openid(app) == openid
        assert again.consents_left(app, REMINDED) == 1
        assert send(second, access, openid)["errcode"] == 40001
        assert send(second, token(second, app), openid)["errcode"] == 0
    with Sandbox("--state", str(journal)) as third:
        survivor = Someone(third, third.get("people")[0])
        assert len(survivor.inbox()) == 2
        assert survivor.consents_left(app, REMINDED) == 0
        third.post("reset")
        assert third.get("people") == []
    with Sandbox("--state", str(journal)) as fourth:
        assert fourth.get("people") == []


@pytest.mark.parametrize(
    ("query", "header", "words"),
    [
        ("", "zh-CN,zh;q=0.9", "微信沙箱"),
        ("", "en-GB,en;q=0.9", "WeChat sandbox"),
        ("?lang=en", "zh-CN", "WeChat sandbox"),
        ("", "fr", "微信沙箱"),
    ],
)
def test_the_page_speaks_the_readers_language(sandbox: Sandbox, query: str, header: str, words: str) -> None:
    page = requests.get(f"{sandbox.url}/{query}", headers={"Accept-Language": header}, timeout=5)
    assert page.status_code == 200
    assert words in page.text
    assert "http://" not in page.text  # nothing from elsewhere
    assert "https://" not in page.text
    for asset in ("inboxes.css", "inboxes.js"):
        assert requests.get(f"{sandbox.url}/assets/{asset}", timeout=5).status_code == 200


def test_the_pages_news_come_only_when_there_are_any(sandbox: Sandbox) -> None:
    app = sandbox.register_app(page_url_prefix="http://127.0.0.1:8000/m/", name="微面")
    person = sandbox.new_person()
    person.consent(app, 1, REMINDED)
    send(sandbox, token(sandbox, app), person.openid(app))
    news = sandbox.get("inboxes")
    shown = next(p for p in news["people"] if p["id"] == person.id)["messages"][0]
    assert shown["page_url"] == f"http://127.0.0.1:8000/m/{PAGES[0]}"
    assert shown["fields"] == [{"key": "thing1", "label": FIELDS[REMINDED]["thing1"], "value": "销售经理"}]
    assert sandbox.get("inboxes", changes=str(news["changes"]))["people"] is None
