"""The company's people on their phones: a one-time code binds a WeChat account, which then lets them in by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.audits.models import AuditEntry
from app.core.clock import utcnow
from app.core.database import db
from app.users.models import PhoneCode, UserPhone
from app.users.phones import ALPHABET
from tenants.models import WeChatAppRow
from tenants.tenancy import control_transaction, tenant_transaction
from tests.factories import APP, PASSWORD, Company, Headers, World, bearer, ok, refused
from tests.integration.answering import rows
from tests.integration.wechat.sandbox_client import Sandbox


def code_of(world: World, headers: Headers, password: str = PASSWORD) -> str:
    made = ok(world.client.post("/api/v1/me/phone-codes", json={"password": password}, headers=headers), 201)
    assert made["company"] and set(made["code"]) <= set(ALPHABET) and len(made["code"]) == 8
    return str(made["code"])


def bind(world: World, visitor: Headers, code: str, company: str = "acme") -> TestResponse:
    body = {"company": company, "code": code}
    return world.client.post("/api/v1/wechat/staff/bindings", json=body, headers=visitor)


def enter(world: World, visitor: Headers, company: Company) -> TestResponse:
    return world.client.post("/api/v1/wechat/staff/sessions", json={"tenant_id": company.id}, headers=visitor)


def me(world: World, session: Any) -> TestResponse:
    return world.client.get("/api/v1/me", headers=bearer(session["access_token"]))


def test_bound_once_and_let_in_by_wechat_from_then_on(either_world: World, sandbox: Sandbox) -> None:
    world, person = either_world, sandbox.new_person()
    account, visitor = world.staff(world.acme, "interviewer"), world.visit(person)
    assert ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"] == []
    refused(enter(world, visitor, world.acme), 403, "phone_not_bound")

    code = code_of(world, account)
    first = ok(bind(world, visitor, f" {code.lower()} ", "ACME"), 201)
    assert (first["role"], first["tenant"]["slug"]) == ("interviewer", "acme")
    assert ok(me(world, first))["email"] == "interviewer@acme.example"
    assert ok(world.client.get("/api/v1/me/phone", headers=account))["bound_at"]
    refused(bind(world, world.visit(sandbox.new_person()), code), 410, "phone_code_used")

    again = ok(enter(world, world.visit(person), world.acme), 201)
    ok(me(world, again))
    [place] = ok(world.client.get("/api/v1/wechat/staff/companies", headers=world.visit(person)))["companies"]
    assert (place["tenant"]["slug"], place["role"], place["problem"]) == ("acme", "interviewer", None)

    assert world.client.delete("/api/v1/me/phone", headers=account).status_code == 204
    for session in (first, again):
        refused(me(world, session), 401, "session_ended")
    ok(world.client.get("/api/v1/me", headers=account))  # the web's session is not the phone's
    refused(enter(world, visitor, world.acme), 403, "phone_not_bound")
    assert ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"] == []
    actions = [one.action for one in rows(world, world.acme, AuditEntry, AuditEntry.action.like("phone.%"))]
    assert actions == ["phone.code_made", "phone.bound", "phone.unbound"]


def test_codes_are_kept_as_keyed_hashes_expire_and_end_each_other(world: World, sandbox: Sandbox) -> None:
    account, visitor = world.staff(world.acme, "recruiter"), world.visit(sandbox.new_person())
    first, second = code_of(world, account), code_of(world, account)
    kept = rows(world, world.acme, PhoneCode)
    assert all(first not in str(vars(row)) and len(row.code_hash) == 64 for row in kept)
    refused(bind(world, visitor, first), 410, "phone_code_expired")
    refused(bind(world, visitor, "ABCDEFGH"), 422, "phone_code_wrong")
    refused(bind(world, visitor, second, "globex"), 422, "phone_code_wrong")
    refused(bind(world, visitor, second, "nobody-at-all"), 422, "phone_code_wrong")
    with time_machine.travel(utcnow() + timedelta(minutes=11)):
        refused(bind(world, world.visit(sandbox.new_person()), second), 410, "phone_code_expired")
    ok(bind(world, visitor, second), 201)


def test_guessing_is_slowed_down(world: World, sandbox: Sandbox) -> None:
    visitor = world.visit(sandbox.new_person())
    answers = [bind(world, visitor, f"ABCDEFG{letter}").status_code for letter in ALPHABET[:12]]
    assert answers[:10] == [422] * 10 and answers[10:] == [429] * 2


def test_one_wechat_is_one_person_of_a_company_and_perhaps_of_others(world: World, sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    visitor = world.visit(person)
    ok(bind(world, visitor, code_of(world, world.staff(world.acme, "recruiter"))), 201)
    other = code_of(world, world.staff(world.acme, "lead"))
    refused(bind(world, visitor, other), 409, "phone_bound_to_other")
    ok(bind(world, world.visit(sandbox.new_person()), other), 201)  # the refusal did not use the code up
    ok(bind(world, visitor, code_of(world, world.sign_in(world.globex)), "globex"), 201)
    found = ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"]
    assert [(one["tenant"]["slug"], one["role"]) for one in found] == [
        ("acme", "recruiter"),
        ("globex", "owner"),
    ]
    invitation = world.invite(
        world.acme, world.add_candidate(world.acme, person.phone), world.add_position(world.acme)
    )
    ok(
        world.client.get("/api/v1/candidate/invitation", headers=world.accept(invitation, person))
    )  # and a candidate
    assert ok(enter(world, visitor, world.acme), 201)["role"] == "recruiter"


def test_a_new_phone_takes_the_place_of_the_old_one(world: World, sandbox: Sandbox) -> None:
    account, old, new = world.staff(world.acme, "lead"), sandbox.new_person(), sandbox.new_person()
    before = ok(bind(world, world.visit(old), code_of(world, account)), 201)
    after = ok(bind(world, world.visit(new), code_of(world, account)), 201)
    refused(me(world, before), 401, "session_ended")
    ok(me(world, after))
    refused(enter(world, world.visit(old), world.acme), 403, "phone_not_bound")


def newcomer(world: World, email: str) -> tuple[str, Headers]:
    """A new colleague of acme: their id, and headers of a session with their password."""
    body = {"email": email, "name": "新同事", "role": "lead", "password": PASSWORD}
    who = str(world.create("/api/v1/users", body, world.sign_in(world.acme))["id"])
    form = {"company": "acme", "email": email, "password": PASSWORD}
    return who, bearer(ok(world.client.post("/api/v1/sessions", json=form), 201)["access_token"])


def test_a_code_is_made_by_oneself_alone_with_the_password(world: World) -> None:
    """A session held for a moment must not become a phone that stays; nobody signs in as somebody else."""
    owner, (who, account) = world.sign_in(world.acme), newcomer(world, "new@acme.example")
    mine, wrong = "/api/v1/me/phone-codes", {"password": f"{PASSWORD}?"}
    assert world.client.post(mine, headers=account).status_code == 400
    refused(world.client.post(mine, json=wrong, headers=account), 422, "password_wrong")
    assert rows(world, world.acme, PhoneCode) == []
    theirs = world.client.post(f"/api/v1/users/{who}/phone-codes", json={"password": PASSWORD}, headers=owner)
    assert theirs.status_code == 404


def test_an_owner_unbinds(world: World, sandbox: Sandbox) -> None:
    owner, person = world.sign_in(world.acme), sandbox.new_person()
    who, account = newcomer(world, "new@acme.example")
    path = f"/api/v1/users/{who}"
    session = ok(bind(world, world.visit(person), code_of(world, account)), 201)
    listed = {one["id"]: one for one in ok(world.client.get("/api/v1/users", headers=owner))["items"]}
    assert listed[who]["phone_bound_at"] and listed[world.acme.owner_id]["phone_bound_at"] is None
    for _ in range(2):
        assert world.client.delete(f"{path}/phone", headers=owner).status_code == 204
    refused(me(world, session), 401, "session_ended")
    refused(enter(world, world.visit(person), world.acme), 403, "phone_not_bound")


def test_a_new_password_ends_codes_that_were_not_entered_yet(world: World, sandbox: Sandbox) -> None:
    """Whoever held a session for a moment must not bind their own phone after it ended."""
    owner, (who, account) = world.sign_in(world.acme), newcomer(world, "held@acme.example")
    first, visitor = code_of(world, account), world.visit(sandbox.new_person())
    changed = {"current_password": PASSWORD, "new_password": f"{PASSWORD}-2"}
    renewed = ok(world.client.put("/api/v1/me/password", json=changed, headers=account))
    refused(bind(world, visitor, first), 410, "phone_code_expired")
    second = code_of(world, bearer(renewed["access_token"]), changed["new_password"])
    given = {"password": f"{PASSWORD}-3"}
    ok(world.client.patch(f"/api/v1/users/{who}", json=given, headers=owner))
    refused(bind(world, visitor, second), 410, "phone_code_expired")


def test_a_new_password_unbinds_the_phone(world: World, sandbox: Sandbox) -> None:
    """Whoever changes it may fear that somebody else was in, and bound a phone of their own."""
    owner, (who, account) = world.sign_in(world.acme), newcomer(world, "bound@acme.example")
    first, second = sandbox.new_person(), sandbox.new_person()
    session = ok(bind(world, world.visit(first), code_of(world, account)), 201)
    changed = {"current_password": PASSWORD, "new_password": f"{PASSWORD}-2"}
    renewed = ok(world.client.put("/api/v1/me/password", json=changed, headers=account))
    refused(me(world, session), 401, "session_ended")
    refused(enter(world, world.visit(first), world.acme), 403, "phone_not_bound")
    account = bearer(renewed["access_token"])
    assert ok(world.client.get("/api/v1/me/phone", headers=account))["bound_at"] is None

    ok(bind(world, world.visit(second), code_of(world, account, changed["new_password"])), 201)
    ok(world.client.patch(f"/api/v1/users/{who}", json={"role": "interviewer"}, headers=owner))
    ok(enter(world, world.visit(second), world.acme), 201)  # another role is no reason to bind anew
    ok(world.client.patch(f"/api/v1/users/{who}", json={"password": f"{PASSWORD}-3"}, headers=owner))
    refused(enter(world, world.visit(second), world.acme), 403, "phone_not_bound")


def test_a_disabled_account_and_a_suspended_company_let_nobody_in(world: World, sandbox: Sandbox) -> None:
    owner, person = world.sign_in(world.acme), sandbox.new_person()
    who, account = newcomer(world, "gone@acme.example")
    session = ok(bind(world, world.visit(person), code_of(world, account)), 201)
    later = code_of(world, account)
    ok(world.client.patch(f"/api/v1/users/{who}", json={"status": "disabled"}, headers=owner))
    refused(me(world, session), 401, "session_ended")
    visitor = world.visit(person)
    refused(enter(world, visitor, world.acme), 403, "account_disabled")
    refused(bind(world, visitor, later), 403, "account_disabled")
    [place] = ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"]
    assert place["problem"] == "account_disabled" and place["problem_words"]

    guest = world.add_company("closing")
    ok(bind(world, visitor, code_of(world, world.sign_in(guest)), "closing"), 201)
    suspend = {"status": "suspended"}
    ok(world.client.patch(f"/api/v1/operator/tenants/{guest.id}", json=suspend, headers=world.operator()))
    refused(enter(world, visitor, guest), 403, "tenant_inactive")
    refused(bind(world, visitor, "ABCDEFGH", "closing"), 403, "tenant_inactive")
    places = ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"]
    assert [one["problem"] for one in places] == ["account_disabled", "tenant_inactive"]


def test_a_browser_enters_with_a_code_and_stays_a_stranger(world: World) -> None:
    account = world.staff(world.acme, "interviewer")
    body = {"company": "acme", "code": code_of(world, account)}
    session = ok(world.client.post("/api/v1/sessions/by-code", json=body), 201)
    ok(me(world, session))
    refused(world.client.post("/api/v1/sessions/by-code", json=body), 410, "phone_code_used")
    assert ok(world.client.get("/api/v1/me/phone", headers=account))["bound_at"] is None
    assert world.client.delete("/api/v1/me/phone", headers=account).status_code == 204
    refused(me(world, session), 401, "session_ended")  # it began on a phone, bound or not


def test_a_code_used_twice_at_once_lets_one_in(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    visitors = [world.visit(sandbox.new_person()) for _ in range(4)]
    code = code_of(world, world.staff(world.acme, "recruiter"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda visitor: bind(world, visitor, code), visitors))
    assert sorted(answer.status_code for answer in answers)[0] == 201
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} <= {201, 410, 503}
    assert len(rows(world, world.acme, UserPhone)) == 1


def test_two_accounts_that_want_one_wechat_at_once(either_world: World, sandbox: Sandbox) -> None:
    world, visitor = either_world, either_world.visit(sandbox.new_person())
    codes = [code_of(world, world.staff(world.acme, role)) for role in ("recruiter", "interviewer", "lead")]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda code: bind(world, visitor, code), codes))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1 and set(statuses) <= {201, 409, 503}
    assert len(rows(world, world.acme, UserPhone)) == 1


def test_a_mini_program_of_another_company_does_not_get_a_code(world: World, sandbox: Sandbox) -> None:
    visitor = world.visit(sandbox.new_person(), APP)
    with world.app.app_context(), control_transaction():
        db.session.get_one(WeChatAppRow, APP.app_id).tenant_id = world.globex.id
    refused(bind(world, visitor, code_of(world, world.sign_in(world.acme))), 403, "phone_app_foreign")


@pytest.mark.parametrize("path", ["/api/v1/wechat/staff/bindings", "/api/v1/wechat/staff/sessions"])
def test_a_browsers_visitor_has_no_wechat_to_bind(world: World, path: str) -> None:
    invitation = world.invite(world.acme, world.add_candidate(world.acme), world.add_position(world.acme))
    visit = world.client.post(f"/api/v1/invitation-links/{invitation['token']}/visits")
    headers = bearer(ok(visit, 201)["access_token"])
    body = (
        {"company": "acme", "code": "ABCDEFGH"} if path.endswith("bindings") else {"tenant_id": world.acme.id}
    )
    refused(world.client.post(path, json=body, headers=headers), 403, "phone_in_browser")
    assert ok(world.client.get("/api/v1/wechat/staff/companies", headers=headers))["companies"] == []


def test_a_membership_without_a_binding_lets_nobody_in(world: World, sandbox: Sandbox) -> None:
    """As a crash between the two leaves it."""
    person = sandbox.new_person()
    visitor = world.visit(person)
    ok(bind(world, visitor, code_of(world, world.sign_in(world.acme))), 201)
    with world.app.app_context(), tenant_transaction(world.acme.id):
        db.session.delete(db.session.get_one(UserPhone, world.acme.owner_id))
    refused(enter(world, visitor, world.acme), 403, "phone_not_bound")
    assert ok(world.client.get("/api/v1/wechat/staff/companies", headers=visitor))["companies"] == []


def on_the_web(world: World, role: str) -> tuple[FlaskClient, str]:
    world.staff(world.acme, role)
    client = world.client
    form = {"company": "acme", "email": f"{role}@acme.example", "password": PASSWORD}
    assert client.post("/hr/sign-in", data=form).status_code == 303
    token = client.get_cookie("csrf_access_token")
    assert token is not None
    return client, token.value


def test_the_web_page_hands_out_codes_and_unbinds(world: World, sandbox: Sandbox) -> None:
    client, token = on_the_web(world, "owner")
    assert "尚未绑定" in client.get("/hr/phone").get_data(as_text=True)
    wrong = client.post("/hr/phone", data={"action": "code", "password": "?", "csrf_token": token})
    assert wrong.status_code == 422 and 'id="code"' not in wrong.get_data(as_text=True)
    shown = client.post("/hr/phone", data={"action": "code", "password": PASSWORD, "csrf_token": token})
    assert shown.headers["Cache-Control"] == "no-store"
    code = shown.get_data(as_text=True).split('id="code">')[1][:8]
    ok(bind(world, world.visit(sandbox.new_person()), code), 201)
    assert "已绑定微信" in client.get("/hr/phone").get_data(as_text=True)

    world.staff(world.acme, "lead")
    users = ok(world.client.get("/api/v1/users", headers=world.sign_in(world.acme)))["items"]
    lead = next(one["id"] for one in users if one["role"] == "lead")
    theirs = client.post("/hr/phone", data={"action": "unbind", "user": lead, "csrf_token": token})
    assert theirs.status_code == 303
    done = client.post("/hr/phone", data={"action": "unbind", "csrf_token": token})
    assert (done.status_code, done.location) == (303, "/hr/phone?unbound=1")

    other, others_token = on_the_web(world, "recruiter")
    form = {"action": "unbind", "user": lead, "csrf_token": others_token}
    assert other.post("/hr/phone", data=form).status_code == 403
    assert "同事的手机" not in other.get("/hr/phone").get_data(as_text=True)


def test_the_web_page_keeps_who_sees_a_position(world: World) -> None:
    position, reader = world.add_position(world.acme), world.staff(world.acme, "interviewer")
    who = ok(world.client.get("/api/v1/me", headers=reader))["id"]
    client, token = on_the_web(world, "recruiter")
    page = f"/hr/positions/{position}/people"
    assert page in client.get(f"/hr/positions/{position}").get_data(as_text=True)
    for action, allowed in (("add", 200), ("remove", 403), ("add", 200)):
        done = client.post(page, data={"action": action, "user": who, "csrf_token": token})
        assert (done.status_code, done.location) == (303, page)
        assert world.client.get(f"/api/v1/positions/{position}", headers=reader).status_code == allowed
    assert client.post(page, data={"action": "restrict", "csrf_token": token}).status_code == 303
    assert "仅成员可见" in client.get(page).get_data(as_text=True)
    assert on_the_web(world, "lead")[0].get(page).status_code == 403
