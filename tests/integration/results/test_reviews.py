"""People review an interview by its rubric; in a blind company one writes before one reads (H3)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.reviews.models import Comment, Review
from tenants.tenancy import tenant_scope
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_decisions import decide


def review(finished: Finished, role: str = "interviewer", recommendation: str = "yes", **body: Any) -> Any:
    world = finished.world
    body = {"recommendation": recommendation, "summary": "例子具体", **body}
    path = f"/api/v1/interviews/{finished.id}/review"
    return world.client.put(path, json=body, headers=world.colleague(finished.company, role))


def seen(finished: Finished, role: str, what: str = "reviews") -> Any:
    world = finished.world
    headers = world.colleague(finished.company, role)
    return ok(world.client.get(f"/api/v1/interviews/{finished.id}/{what}", headers=headers))


def comment(finished: Finished, role: str, **body: Any) -> Any:
    world = finished.world
    path = f"/api/v1/interviews/{finished.id}/comments"
    return world.client.post(path, json=body, headers=world.colleague(finished.company, role))


def test_a_review_rates_what_the_rubric_looks_for_and_keeps_what_it_was(either_results: Results) -> None:
    results = either_results
    finished = results.interview(results.position())
    criteria = seen(finished, "lead")["criteria"]
    rating = {"competency": criteria[0]["key"], "score": 7, "note": "数据清楚"}
    first = ok(review(finished, ratings=[rating]))["own"]
    assert (first["number"], first["recommendation"], first["earlier"]) == (1, "yes", [])
    assert (first["ratings"][0]["score"], first["ratings"][0]["name"]) == (7, criteria[0]["name"])
    assert ok(review(finished, ratings=[rating]))["own"] == first  # the same again is no new version
    changed = ok(review(finished, recommendation="strong_no", ratings=[{**rating, "score": 2}]))["own"]
    assert changed["number"] == 2 and changed["reviewer_name"] == "interviewer 李"
    assert [(one["recommendation"], one["ratings"][0]["score"]) for one in changed["earlier"]] == [("yes", 7)]
    [other] = seen(finished, "lead")["others"]
    assert other["recommendation_words"] == "强烈不建议录用"
    with results.world.app.app_context(), tenant_scope(finished.company.id):
        sealed = [row.content for row in db.session.scalars(select(Review))]
        assert len(sealed) == 2 and not any("数据清楚".encode() in content for content in sealed)
        written = select(AuditEntry).where(AuditEntry.action == "review.written")
        assert len(db.session.scalars(written).all()) == 2


def test_a_blind_company_shows_others_reviews_once_ones_own_is_in(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"blind_review": True}, headers=owner))
    ok(review(finished, "interviewer"))
    ok(comment(finished, "interviewer", body="注意第二题"), 201)
    waiting = seen(finished, "recruiter")
    assert (waiting["others"], waiting["hidden"], waiting["blind"]) == ([], 1, True)
    assert seen(finished, "recruiter", "comments") == {
        "interview_id": finished.id,
        "comments": [],
        "hidden": 1,
    }
    assert len(ok(review(finished, "recruiter", "no"))["others"]) == 1
    assert seen(finished, "recruiter", "comments")["comments"][0]["body"] == "注意第二题"
    assert seen(finished, "lead")["hidden"] == 2
    ok(decide(finished), 201)
    assert len(seen(finished, "lead")["others"]) == 2  # what is decided is open to all


def test_a_review_has_its_time_and_its_competencies(results: Results) -> None:
    finished = results.interview(results.position())
    unknown = [{"competency": "charm", "score": 5}]
    refused(review(finished, ratings=unknown), 422, "competency_unknown")
    key = seen(finished, "lead")["criteria"][0]["key"]
    refused(review(finished, ratings=[{"competency": key, "score": 5}] * 2), 422, "competency_repeated")
    refused(review(finished, ratings=[{"competency": key, "score": 11}]), 422, "invalid_input")
    early = results.interview(finished.position_id, status="in_progress")
    refused(review(early), 409, "review_too_early")
    ok(review(finished))
    ok(decide(finished), 201)
    refused(review(finished, recommendation="no"), 409, "review_closed")
    assert seen(finished, "interviewer")["own"]["recommendation"] == "yes"


def test_a_comment_may_point_at_a_moment_of_this_interview(results: Results) -> None:
    finished, other = results.interview(results.position()), results.interview(results.position())
    take = finished.takes["team"]
    [made] = ok(comment(finished, "lead", body="这里很好", take_id=take, at_ms=1200), 201)["comments"]
    assert (made["own"], made["take_id"], made["at_ms"], made["author_name"]) == (True, take, 1200, "lead 李")
    assert seen(finished, "recruiter", "comments")["comments"][0]["own"] is False
    elsewhere = {"body": "?", "take_id": other.takes["team"], "at_ms": 1}
    refused(comment(finished, "lead", **elsewhere), 422, "comment_place_unknown")
    refused(comment(finished, "lead", body="?", at_ms=5), 422, "comment_place_unknown")
    with results.world.app.app_context(), tenant_scope(finished.company.id):
        assert "这里很好".encode() not in db.session.scalars(select(Comment)).one().content


def test_a_candidates_copy_holds_what_was_rated_and_no_notes(results: Results) -> None:
    world, finished = results.world, results.interview(results.position())
    key = seen(finished, "lead")["criteria"][0]["key"]
    ok(review(finished, summary="内部意见", ratings=[{"competency": key, "score": 6, "note": "内部备注"}]))
    ok(comment(finished, "lead", body="内部评论"), 201)
    copy = ok(world.client.get("/api/v1/candidate/data", headers=finished.candidate()))
    [shown] = copy["invitations"][0]["interview"]["reviews"]
    assert (shown["recommendation"], shown["ratings"][0]["score"]) == ("yes", 6)
    assert "内部" not in json.dumps(copy, ensure_ascii=False)
    erased = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(erased, headers=world.staff(world.acme, "owner")))
    refused(review(finished, "lead"), 410, "candidate_erased")
    lead = world.colleague(world.acme, "lead")
    gone = world.client.get(f"/api/v1/interviews/{finished.id}/reviews", headers=lead)
    refused(gone, 410, "candidate_erased")
