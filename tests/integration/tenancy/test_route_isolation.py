"""Every route and every job, called for one of two companies with equal ids, shows and changes nothing of the other."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from app.core.errors import WeimianError
from app.core.work import KINDS, schedule_work
from app.http import callers
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import RUBRIC, Headers, World
from tests.integration.tenancy import twins
from tests.integration.tenancy.twins import secret_of, twin_id

PARAMETERS = {
    "position_id": twin_id("position"),
    "candidate_id": twin_id("candidate"),
    "invitation_id": twin_id("invitation"),
    "interview_id": twin_id("interview"),
    "take_id": twin_id("take"),
    "segment_id": twin_id("segment"),
    "upload_id": twin_id("segment"),
    "message_id": twin_id("message"),
    "user_id": twin_id("interviewer"),
    "share_id": twin_id("share"),
    "draft_id": twin_id("draft"),
    "preassessment_id": twin_id("preassessment"),
    "question_id": "q1",
    "tenant_id": twin_id("nobody"),
    "app_id": "wx-unknown",
    "purpose": "result",
    "ticket": "not-a-ticket",
    "name": "x",
    "path": "x",
    "filename": "x",
}
BODIES: dict[str, dict[str, Any]] = {
    "positions.create_position": {"title": "new", "rubric": RUBRIC},
    "positions.revise_rubric": {"rubric": RUBRIC},
    "candidates.create_candidate": {"name": "new", "phone": "+8613900000001"},
    "profiles.change_profile": {
        "name": "new",
        "email": None,
        "language": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "resume": "new",
    },
    "exports.erase_own_data": {"confirm": False},
    "positions.set_access": {"restricted": True},
    "threads.reply": {"body": "hello"},
    "threads.report_problem": {"body": "hello"},
    "contingencies.help_candidate": {"kind": "backup_link"},
    "shortlists.set_rule": {"min_score": 8, "needs_background_check": True},
    "shortlists.record_background_check": {"status": "passed"},
    "reviews.write_review": {"recommendation": "yes"},
    "reviews.write_comment": {"body": "hello"},
    "shares.share_interview": {"name": "new", "phone": "+8613900000002"},
    "shared.give_opinion": {"recommendation": "no", "words": "hello"},
    "appeals.answer_appeal": {"outcome": "confirmed", "answer": "looked"},
    "invitations.cancel_invitation": {"reason": "over"},
    "alerts.see_alerts": {"ids": [twin_id("alert")]},
    "alerts.set_webhook": {"format": "json", "url": "https://hooks.example.com/x"},
    "decisions.postpone_result": {"until": "2099-01-01T00:00:00Z"},
    "decisions.preview_decision": {"outcome": "advance"},
    "drafts.create_draft": {"text": "销售代表\n要求：熟悉CRM"},
    "drafts.edit_draft": {"title": "new", "rubric": RUBRIC},
    "drafts.reword": {"text": "请阐述一次经历"},
    "preassessments.create_preassessment": {
        "candidate_id": twin_id("candidate"),
        "position_id": twin_id("position"),
        "resume": "三年销售经验",
    },
    "preassessments.approve_preassessment": {"questions": ["?"]},
}


@pytest.fixture
def twin_world(either_world: World) -> tuple[World, dict[str, Headers]]:
    world = either_world
    twins.fill(world, world.globex)
    return world, twins.fill(world, world.acme)


def leaks_of_a_walk(world: World, sessions: dict[str, Headers]) -> list[str]:
    """Call every route with every session of acme; what showed globex's secret, or broke."""
    before, found = twins.dump(world, world.globex), []
    with world.app.app_context():
        own_link = twins.link_token(world.acme)
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        values = {name: own_link if name == "token" else PARAMETERS[name] for name in rule.arguments}
        path = world.app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            for role, headers in [("nobody", {}), *sessions.items()]:
                body = None if method in {"GET", "HEAD"} else BODIES.get(rule.endpoint, {})
                answer = world.client.open(path, method=method, json=body, headers=headers)
                if secret_of(world.globex).encode() in answer.get_data():
                    found.append(f"{role} {method} {rule.rule} shows the other company")
                if answer.status_code == 500:
                    found.append(f"{role} {method} {rule.rule} breaks: {answer.get_data(as_text=True)}")
    if twins.dump(world, world.globex) != before:
        found.append("the walk changed the other company")
    return found


def test_no_route_shows_or_changes_the_other_company(twin_world: tuple[World, dict[str, Headers]]) -> None:
    world, sessions = twin_world
    assert leaks_of_a_walk(world, sessions) == []


def test_acme_sees_its_own_secret(twin_world: tuple[World, dict[str, Headers]]) -> None:
    """The walk would be worth nothing if secrets were never shown."""
    world, sessions = twin_world
    for path in (f"/api/v1/positions/{twin_id('position')}", f"/api/v1/candidates/{twin_id('candidate')}"):
        answer = world.client.get(path, headers=sessions["recruiter"])
        assert secret_of(world.acme) in answer.get_data(as_text=True), path


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_walk_finds_a_guard_that_opens_the_wrong_company(
    twin_world: tuple[World, dict[str, Headers]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: every request lands in globex."""
    world, sessions = twin_world

    @contextmanager
    def wrong_scope(tenant_id: str, *, read_only: bool = False) -> Iterator[Any]:
        with tenant_scope(world.globex.id, read_only=read_only) as scope:
            yield scope

    monkeypatch.setattr(callers, "tenant_scope", wrong_scope)
    monkeypatch.setattr(callers, "is_family_alive", lambda _family: True)
    found = leaks_of_a_walk(world, sessions)
    assert any("shows" in leak for leak in found)
    assert "the walk changed the other company" in found


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"handle_push"}))  # that one is the control plane's
def test_no_job_changes_the_other_company(kind: str, twin_world: tuple[World, dict[str, Headers]]) -> None:
    world, _ = twin_world
    before = twins.dump(world, world.globex)
    module, _, name = KINDS[kind].job.rpartition(".")
    job = getattr(importlib.import_module(module), name)
    nouns = [
        noun
        for noun in (
            "message",
            "take",
            "interview",
            "invitation",
            "candidate",
            "preassessment",
            "draft",
            "alert",
        )
        if noun in kind
    ]
    entity = twin_id(nouns[0] if nouns else "segment")
    with world.app.app_context():
        with tenant_transaction(world.acme.id):
            schedule_work(kind, entity)
        with suppress(
            WeimianError
        ):  # the twin is not fit for every job; what matters is whose rows it touched
            job(world.acme.id, entity)
    assert twins.dump(world, world.globex) == before
