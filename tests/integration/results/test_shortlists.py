"""A position's own rule marks who is worth an early look, with the reason; it never rejects (H4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.shortlists.models import BackgroundCheck
from tenants.tenancy import tenant_scope
from tests.factories import World, ok, refused
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_decisions import decide

REASONS = {
    "zh-CN": "{total} 分，达到 {points} 分；背景核查已通过",
    "en": "{total} points, from {points} on; background check passed",
}


def set_rule(world: World, position_id: str, points: float, *, checked: bool, role: str = "recruiter") -> Any:
    body = {"min_score": points, "needs_background_check": checked}
    return world.client.put(
        f"/api/v1/positions/{position_id}/shortlist-rule", json=body, headers=world.staff(world.acme, role)
    )


def check(finished: Finished, status: str, role: str = "recruiter") -> Any:
    world = finished.world
    return world.client.put(
        f"/api/v1/interviews/{finished.id}/background-check",
        json={"status": status},
        headers=world.staff(finished.company, role),
    )


def on_board(finished: Finished, language: str = "zh-CN", **query: Any) -> dict[str, Any] | None:
    world = finished.world
    headers = {**world.staff(finished.company, "recruiter"), "Accept-Language": language}
    query = {"state": "all", "position_id": finished.position_id, **query}
    page = ok(world.client.get("/api/v1/board/interviews", query_string=query, headers=headers))
    return next((item for item in page["items"] if item["interview_id"] == finished.id), None)


def in_inbox(finished: Finished) -> list[str | None]:
    world = finished.world
    page = ok(world.client.get("/api/v1/alerts", headers=world.staff(finished.company, "owner")))
    return [item["shortlisted"] for item in page["items"] if item["interview_id"] == finished.id]


def counted(finished: Finished) -> int:
    world = finished.world
    page = ok(world.client.get("/api/v1/board", headers=world.staff(finished.company, "recruiter")))
    return next(item["shortlisted"] for item in page["items"] if item["id"] == finished.position_id)


def test_a_score_and_a_passed_check_shortlist_with_the_reason(either_results: Results) -> None:
    results = either_results
    world = results.world
    finished = results.scored(results.interview(results.position()))
    row = on_board(finished)
    assert row is not None and row["shortlisted"] is None and "shortlisted" not in row["flags"]
    points = float(row["total"])
    rule = ok(set_rule(world, finished.position_id, points, checked=True))
    assert (rule["min_score"], rule["words"]) == (row["total"], f"{row['total']} 分及以上，且背景核查通过")
    assert rule["set_by_name"]

    for status in ("pending", "not_passed"):
        assert ok(check(finished, status))["shortlisted"] is None
        row = on_board(finished)
        assert (
            row is not None and "shortlisted" not in row["flags"] and row["status"] == "scored"
        )  # nothing was rejected
        assert on_board(finished, shortlisted=True) is None and counted(finished) == 0
    passed = ok(check(finished, "passed"))
    assert passed["status"] == "passed" and passed["recorded_by_name"] and passed["recorded_at"]
    for language, words in REASONS.items():
        row = on_board(finished, language, shortlisted=True)
        assert row is not None
        assert row["shortlisted"] == words.format(total=row["total"], points=row["total"])
        assert "shortlisted" in row["flags"]
    assert counted(finished) == 1
    assert set(in_inbox(finished)) == {passed["shortlisted"]}

    above = ok(set_rule(world, finished.position_id, points + 0.01, checked=False))
    assert above["needs_background_check"] is False
    assert on_board(finished, shortlisted=True) is None, "a rule that changed is seen at once"
    ok(set_rule(world, finished.position_id, 0, checked=False))
    ok(decide(finished), 201)
    row = on_board(finished)
    assert row is not None and row["shortlisted"] is None, "nobody has to look any more"


def test_a_rule_is_the_recruiters_and_can_be_taken_back(results: Results) -> None:
    world, position_id = results.world, results.position()
    path = f"/api/v1/positions/{position_id}/shortlist-rule"
    owner = world.staff(world.acme, "owner")
    assert ok(world.client.get(path, headers=owner))["min_score"] is None
    for points in (-0.01, 10.01):
        refused(set_rule(world, position_id, points, checked=False), 422, "invalid_input")
    refused(set_rule(world, position_id, 8, checked=False, role="lead"), 403, "role_not_allowed")
    finished = results.scored(results.interview(position_id))
    ok(set_rule(world, position_id, 0, checked=False))
    assert on_board(finished, shortlisted=True) is not None
    for _ in range(2):
        assert world.client.delete(path, headers=owner).status_code == 204
    assert on_board(finished, shortlisted=True) is None
    unknown = world.client.get("/api/v1/positions/unknown/shortlist-rule", headers=owner)
    refused(unknown, 404, "position_unknown")
    with world.app.app_context(), tenant_scope(world.acme.id):
        actions = list(db.session.scalars(select(AuditEntry.action)))
    assert [one for one in actions if one.startswith("shortlist")] == [
        "shortlist_rule.set",
        "shortlist_rule.removed",
    ]


def test_what_was_not_scored_is_on_no_shortlist(results: Results) -> None:
    finished = results.interview(results.position())
    ok(set_rule(results.world, finished.position_id, 0, checked=False))
    row = on_board(finished)
    assert row is not None and (row["scored"], row["shortlisted"]) == (False, None)


def test_a_check_goes_with_its_person_and_is_in_their_copy(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    ok(check(finished, "not_passed"))
    copy = ok(world.client.get("/api/v1/candidate/data", headers=finished.candidate()))
    [kept] = copy["background_checks"]
    assert (kept["status"], bool(kept["position"]), bool(kept["at"])) == ("not_passed", True, True)
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(finished.company, "owner")))
    with world.app.app_context(), tenant_scope(finished.company.id):
        assert db.session.scalars(select(BackgroundCheck)).all() == []
    refused(check(finished, "passed"), 410, "candidate_erased")
