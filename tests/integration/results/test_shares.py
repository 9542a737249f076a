"""One interview shown to one person outside the hiring team, by a link that expires and opens for nobody else (H1)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.clock import utcnow
from app.core.database import db
from app.shares.models import Share
from samples.journey import RECORDINGS
from tenants.models import WeChatAppRow
from tenants.tenancy import control_transaction, tenant_scope
from tests.factories import APP, Headers, World, bearer, ok, refused
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_decisions import decide
from tests.integration.results.test_reviews import review
from tests.integration.wechat.sandbox_client import Sandbox, Someone

ACCOUNT = Path(RECORDINGS) / "growth.mp4"


def share(finished: Finished, phone: str, role: str = "recruiter", **body: Any) -> Any:
    world = finished.world
    body = {"name": "赵经理", "phone": phone, "note": "请看第二题", **body}
    path = f"/api/v1/interviews/{finished.id}/shares"
    return world.client.post(path, json=body, headers=world.staff(finished.company, role))


def link(made: Any, tail: str = "") -> str:
    return f"/api/v1/share-links/{made['link'].rpartition('/')[2]}{tail}"


def open_in_wechat(world: World, made: Any, person: Someone) -> Any:
    body = {"phone_code": person.phone_code(APP)}
    return world.client.post(link(made, "/sessions"), json=body, headers=world.visit(person))


def reader(answer: Any) -> Headers:
    return bearer(ok(answer, 201)["access_token"])


def test_the_person_named_watches_this_interview_only_and_answers(
    either_results: Results, sandbox: Sandbox
) -> None:
    results = either_results
    world, finished = results.world, results.scored(results.interview(results.position()))
    other = results.interview(finished.position_id)
    results.upload(finished, "team", ACCOUNT)
    results.upload(other, "team", ACCOUNT)
    zhao, friend = sandbox.new_person("赵"), sandbox.new_person("钱")
    made = ok(share(finished, zhao.phone), 201)
    assert made["status"] == "sent" and zhao.phone[-8:-4] not in made["masked_phone"]
    here = world.client.get(made["link"][made["link"].index("/s/") :])
    assert here.status_code in {302, 303} and here.location.endswith(made["mini_program_path"])
    public = ok(world.client.get(link(made)))
    assert public["position"] and "李明" not in str(public)
    refused(open_in_wechat(world, made, friend), 422, "share_phone_other")
    headers = reader(open_in_wechat(world, made, zhao))
    refused(open_in_wechat(world, made, friend), 403, "share_opened_elsewhere")
    again = world.client.post(link(made, "/sessions"), json={}, headers=world.visit(zhao))
    headers = reader(again)  # the same person needs no proof again

    seen = ok(world.client.get("/api/v1/shared", headers=headers))
    assert (seen["candidate_name"], seen["note"], seen["decided"]) == ("李明", "请看第二题", False)
    report = ok(world.client.get("/api/v1/shared/report", headers=headers))
    assert report["decision"] is report["survey"] is None and report["competencies"]
    path = f"/api/v1/interviews/{finished.id}/report"
    assert ok(world.client.get(path, headers=world.staff(world.acme, "owner")))["survey"]
    watch = "/api/v1/shared/takes/{}/playback-tickets"
    watched = ok(world.client.post(watch.format(finished.takes["team"]), json={}, headers=headers), 201)
    assert watched["watermark"].startswith("赵经理 ")
    address = watched["parts"][0]["url"]
    played = world.client.get(address[address.index("/api/") :], headers={"Range": "bytes=0-9"})
    assert played.status_code == 206
    hr = world.staff(world.acme, "recruiter")
    foreign = world.client.post(watch.format(other.takes["team"]), json={}, headers=headers)
    refused(foreign, 404, "take_unknown")
    for path in ("/api/v1/interviews", f"/api/v1/interviews/{finished.id}/report", "/api/v1/candidate/data"):
        refused(world.client.get(path, headers=headers), 403, "role_not_allowed")

    body = {"recommendation": "yes", "words": "思路清晰"}
    answered = ok(world.client.put("/api/v1/shared/opinion", json=body, headers=headers))
    assert answered["opinion"]["words"] == "思路清晰"
    [alert] = ok(world.client.get("/api/v1/alerts?kind=opinion", headers=hr))["items"]
    assert (alert["candidate_name"], alert["interview_id"]) == ("李明", finished.id)
    page = world.client.get(f"/hr/interviews/{finished.id}", headers=hr).get_data(as_text=True)
    assert "赵经理" in page and "建议录用 · 思路清晰" in page
    [opinion] = ok(world.client.get(f"/api/v1/interviews/{finished.id}/opinions", headers=hr))["opinions"]
    assert (opinion["name"], opinion["recommendation_words"]) == ("赵经理", "建议录用")
    [listed] = ok(world.client.get(f"/api/v1/interviews/{finished.id}/shares", headers=hr))["items"]
    assert (listed["status"], listed["words"]) == ("answered", "思路清晰")
    with world.app.app_context(), tenant_scope(finished.company.id):
        actions = {tuple(row) for row in db.session.execute(select(AuditEntry.actor_kind, AuditEntry.action))}
        assert {
            ("guest", "share.opened"),
            ("guest", "report.viewed"),
            ("guest", "recording.viewed"),
            ("guest", "share.answered"),
        } <= actions
        row = db.session.scalars(select(Share)).one()
        assert "赵".encode() not in row.person and "思路".encode() not in (row.opinion or b"")
    ok(decide(finished), 201)
    assert ok(world.client.get("/api/v1/alerts?kind=opinion", headers=hr))["items"] == []
    refused(world.client.put("/api/v1/shared/opinion", json=body, headers=headers), 409, "share_decided")
    refused(share(finished, zhao.phone), 409, "share_decided")


def test_where_reviews_are_blind_the_list_of_shares_tells_no_opinion_before_ones_own(
    results: Results, sandbox: Sandbox
) -> None:
    world, finished = results.world, results.interview(results.position())
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"blind_review": True}, headers=owner))
    zhao = sandbox.new_person("赵")
    made = ok(share(finished, zhao.phone), 201)
    body = {"recommendation": "no", "words": "不够具体"}
    lead = reader(open_in_wechat(world, made, zhao))
    ok(world.client.put("/api/v1/shared/opinion", json=body, headers=lead))
    hr = world.staff(world.acme, "recruiter")

    def listed() -> tuple[Any, ...]:
        [one] = ok(world.client.get(f"/api/v1/interviews/{finished.id}/shares", headers=hr))["items"]
        return one["status"], one["recommendation"], one["recommendation_words"], one["words"]

    assert listed() == ("answered", None, None, "")
    ok(review(finished, "recruiter"))
    assert listed() == ("answered", "no", "不建议", "不够具体")
    ended = ok(world.client.post(f"/api/v1/shares/{made['id']}/revoke", headers=owner))
    assert (ended["status"], ended["recommendation"], ended["words"]) == ("revoked", None, "")


def test_a_browser_proves_the_phone_by_a_code_each_time(results: Results, sandbox: Sandbox) -> None:
    world, finished = results.world, results.interview(results.position())
    zhao = sandbox.new_person("赵")
    made = ok(share(finished, zhao.phone), 201)

    def visit() -> Headers:
        return bearer(ok(world.client.post(link(made, "/visits")), 201)["access_token"])

    visitor = visit()
    refused(world.client.post(link(made, "/sessions"), json={}, headers=visitor), 422, "share_proof_missing")
    ok(world.client.post(link(made, "/codes"), headers=visitor), 201)
    refused(world.client.post(link(made, "/codes"), headers=visit()), 429, "share_codes_used_up")
    [code] = [found for m in zhao.inbox() for found in re.findall(r"(?<!\d)\d{6}(?!\d)", m["body"])]
    wrong = {"code": f"{(int(code) + 1) % 10**6:06d}"}
    refused(world.client.post(link(made, "/sessions"), json=wrong, headers=visitor), 422, "share_code_wrong")
    stolen = world.client.post(link(made, "/sessions"), json={"code": code}, headers=visit())
    refused(stolen, 410, "share_code_expired")
    headers = reader(world.client.post(link(made, "/sessions"), json={"code": code}, headers=visitor))
    assert ok(world.client.get("/api/v1/shared", headers=headers))["reader_name"] == "赵经理"
    used = world.client.post(link(made, "/sessions"), json={"code": code}, headers=visitor)
    refused(used, 410, "share_code_expired")


def test_another_companys_mini_program_proves_nothing(results: Results, sandbox: Sandbox) -> None:
    """That company holds its secret, and whatever codes its pages are given."""
    world, finished = results.world, results.scored(results.interview(results.position()))
    zhao = sandbox.new_person("赵")
    made = ok(share(finished, zhao.phone), 201)
    with world.app.app_context(), control_transaction():
        db.session.get_one(WeChatAppRow, APP.app_id).tenant_id = world.globex.id
    refused(open_in_wechat(world, made, zhao), 403, "phone_app_foreign")


def test_a_link_ends_when_it_expires_is_revoked_or_the_candidate_is_erased(
    results: Results, sandbox: Sandbox
) -> None:
    world, position = results.world, results.position()
    zhao, hr = sandbox.new_person("赵"), world.staff(world.acme, "recruiter")
    over, kept = results.interview(position), results.interview(position)
    made = ok(share(over, zhao.phone, days=3), 201)
    headers = reader(open_in_wechat(world, made, zhao))
    with time_machine.travel(utcnow() + timedelta(days=3, minutes=1)):
        refused(world.client.get(link(made)), 410, "share_expired")
    revoke = f"/api/v1/shares/{made['id']}/revoke"
    first = ok(world.client.post(revoke, headers=hr))
    assert first["status"] == "revoked" and ok(world.client.post(revoke, headers=hr)) == first
    refused(world.client.get("/api/v1/shared", headers=headers), 401, "session_ended")
    refused(world.client.get(link(made)), 410, "share_revoked")
    refused(world.client.get(link({"link": "/" + "x" * 28})), 404, "share_unknown")
    made = ok(share(kept, zhao.phone), 201)
    headers = reader(open_in_wechat(world, made, zhao))
    copy = ok(world.client.get("/api/v1/candidate/data", headers=kept.candidate()))
    [told] = copy["invitations"][0]["interview"]["shown_to_others"]
    assert told["opened_at"] and "赵" not in str(copy)
    owner = world.staff(world.acme, "owner")
    ok(world.client.put(f"/api/v1/candidates/{kept.candidate_id}/erasure", headers=owner))
    refused(world.client.get("/api/v1/shared", headers=headers), 401, "session_ended")
    refused(world.client.get(link(made)), 410, "candidate_erased")
    refused(share(kept, zhao.phone), 410, "candidate_erased")


def test_who_may_share_and_what(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    refused(share(finished, "13800000000"), 409, "share_too_early")
    refused(share(finished, "13800000000", "interviewer"), 403, "role_not_allowed")
    finished = results.interview(finished.position_id)
    refused(share(finished, "12"), 422, "phone_invalid")
    refused(share(finished, "13800000000", days=31), 422, "invalid_input")


@pytest.mark.parametrize("kind", ["share-links", "invitation-links"])
def test_codes_are_asked_for_so_often_from_one_address(world: World, kind: str) -> None:
    """Many links would cost an SMS each: the address that asks is counted, whatever it asks for."""
    invitation = world.invite(world.acme, world.add_candidate(world.acme), world.add_position(world.acme))
    visit = world.client.post(f"/api/v1/invitation-links/{invitation['token']}/visits")
    headers = bearer(ok(visit, 201)["access_token"])
    path = f"/api/v1/{kind}/{invitation['token'][:6]}{'a' * 22}/codes"
    answers = [world.client.post(path, headers=headers).status_code for _ in range(62)]
    assert answers[0] == 404 and answers[-1] == 429
