"""What another version of the rubric would score: explained, audited, and changing nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.reports.cli import score_diff_command
from app.reports.models import ScoreRow
from tenants.tenancy import tenant_scope
from tests.factories import ok, refused
from tests.integration.results.conftest import RUBRIC, Finished, Results
from tests.integration.results.test_pages import signed_in


def revised() -> dict[str, Any]:
    """Version 2: analysis listens for other words, communication has gone, planning is new and asked anew."""
    analysis = {**RUBRIC["competencies"][0], "weight": 5000, "keywords": [{"word": "销售额", "synonyms": []}]}
    planning = {
        "key": "planning",
        "name": {"zh-CN": "计划能力", "en": "Planning"},
        "weight": 5000,
        "star": ["task"],
    }
    first = {**RUBRIC["questions"][0], "competencies": ["analysis"]}
    return {
        "competencies": [analysis, planning],
        "questions": [first, {"id": "plan", "text": "您怎样安排一周？", "competencies": ["planning"]}],
    }


@pytest.fixture
def scored(either_results: Results) -> Finished:
    results = either_results
    finished = results.scored(results.interview(results.position()))
    path = f"/api/v1/positions/{finished.position_id}/rubric"
    world = results.world
    ok(world.client.put(path, json={"rubric": revised()}, headers=world.staff(world.acme, "recruiter")))
    return finished


def diff_of(finished: Finished, version: int, role: str = "recruiter", language: str = "zh-CN") -> Any:
    world = finished.world
    path = f"/api/v1/interviews/{finished.id}/score-diff?version={version}&lang={language}"
    return world.client.get(path, headers=world.colleague(finished.company, role))


def stored(finished: Finished) -> list[tuple[str, int | None, bytes]]:
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        return [(row.id, row.total, row.document) for row in db.session.scalars(select(ScoreRow))]


def test_the_difference_is_explained_and_nothing_changes(scored: Finished) -> None:
    before = stored(scored)
    diff = ok(diff_of(scored, 2))
    assert (diff["version_then"], diff["version_now"]) == (1, 2)
    by_key = {c["key"]: c for c in diff["competencies"]}
    assert {key: c["presence"] for key, c in by_key.items()} == {
        "analysis": "both",
        "planning": "only_now",
        "communication": "only_then",
    }
    analysis = by_key["analysis"]
    lines = {line["key"]: line for line in analysis["lines"]}
    assert lines["keywords"]["change"] == "changed" and "销售额" in lines["keywords"]["now"]
    assert analysis["change_hundredths"] == sum(line["change_hundredths"] for line in analysis["lines"])
    assert analysis["now_hundredths"] - analysis["then_hundredths"] == analysis["change_hundredths"]
    assert by_key["planning"]["now"] is None and "没有回答相关问题" in by_key["planning"]["text"]
    assert by_key["communication"]["then"] in by_key["communication"]["text"]
    assert "不改变" in diff["note"]
    english = ok(diff_of(scored, 2, language="en"))
    assert [c["name"] for c in english["competencies"]] == ["Data analysis", "Planning", "Communication"]
    assert stored(scored) == before
    with scored.world.app.app_context(), tenant_scope(scored.company.id):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "score.compared")).all()
        assert [(entry.entity_id, entry.detail["version"]) for entry in entries] == [(scored.id, 2)] * 2


def test_its_own_version_differs_in_nothing(scored: Finished) -> None:
    diff = ok(diff_of(scored, 1))
    assert diff["change_hundredths"] == 0 and diff["then"] == diff["now"]
    assert [(c["change_hundredths"], c["lines"]) for c in diff["competencies"]] == [(0, []), (0, [])]


def test_only_those_who_answer_for_the_position_compare(scored: Finished) -> None:
    for role in ("interviewer", "lead"):
        refused(diff_of(scored, 2, role), 403, "role_not_allowed")
    refused(diff_of(scored, 3), 404, "version_unknown")
    refused(diff_of(scored, 0), 422, "invalid_input")
    ok(diff_of(scored, 2, "owner"))


def test_the_report_page_leads_to_it(scored: Finished) -> None:
    client = signed_in(scored.world)
    page = client.get(f"/hr/interviews/{scored.id}").get_data(as_text=True)
    link = f"/hr/interviews/{scored.id}/score-diff?version=2"
    assert link in page
    shown = client.get(link)
    assert shown.status_code == 200
    assert "计划能力" in shown.get_data(as_text=True) and "不改变" in shown.get_data(as_text=True)
    assert client.get(link.replace("version=2", "version=9")).status_code == 404
    assert client.get(link.replace("version=2", "version=x")).status_code == 404
    interviewer = signed_in(scored.world, "interviewer")
    assert link not in interviewer.get(f"/hr/interviews/{scored.id}").get_data(as_text=True)


def test_the_command_says_the_same_in_words(scored: Finished) -> None:
    runner = scored.world.app.test_cli_runner()
    done = runner.invoke(score_diff_command, ["acme", scored.id, "2", "--language", "en"])
    assert done.exit_code == 0, done.output
    assert "Data analysis" in done.output and "Planning" in done.output
    assert ok(diff_of(scored, 2, language="en"))["text"] in done.output
    unknown = runner.invoke(score_diff_command, ["acme", scored.id, "7"])
    assert (unknown.exit_code, "version_unknown" in unknown.output) == (1, True)
