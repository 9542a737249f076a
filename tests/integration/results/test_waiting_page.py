"""The page of what waits: appeals by their clock and candidates' messages, answered in place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core.catalogue import languages, text
from app.users.sessions import GRACE
from tests.factories import ok
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_appeals import REASON, appeal, told
from tests.integration.results.test_decisions import decide
from tests.integration.results.test_pages import cookie, signed_in
from tests.integration.results.test_threads import say


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
    ok(say(finished, context={"network": "4g", "device": "iPhone 12"}), 201)
    client = signed_in(results.world)
    shown = client.get("/hr/waiting").get_data(as_text=True)
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
