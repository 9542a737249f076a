"""Scores and reports through the API: asked for, explained, compared, replayed, audited."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import create_model
from sqlalchemy import select, update

from app.analyses import service as analyses
from app.analyses.models import Analysis
from app.audits.models import AuditEntry
from app.audits.service import find_break
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.database import db
from app.core.ids import new_id
from app.core.signals import SIGNAL_TYPES
from app.core.version import VERSION
from app.core.work import cancel_work, is_scheduled
from app.interviews.models import Interview
from app.policies.models import Policy
from app.reports.cli import replay_command
from app.reports.listing import one
from app.reports.models import ScoreRow
from app.reports.service import request_score
from app.scoring.receipt import Receipt
from tenants.keys import erase_candidate_key
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.architecture.source import ROOT
from tests.factories import World, ok, refused
from tests.integration.results.conftest import RUBRIC, Finished, Results, told
from tests.unit.scoring import builders

HOSTILE = '<script>alert(1)</script>当时销售额下降了百分之二十，我分析了数据。"><img src=x onerror=alert(2)>'


def report_of(finished: Finished, role: str = "recruiter", language: str = "zh-CN") -> Any:
    world = finished.world
    path = f"/api/v1/interviews/{finished.id}/report?lang={language}"
    return ok(world.client.get(path, headers=world.colleague(finished.company, role)))


def own_report(finished: Finished) -> Any:
    return ok(finished.world.client.get("/api/v1/candidate/report", headers=finished.candidate()))


def viewed(finished: Finished) -> list[tuple[str, str]]:
    """(kind of viewer, audience) of every look at a report of this interview."""
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        assert find_break() is None
        entries = db.session.scalars(
            select(AuditEntry).where(
                AuditEntry.action == "report.viewed", AuditEntry.entity_id == finished.id
            )
        )
        return [(entry.actor_kind, entry.detail["audience"]) for entry in entries]


def test_a_report_before_its_time_says_what_is_pending(results: Results) -> None:
    finished = results.interview(results.position())
    world = results.world
    path = f"/api/v1/interviews/{finished.id}"
    for end in ("report", "receipt"):
        answer = world.client.get(f"{path}/{end}", headers=world.staff(world.acme, "recruiter"))
        problem = refused(answer, 409, "report_not_ready")
        assert "2" in problem["detail"]
    assert viewed(finished) == []


def test_the_score_is_asked_for_when_the_last_answer_is_analysed(either_results: Results) -> None:
    world = either_results.world
    finished = either_results.interview(either_results.position())
    with world.app.app_context(), tenant_transaction(finished.company.id):
        for number, take_id in enumerate(finished.takes.values(), start=1):
            for result in told(builders.STORY):
                analyses.store_result(take_id, result)
            analyses.conclude(take_id)
            assert request_score(finished.id) == (number == len(finished.takes))
        assert is_scheduled("score_interview", finished.id)


@pytest.mark.mariadb
def test_two_takes_concluded_at_the_same_moment_ask_for_the_score(mariadb_world: World) -> None:
    finished = (results := Results(mariadb_world)).interview(results.position())
    both_concluded = threading.Barrier(2)

    def conclude(take_id: str) -> None:
        with mariadb_world.app.app_context(), tenant_transaction(finished.company.id):
            analyses.store_result(take_id, builders.media())
            analyses.conclude(take_id)
            both_concluded.wait(10)  # neither has committed: neither can see the other's take
            request_score(finished.id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(conclude, finished.takes.values()))
    with mariadb_world.app.app_context(), tenant_scope(finished.company.id):
        assert is_scheduled("score_interview", finished.id)


def test_an_unfinished_interview_is_not_scored(results: Results) -> None:
    finished = results.measured(results.interview(results.position(), status="in_progress"))
    with results.world.app.app_context(), tenant_scope(finished.company.id):
        assert not is_scheduled("score_interview", finished.id)


def test_the_report_explains_every_point(either_results: Results) -> None:
    finished = either_results.scored(either_results.interview(either_results.position()))
    report = report_of(finished)
    assert report["audience"] == "hr"
    assert report["header"]["candidate_name"] == "李明"
    for competency in report["competencies"]:
        parts = sum(c["points_hundredths"] for c in competency["contributions"])
        assert competency["baseline_hundredths"] + parts == competency["points_hundredths"]
        assert all(c["evidence"] for c in competency["contributions"])
    assert report["receipt_sha256"]
    assert report["engines"]
    assert report_of(finished, language="en")["competencies"][0]["name"] == "Data analysis"


def test_the_candidate_reads_plain_words_and_no_comparison(results: Results) -> None:
    position = results.position()
    finished = [results.scored(results.interview(position)) for _ in range(5)][-1]
    hr, own = report_of(finished), own_report(finished)
    assert hr["total"]["average"] is not None
    assert own["audience"] == "candidate"
    assert own["total"]["average"] is None
    assert not any(c["average"] for c in own["competencies"])
    assert (own["engines"], own["receipt_sha256"], own["survey"]) == ([], None, None)
    assert own["total"]["points"] == hr["total"]["points"]
    assert viewed(finished) == [("user", "hr"), ("candidate", "candidate")]


def test_no_average_before_five_scores_by_the_same_version(either_results: Results) -> None:
    results = either_results
    position, world = results.position(), results.world
    first = [results.scored(results.interview(position)) for _ in range(3)]
    thin = {"difficulty": told(builders.THIN), "team": told(builders.THIN)}
    fourth = results.scored(results.interview(position), thin)
    results.scored(results.interview(results.position()))  # another position's score
    revised = {**RUBRIC, "competencies": [{**c, "weight": 5000} for c in RUBRIC["competencies"]]}
    path = f"/api/v1/positions/{position}/rubric"
    ok(world.client.put(path, json={"rubric": revised}, headers=world.staff(world.acme, "recruiter")))
    results.scored(results.interview(position))  # another version's
    before = report_of(fourth)
    assert before["total"]["average"] is None
    assert not any(c["average"] or c["average_n"] for c in before["competencies"])
    unsure = [builders.media(), builders.speech(builders.STORY, confidence=0.2)]
    started_before = results.interview(position, version=1)
    results.scored(started_before, {"difficulty": told(builders.STORY), "team": unsure})
    report = report_of(fourth)
    totals = [report_of(one)["total"]["points_hundredths"] for one in (*first, fourth, started_before)]
    assert (report["total"]["average_n"], report["total"]["average"]) == (
        5,
        f"{(2 * sum(totals) + 5) // 10 / 100:.2f}",
    )
    counted = {c["key"]: c["average_n"] for c in report["competencies"]}
    assert counted == {"analysis": 5, "communication": None}, "the fifth was not scored on communication"
    own = own_report(fourth)
    assert own["total"]["average"] is None and not any(c["average"] for c in own["competencies"])


def test_what_is_left_of_somebody_erased_counts_in_no_average(results: Results) -> None:
    world, position = results.world, results.position()
    made = [results.scored(results.interview(position)) for _ in range(6)]
    assert report_of(made[0])["total"]["average_n"] == 6
    for gone, left in ((made[5], 5), (made[4], None)):
        path = f"/api/v1/candidates/{gone.candidate_id}/erasure"
        ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
        assert report_of(made[0])["total"]["average_n"] == left


def test_a_company_may_keep_reports_inside(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.execute(update(Policy).values(candidate_sees_report=False))
    answer = results.world.client.get("/api/v1/candidate/report", headers=finished.candidate())
    problem = refused(answer, 403, "report_not_shared")
    assert "(UTC+08:00)" in problem["next"]
    assert viewed(finished) == []
    until = (utcnow() + timedelta(days=9)).replace(microsecond=0)
    path, hr = f"/api/v1/interviews/{finished.id}/result-date", results.world.staff(finished.company, "owner")
    ok(results.world.client.put(path, json={"until": until.isoformat()}, headers=hr))
    answer = results.world.client.get("/api/v1/candidate/report", headers=finished.candidate())
    problem = refused(answer, 403, "report_not_shared")
    assert f"{until.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}" in problem["next"]


def test_every_role_of_the_company_reads_and_nobody_else(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    world = results.world
    for role in ("owner", "recruiter", "interviewer", "lead"):
        report_of(finished, role)
    path = f"/api/v1/interviews/{finished.id}/report"
    refused(world.client.get(path), 401, "not_authenticated")
    refused(world.client.get(path, headers=finished.candidate()), 403, "role_not_allowed")
    refused(world.client.get(path, headers=world.staff(world.globex, "owner")), 404, "interview_unknown")
    assert len(viewed(finished)) == 4


def test_an_unsure_machine_abstains_and_says_what_would_help(results: Results) -> None:
    finished = results.interview(results.position())
    unsure = [builders.media(), builders.speech(builders.STORY, confidence=0.2)]
    report = report_of(results.scored(finished, {"difficulty": unsure, "team": unsure}))
    assert report["total"]["status"] == "abstained"
    assert {c["abstention"]["reason"] for c in report["competencies"]} == {"low_confidence"}
    assert all(c["abstention"]["help"] for c in report["competencies"])


def test_sample_models_are_named_in_both_reports(results: Results) -> None:
    sample = told(builders.STORY, sample_model=True)
    finished = results.scored(results.interview(results.position()), {"difficulty": sample, "team": sample})
    for report in (report_of(finished), own_report(finished)):
        assert "sample" in {notice["kind"] for notice in report["notices"]}


def test_words_of_a_hostile_candidate_stay_words(results: Results) -> None:
    finished = results.interview(results.position(), name='<img src=x onerror="alert(3)">')
    results.scored(finished, {"difficulty": told(HOSTILE), "team": told(HOSTILE)})
    report = report_of(finished)
    text = "".join(run["text"] for s in report["answers"][0]["sentences"] for run in s["runs"])
    assert "<script>alert(1)</script>" in text


def test_a_new_take_scores_again_until_somebody_decides(results: Results) -> None:
    finished = results.scored(
        results.interview(results.position()),
        {
            "difficulty": [builders.result("media", None, status="failed", reason="silent")],
            "team": told(builders.THIN),
        },
    )
    before = report_of(finished)
    assert [a["no_transcript"] is None for a in before["answers"]] == [False, True]
    world, candidate = results.world, finished.candidate()
    path = "/api/v1/candidate/answers/difficulty/takes"
    take = ok(
        world.client.post(path, json={"medium": "text", "text": builders.STORY}, headers=candidate), 201
    )
    ok(world.client.post(f"/api/v1/candidate/takes/{take['id']}/submit", json={}, headers=candidate))
    finished.takes["difficulty"] = take["id"]
    results.scored(finished, {"difficulty": told(builders.STORY)[1:4]})
    after = report_of(finished)
    assert after["total"]["points_hundredths"] > before["total"]["points_hundredths"]
    with world.app.app_context(), tenant_transaction(finished.company.id):
        assert len(db.session.scalars(select(ScoreRow)).all()) == 1
        db.session.get_one(Interview, finished.id).status = "decided"
        assert not request_score(finished.id)


def test_an_erased_candidate_has_no_report_and_no_name(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    with world.app.app_context():
        erase_candidate_key(world.acme.id, finished.candidate_id)
    path = f"/api/v1/interviews/{finished.id}/report"
    refused(world.client.get(path, headers=world.staff(world.acme, "recruiter")), 410, "candidate_erased")
    with world.app.app_context(), tenant_scope(world.acme.id):
        assert one(finished.id).candidate_name is None


def test_the_receipt_seals_and_the_replay_recomputes(either_results: Results) -> None:
    world = either_results.world
    finished = either_results.interview(either_results.position())
    either_results.upload(finished, "difficulty", ROOT / "samples" / "recordings" / "too-short.mp4")
    either_results.scored(finished)
    path = f"/api/v1/interviews/{finished.id}/receipt"
    receipt = Receipt.model_validate(ok(world.client.get(path, headers=world.colleague(world.acme, "lead"))))
    assert receipt.code_version == VERSION
    assert [len(r.sha256) for r in receipt.recordings if r.take_id == finished.takes["difficulty"]] == [1]
    runner = world.app.test_cli_runner()
    replayed = runner.invoke(replay_command, ["acme", finished.id])
    assert replayed.exit_code == 0, replayed.output
    assert json.loads(replayed.output)["identical"] is True
    assert json.loads(replayed.output)["words"] == []
    with pytest.MonkeyPatch.context() as later:  # documents gained fields since, empty in what is stored
        for modality, kind in SIGNAL_TYPES.items():
            grown = create_model(kind.__name__, __base__=kind, learned_later=(str | None, None))
            later.setitem(SIGNAL_TYPES, modality, grown)
        assert runner.invoke(replay_command, ["acme", finished.id]).output == replayed.output
    with world.app.app_context(), tenant_transaction(finished.company.id):
        rows = select(Analysis).where(
            Analysis.take_id == finished.takes["team"], Analysis.modality == "speech"
        )
        db.session.delete(db.session.scalars(rows).one())
        db.session.flush()
        analyses.store_result(finished.takes["team"], builders.speech(builders.THIN))
    changed = runner.invoke(replay_command, ["acme", finished.id])
    assert changed.exit_code == 1
    outcome = json.loads(changed.output)
    assert any(d.startswith("signals:") for d in outcome["differences"])
    assert len(outcome["words"]) == len(outcome["differences"])
    assert text("zh-CN", "replays.score") in outcome["words"]
    english = runner.invoke(replay_command, ["acme", finished.id, "--language", "en"])
    assert text("en", "replays.score") in json.loads(english.output)["words"]


def test_replay_refuses_what_does_not_exist(results: Results) -> None:
    runner = results.world.app.test_cli_runner()
    assert "no active company" in runner.invoke(replay_command, ["nobody", "0" * 32]).output
    unknown = runner.invoke(replay_command, ["acme", "0" * 32])
    assert (unknown.exit_code, "interview_unknown" in unknown.output) == (1, True)


def test_the_version_is_the_projects() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_a_warm_up_is_shown_and_scores_nothing(results: Results) -> None:
    question = {"id": "warm-up", "text": "请用三个词形容自己。", "warm_up": True}
    rubric = {**RUBRIC, "questions": [question, *RUBRIC["questions"]]}
    words = "好奇、踏实、幽默"
    finished = results.interview(
        results.position(rubric=rubric), media={"warm-up": "text"}, written={"warm-up": words}
    )
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        analyses.conclude(finished.takes["warm-up"])  # as handing it in does
        cancel_work("analyse_take", finished.takes["warm-up"])
    plain = report_of(results.scored(results.interview(results.position())))
    shown = report_of(results.scored(finished))
    assert shown["warm_up"]["words"] == words and own_report(finished)["warm_up"]["words"] == words
    assert plain["warm_up"] is None
    assert [answer["number"] for answer in shown["answers"]] == [1, 2]
    assert [c["points_hundredths"] for c in shown["competencies"]] == [
        c["points_hundredths"] for c in plain["competencies"]
    ]
    assert words not in json.dumps({**shown, "warm_up": None}, ensure_ascii=False)


def test_the_list_shows_the_newest_score(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        row = db.session.scalars(select(ScoreRow)).one()
        newest = row.total
        older = {c.key: getattr(row, c.key) for c in ScoreRow.__table__.columns}
        older |= {"id": new_id(), "algorithm": "weimian.lexical/9", "total": 1}
        db.session.add(ScoreRow(**{**older, "created_at": row.created_at - timedelta(days=30)}))
    with results.world.app.app_context(), tenant_scope(finished.company.id):
        assert newest != 1 and one(finished.id).total_hundredths == newest
