"""What needs somebody is an alert: made with its cause, ended with it, seen by each person, told outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from app.alerts.queries import find_alert
from app.alerts.service import interview_scored
from app.core.clock import utcnow
from app.core.database import db
from app.core.work import schedule_work
from app.interviews.finding import get_interview
from app.invitations.models import Invitation
from app.messages.delivery import Parcel, begin_attempt, pack, record_refused
from app.messages.models import Message
from app.messages.service import contents_of
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import World, ok, refused
from tests.integration.answering import Answerer, answerer, rows
from tests.integration.results.conftest import Finished, Results, told
from tests.integration.results.test_appeals import answer, appeal
from tests.integration.results.test_decisions import decide
from tests.integration.test_meetings import meeting
from tests.integration.wechat.sandbox_client import Sandbox
from workers.jobs.alerts import post_alerts


def alerts(world: World, role: str = "recruiter", **query: Any) -> Any:
    path = "/api/v1/alerts"
    return ok(world.client.get(path, query_string=query, headers=world.staff(world.acme, role)))


@contextmanager
def later(world: World, moment: Any) -> Iterator[None]:
    """At another time; everybody signs in again, because sessions end."""
    world._sessions.clear()
    with time_machine.travel(moment):
        yield
    world._sessions.clear()


def kinds(world: World, role: str = "recruiter", **query: Any) -> list[tuple[str, str]]:
    return [(item["kind"], item["level"]) for item in alerts(world, role, **query)["items"]]


def finish(person: Answerer) -> None:
    """Both questions answered in writing, and finished."""
    person.start()
    for question in ("q1", "q2"):
        take_id = ok(person.take(question, "text", "我主动联系了客户，签下了订单。"), 201)["id"]
        person.submit(take_id)
    ok(person.client.post("/api/v1/candidate/interview/finish", headers=person.headers))


def alert_of_finish(results: Results, finished: Finished) -> None:
    """What finishing through the candidate's door does, for an interview that a test built."""
    from app.alerts import service
    from app.decisions.promises import promise_result
    from app.interviews.finding import get_interview

    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        interview = get_interview(finished.id)
        promise_result(interview)
        service.interview_finished(interview)


def text_rubric() -> dict[str, Any]:
    from tests.factories import RUBRIC

    return {**RUBRIC, "questions": [{**q, "media": ["text", "video"]} for q in RUBRIC["questions"]]}


def test_finishing_needs_a_decision_and_the_decision_ends_it(either_world: World) -> None:
    world = either_world
    person = answerer(world, rubric=text_rubric())
    assert kinds(world) == []
    finish(person)
    shown = alerts(world)
    (item,) = shown["items"]
    assert (item["kind"], item["level"], item["seen"]) == ("decision", "normal", False)
    assert item["candidate_name"] and item["position_title"] and item["title"]
    due = utcnow() + timedelta(hours=24)
    assert abs(due.timestamp() - _moment(item["due_at"])) < 60
    assert shown["counts"] == {
        "open": 1,
        "unseen": 1,
        "pressing": 0,
        "overdue": 0,
        "by_kind": {"decision": 1, "thread": 0, "appeal": 0, "invitation": 0, "potential": 0, "opinion": 0},
    }
    path = f"/api/v1/interviews/{item['interview_id']}/decision"
    body = {"outcome": "advance", "reason": "好"}
    ok(world.client.post(path, json=body, headers=world.staff(world.acme, "recruiter")), 201)
    assert kinds(world) == []
    assert kinds(world, state="resolved") == [("decision", "normal")]


def test_each_person_has_seen_what_they_saw_until_it_is_news_again(results: Results) -> None:
    world = results.world
    finished = results.measured(results.interview(results.position()))
    alert_of_finish(results, finished)
    (item,) = alerts(world)["items"]
    path, headers = "/api/v1/alerts/seen", world.staff(world.acme, "recruiter")
    counts = ok(world.client.post(path, json={"ids": [item["id"], "0" * 32]}, headers=headers))
    assert (counts["open"], counts["unseen"]) == (1, 0)
    assert alerts(world, unseen="true")["items"] == []
    assert alerts(world, "owner")["items"][0]["seen"] is False
    assert world.perform("score_interview") == 1  # the report is there: news again
    assert alerts(world)["items"][0]["seen"] is False


def test_a_decision_becomes_urgent_and_then_overdue(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    alert_of_finish(results, finished)
    with later(world, utcnow() + timedelta(hours=20, minutes=5)):
        assert world.perform("watch_alert") == 1
        assert kinds(world) == [("decision", "urgent")]
    with later(world, utcnow() + timedelta(hours=24, minutes=5)):
        assert world.perform("watch_alert") == 1
        shown = alerts(world)
        assert (shown["counts"]["pressing"], shown["counts"]["overdue"]) == (1, 1)
        assert shown["items"][0]["title"] == "结果已超过承诺时间"
        ok(decide(finished), 201)
        assert world.due("watch_alert", "tell_status") == []


def test_a_problem_waits_until_it_is_answered(world: World) -> None:
    person = answerer(world)
    body = {"body": "摄像头打不开"}
    for _ in range(2):
        ok(world.client.post("/api/v1/candidate/thread", json=body, headers=person.headers), 201)
    assert kinds(world) == [("thread", "normal")]  # it has no clock that could run out
    assert kinds(world, "interviewer") == []  # not theirs to answer
    path = f"/api/v1/invitations/{person.invitation_id}/thread"
    ok(world.client.post(path, json={"body": "请重启"}, headers=world.staff(world.acme, "recruiter")), 201)
    assert kinds(world) == []
    ok(world.client.post("/api/v1/candidate/thread", json=body, headers=person.headers), 201)
    assert kinds(world) == [("thread", "normal")]  # it has no clock that could run out


def test_an_appeal_is_news_again_when_a_day_is_left(results: Results) -> None:
    world = results.world
    finished = results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject"), 201)
    ok(appeal(finished), 201)
    assert kinds(world, kind="appeal") == [("appeal", "normal")]
    with later(world, utcnow() + timedelta(days=6, minutes=5)):
        assert world.perform("watch_alert") == 1
        assert kinds(world, kind="appeal") == [("appeal", "urgent")]
        ok(answer(finished), 201)
        assert kinds(world) == []


def test_an_unfinished_invitation_is_told_a_day_before_its_end(world: World) -> None:
    person = answerer(world)
    path = f"/api/v1/invitations/{person.invitation_id}"
    hr = world.staff(world.acme, "recruiter")
    ends = utcnow() + timedelta(days=4)
    ok(world.client.patch(path, json={"window_ends_at": ends.isoformat()}, headers=hr))
    with later(world, utcnow() + timedelta(days=2, hours=23)):
        assert world.due("watch_invitation") == []
    with later(world, utcnow() + timedelta(days=3, minutes=5)):
        assert world.perform("watch_invitation") == 1
        assert kinds(world) == [("invitation", "normal")]
        moved, hr = utcnow() + timedelta(days=4), world.staff(world.acme, "recruiter")
        ok(world.client.patch(path, json={"window_ends_at": moved.isoformat()}, headers=hr))
        assert kinds(world) == []
    with later(world, utcnow() + timedelta(days=8)):
        world.perform("watch_invitation")
        world.perform("close_invitation")
        assert kinds(world) == []


def test_the_invitation_of_somebody_erased_waits_for_nobody(world: World) -> None:
    person = answerer(world)
    (invitation,) = rows(world, world.acme, Invitation, Invitation.id == person.invitation_id)
    path = f"/api/v1/candidates/{invitation.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    with later(world, invitation.window_ends_at - timedelta(minutes=5)):
        assert world.perform("watch_invitation") == 1
        assert kinds(world, state="all") == []


def test_an_end_that_is_near_already_is_told_at_once(world: World) -> None:
    person = answerer(world)
    ends = (utcnow() + timedelta(minutes=55)).isoformat()
    body = {"window_ends_at": ends}
    path, hr = f"/api/v1/invitations/{person.invitation_id}", world.staff(world.acme, "recruiter")
    ok(world.client.patch(path, json=body, headers=hr))
    assert world.perform("watch_invitation") == 1
    assert kinds(world) == [("invitation", "normal")]


def test_a_score_far_above_is_flagged_and_nothing_else_happens(results: Results) -> None:
    world, position_id = results.world, results.position()
    plain = {name: told("我不太清楚，没有做过。") for name in ("difficulty", "team")}
    for _ in range(5):
        results.scored(results.interview(position_id), plain)
    assert kinds(world, kind="potential") == []
    star = results.scored(results.interview(position_id))
    (item,) = alerts(world, kind="potential")["items"]
    assert item["interview_id"] == star.id
    shown = ok(
        world.client.get(f"/api/v1/interviews/{star.id}", headers=world.staff(world.acme, "recruiter"))
    )
    assert shown["status"] == "scored"
    assert kinds(world, "interviewer", kind="potential") == []  # not their position
    world.colleague(world.acme, "interviewer")
    assert kinds(world, "interviewer", kind="potential") == [("potential", "normal")]
    assert kinds(world, "interviewer", kind="thread") == []


def test_an_erased_candidate_needs_nobody(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    alert_of_finish(results, finished)
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    assert kinds(world) == []
    (item,) = alerts(world, state="resolved")["items"]
    assert item["candidate_name"] is None


def test_what_is_due_first_comes_first(either_results: Results) -> None:
    results = either_results
    world, position_id = results.world, results.position()
    appealed, scored = results.scored(results.interview(position_id)), results.interview(position_id)
    ok(decide(appealed, outcome="reject"), 201)
    ok(appeal(appealed), 201)
    person = answerer(world)
    ends = (utcnow() + timedelta(minutes=38)).isoformat()
    hr = world.staff(world.acme, "recruiter")
    ok(
        world.client.patch(
            f"/api/v1/invitations/{person.invitation_id}", json={"window_ends_at": ends}, headers=hr
        )
    )
    world.perform("watch_invitation")
    ok(world.client.post("/api/v1/candidate/thread", json={"body": "你好"}, headers=person.headers), 201)
    alert_of_finish(results, scored)
    order = ["thread", "invitation", "decision", "appeal"]
    assert [kind for kind, _ in kinds(world)] == order
    first = alerts(world, limit=2)
    rest = alerts(world, limit=2, cursor=first["next_cursor"])
    assert [one["kind"] for one in first["items"] + rest["items"]] == order
    with later(world, utcnow() + timedelta(minutes=25)):
        world.perform("watch_alert")
        assert [one for one in kinds(world) if one[1] != "normal"] == [("invitation", "urgent")]
    with later(world, utcnow() + timedelta(minutes=39)):
        assert world.due("watch_alert") == []
        assert world.perform("close_invitation") == 1
        assert "invitation" not in dict(kinds(world))


def test_the_inbox_and_the_due_list_count_the_same(results: Results) -> None:
    world, position_id = results.world, results.position()
    made = [results.scored(results.interview(position_id)) for _ in range(3)]
    for one in made:
        alert_of_finish(results, one)
    ok(decide(made[0]), 201)
    path = f"/api/v1/candidates/{made[1].candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    hr = world.staff(world.acme, "recruiter")
    due = ok(world.client.get("/api/v1/board/due-counts", headers=hr))
    assert sum(due.values()) == alerts(world)["counts"]["by_kind"]["decision"] == 1


def test_lists_go_on_where_they_stopped(results: Results) -> None:
    world, position_id = results.world, results.position()
    for _ in range(5):
        alert_of_finish(results, results.interview(position_id))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = alerts(world, limit=2, **cursor)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen)) == 5
    headers = world.staff(world.acme, "recruiter")
    refused(world.client.get("/api/v1/alerts?cursor=x", headers=headers), 422, "cursor_invalid")


# --- outside ----------------------------------------------------------------------------------------------------------


def set_webhook(world: World, sandbox: Sandbox, key: str, service: str = "wecom", **more: Any) -> Any:
    made = sandbox.post("robots", service=service, key=key)
    body = {"format": service, "url": sandbox.url + made["path"], **more}
    return ok(world.client.put("/api/v1/alert-webhook", json=body, headers=world.staff(world.acme, "owner")))


def test_a_group_is_told_how_many_wait_and_nothing_about_anybody(
    either_results: Results, sandbox: Sandbox
) -> None:
    results = either_results
    world, position_id = results.world, results.position()
    shown = set_webhook(world, sandbox, f"group-{world.acme.id}", secret="")
    assert (shown["configured"], shown["host"], shown["sent_at"]) == (True, "127.0.0.1", None)
    assert "group-" not in str(shown)
    world.perform("post_alerts")
    for name in ("李明", "王芳"):
        finished = results.measured(results.interview(position_id, name=name))
        alert_of_finish(results, finished)
    world.perform("score_interview")
    assert world.perform("post_alerts") == 1
    (said,) = sandbox.get(f"robots/group-{world.acme.id}")
    words = said["markdown"]["content"]
    assert "销售代表：2 场面试等待决定" in words and "/m/#/hr/inbox/index" in words
    assert not any(secret in words for secret in ("李明", "王芳", "分", "8."))
    assert world.due("post_alerts") == []
    alert_of_finish(results, results.interview(position_id))
    assert world.perform("post_alerts") == 1  # gathers for half a minute first
    assert len(sandbox.get(f"robots/group-{world.acme.id}")) == 1
    with later(world, utcnow() + timedelta(seconds=40)):
        assert world.perform("post_alerts") == 1
    assert "1 场" in sandbox.get(f"robots/group-{world.acme.id}")[1]["markdown"]["content"]


def test_an_alert_raised_while_the_group_is_told_is_told_next(
    either_results: Results, sandbox: Sandbox
) -> None:
    results, key = either_results, "meets"
    world = results.world
    set_webhook(world, sandbox, key)
    world.perform("post_alerts")
    finished = results.interview(results.position())
    alert_of_finish(results, finished)
    with world.app.app_context(), tenant_scope(finished.company.id):
        assert find_alert(f"decision:{finished.id}") is not None  # locked, as by whoever raises it again
        with meeting(world, lambda: post_alerts(finished.company.id, "webhook")):
            interview_scored(get_interview(finished.id), None, None)
    with later(world, utcnow() + timedelta(seconds=40)):
        world.perform("post_alerts")
        assert world.due("post_alerts") == []
    assert "1 场" in sandbox.get(f"robots/{key}")[-1]["markdown"]["content"]


def test_a_robot_that_refuses_is_shown_and_what_waits_is_told_later(
    results: Results, sandbox: Sandbox
) -> None:
    world = results.world
    key = f"refuses-{world.acme.id}"
    set_webhook(world, sandbox, key)
    world.perform("post_alerts")
    sandbox.post("faults", operation="robot", fault=40058)
    alert_of_finish(results, results.interview(results.position()))
    world.perform("post_alerts")
    owner = world.staff(world.acme, "owner")
    assert ok(world.client.get("/api/v1/alert-webhook", headers=owner))["reason"] == "robot_refused"
    with world.app.app_context(), tenant_transaction(world.acme.id):
        schedule_work("post_alerts", "webhook")
    world.perform("post_alerts")
    assert len(sandbox.get(f"robots/{key}")) == 1
    assert ok(world.client.get("/api/v1/alert-webhook", headers=owner))["reason"] is None


def test_a_robot_that_is_away_is_tried_again(results: Results, sandbox: Sandbox) -> None:
    world = results.world
    key = f"away-{world.acme.id}"
    set_webhook(world, sandbox, key)
    world.perform("post_alerts")
    sandbox.post("faults", operation="robot", fault="http_500")
    alert_of_finish(results, results.interview(results.position()))
    world.perform("post_alerts")
    assert sandbox.get(f"robots/{key}") == []
    with later(world, utcnow() + timedelta(minutes=1)):
        world.perform("post_alerts")
    assert len(sandbox.get(f"robots/{key}")) == 1


def test_trying_the_webhook_says_what_came_of_it(world: World, sandbox: Sandbox) -> None:
    owner = world.staff(world.acme, "owner")
    trial = "/api/v1/alert-webhook/trial"
    refused(world.client.post(trial, headers=owner), 404, "alert_webhook_unknown")
    set_webhook(world, sandbox, f"trial-{world.acme.id}", "feishu")
    ok(world.client.post(trial, headers=owner))
    assert len(sandbox.get(f"robots/trial-{world.acme.id}")) == 1
    body = {"format": "wecom", "url": f"{sandbox.url}/cgi-bin/webhook/send?key=nobody"}
    ok(world.client.put("/api/v1/alert-webhook", json=body, headers=owner))
    refused(world.client.post(trial, headers=owner), 503, "robot_unknown")
    assert world.client.delete("/api/v1/alert-webhook", headers=owner).status_code == 204
    assert ok(world.client.get("/api/v1/alert-webhook", headers=owner))["configured"] is False


def test_who_may_set_the_webhook_and_which_addresses(world: World) -> None:
    body = {"format": "json", "url": "http://hooks.example.com/x"}
    path = "/api/v1/alert-webhook"
    refused(
        world.client.put(path, json=body, headers=world.staff(world.acme, "recruiter")),
        403,
        "role_not_allowed",
    )
    owner = world.staff(world.acme, "owner")
    for url in ("http://hooks.example.com/x", "https://10.0.0.1/x", "https://printer/x"):
        answer = world.client.put(path, json={**body, "url": url}, headers=owner)
        refused(answer, 422, "robot_address_refused")


# --- N4 ---------------------------------------------------------------------------------------------------------------


def status_messages(world: World, finished: Finished) -> list[Any]:
    path = f"/api/v1/messages?invitation_id={finished.invitation_id}"
    items = ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))["items"]
    return [item for item in items if item["kind"] == "status"]


def test_without_a_decision_the_candidate_is_told_the_date_once(results: Results) -> None:
    world = results.world
    with later(world, "2026-03-02T06:00:00Z"):  # two in the afternoon in Shanghai
        finished = results.scored(results.interview(results.position()))
        alert_of_finish(results, finished)
    with later(world, "2026-03-03T05:50:00Z"):
        assert world.due("tell_status") == []
    with later(world, "2026-03-03T06:05:00Z"):
        assert world.perform("tell_status") == 1
        (message,) = status_messages(world, finished)
        assert "3月4日" in message["body"] and "评阅" in message["body"]
        row = board_row(world, finished)
        assert row["overdue"] and row["told_at"] and row["expected_at"].startswith("2026-03-04T06:0")
        with world.app.app_context(), tenant_transaction(finished.company.id):
            schedule_work("tell_status", finished.id)
        world.perform("tell_status")
        assert len(status_messages(world, finished)) == 1


def test_a_deadline_in_the_night_is_told_the_evening_before(results: Results) -> None:
    world = results.world
    with later(world, "2026-03-01T18:00:00Z"):  # two at night in Shanghai
        finished = results.interview(results.position())
        alert_of_finish(results, finished)
    with later(world, "2026-03-02T13:59:30Z"):  # 21:59
        assert world.perform("tell_status") == 1


def test_a_longer_promise_is_told_as_it_was_given(results: Results) -> None:
    world = results.world
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"answer_within_hours": 72}, headers=owner))
    with later(world, "2026-03-02T06:00:00Z"):
        finished = results.interview(results.position())
        alert_of_finish(results, finished)
    with later(world, "2026-03-03T06:05:00Z"):
        assert world.perform("tell_status") == 1
        assert "3月5日" in status_messages(world, finished)[0]["body"]
        assert board_row(world, finished)["overdue"] is False


def test_a_promised_date_that_was_told_does_not_pass_in_silence(results: Results) -> None:
    world = results.world
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"answer_within_hours": 72}, headers=owner))
    with later(world, "2026-03-02T06:00:00Z"):
        finished = results.interview(results.position())
        alert_of_finish(results, finished)
    for moment in ("2026-03-03T06:05:00Z", "2026-03-05T06:05:00Z", "2026-03-08T06:10:00Z"):
        with later(world, moment):
            world.perform("tell_status")
    with later(world, "2026-03-08T06:20:00Z"):
        bodies = [item["body"] for item in status_messages(world, finished)]
        assert len(bodies) == 2
        assert any("3月5日" in body for body in bodies) and any("3月8日" in body for body in bodies)
        assert board_row(world, finished)["overdue"] is True


def put_off(finished: Finished, until: str, role: str = "recruiter") -> Any:
    return finished.world.client.put(
        f"/api/v1/interviews/{finished.id}/result-date",
        json={"until": until},
        headers=finished.world.staff(finished.company, role),
    )


def test_a_later_date_by_a_person_is_told_and_counts(either_results: Results) -> None:
    results = either_results
    world = results.world
    with later(world, "2026-03-02T06:00:00Z"):
        finished = results.scored(results.interview(results.position()))
        alert_of_finish(results, finished)
    with later(world, "2026-03-03T07:00:00Z"):
        world.perform("watch_alert", "tell_status")
        assert board_row(world, finished)["overdue"] is True
        seen = [item["id"] for item in alerts(world)["items"]]
        ok(
            world.client.post(
                "/api/v1/alerts/seen", json={"ids": seen}, headers=world.staff(world.acme, "lead")
            )
        )
        for _ in range(2):  # the second time nothing happens
            promised = ok(put_off(finished, "2026-03-06T15:00:00+08:00"))
        assert promised["due_at"] == "2026-03-06T07:00:00Z"
        told = [item["body"] for item in status_messages(world, finished) if "3月6日" in item["body"]]
        assert len(told) == 1
        row = board_row(world, finished)
        assert (row["overdue"], row["due_at"], row["expected_at"]) == (
            False,
            promised["due_at"],
            promised["due_at"],
        )
        (alert,) = [item for item in alerts(world)["items"] if item["kind"] == "decision"]
        assert (alert["level"], alert["due_at"]) == ("normal", promised["due_at"])
        refused(put_off(finished, "2026-03-06T06:59:59Z"), 422, "result_date_not_later")
        refused(put_off(finished, "2026-04-03T07:00:00Z"), 422, "result_date_too_far")
        refused(put_off(finished, "2026-03-07T07:00:00Z", "interviewer"), 403, "role_not_allowed")
    with later(world, "2026-03-06T07:05:00Z"):  # nobody decided by then either
        world.perform("watch_alert", "tell_status")
        row = board_row(world, finished)
        assert row["overdue"] and row["expected_at"].startswith("2026-03-07")
        assert any("3月7日" in item["body"] for item in status_messages(world, finished))
        ok(decide(finished), 201)
        refused(put_off(finished, "2026-03-09T07:00:00Z"), 409, "already_decided")


def test_nothing_is_put_off_before_the_end(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    refused(put_off(finished, "2099-01-01T00:00:00Z"), 409, "decision_too_early")


def test_a_decision_in_time_leaves_no_word_of_delay(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    alert_of_finish(results, finished)
    ok(decide(finished), 201)
    with later(world, utcnow() + timedelta(days=2)):
        assert world.due("tell_status") == []


def test_a_word_of_delay_that_was_refused_does_not_follow_the_decision(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    alert_of_finish(results, finished)
    with later(world, utcnow() + timedelta(days=2)):
        world.perform("tell_status")
        with world.app.app_context(), tenant_transaction(finished.company.id):
            (message,) = db.session.scalars(select(Message).where(Message.kind == "status"))
            words = contents_of([message])[message.id]
            call = Parcel(
                finished.company.id, message.id, "status", "sms", "a" * 32, words, "13800138000", None, None
            )
            assert begin_attempt(call)
        ok(decide(finished), 201)
        with world.app.app_context(), tenant_transaction(finished.company.id):
            record_refused(call, "sms_down")
            assert pack(call.message_id) is None
        (shown,) = status_messages(world, finished)
        assert (shown["status"], shown["reason"]["code"]) == ("cancelled", "replaced")


def board_row(world: World, finished: Finished) -> Any:
    path = "/api/v1/board/interviews?state=all"
    items = ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))["items"]
    return next(item for item in items if item["interview_id"] == finished.id)


def _moment(value: str) -> float:
    return datetime.fromisoformat(value).timestamp()


def mails(sandbox: Sandbox, address: str) -> list[Any]:
    return [one for one in sandbox.get("messages", channel="email") if one["address"] == address]


def test_a_digest_comes_daily_at_its_hour_when_something_waits(
    either_results: Results, sandbox: Sandbox
) -> None:
    results = either_results
    world, path = results.world, "/api/v1/me/alert-digest"
    headers = world.staff(world.acme, "recruiter")
    shown = ok(world.client.get(path, headers=headers))
    assert (shown["digest"], shown["possible"], shown["time_zone"]) == ("off", True, "Asia/Shanghai")
    before = len(mails(sandbox, shown["email"]))
    with later(world, "2026-03-02T00:30:00Z"):  # half past eight
        headers = world.staff(world.acme, "recruiter")
        body = {"digest": "daily", "hour": 9, "language": "zh-CN"}
        assert ok(world.client.put(path, json=body, headers=headers))["digest"] == "daily"
        finished = results.interview(results.position(), name="欧阳娜娜")
        alert_of_finish(results, finished)
    with later(world, "2026-03-02T01:00:30Z"):
        assert world.perform("send_digest") == 1
        assert world.perform("send_digest") == 0
        (mail,) = mails(sandbox, shown["email"])[before:]
        assert "1 件事等待处理" in mail["title"]
        assert "销售代表：1 场面试等待决定" in mail["body"] and "/m/#/hr/inbox/index" in mail["body"]
        assert "欧阳娜娜" not in mail["body"]
        ok(decide(finished), 201)
    with later(world, "2026-03-03T01:00:30Z"):
        assert world.perform("send_digest") == 1  # nothing waits: nothing is sent
        assert len(mails(sandbox, shown["email"])) == before + 1
        headers = world.staff(world.acme, "recruiter")
        ok(world.client.put(path, json={"digest": "off"}, headers=headers))
        assert ok(world.client.get(path, headers=headers))["digest"] == "off"
    with later(world, "2026-03-04T01:00:30Z"):
        assert world.due("send_digest") == []


def test_a_digest_that_does_not_go_out_says_why(results: Results, sandbox: Sandbox) -> None:
    world, path = results.world, "/api/v1/me/alert-digest"
    with later(world, "2026-03-02T00:30:00Z"):
        headers = world.staff(world.acme, "owner")
        ok(world.client.put(path, json={"digest": "daily", "hour": 9}, headers=headers))
        alert_of_finish(results, results.interview(results.position()))
    sandbox.post("faults", operation="mail", fault=550)
    with later(world, "2026-03-02T01:00:30Z"):
        world.perform("send_digest")
        shown = ok(world.client.get(path, headers=world.staff(world.acme, "owner")))
        assert shown["reason"] and shown["sent_at"] is None
    with later(world, "2026-03-03T01:00:30Z"):
        world.perform("send_digest")
        assert ok(world.client.get(path, headers=world.staff(world.acme, "owner")))["reason"] is None
