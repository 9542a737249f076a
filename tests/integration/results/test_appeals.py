"""A candidate asks for a human review; a named person, not the one who decided, answers and the candidate is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.appeals import service
from app.audits.models import AuditEntry
from app.core.database import db
from app.messages.models import Message
from app.messages.service import contents_of
from app.positions.visibility import Viewer
from tenants.tenancy import tenant_scope
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_decisions import decide

REASON = "第二题录音有杂音，请人工复核。"


def appeal(finished: Finished, reason: str = REASON) -> Any:
    return finished.world.client.post(
        "/api/v1/candidate/appeal", json={"reason": reason}, headers=finished.candidate()
    )


def answer(finished: Finished, role: str = "owner", **body: Any) -> Any:
    path = f"/api/v1/interviews/{finished.id}/appeal/answer"
    body = {"outcome": "confirmed", "answer": "我听了录音，评分依据清楚。", **body}
    return finished.world.client.post(
        path, json=body, headers=finished.world.colleague(finished.company, role)
    )


def told(finished: Finished, kind: str = "appeal") -> dict[str, Any]:
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        found = select(Message).where(Message.invitation_id == finished.invitation_id, Message.kind == kind)
        return contents_of([db.session.scalars(found).one()]).popitem()[1]


def test_an_appeal_runs_against_a_clock_and_is_answered_by_name(either_results: Results) -> None:
    results = either_results
    world, finished = results.world, results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject"), 201)
    made = ok(appeal(finished), 201)
    assert (made["status"], made["reason"], made["overdue"]) == ("open", REASON, False)
    left = datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["created_at"])
    assert left == timedelta(days=7)
    [listed] = ok(world.client.get("/api/v1/appeals", headers=world.colleague(world.acme, "lead")))["items"]
    assert (listed["candidate_name"], listed["reason"]) == ("李明", REASON)
    answered = ok(answer(finished), 201)
    assert (answered["status"], answered["outcome"]) == ("answered", "confirmed")
    assert answered["answered_by_name"]
    own = ok(world.client.get("/api/v1/candidate/appeal", headers=finished.candidate()))["appeal"]
    assert own == answered
    words = told(finished)
    assert "我听了录音" in words["body"] and answered["answered_by_name"] in words["body"]
    assert "维持原结果" in words["body"] and "未进入下一轮" in words["body"]
    with world.app.app_context(), tenant_scope(finished.company.id):
        actions = set(db.session.scalars(select(AuditEntry.action)))
        assert {"appeal.made", "appeal.answered"} <= actions


def test_a_review_may_change_the_decision_and_keeps_the_first(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject", next_steps="感谢您。"), 201)
    finished.tell_result()
    ok(appeal(finished), 201)
    decision = {"outcome": "advance", "reason": "录音杂音影响评分", "next_steps": "周三复试。"}
    ok(answer(finished, outcome="revised", decision=decision), 201)
    path = f"/api/v1/interviews/{finished.id}/decision"
    now = ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))
    assert (now["outcome"], now["next_steps"]) == ("advance", "周三复试。")
    assert "进入下一轮" in told(finished)["body"]
    own = ok(world.client.get("/api/v1/candidate/report", headers=finished.candidate()))
    assert "周三复试。" in str(own["decision"]) and "录音杂音影响评分" not in str(own)
    with world.app.app_context(), tenant_scope(finished.company.id):
        from app.core.encryption import unseal_json
        from app.decisions.models import Decision
        from tenants.keys import candidate_key

        row = db.session.scalars(select(Decision)).one()
        key = candidate_key(finished.company.id, finished.candidate_id)
        [first] = unseal_json(key, row.content, f"decision:{row.id}:content")["earlier"]
        assert (first["outcome"], first["decided_by"]) == ("reject", "recruiter 李")


def test_a_decision_changed_before_it_was_told_is_told_as_it_stands(either_results: Results) -> None:
    """Decided at night, reviewed at night: in the morning nobody reads an outcome that holds no more."""
    finished = either_results.scored(either_results.interview(either_results.position()))
    ok(appeal(finished), 201)
    ok(decide(finished, outcome="reject", next_steps="感谢您。"), 201)
    decision = {"outcome": "advance", "reason": "录音杂音影响评分", "next_steps": "周三复试。"}
    ok(answer(finished, outcome="revised", decision=decision), 201)
    words = told(finished, "result")
    assert "恭喜您通过" in words["body"] and "周三复试。" in words["body"] and "感谢您。" not in words["body"]
    assert "进入下一轮" in told(finished)["body"]


def test_what_was_told_already_is_not_told_again(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject", next_steps="感谢您。"), 201)
    finished.tell_result()
    before = told(finished, "result")
    ok(appeal(finished), 201)
    decision = {"outcome": "advance", "reason": "录音杂音影响评分", "next_steps": "周三复试。"}
    ok(answer(finished, outcome="revised", decision=decision), 201)
    assert told(finished, "result") == before


def test_whoever_decided_does_not_review_while_there_is_somebody_else(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    ok(decide(finished, role="lead"), 201)
    ok(appeal(finished), 201)
    refused(answer(finished, role="lead"), 403, "appeal_own_decision")
    ok(answer(finished, role="recruiter"), 201)


def test_an_owner_alone_reviews_their_own_decision(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    owner = world.staff(world.acme, "owner")
    for person in ok(world.client.get("/api/v1/users", headers=owner))["items"]:
        if person["role"] != "owner":
            path, gone = f"/api/v1/users/{person['id']}", {"status": "disabled"}
            ok(world.client.patch(path, json=gone, headers=owner))
    ok(decide(finished, role="owner"), 201)
    ok(appeal(finished), 201)
    ok(answer(finished, role="owner"), 201)


def test_an_appeal_not_answered_in_time_is_overdue(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    ok(appeal(finished), 201)
    path, headers = "/api/v1/appeals?status=open", world.staff(world.acme, "recruiter")
    page = ok(world.client.get(path, headers=headers))
    assert (page["open"], page["overdue"]) == (1, 0)
    later, owner = datetime.now(UTC) + timedelta(days=7, minutes=1), Viewer(world.acme.owner_id, "owner")
    with time_machine.travel(later), world.app.app_context(), tenant_scope(finished.company.id):
        assert service.counts(owner) == (1, 1)
        assert service.most_urgent(owner, 5)[0].facts.overdue


def test_what_is_refused(results: Results) -> None:
    running = results.interview(results.position(), status="in_progress")
    refused(appeal(running), 409, "appeal_too_early")
    finished = results.interview(results.position())
    refused(answer(finished), 404, "appeal_unknown")
    refused(appeal(finished, " "), 422, "invalid_input")
    ok(appeal(finished), 201)
    refused(appeal(finished), 409, "appeal_exists")
    refused(answer(finished, role="interviewer"), 403, "role_not_allowed")
    refused(answer(finished, outcome="revised"), 422, "invalid_input")
    decision = {"outcome": "offer", "reason": "x"}
    refused(answer(finished, outcome="revised", decision=decision), 404, "decision_unknown")
    ok(answer(finished), 201)
    refused(answer(finished), 409, "appeal_answered")


def test_the_words_are_sealed_and_go_with_the_person(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    ok(appeal(finished), 201)
    with world.app.app_context(), tenant_scope(finished.company.id):
        from app.appeals.models import Appeal

        assert REASON.encode() not in db.session.scalars(select(Appeal)).one().reason
    written = {"body": "请问何时有结果？"}
    ok(world.client.post("/api/v1/candidate/thread", json=written, headers=finished.candidate()), 201)
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    shown = ok(world.client.get("/api/v1/appeals", headers=world.staff(world.acme, "owner")))
    assert (shown["items"], shown["open"]) == ([], 0)  # nobody can answer it any more
    threads = ok(world.client.get("/api/v1/threads", headers=world.staff(world.acme, "owner")))
    assert ([one["status"] for one in threads["items"]], threads["waiting"]) == (["answered"], 0)


def test_an_answered_appeal_of_an_erased_candidate_says_nothing_of_them(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject"), 201)
    ok(appeal(finished), 201)
    ok(answer(finished), 201)
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    [listed] = ok(world.client.get("/api/v1/appeals", headers=world.staff(world.acme, "owner")))["items"]
    assert (listed["candidate_name"], listed["reason"], listed["outcome"]) == ("", "", "confirmed")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_message_reads_in_the_candidates_language(results: Results, language: str) -> None:
    finished = results.interview(results.position(), language=language)
    ok(appeal(finished), 201)
    ok(answer(finished), 201)
    assert ("reviewed" in told(finished)["body"]) == (language == "en")
    assert "{" not in told(finished)["body"]
