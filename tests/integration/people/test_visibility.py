"""Whoever is no member of a position sees nothing of it (T5): every route and page, walked; and how members are made."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from app.drafts.models import Draft
from app.positions.visibility import SUBJECTS
from app.users.models import User
from app.users.sessions import open_session
from tenants.tenancy import tenant_transaction
from tests.factories import Headers, World, bearer, ok, refused
from tests.integration.answering import rows
from tests.integration.tenancy import twins
from tests.integration.tenancy.test_route_isolation import BODIES, PARAMETERS
from tests.integration.tenancy.twins import secret_of, twin_id

OF_THE_COMPANY = {"/api/v1/faq", "/hr/faq"}
"""What everybody of the company reads; in a twin it holds the secret word too."""


def outsider(world: World, role: str) -> Headers:
    """Somebody of the company who is a member of nothing."""
    return world.staff(world.acme, role)


@pytest.fixture
def filled(world: World) -> World:
    """One position with everything that can hang on it; of the recruiters only a member sees it."""
    twins.fill(world, world.acme)
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for person in db.session.scalars(select(User)):
            person.name = "同事"  # colleagues know each other's names
        draft = db.session.get_one(Draft, twin_id("draft"))
        draft.status, draft.position_id = "approved", twin_id("position")
    path = f"/api/v1/positions/{twin_id('position')}/access"
    ok(world.client.put(path, json={"restricted": True}, headers=world.sign_in(world.acme)))
    return world


@pytest.mark.parametrize("role", ["recruiter", "interviewer", "lead"])
def test_an_outsider_sees_nothing_of_a_position_on_any_route(filled: World, role: str) -> None:
    world, headers, found, refusals = filled, outsider(filled, role), [], 0
    before = twins.dump(world, world.acme)
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "token" in rule.arguments or rule.rule in OF_THE_COMPANY:  # a link is its own key
            continue
        path = world.app.url_map.bind("localhost").build(
            rule.endpoint, {name: PARAMETERS[name] for name in rule.arguments}
        )
        view: Any = world.app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            if rule.rule in {"/api/v1/sessions", "/hr/sign-out"}:
                continue
            body = None if method == "GET" else BODIES.get(rule.endpoint, {})
            answer = world.client.open(path, method=method, json=body, headers=headers)
            if secret_of(world.acme) in answer.get_data(as_text=True):
                found.append(f"{method} {rule.rule} shows it")
            may_call = role in getattr(view, "allowed_roles", ())
            if may_call and SUBJECTS.keys() & rule.arguments:
                is_page = rule.rule.startswith("/hr/")
                code = "" if is_page else (answer.get_json(silent=True) or {}).get("code")
                if answer.status_code != 403 or (not is_page and code != "position_not_visible"):
                    found.append(f"{method} {rule.rule}: {answer.status_code} {code}")
                refusals += 1
    assert found == []
    assert refusals >= 15
    changed = {name for name, table in twins.dump(world, world.acme).items() if table != before[name]}
    assert not changed & {"invitation", "interview", "decision", "thread", "post", "message"}


@pytest.mark.parametrize(("role", "subject"), [("interviewer", "position"), ("lead", "invitation")])
def test_a_member_sees_the_position_and_a_guest_the_one_interview(
    filled: World, role: str, subject: str
) -> None:
    world = filled
    with world.app.app_context():
        headers = _session(world, role)
    interview = f"/api/v1/interviews/{twin_id('interview')}"
    assert secret_of(world.acme) in str(ok(world.client.get(interview, headers=headers)))
    [listed] = ok(world.client.get("/api/v1/interviews", headers=headers))["items"]
    assert listed["id"] == twin_id("interview")
    assert len(ok(world.client.get("/api/v1/candidates", headers=headers))["items"]) == 1
    assert len(ok(world.client.get("/api/v1/messages", headers=headers))["items"]) == 1
    position = world.client.get(f"/api/v1/positions/{twin_id('position')}", headers=headers)
    if subject == "position":
        ok(position)
    else:
        refused(position, 403, "position_not_visible")


def _session(world: World, role: str) -> Headers:
    with tenant_transaction(world.acme.id):
        return bearer(open_session(twin_id(role), {"role": role}).access_token)


def test_an_owner_lets_people_in_and_out_and_the_refusal_says_whom_to_ask(either_world: World) -> None:
    world, acme = either_world, either_world.acme
    position = world.add_position(acme)
    reader, owner = world.staff(acme, "interviewer"), world.sign_in(acme)
    who = ok(world.client.get("/api/v1/me", headers=reader))["id"]
    path, members = f"/api/v1/positions/{position}", f"/api/v1/positions/{position}/members"
    problem = refused(world.client.get(path, headers=reader), 403, "position_not_visible")
    assert "recruiter 李" in problem["next"] and "王所有" in problem["next"]
    assert ok(world.client.get("/api/v1/positions", headers=reader))["items"] == []
    for _ in range(2):  # twice is once
        shown = ok(world.client.put(f"{members}/{who}", headers=owner))
        assert [one["role"] for one in shown["members"]] == ["recruiter", "interviewer"]
    ok(world.client.get(path, headers=reader))
    assert [one["id"] for one in ok(world.client.get("/api/v1/positions", headers=reader))["items"]] == [
        position
    ]
    refused(world.client.put(f"{members}/{who}", headers=reader), 403, "role_not_allowed")
    for _ in range(2):
        ok(world.client.delete(f"{members}/{who}", headers=owner))
    refused(world.client.get(path, headers=reader), 403, "position_not_visible")
    refused(world.client.put(f"{members}/{'0' * 32}", headers=owner), 404, "user_unknown")
    entries = rows(world, acme, AuditEntry, AuditEntry.action.like("position.member_%"))
    assert [(one.action, one.detail) for one in entries] == [
        ("position.member_added", {"user": who}),
        ("position.member_removed", {"user": who}),
    ]


def test_a_restricted_position_is_its_members_and_no_recruiter_shuts_themselves_out(world: World) -> None:
    acme, owner, maker = world.acme, world.sign_in(world.acme), world.staff(world.acme, "recruiter")
    position = world.add_position(acme)
    ok(world.client.put(f"/api/v1/positions/{position}/access", json={"restricted": True}, headers=maker))
    body = {
        "email": "second@acme.example",
        "name": "另一位",
        "role": "recruiter",
        "password": "a long password",
    }
    world.create("/api/v1/users", body, owner)
    other = world.sign_in(acme, "second@acme.example", "a long password")
    refused(world.client.get(f"/api/v1/positions/{position}", headers=other), 403, "position_not_visible")
    invite = {"candidate_id": world.add_candidate(acme), "position_id": position}
    invite |= {"window_starts_at": "2030-01-01T00:00:00Z", "window_ends_at": "2030-01-02T00:00:00Z"}
    refused(world.client.post("/api/v1/invitations", json=invite, headers=other), 403, "position_not_visible")
    me = ok(world.client.get("/api/v1/me", headers=maker))["id"]
    path = f"/api/v1/positions/{position}/members/{me}"
    refused(world.client.delete(path, headers=maker), 409, "position_own_membership")
    ok(world.client.delete(path, headers=owner))
    refused(world.client.get(f"/api/v1/positions/{position}", headers=maker), 403, "position_not_visible")
    ok(world.client.get(f"/api/v1/positions/{position}", headers=owner))


def test_a_disabled_colleague_is_not_let_in(world: World) -> None:
    acme, owner = world.acme, world.sign_in(world.acme)
    position = world.add_position(acme)
    who = ok(world.client.get("/api/v1/me", headers=world.staff(acme, "lead")))["id"]
    assert who in str(ok(world.client.get("/api/v1/colleagues", headers=world.staff(acme, "recruiter"))))
    ok(world.client.patch(f"/api/v1/users/{who}", json={"status": "disabled"}, headers=owner))
    answer = world.client.put(f"/api/v1/positions/{position}/members/{who}", headers=owner)
    refused(answer, 422, "user_disabled")
    assert who not in str(ok(world.client.get("/api/v1/colleagues", headers=owner)))
    world._sessions.pop("acme/lead@acme.example")  # it ended


def test_a_candidate_of_a_hidden_position_is_known_by_phone_and_not_shown(world: World) -> None:
    acme, maker = world.acme, world.staff(world.acme, "recruiter")
    position, phone = world.add_position(acme), "+8613812345678"
    candidate = world.add_candidate(acme, phone, name="保密人选")
    world.invite(acme, candidate, position)
    ok(world.client.put(f"/api/v1/positions/{position}/access", json={"restricted": True}, headers=maker))
    body = {
        "email": "third@acme.example",
        "name": "第三位",
        "role": "recruiter",
        "password": "a long password",
    }
    world.create("/api/v1/users", body, world.sign_in(acme))
    other = world.sign_in(acme, "third@acme.example", "a long password")
    again = world.client.post("/api/v1/candidates", json={"name": "某人", "phone": phone}, headers=other)
    assert ok(again)["id"] == candidate and "保密人选" not in again.get_data(as_text=True)
    refused(world.client.get(f"/api/v1/candidates/{candidate}", headers=other), 403, "position_not_visible")
    assert "保密人选" not in str(ok(world.client.get("/api/v1/candidates", headers=other)))
