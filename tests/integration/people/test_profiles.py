"""A candidate's own profile and résumé: what they change, what HR sees of it, and where it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.messages.models import Message
from app.messages.service import contents_of
from tenants.tenancy import tenant_scope
from tests.factories import Headers, World, bearer, ok, refused
from tests.integration.people.test_binding import invite, link
from tests.integration.wechat.sandbox_client import Sandbox

RESUME = "李明\n2019.07 至今 晨光贸易 销售经理\n负责华东大客户，年度销售额提升 35%。"


@pytest.fixture
def mine(world: World, sandbox: Sandbox) -> tuple[Headers, dict[str, Any]]:
    invitation, person = invite(world, world.acme, sandbox.new_person())
    return world.accept(invitation, person), invitation


def change(world: World, headers: Headers, **values: Any) -> dict[str, Any]:
    path = "/api/v1/candidate/profile"
    before = ok(world.client.get(path, headers=headers))
    body = {part: before[part] for part in ("name", "email", "language", "time_zone", "resume")}
    return ok(world.client.put(path, json=body | values, headers=headers))


def test_what_a_candidate_changes_reaches_hr(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    changed = change(world, headers, name="李明明", email="new@mail.example", resume=RESUME)
    assert (changed["name"], changed["email"], changed["resume"]) == ("李明明", "new@mail.example", RESUME)
    recruiter = world.staff(world.acme, "recruiter")
    path = f"/api/v1/candidates/{invitation['candidate']['id']}"
    seen = ok(world.client.get(path, headers=recruiter))
    assert (seen["name"], seen["given_name"], seen["email"]) == ("李明明", "李明", "new@mail.example")
    assert seen["changed_at"] == changed["changed_at"]
    assert ok(world.client.get(f"{path}/resume", headers=recruiter))["text"] == RESUME
    refused(
        world.client.get(f"{path}/resume", headers=world.staff(world.acme, "interviewer")),
        403,
        "role_not_allowed",
    )
    body = {"candidate_id": invitation["candidate"]["id"], "position_id": invitation["position_id"]}
    made = world.create("/api/v1/preassessments", body, recruiter)
    assert made["status"] == "ready"
    ok(world.client.get(f"/api/v1/preassessments/{made['id']}", headers=recruiter))
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        views = select(AuditEntry.actor_kind, AuditEntry.action, AuditEntry.entity_id)
        assert db.session.execute(views.where(AuditEntry.action.like("%viewed"))).all() == [
            ("user", "candidate.viewed", invitation["candidate"]["id"]),
            ("user", "resume.viewed", invitation["candidate"]["id"]),
            ("user", "preassessment.viewed", made["id"]),
        ]
    copy = ok(world.client.get("/api/v1/candidate/data", headers=headers))["profile"]
    assert copy["resume"]["text"] == RESUME
    assert copy["given_by_company"]["name"] == "李明"
    again = change(world, headers)  # nothing is different
    assert again["changed_at"] == changed["changed_at"]
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "candidate.changed_own_profile")
        ).all()
        assert [entry.detail for entry in entries] == [{"changed": ["name", "email", "resume"]}]


def test_waiting_reminders_speak_the_new_language(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    change(world, headers, language="en", name="Ming", time_zone="Europe/London")
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        wanted = select(Message).where(
            Message.invitation_id == invitation["id"],
            Message.status == "queued",
            Message.kind.like("reminder%"),
        )
        words = contents_of(db.session.scalars(wanted).all())
        assert words
        assert all(one["body"].startswith("Hello Ming") for one in words.values())


def test_a_resume_may_be_taken_back(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, invitation = mine
    change(world, headers, resume=RESUME)
    assert change(world, headers, resume="")["resume_updated_at"] is None
    path = f"/api/v1/candidates/{invitation['candidate']['id']}/resume"
    refused(world.client.get(path, headers=world.staff(world.acme, "recruiter")), 404, "resume_unknown")
    body = {"candidate_id": invitation["candidate"]["id"], "position_id": invitation["position_id"]}
    recruiter = world.staff(world.acme, "recruiter")
    refused(world.client.post("/api/v1/preassessments", json=body, headers=recruiter), 404, "resume_unknown")


def test_a_code_never_goes_to_an_address_the_candidate_wrote(world: World, sandbox: Sandbox) -> None:
    """Whoever held a session for a moment must not be able to open it for good."""
    person = sandbox.new_person()
    candidate = world.add_candidate(world.acme, person.phone, email="given@mail.example")
    invitation = world.invite(world.acme, candidate, world.add_position(world.acme))
    headers = world.accept(invitation, person)
    change(world, headers, email="thief@mail.example")
    assert ok(world.client.get(link(invitation)))["masked_email"] == "g***@m***.example"
    visitor = bearer(ok(world.client.post(link(invitation, "/visits")), 201)["access_token"])
    ok(world.client.post(link(invitation, "/codes?by=email"), headers=visitor), 201)
    world.perform("deliver_message")
    mails = sandbox.get("messages", channel="email")
    assert [m["address"] for m in mails if m["address"].endswith("mail.example")][-1] == "given@mail.example"
    assert not any(m["address"] == "thief@mail.example" for m in mails)


def test_a_consent_keeps_its_words(world: World, mine: tuple[Headers, dict[str, Any]]) -> None:
    headers, _ = mine
    facts = ok(world.client.get("/api/v1/candidate/invitation", headers=headers))["privacy"]
    words = {one["modality"]: one["words"] for one in facts["modalities"]}
    for granted in (True, False):
        body = {"modality": "voice", "granted": granted, "text_version": facts["text_version"]}
        ok(world.client.post("/api/v1/candidate/consents", json=body, headers=headers), 201)
    history = ok(world.client.get("/api/v1/candidate/consents", headers=headers))["history"]
    assert [(one["granted"], one["words"]) for one in history] == [(True, words["voice"]), (False, None)]


def test_my_invitations_say_what_comes_next(world: World, sandbox: Sandbox) -> None:
    """Those of one company, also the ones nobody opened yet; a code is asked for those."""
    person = sandbox.new_person()
    first, _ = invite(world, world.acme, person)
    later, closed = (
        world.invite(
            world.acme,
            first["candidate"]["id"],
            world.add_position(world.acme, title=title),
            window_starts_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        )
        for title in ("later", "closed")
    )
    headers = world.accept(first, person)
    cancel = f"/api/v1/invitations/{closed['id']}/cancel"
    recruiter = world.staff(world.acme, "recruiter")
    ok(world.client.post(cancel, json={"reason": "filled"}, headers=recruiter))
    wanted = {
        first["id"]: ("start", True),
        later["id"]: ("prepare", False),
        closed["id"]: ("over", False),
    }
    path = "/api/v1/wechat/me/invitations"
    [company] = ok(world.client.get(path, headers=world.visit(person)))["companies"]
    own = ok(world.client.get("/api/v1/candidate/invitations", headers=headers))
    for found in (company, own):
        assert {one["id"]: (one["next_step"], one["proven"]) for one in found["invitations"]} == wanted
    facts = ok(world.client.get("/api/v1/candidate/invitation", headers=headers))["privacy"]
    body = {"modality": "recording", "granted": True, "text_version": facts["text_version"]}
    ok(world.client.post("/api/v1/candidate/consents", json=body, headers=headers), 201)
    ok(world.client.post("/api/v1/candidate/interview", headers=headers))
    own = ok(world.client.get("/api/v1/candidate/invitations", headers=headers))["invitations"]
    assert [one["next_step"] for one in own if one["id"] == first["id"]] == ["go_on"]
