"""The message push: signature, decryption, every event in every shape, and keys that hold across repeats."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Forbidden
from wechat.events import (
    OtherEvent,
    SubscribeChange,
    SubscribePopup,
    SubscribeSent,
    parse_push,
    verify_signature,
)
from wechat.sandbox.push import Delivery, encrypted, render, signature
from wechat.sandbox.state import App

TOKEN, KEY = "push-token", base64.b64encode(bytes(range(32))).decode()[:43]
CREATED = 1_763_777_777


def app(form: str = "json") -> App:
    return App("wxapp1", "s", token=TOKEN, encoding_aes_key=KEY, callback_format=form)


def sealed(plain: str, *, form: str = "json", of: App | None = None) -> tuple[dict[str, str], bytes]:
    """A push as WeChat would post it: query and body."""
    cipher = encrypted(of or app(), plain)
    stamp, nonce = str(int(time.time())), "n0nce"
    query = {
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signature(TOKEN, stamp, nonce, cipher),
    }
    if form == "json":
        return query, json.dumps({"ToUserName": "gh_1", "Encrypt": cipher}).encode()
    return query, f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>".encode()


def parsed(plain: str, form: str = "json") -> list[Any]:
    return parse_push("wxapp1", TOKEN, KEY, *sealed(plain, form=form))


def rendered(form: str, event: str, items: list[dict[str, str]]) -> str:
    return render(Delivery(app(form), "oPerson", event, items, created_at=CREATED))


POPUP = [
    {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"},
    {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": "2"},
]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("envelope", ["json", "xml"])
@pytest.mark.parametrize("count", [1, 2])
def test_popups_in_every_shape(form: str, envelope: str, count: int) -> None:
    events = parsed(rendered(form, "subscribe_msg_popup_event", POPUP[:count]), envelope)
    assert len(events) == count
    assert all(isinstance(event, SubscribePopup) for event in events)
    assert [(e.template_id, e.accepted, e.scene) for e in events] == [("T1", True, "0"), ("T2", False, "2")][
        :count
    ]
    assert {(e.app_id, e.openid, e.occurred_at) for e in events} == {
        ("wxapp1", "oPerson", datetime.fromtimestamp(CREATED, UTC))
    }
    assert len({e.dedupe_key for e in events}) == count


@pytest.mark.parametrize("form", ["json", "xml"])
def test_changes_and_sent_events(form: str) -> None:
    change = [{"TemplateId": "T1", "SubscribeStatusString": "reject"}]
    (event,) = parsed(rendered(form, "subscribe_msg_change_event", change))
    assert isinstance(event, SubscribeChange)
    assert (event.template_id, event.accepted) == ("T1", False)
    sent = [
        {"TemplateId": "T1", "MsgID": "1864323726461255680", "ErrorCode": "0", "ErrorStatus": "success"},
        {"TemplateId": "T2", "MsgID": "77", "ErrorCode": "43101", "ErrorStatus": "user refuse"},
    ]
    events = parsed(rendered(form, "subscribe_msg_sent_event", sent))
    assert all(isinstance(event, SubscribeSent) for event in events)
    assert [(e.msgid, e.error_code, e.error_status, e.delivered) for e in events] == [
        ("1864323726461255680", 0, "success", True),
        ("77", 43101, "user refuse", False),
    ]


def test_the_published_xml_example_with_cdata_and_numbers() -> None:
    (event,) = parsed(
        "<xml><ToUserName><![CDATA[gh_123456789abc]]></ToUserName>"
        "<FromUserName><![CDATA[o7esq5OI1Uej6Xixw1lA2H7XDVbc]]></FromUserName>"
        "<CreateTime>1620968093</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[subscribe_msg_sent_event]]></Event><SubscribeMsgSentEvent><List>"
        "<TemplateId><![CDATA[VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc]]></TemplateId>"
        "<MsgID>1864323726461255680</MsgID><ErrorCode>0</ErrorCode>"
        "<ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent></xml>",
        "xml",
    )
    assert isinstance(event, SubscribeSent)
    assert (event.openid, event.msgid) == ("o7esq5OI1Uej6Xixw1lA2H7XDVbc", "1864323726461255680")


def test_a_json_list_may_be_one_object_and_numbers_may_be_numbers() -> None:
    plain = json.dumps(
        {
            "FromUserName": "o1",
            "CreateTime": str(CREATED),
            "MsgType": "event",
            "Event": "subscribe_msg_sent_event",
            "List": {
                "TemplateId": "T1",
                "MsgID": 1864323726461255680,
                "ErrorCode": 0,
                "ErrorStatus": "success",
            },
        }
    )
    (event,) = parsed(plain)
    assert isinstance(event, SubscribeSent)
    assert event.msgid == "1864323726461255680"


def test_other_pushes_are_named_and_an_empty_list_gives_nothing() -> None:
    (event,) = parsed('{"FromUserName":"o1","CreateTime":1,"MsgType":"text","Content":"hi","MsgId":9}')
    assert isinstance(event, OtherEvent)
    assert event.name == "text"
    assert parsed('{"FromUserName":"o1","CreateTime":1,"Event":"subscribe_msg_popup_event","List":[]}') == []


def test_a_repeat_has_the_same_keys_and_another_event_has_not() -> None:
    def keys(form: str, created: int, scene: str = "0") -> list[str]:
        items = [{"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": scene}]
        delivery = Delivery(app(form), "oPerson", "subscribe_msg_popup_event", items, created_at=created)
        return [event.dedupe_key for event in parsed(render(delivery))]

    assert keys("json", CREATED) == keys("json", CREATED) == keys("xml", CREATED)
    assert keys("json", CREATED) != keys("json", CREATED + 1)
    assert keys("json", CREATED) != keys("json", CREATED, "1")
    twice = [{"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}] * 2
    first, second = parsed(rendered("json", "subscribe_msg_popup_event", twice))
    assert first.dedupe_key != second.dedupe_key


def test_a_sent_event_is_known_by_its_message_id_alone() -> None:
    item = [{"TemplateId": "T1", "MsgID": "5", "ErrorCode": "0", "ErrorStatus": "success"}]
    keys = {
        parsed(render(Delivery(app(), "oPerson", "subscribe_msg_sent_event", item, created_at=at)))[
            0
        ].dedupe_key
        for at in (1, 2)
    }
    assert len(keys) == 1


# --- What is not WeChat's ---


def test_plain_mode_is_refused() -> None:
    stamp, nonce = "1", "n"
    query = {"timestamp": stamp, "nonce": nonce, "signature": signature(TOKEN, stamp, nonce)}
    body = rendered("json", "subscribe_msg_popup_event", POPUP).encode()
    with pytest.raises(Forbidden) as refused:
        parse_push("wxapp1", TOKEN, KEY, query, body)
    assert refused.value.code == "wechat_signature_invalid"


def test_another_apps_push_is_refused() -> None:
    other = App("wxother", "s", token=TOKEN, encoding_aes_key=KEY)
    with pytest.raises(Forbidden):
        parse_push("wxapp1", TOKEN, KEY, *sealed("{}", of=other))


@pytest.mark.parametrize("member", ["msg_signature", "timestamp", "nonce"])
def test_a_changed_or_missing_signature_part_is_refused(member: str) -> None:
    query, body = sealed(rendered("json", "subscribe_msg_popup_event", POPUP))
    for changed in (query | {member: query[member] + "0"}, {k: v for k, v in query.items() if k != member}):
        with pytest.raises(Forbidden):
            parse_push("wxapp1", TOKEN, KEY, changed, body)


def test_wrong_keys_are_refused() -> None:
    query, body = sealed("{}")
    other = base64.b64encode(bytes(32)).decode()[:43]
    for token, key in ((TOKEN + "x", KEY), (TOKEN, other), (TOKEN, "short"), (TOKEN, "")):
        with pytest.raises(Forbidden):
            parse_push("wxapp1", token, key, query, body)


def test_external_entities_are_not_read() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b"<xml><Encrypt>&f;</Encrypt></xml>"
    )
    with pytest.raises(Forbidden):
        parse_push("wxapp1", TOKEN, KEY, {"msg_signature": "0"}, bomb)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode), st.text(max_size=40))
def test_arbitrary_bodies_are_refused_and_never_crash(body: bytes, given_signature: str) -> None:
    with pytest.raises(Forbidden):
        parse_push("wxapp1", TOKEN, KEY, {"msg_signature": given_signature, "timestamp": "1"}, body)


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
_ITEMS = st.dictionaries(
    st.sampled_from(["TemplateId", "MsgID", "ErrorCode", "SubscribeStatusString", "PopupScene"]), _SCALARS
)
_ODD = st.fixed_dictionaries(
    {"Event": st.sampled_from([f"subscribe_msg_{kind}_event" for kind in ("popup", "change", "sent")])},
    optional={
        "CreateTime": _SCALARS,
        "FromUserName": _SCALARS,
        "List": _SCALARS | _ITEMS | st.lists(_SCALARS | _ITEMS, max_size=3),
        "SubscribeMsgPopupEvent": _SCALARS | st.fixed_dictionaries({"List": _SCALARS}),
    },
)


@given(st.text(max_size=60) | _ODD.map(json.dumps))
def test_a_signed_push_with_odd_contents_is_refused_or_parsed_but_never_crashes(plain: str) -> None:
    try:
        events = parsed(plain)
    except Forbidden:
        return
    assert isinstance(events, list)


def test_the_url_check() -> None:
    verify_signature(TOKEN, "1", "n", signature(TOKEN, "1", "n"))
    with pytest.raises(Forbidden):
        verify_signature(TOKEN, "1", "n", signature("other", "1", "n"))
