"""A candidate takes a copy of everything, and erases it (C10, P2)."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.reports.render.remarks import NOT_FOR_CANDIDATES
from tenants.tenancy import tenant_scope
from tests.factories import World, ok, refused
from tests.integration.answering import answerer
from tests.integration.results.conftest import Results, told
from tests.integration.results.test_appeals import appeal
from tests.integration.results.test_decisions import decide
from tests.integration.results.test_threads import answer, say

PATH = "/api/v1/candidate/data"


def test_the_copy_holds_everything_said_measured_and_decided(either_results: Results) -> None:
    results = either_results
    world = results.world
    made = results.interview(
        results.position(), media={"team": "text"}, written={"team": "我协调了三个部门。"}
    )
    finished = results.scored(made)
    ok(say(finished), 201)
    ok(answer(finished), 201)
    ok(decide(finished, reason="内部理由", next_steps="周三复试。"), 201)
    ok(appeal(finished), 201)
    early = ok(world.client.get(PATH, headers=finished.candidate()))
    assert early["invitations"][0]["interview"]["decision"] is None and early["messages"] == []
    assert "周三复试。" not in json.dumps(early, ensure_ascii=False), "the notice has not gone out"
    finished.tell_everything()
    reply = world.client.get(PATH, headers=finished.candidate())
    copy = ok(reply)
    assert "attachment" in reply.headers["Content-Disposition"]
    assert copy["profile"]["name"] == "李明" and copy["profile"]["phone"].startswith("+86")
    [invitation] = copy["invitations"]
    assert {consent["modality"] for consent in invitation["consents"]} == {"recording", "voice"}
    assert [post["body"] for post in invitation["thread"]] == ["摄像头打不开", "请改用语音回答。"]
    interview = invitation["interview"]
    takes = {take["medium"]: take for take in interview["takes"]}
    assert takes["text"]["written_text"] == "我协调了三个部门。"
    assert takes["video"]["measured"]["speech"]["signals"]["text"]
    assert interview["score"]["total_hundredths"] is not None
    assert interview["decision"]["next_steps"] == "周三复试。"
    assert interview["appeal"]["reason"]
    assert {message["kind"] for message in copy["messages"]} >= {"reply", "result", "survey"}
    assert "cancelled" not in {message["status"] for message in copy["messages"]}
    assert "内部理由" not in json.dumps(copy, ensure_ascii=False)
    with world.app.app_context(), tenant_scope(finished.company.id):
        actions = db.session.execute(select(AuditEntry.actor_kind, AuditEntry.action)).all()
        assert ("candidate", "candidate.exported") in [tuple(row) for row in actions]


def test_the_copy_holds_a_resume_the_company_read(results: Results) -> None:
    world, finished = results.world, results.interview(results.position(), status="in_progress")
    resume = "工作经历\n2018.07-至今 某公司 后端开发工程师，负责订单中心\n教育背景\n2014.06 某某大学 本科"
    body = {"candidate_id": finished.candidate_id, "position_id": finished.position_id, "resume": resume}
    made = world.create("/api/v1/preassessments", body, world.staff(finished.company, "recruiter"))
    copy = ok(world.client.get(PATH, headers=finished.candidate()))
    [kept] = copy["resumes"]
    assert kept["text"] == resume and kept["facts"] == made["content"]["facts"]
    assert made["content"]["questions"][0]["text"] not in json.dumps(copy, ensure_ascii=False)


def test_the_score_is_left_out_where_the_company_keeps_reports_inside(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"candidate_sees_report": False}, headers=owner))
    [invitation] = ok(world.client.get(PATH, headers=finished.candidate()))["invitations"]
    assert invitation["interview"]["score"] is None
    assert invitation["interview"]["takes"][0]["measured"]


def test_what_the_rubric_listens_for_stays_with_the_company(results: Results) -> None:
    world = results.world
    made = results.interview(results.position())
    vague = {question: told("我说了一些别的事情，也没有什么特别的内容可以讲。") for question in made.takes}
    for heard in vague.values():
        place = next(i for i, one in enumerate(heard) if one.modality == "speech")
        engine = heard[place].engine
        listening = engine.model_copy(update={"parameters": {**engine.parameters, "hotwords": ["答案词"]}})
        heard[place] = heard[place].model_copy(update={"engine": listening})
    finished = results.scored(made, vague)
    [invitation] = ok(world.client.get(PATH, headers=finished.candidate()))["invitations"]
    engine = invitation["interview"]["takes"][0]["measured"]["speech"]["engine"]
    assert engine["parameters"] and "hotwords" not in engine["parameters"]
    gaps = {gap["key"] for one in invitation["interview"]["score"]["competencies"] for gap in one["gaps"]}
    assert gaps and not gaps & NOT_FOR_CANDIDATES
    path = f"/api/v1/interviews/{finished.id}/report"
    report = ok(world.client.get(path, headers=world.staff(finished.company, "owner")))
    assert len(report["gaps"]) > len(gaps)  # the company sees more


def test_a_copy_is_made_a_few_times_a_minute(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    headers = finished.candidate()
    answers = [finished.world.client.get(PATH, headers=headers).status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]


def test_before_anything_happened_the_copy_is_short(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    [invitation] = ok(finished.world.client.get(PATH, headers=finished.candidate()))["invitations"]
    assert invitation["thread"] == [] and invitation["interview"]["decision"] is None


def test_the_copy_holds_why_somebody_declined(world: World) -> None:
    person = answerer(world)
    ok(person.client.post("/api/v1/candidate/decline", json={"reason": "已入职别处"}, headers=person.headers))
    [invitation] = ok(person.client.get(PATH, headers=person.headers))["invitations"]
    assert (invitation["status"], invitation["declined_because"]) == ("declined", "已入职别处")


def test_why_the_company_took_an_invitation_back_stays_inside(world: World) -> None:
    person = answerer(world)
    path = f"/api/v1/invitations/{person.invitation_id}/cancel"
    hr = world.staff(world.acme, "recruiter")
    ok(world.client.post(path, json={"reason": "岗位冻结"}, headers=hr))
    copy = ok(person.client.get(PATH, headers=person.headers))
    assert copy["invitations"][0]["declined_because"] is None and "岗位冻结" not in str(copy)


def test_a_candidate_erases_themselves_and_gets_a_receipt(either_results: Results) -> None:
    results = either_results
    world, finished = results.world, results.scored(results.interview(results.position()))
    headers, path = finished.candidate(), "/api/v1/candidate/erasure"
    refused(world.client.put(path, json={"confirm": False}, headers=headers), 422, "invalid_input")
    receipt = ok(world.client.put(path, json={"confirm": True}, headers=headers))
    assert receipt["candidate_id"] == finished.candidate_id and receipt["erased_at"]
    refused(world.client.get(PATH, headers=headers), 401, "session_ended")
    path = f"/api/v1/interviews/{finished.id}/report"
    refused(world.client.get(path, headers=world.staff(finished.company, "owner")), 410, "candidate_erased")
