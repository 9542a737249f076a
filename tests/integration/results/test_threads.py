"""A candidate says what goes wrong; a person of the company answers and the candidate is told (C7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.core.database import db
from app.messages.models import Message
from app.messages.service import contents_of
from app.positions.visibility import Viewer
from app.threads import service
from app.threads.models import Post
from tenants.tenancy import tenant_scope
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results

CONTEXT = {"question_id": "team", "network": "4g", "device": "iPhone 12"}


def say(finished: Finished, body: str = "摄像头打不开", **more: Any) -> Any:
    return finished.world.client.post(
        "/api/v1/candidate/thread", json={"body": body, **more}, headers=finished.candidate()
    )


def answer(finished: Finished, body: str = "请改用语音回答。", role: str = "recruiter") -> Any:
    path = f"/api/v1/invitations/{finished.invitation_id}/thread"
    return finished.world.client.post(
        path, json={"body": body}, headers=finished.world.colleague(finished.company, role)
    )


def waiting(finished: Finished) -> Any:
    world = finished.world
    headers = world.colleague(finished.company, "interviewer")
    return ok(world.client.get("/api/v1/threads?status=waiting", headers=headers))


def test_a_problem_reaches_the_company_with_its_context_and_the_answer_the_candidate(
    either_results: Results,
) -> None:
    results = either_results
    world, finished = results.world, results.interview(results.position(), status="in_progress")
    own = ok(world.client.get("/api/v1/candidate/thread", headers=finished.candidate()))
    assert (own["status"], own["posts"]) == (None, [])
    ok(say(finished, context=CONTEXT), 201)
    [row] = waiting(finished)["items"]
    assert (row["candidate_name"], row["last_words"]) == ("李明", "摄像头打不开")
    path = f"/api/v1/invitations/{finished.invitation_id}/thread"
    shown = ok(world.client.get(path, headers=world.colleague(world.acme, "lead")))
    assert {k: v for k, v in shown["posts"][0]["context"].items() if v} == CONTEXT
    ok(answer(finished), 201)
    assert waiting(finished)["waiting"] == 0
    own = ok(world.client.get("/api/v1/candidate/thread", headers=finished.candidate()))
    assert [(p["author"], p["author_name"], p["body"]) for p in own["posts"]] == [
        ("candidate", "", "摄像头打不开"),
        ("company", "recruiter 李", "请改用语音回答。"),
    ]
    assert own["posts"][0]["context"] is None
    with world.app.app_context(), tenant_scope(finished.company.id):
        message = db.session.scalars(select(Message).where(Message.kind == "reply")).one()
        assert "请改用语音回答。" in contents_of([message])[message.id]["body"]
        assert all("摄像头".encode() not in post.content for post in db.session.scalars(select(Post)))


def test_whoever_waits_longest_stands_first_and_waits_since_their_first_words(results: Results) -> None:
    position = results.position()
    first, second = results.interview(position), results.interview(position)
    ok(say(first), 201)
    ok(say(second), 201)
    ok(say(first, "还是不行"), 201)
    with results.world.app.app_context(), tenant_scope(results.world.acme.id):
        found = service.longest_waiting(Viewer("0" * 32, "owner"), 10)
        assert [row.invitation_id for row in found] == [first.invitation_id, second.invitation_id]
        assert found[0].last_words == "还是不行"


def test_two_words_at_once_are_both_kept(either_results: Results) -> None:
    finished = either_results.interview(either_results.position())
    headers = finished.candidate()

    def write(number: int) -> int:
        body = {"body": f"第 {number} 条"}
        answer = finished.world.client.post("/api/v1/candidate/thread", json=body, headers=headers)
        return int(answer.status_code)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(write, range(6))) == {201}
    own = ok(finished.world.client.get("/api/v1/candidate/thread", headers=headers))
    assert sorted(post["body"] for post in own["posts"]) == [f"第 {n} 条" for n in range(6)]


def test_what_is_refused(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = results.interview(results.position())
    refused(say(finished, " "), 422, "invalid_input")
    refused(say(finished, context={"password": "x"}), 422, "invalid_input")
    refused(answer(finished, role="interviewer"), 403, "role_not_allowed")
    monkeypatch.setattr(service, "MOST_POSTS", 1)
    ok(say(finished), 201)
    refused(say(finished), 409, "thread_full")
    refused(answer(finished), 409, "thread_full")
    foreign = finished.world.staff(finished.world.globex, "recruiter")
    path = f"/api/v1/invitations/{finished.invitation_id}/thread"
    refused(finished.world.client.get(path, headers=foreign), 404, "invitation_unknown")


def test_nobody_floods_a_company(results: Results) -> None:
    first, second = (results.interview(results.position()) for _ in range(2))
    assert [say(first).status_code for _ in range(21)] == [201] * 20 + [429]
    ok(say(second), 201)


def test_after_an_erasure_nothing_can_be_read(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    ok(say(finished), 201)
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    assert waiting(finished)["items"] == []  # nobody can answer them any more
    [row] = ok(world.client.get("/api/v1/threads", headers=world.staff(world.acme, "owner")))["items"]
    assert (row["candidate_name"], row["last_words"]) == ("", "")
    path = f"/api/v1/invitations/{finished.invitation_id}/thread"
    refused(world.client.get(path, headers=world.staff(world.acme, "owner")), 410, "candidate_erased")
