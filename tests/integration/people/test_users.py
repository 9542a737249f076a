"""Sign-in, sessions and the people of a company."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from sqlalchemy import select

from app.core.ids import new_id
from app.users.sessions import GRACE
from tests.factories import PASSWORD, World, bearer, ok, refused


def test_an_owner_signs_in_and_sees_who_they_are(either_world: World) -> None:
    world = either_world
    body = {"company": "acme", "email": world.acme.owner_email.upper(), "password": PASSWORD}
    session = ok(world.client.post("/api/v1/sessions", json=body), 201)
    assert (session["role"], session["tenant"]["slug"]) == ("owner", "acme")
    me = ok(world.client.get("/api/v1/me", headers=bearer(session["access_token"])))
    assert me["id"] == world.acme.owner_id
    assert me["tenant"]["id"] == world.acme.id


@pytest.mark.parametrize(
    "changed",
    [
        {"company": "nobody-here"},
        {"company": "globex"},
        {"email": "stranger@acme.example"},
        {"password": "wrong password"},
        {"email": "owner@globex.example"},
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(world: World, changed: dict[str, str]) -> None:
    body = {"company": "acme", "email": world.acme.owner_email, "password": PASSWORD, **changed}
    problem = refused(world.client.post("/api/v1/sessions", json=body), 401, "sign_in_refused")
    assert "acme" not in problem["detail"]


def test_guessing_is_slowed_for_one_account_only(world: World) -> None:
    body = {"company": "acme", "email": world.acme.owner_email, "password": "wrong password"}
    for _ in range(10):
        refused(world.client.post("/api/v1/sessions", json=body), 401, "sign_in_refused")
    refused(world.client.post("/api/v1/sessions", json=body), 429, "too_many_requests")
    other = {"company": "globex", "email": world.globex.owner_email, "password": PASSWORD}
    ok(world.client.post("/api/v1/sessions", json=other), 201)


def _session(world: World) -> dict[str, str]:
    body = {"company": "acme", "email": world.acme.owner_email, "password": PASSWORD}
    return ok(world.client.post("/api/v1/sessions", json=body), 201)


def test_a_refresh_token_works_once_and_reuse_ends_the_session(either_world: World) -> None:
    world = either_world
    first = _session(world)
    second = ok(world.client.post("/api/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]}))
    ok(world.client.get("/api/v1/me", headers=bearer(second["access_token"])))
    with time_machine.travel(datetime.now(UTC) + GRACE + timedelta(seconds=1)):
        again = world.client.post("/api/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    refused(again, 401, "refresh_reused")
    refused(world.client.get("/api/v1/me", headers=bearer(second["access_token"])), 401, "session_ended")
    later = world.client.post("/api/v1/sessions/refresh", json={"refresh_token": second["refresh_token"]})
    refused(later, 401, "session_ended")


def test_a_copied_token_used_at_once_starts_no_second_chain(either_world: World) -> None:
    """Within the grace both get the same next token, so that the one who comes second with it is found out."""
    world = either_world
    first, now = _session(world), datetime.now(UTC)

    def refresh(pair: dict[str, str], seconds: float) -> Any:
        with time_machine.travel(now + timedelta(seconds=seconds)):
            return world.client.post(
                "/api/v1/sessions/refresh", json={"refresh_token": pair["refresh_token"]}
            )

    def token(pair: dict[str, str]) -> str:
        claims = jwt.decode(pair["refresh_token"], options={"verify_signature": False})
        return str(claims["jti"])

    mine, copied = ok(refresh(first, 1)), ok(refresh(first, 2))
    assert token(mine) == token(copied) != token(first)
    newest = ok(refresh(mine, 3))
    again = ok(refresh(first, 4))  # the first tab was quick: still one chain
    assert token(newest) == token(again)
    refused(refresh(copied, 60), 401, "refresh_reused")
    refused(refresh(newest, 61), 401, "session_ended")


@pytest.mark.parametrize("which", ["access_token", "nonsense"])
def test_only_a_refresh_token_refreshes(world: World, which: str) -> None:
    token = _session(world).get(which, "x.y.z")
    refused(
        world.client.post("/api/v1/sessions/refresh", json={"refresh_token": token}), 401, "session_ended"
    )


def test_signing_out_ends_the_session_at_once(world: World) -> None:
    session = _session(world)
    headers = bearer(session["access_token"])
    assert world.client.delete("/api/v1/sessions", headers=headers).status_code == 204
    refused(world.client.get("/api/v1/me", headers=headers), 401, "session_ended")


def test_an_owner_adds_lists_and_changes_people(either_world: World) -> None:
    world = either_world
    owner = world.staff(world.acme, "owner")
    email = f"Ana-{new_id()}@Acme.example"
    body = {"email": email, "name": "Ana", "role": "recruiter", "password": PASSWORD}
    ana = ok(world.client.post("/api/v1/users", json=body, headers=owner), 201)
    refused(world.client.post("/api/v1/users", json=body, headers=owner), 409, "email_taken")
    headers = world.sign_in(world.acme, email.lower())
    refused(world.client.get("/api/v1/users", headers=headers), 403, "role_not_allowed")
    listed = ok(world.client.get("/api/v1/users", headers=owner))["items"]
    assert {email.lower(), world.acme.owner_email} <= {person["email"] for person in listed}
    change = {"role": "interviewer"}
    changed = ok(world.client.patch(f"/api/v1/users/{ana['id']}", json=change, headers=owner))
    assert changed["role"] == "interviewer"
    refused(world.client.get("/api/v1/me", headers=headers), 401, "session_ended")
    ok(world.client.patch(f"/api/v1/users/{ana['id']}", json={"status": "disabled"}, headers=owner))
    again = {"company": "acme", "email": email, "password": PASSWORD}
    refused(world.client.post("/api/v1/sessions", json=again), 401, "sign_in_refused")


@pytest.mark.parametrize("change", [{"role": "lead"}, {"status": "disabled"}])
def test_the_last_owner_stays(world: World, change: dict[str, str]) -> None:
    owner = world.staff(world.acme, "owner")
    answer = world.client.patch(f"/api/v1/users/{world.acme.owner_id}", json=change, headers=owner)
    refused(answer, 409, "last_owner")


def test_another_companys_person_is_not_there(world: World) -> None:
    owner = world.staff(world.acme, "owner")
    for person in (world.globex.owner_id, "0" * 32, "nonsense"):
        answer = world.client.patch(f"/api/v1/users/{person}", json={"role": "lead"}, headers=owner)
        refused(answer, 404, "user_unknown")


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "short"},
        {"email": "not-an-address"},
        {"role": "operator"},
        {"name": " "},
        {"name": "A\u202eB"},
        {"extra": 1},
    ],
)
def test_a_bad_new_person_is_refused(world: World, changed: dict[str, object]) -> None:
    body = {"email": "x@acme.example", "name": "X", "role": "lead", "password": PASSWORD, **changed}
    answer = world.client.post("/api/v1/users", json=body, headers=world.staff(world.acme, "owner"))
    assert refused(answer, 422, "invalid_input")["errors"]


def test_a_changed_password_ends_every_session_but_the_new_one(either_world: World) -> None:
    world, company = either_world, either_world.globex
    body = {"email": f"{new_id()}@globex.example", "name": "Bo", "role": "lead", "password": PASSWORD}
    person = ok(world.client.post("/api/v1/users", json=body, headers=world.staff(company, "owner")), 201)
    headers = world.sign_in(company, body["email"])
    wrong = {"current_password": "not my password", "new_password": "a new password"}
    refused(world.client.put("/api/v1/me/password", json=wrong, headers=headers), 422, "password_wrong")
    right = {**wrong, "current_password": PASSWORD}
    fresh = ok(world.client.put("/api/v1/me/password", json=right, headers=headers))
    refused(world.client.get("/api/v1/me", headers=headers), 401, "session_ended")
    ok(world.client.get("/api/v1/me", headers=bearer(fresh["access_token"])))
    session = {"company": "globex", "email": body["email"], "password": PASSWORD}
    refused(world.client.post("/api/v1/sessions", json=session), 401, "sign_in_refused")
    # The owner helps somebody who forgot theirs.
    path, reset = f"/api/v1/users/{person['id']}", {"password": "set by the owner"}
    ok(world.client.patch(path, json=reset, headers=world.staff(company, "owner")))
    refused(world.client.get("/api/v1/me", headers=bearer(fresh["access_token"])), 401, "session_ended")
    ok(world.client.post("/api/v1/sessions", json={**session, **reset}), 201)


def test_a_refresh_token_sent_twice_at_once_keeps_the_session(either_world: World) -> None:
    """Two tabs, or an answer that was lost: one session, and it ends as one."""
    world = either_world
    token = _session(world)["refresh_token"]

    def refresh(_: int) -> dict[str, str]:
        return ok(world.client.post("/api/v1/sessions/refresh", json={"refresh_token": token}))

    with ThreadPoolExecutor(4) as pool:
        pairs = list(pool.map(refresh, range(4)))
    for pair in pairs:
        ok(world.client.get("/api/v1/me", headers=bearer(pair["access_token"])))
    assert (
        world.client.delete("/api/v1/sessions", headers=bearer(pairs[0]["access_token"])).status_code == 204
    )
    for pair in pairs:
        refused(world.client.get("/api/v1/me", headers=bearer(pair["access_token"])), 401, "session_ended")
    refused(
        world.client.post("/api/v1/sessions/refresh", json={"refresh_token": token}), 401, "refresh_reused"
    )


def test_the_audit_log_knows_who_did_what(world: World) -> None:
    from app.audits.models import AuditEntry
    from app.audits.service import find_break
    from app.core.database import db
    from tenants.tenancy import tenant_scope

    _session(world)
    invitation = world.invite(world.acme, world.add_candidate(world.acme), world.add_position(world.acme))
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        actions = [(entry.actor_kind, entry.action) for entry in entries]
        assert actions[0] == ("operator", "tenant.created")
        assert actions[-1] == ("user", "invitation.sent")
        assert entries[-1].entity_id == invitation["id"]
        assert ("user", "session.opened") in actions
        assert find_break() is None


def test_an_unknown_account_costs_as_much_work_as_a_wrong_password(world: World) -> None:
    """Else the time of the answer would tell which companies and people exist."""

    def work(**changed: str) -> float:
        body = {"company": "acme", "email": world.acme.owner_email, "password": "wrong password", **changed}
        spent = []
        for _ in range(3):
            began = time.process_time()
            refused(world.client.post("/api/v1/sessions", json=body), 401, "sign_in_refused")
            spent.append(time.process_time() - began)
        return min(spent)

    wrong_password = work()
    assert work(company="nobody-here") > wrong_password / 2
    assert work(email="nobody@acme.example") > wrong_password / 2
