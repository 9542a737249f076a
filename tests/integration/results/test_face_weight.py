"""The face counts only where the company says so, says why, and the candidate agreed to exactly that (R2)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.interviews.models import Consent
from app.invitations.consent import consent_text_version
from app.reports.cli import replay_command
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import World, ok, refused
from tests.integration.results.conftest import Finished, Results, told
from tests.unit.scoring import builders

WEIGHT: dict[str, Any] = {
    "face_analysis": "facts",
    "face_weight_hundredths": 50,
    "face_reason": "主播岗位需要出镜",
}


def change(world: World, body: dict[str, Any]) -> Any:
    return world.client.patch("/api/v1/policy", json=body, headers=world.staff(world.acme, "owner"))


def answered(results: Results, *, text_version: str | None, granted: bool = True) -> Finished:
    """A scored interview in which a face is always visible; the candidate agreed to words of this version."""
    finished = results.interview(results.position())
    if text_version is not None:
        with results.world.app.app_context(), tenant_transaction(finished.company.id):
            db.session.add(
                Consent(
                    invitation_id=finished.invitation_id,
                    candidate_id=finished.candidate_id,
                    modality="face",
                    granted=granted,
                    text_version=text_version,
                    language="zh-CN",
                )
            )
    heard = [result for result in told(builders.STORY) if result.modality != "face"]
    seen = [*heard, builders.face(1.0)]
    return results.scored(finished, {"difficulty": seen, "team": seen})


def report_of(finished: Finished) -> Any:
    headers = finished.world.staff(finished.company, "recruiter")
    return ok(finished.world.client.get(f"/api/v1/interviews/{finished.id}/report", headers=headers))


def face_points(report: Any) -> list[int]:
    return [
        k["points_hundredths"]
        for c in report["competencies"]
        for k in c["contributions"]
        if k["key"] == "face_present"
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"face_weight_hundredths": 50}, "face_weight_without_facts"),
        ({"face_weight_hundredths": 50, "face_reason": "x"}, "face_weight_without_facts"),
        ({"face_analysis": "facts", "face_weight_hundredths": 50}, "face_weight_without_reason"),
        (
            {"face_analysis": "facts", "face_weight_hundredths": 50, "face_reason": "  "},
            "face_weight_without_reason",
        ),
        ({**WEIGHT, "face_weight_hundredths": 101}, "invalid_input"),
    ],
)
def test_a_weight_needs_facts_and_a_reason(world: World, body: dict[str, Any], code: str) -> None:
    refused(change(world, body), 422, code)
    headers = world.staff(world.acme, "recruiter")
    assert ok(world.client.get("/api/v1/policy", headers=headers))["face_weight_hundredths"] == 0
    refused(world.client.patch("/api/v1/policy", json=WEIGHT, headers=headers), 403, "role_not_allowed")


def test_the_face_counts_nothing_unless_the_company_says_so(results: Results) -> None:
    ok(change(results.world, {"face_analysis": "facts"}))
    report = report_of(answered(results, text_version=consent_text_version()))
    assert face_points(report) == []
    assert "face" not in {notice["kind"] for notice in report["notices"]}


def test_a_stated_weight_counts_is_shown_and_replays_after_the_policy_changed(
    either_results: Results,
) -> None:
    results, world = either_results, either_results.world
    before = answered(results, text_version=None)
    ok(change(world, WEIGHT))
    finished = answered(results, text_version=consent_text_version(50))
    report = report_of(finished)
    assert face_points(report) == [50], "at most its weight, on communication alone"
    notice = next(notice for notice in report["notices"] if notice["kind"] == "face")
    assert WEIGHT["face_reason"] in notice["text"] and "0.50" in notice["text"]
    assert any(WEIGHT["face_reason"] in line for line in report["explanation"])
    assert face_points(report_of(before)) == [], "scores made before stay as they are"
    ok(change(world, {"face_weight_hundredths": 0, "face_reason": ""}))
    assert face_points(report_of(finished)) == [50]
    replayed = world.app.test_cli_runner().invoke(replay_command, ["acme", finished.id])
    assert (replayed.exit_code, '"identical": true' in replayed.output) == (0, True), replayed.output
    with world.app.app_context(), tenant_scope(world.acme.id):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "policy.changed"))
        assert [entry.detail.get("face_weight_hundredths") for entry in entries] == [50, 0]


@pytest.mark.parametrize(
    ("text_version", "granted"),
    [
        (None, True),
        (consent_text_version(), True),
        (consent_text_version(30), True),
        (consent_text_version(50), False),
    ],
)
def test_who_did_not_agree_to_this_weight_is_not_weighed(
    results: Results, text_version: str | None, granted: bool
) -> None:
    ok(change(results.world, WEIGHT))
    report = report_of(answered(results, text_version=text_version, granted=granted))
    assert face_points(report) == []


def test_candidates_are_told_the_weight_and_the_reason_before_they_agree(world: World) -> None:
    ok(change(world, WEIGHT))
    invitation = world.invite(world.acme, world.add_candidate(world.acme), world.add_position(world.acme))
    page = world.client.get(f"/i/{invitation['token']}?lang=zh-CN").get_data(as_text=True)
    assert WEIGHT["face_reason"] in page and "0.50" in page
    assert "不计入评分" not in page
