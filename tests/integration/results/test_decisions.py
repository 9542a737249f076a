"""A named person decides, once, with a reason; the candidate is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.candidates.models import Application
from app.core.database import db
from app.decisions.models import Decision
from app.interviews.models import Interview
from app.messages.models import Message
from app.messages.service import contents_of
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results


def decide(finished: Finished, role: str = "recruiter", **body: Any) -> Any:
    world = finished.world
    body = {"outcome": "advance", "reason": "案例具体", **body}
    path = f"/api/v1/interviews/{finished.id}/decision"
    return world.client.post(path, json=body, headers=world.colleague(finished.company, role))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("advance", "advanced"), ("offer", "offered"), ("reject", "rejected"), ("pool", "pooled")],
)
def test_a_decision_moves_the_application_and_tells_the_candidate(
    results: Results, outcome: str, status: str
) -> None:
    finished = results.scored(results.interview(results.position()))
    made = ok(decide(finished, outcome=outcome, next_steps="周五前电话联系您。"), 201)
    assert (made["outcome"], made["decided_by_name"]) == (outcome, "recruiter 李")
    world = results.world
    path = f"/api/v1/interviews/{finished.id}/decision"
    assert ok(world.client.get(path, headers=world.colleague(world.acme, "interviewer"))) == made
    with world.app.app_context(), tenant_scope(finished.company.id):
        interview = db.session.get_one(Interview, finished.id)
        assert interview.status == "decided"
        assert db.session.get_one(Application, interview.application_id).status == status
        found = select(Message).where(Message.invitation_id == finished.invitation_id)
        told = {message.kind: message for message in db.session.scalars(found)}
        assert {"result", "survey"} <= set(told)
        words = contents_of(list(told.values()))[told["result"].id]
        assert "周五前电话联系您" in words["body"]
        assert "案例具体" not in str(words)
        sealed = db.session.scalars(select(Decision)).one()
        assert "案例具体".encode() not in sealed.content
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "decision.recorded")).one()
        assert (entry.actor_kind, entry.actor_id) == ("user", made["decided_by"])


def test_the_report_tells_hr_the_reason_and_the_candidate_the_next_steps(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    ok(decide(finished, outcome="reject", next_steps="感谢您。"), 201)
    finished.tell_result()
    world = results.world
    path = f"/api/v1/interviews/{finished.id}/report"
    hr = ok(world.client.get(path, headers=world.colleague(world.acme, "lead")))
    own = ok(world.client.get("/api/v1/candidate/report", headers=finished.candidate()))
    assert "案例具体" in str(hr["decision"])
    assert "案例具体" not in str(own)
    assert "感谢您。" in str(own["decision"])
    assert "recruiter 李" in str(own["decision"])


def test_nobody_decides_twice(either_results: Results) -> None:
    finished = either_results.scored(either_results.interview(either_results.position()))
    ok(decide(finished), 201)
    refused(decide(finished, "owner", outcome="reject"), 409, "already_decided")


def test_a_person_may_decide_where_the_machine_has_no_score(results: Results) -> None:
    ok(decide(results.interview(results.position())), 201)


def test_an_unfinished_interview_is_not_decided(results: Results) -> None:
    refused(decide(results.interview(results.position(), status="in_progress")), 409, "decision_too_early")


def test_who_may_decide(results: Results) -> None:
    finished = results.interview(results.position())
    refused(decide(finished, "interviewer"), 403, "role_not_allowed")
    ok(decide(finished, "lead"), 201)


def test_a_decision_needs_a_reason_and_a_known_outcome(results: Results) -> None:
    finished = results.interview(results.position())
    refused(decide(finished, reason=" "), 422, "invalid_input")
    refused(decide(finished, outcome="maybe"), 422, "invalid_input")
    refused(decide(finished, decided_by="0" * 32), 422, "invalid_input")


def test_what_is_not_there(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    headers = world.staff(world.acme, "recruiter")
    refused(
        world.client.get(f"/api/v1/interviews/{finished.id}/decision", headers=headers),
        404,
        "decision_unknown",
    )
    refused(
        world.client.get(f"/api/v1/interviews/{'0' * 32}/decision", headers=headers), 404, "interview_unknown"
    )
    foreign = world.staff(world.globex, "recruiter")
    path = f"/api/v1/interviews/{finished.id}/decision"
    body = {"outcome": "offer", "reason": "x"}
    refused(world.client.post(path, json=body, headers=foreign), 404, "interview_unknown")


def test_the_candidate_reads_the_decision_once_it_was_told_and_the_promised_date_until_then(
    results: Results,
) -> None:
    finished = results.scored(results.interview(results.position()))
    world, headers = results.world, finished.candidate()

    def known() -> Any:
        return ok(world.client.get("/api/v1/candidate/result", headers=headers))

    def printed() -> Any:
        return ok(world.client.get("/api/v1/candidate/report", headers=headers))["decision"]

    due_at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    with world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.get_one(Interview, finished.id).result_due_at = due_at
    assert datetime.fromisoformat(known()["due_at"]) == due_at
    made = ok(decide(finished, outcome="reject", next_steps="感谢您。"), 201)
    assert known()["decision"] is None, "the notice has not gone out"
    assert printed() is None
    finished.tell_result()
    told = known()
    assert printed() is not None
    assert told["due_at"] is None
    assert (told["decision"]["outcome"], told["decision"]["next_steps"]) == ("reject", "感谢您。")
    assert told["decision"]["decided_by_name"] == made["decided_by_name"]
    assert "案例具体" not in str(told)
    mine = ok(world.client.get("/api/v1/candidate/invitations", headers=headers))["invitations"]
    assert [one["next_step"] for one in mine if one["id"] == finished.invitation_id] == ["result"]
