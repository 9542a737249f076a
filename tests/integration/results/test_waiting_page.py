"""The page of what waits: appeals by their clock and candidates' messages, answered in place."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core.catalogue import languages, text
from app.users.sessions import GRACE
from config.settings import ROOT
from tests.factories import ok
from tests.integration.results.conftest import RUBRIC, Finished, Results
from tests.integration.results.test_appeals import REASON, appeal, told
from tests.integration.results.test_decisions import decide
from tests.integration.results.test_pages import cookie, signed_in
from tests.integration.results.test_pictures import picture
from tests.integration.results.test_pictures import send as send_picture
from tests.integration.results.test_threads import say

LOCALES = ROOT / "clients" / "miniprogram" / "src" / "locale"
HR_LOCALES = ROOT / "clients" / "miniprogram" / "src" / "hr" / "locale"


def send(client: FlaskClient, path: str, **fields: str) -> str:
    token = cookie(client, "csrf_access_token")
    answer = client.post(path, data={**fields, "csrf_token": token}, follow_redirects=True)
    return answer.get_data(as_text=True)


def own(finished: Finished, what: str) -> dict[str, Any]:
    return ok(finished.world.client.get(f"/api/v1/candidate/{what}", headers=finished.candidate()))


def test_an_appeal_and_a_message_are_answered_where_they_stand(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    ok(decide(finished, role="lead", outcome="reject"), 201)
    ok(appeal(finished), 201)
    where = {"network": "4g", "device": "iPhone 12", "question_id": "team", "error": "device_busy"}
    ok(say(finished, context=where), 201)
    ok(say(finished, context={"error": "device_busy.title", "network": "2g"}), 201)
    client = signed_in(results.world)
    shown = client.get("/hr/waiting").get_data(as_text=True)
    asked = RUBRIC["questions"][1]["text"]
    for words in ("4G 移动网络", "摄像头或麦克风被占用", "代码 device_busy.title", "网络：2g", f"2. {asked}"):
        assert words in shown
    for words in ("李明", REASON, "摄像头打不开", "iPhone 12", "请在", f"/hr/interviews/{finished.id}"):
        assert words in shown
    left = send(client, f"/hr/invitations/{finished.invitation_id}/thread", body="请改用语音。")
    assert "没有待回复的留言" in left and REASON in left
    assert "请改用语音。" in str(own(finished, "thread")["posts"])
    left = send(
        client,
        f"/hr/interviews/{finished.id}/appeal",
        outcome="revised",
        answer="录音有杂音，请再来一次。",
        decision="advance",
        reason="杂音",
    )
    assert "没有待复核的申请" in left
    assert own(finished, "appeal")["appeal"]["outcome"] == "revised"
    assert "进入下一轮" in told(finished)["body"]


def test_what_a_phone_names_by_a_code_has_the_words_of_the_phone() -> None:
    for language in languages():
        client = json.loads((LOCALES / f"{language}.json").read_text(encoding="utf-8"))["problems"]
        hr = json.loads((HR_LOCALES / language / "help.json").read_text(encoding="utf-8"))
        said = {f"errors.{code}": one["title"] for code, one in client.items() if code.startswith("device_")}
        for kind, start in (("places", "page_"), ("networks", "network_")):
            said |= {f"{kind}.{key.removeprefix(start)}": hr[key] for key in hr if key.startswith(start)}
        for key, words in said.items():
            assert text(language, f"pages.waiting.{key}") == words


def test_a_picture_is_seen_where_the_message_is_answered(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    ok(say(finished, pictures=[ok(send_picture(finished, picture()), 201)["id"]]), 201)
    shown = signed_in(results.world).get("/hr/waiting").get_data(as_text=True)
    (address,) = set(re.findall(r'<img class="sent" src="(/api/v1/pictures/[^"]+)"', shown))
    assert results.world.client.get(address).status_code == 200


def test_the_page_refuses_whom_the_service_refuses(results: Results) -> None:
    """Whoever decided reads who may review instead; one who is alone has the form and is told what that means."""
    world, finished = results.world, results.scored(results.interview(results.position()))
    ok(decide(finished, role="owner", outcome="reject"), 201)
    ok(appeal(finished), 201)
    owner, form = world.staff(world.acme, "owner"), f"/hr/interviews/{finished.id}/appeal"
    path = f"/api/v1/interviews/{finished.id}/appeal"
    client = signed_in(world, "owner")
    shown = client.get("/hr/waiting").get_data(as_text=True)
    told_on_the_phone = ok(world.client.get(path, headers=owner))
    assert form not in shown and not told_on_the_phone["may_answer"]
    assert told_on_the_phone["others"] and all(name in shown for name in told_on_the_phone["others"])
    assert f"/hr/positions/{finished.position_id}/people" in shown
    assert form in signed_in(world).get("/hr/waiting").get_data(as_text=True)
    for person in ok(world.client.get("/api/v1/users", headers=owner))["items"]:
        if person["role"] != "owner":
            gone = world.client.patch(
                f"/api/v1/users/{person['id']}", json={"status": "disabled"}, headers=owner
            )
            ok(gone)
    client = signed_in(world, "owner")
    shown = client.get("/hr/waiting").get_data(as_text=True)
    assert form in shown and text("zh-CN", "pages.waiting.only_you") in shown
    assert ok(world.client.get(path, headers=owner))["may_answer"]


def test_an_overdue_appeal_stands_out(results: Results) -> None:
    ok(appeal(results.interview(results.position())), 201)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        shown = signed_in(results.world).get("/hr/waiting").get_data(as_text=True)
    assert "已超期" in shown and "pill-late" in shown


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/hr/interviews/{0.id}/appeal", {"outcome": "revised", "answer": "x", "decision": "maybe"}),
        ("/hr/interviews/{0.id}/appeal", {"outcome": "confirmed", "answer": " "}),
        ("/hr/invitations/{0.invitation_id}/thread", {"body": ""}),
    ],
)
def test_an_incomplete_form_says_so(results: Results, path: str, fields: dict[str, str]) -> None:
    finished = results.interview(results.position())
    ok(appeal(finished), 201)
    assert "还有内容未填写" in send(signed_in(results.world), path.format(finished), **fields)
    assert own(finished, "appeal")["appeal"]["status"] == "open"


def test_words_written_while_the_session_ran_out_are_not_lost(results: Results) -> None:
    finished = results.interview(results.position())
    ok(appeal(finished), 201)
    client = signed_in(results.world)
    fields = {"outcome": "confirmed", "answer": "我重新看了录像，<依据>清楚。"}
    client.delete_cookie("access_token_cookie")
    with time_machine.travel(datetime.now(UTC) + GRACE + timedelta(minutes=1)):
        path = f"/hr/interviews/{finished.id}/appeal"
        shown = client.post(path, data={**fields, "csrf_token": "old"}).get_data(as_text=True)
        assert "请再次确认" in shown and "维持原结果" in shown
        assert "我重新看了录像，&lt;依据&gt;清楚。" in shown and "<依据>" not in shown
        assert own(finished, "appeal")["appeal"]["status"] == "open"
        send(client, path, **fields)
    assert own(finished, "appeal")["appeal"]["status"] == "answered"


@pytest.mark.parametrize("language", languages())
def test_the_empty_page_reads_in_every_language(results: Results, language: str) -> None:
    answer = signed_in(results.world).get(f"/hr/waiting?lang={language}")
    assert answer.status_code == 200
    shown = answer.get_data(as_text=True)
    assert ("No message waits" in shown) == (language == "en")
