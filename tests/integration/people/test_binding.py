"""A link binds the invited person and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from app.core.ids import new_id
from app.ports import WeChatApp
from tests.factories import APP, Company, Headers, World, bearer, ok, refused
from tests.integration.conftest import register_on_sandbox
from tests.integration.wechat.sandbox_client import Sandbox, Someone


@pytest.fixture
def invited(world: World, sandbox: Sandbox) -> tuple[dict[str, Any], Someone]:
    """An invitation of acme and the person it is for."""
    return invite(world, world.acme, sandbox.new_person())


def invite(world: World, company: Company, person: Someone) -> tuple[dict[str, Any], Someone]:
    candidate = world.add_candidate(company, person.phone)
    return world.invite(company, candidate, world.add_position(company)), person


def link(invitation: dict[str, Any], rest: str = "") -> str:
    return f"/api/v1/invitation-links/{invitation['token']}{rest}"


def send_code(world: World, invitation: dict[str, Any], visitor: Headers, phone_owner: Someone) -> str:
    """Ask for a code and read it on the invited phone."""
    before = len(phone_owner.inbox())
    ok(world.client.post(link(invitation, "/codes"), headers=visitor), 201)
    world.perform("deliver_message")
    new = [message["body"] for message in phone_owner.inbox()[before:] if message["channel"] == "sms"]
    [code] = [match[0] for body in new if (match := re.search(r"(?<!\d)\d{6}(?!\d)", body))]
    return code


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_link_shows_who_invites_and_identifies_nobody(world: World, sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    candidate = world.add_candidate(world.acme, person.phone, name="诸葛孔明", email="kongming@example.com")
    invitation = world.invite(world.acme, candidate, world.add_position(world.acme), materials="项目PPT")
    answer = world.client.get(link(invitation), headers={"Accept-Language": "en"})
    seen = ok(answer)
    assert (seen["position"], seen["materials"], seen["status"]) == ("销售代表", "项目PPT", "sent")
    for secret in ("诸葛孔明", "kongming", person.phone, person.phone[3:]):
        assert secret not in answer.get_data(as_text=True)
    assert seen["masked_phone"] == f"{person.phone[3:6]}****{person.phone[-4:]}"
    privacy = seen["privacy"]
    assert privacy["language"] == "en"
    assert (privacy["retention_days"], "180" in privacy["retention"]) == (180, True)
    assert [(m["modality"], m["required"]) for m in privacy["modalities"]] == [
        ("recording", True),
        ("voice", False),
    ]
    in_chinese = ok(world.client.get(link(invitation)))["privacy"]
    assert in_chinese["who_decides"] != privacy["who_decides"]
    assert in_chinese["text_version"] == privacy["text_version"]


def test_face_is_asked_for_only_where_the_company_turned_it_on(
    world: World, invited: tuple[dict[str, Any], Someone]
) -> None:
    invitation, _ = invited
    owner = world.staff(world.acme, "owner")
    before = ok(world.client.get(link(invitation)))["privacy"]
    ok(
        world.client.patch(
            "/api/v1/policy", json={"face_analysis": "facts", "retention_days": 30}, headers=owner
        )
    )
    after = ok(world.client.get(link(invitation)))["privacy"]
    assert [m["modality"] for m in after["modalities"]] == ["recording", "voice", "face"]
    assert before["face"] != after["face"]
    assert after["retention_days"] == 30


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token[:-1],
        lambda token: token + "a",
        lambda token: "zzzzzz" + token[6:],
        lambda token: token.swapcase(),
        lambda token: token[:6],
        lambda token: "%00" + token[3:],
    ],
)
def test_a_wrong_link_is_unknown(
    world: World, invited: tuple[dict[str, Any], Someone], spoil: Callable[[str], str]
) -> None:
    invitation, person = invited
    wrong = {"token": spoil(invitation["token"])}
    refused(world.client.get(link(wrong)), 404, "invitation_unknown")
    visitor = world.visit(person)
    refused(world.client.post(link(wrong, "/codes"), headers=visitor), 404, "invitation_unknown")
    answer = world.client.post(link(wrong, "/bindings"), json={"code": "000000"}, headers=visitor)
    refused(answer, 404, "invitation_unknown")


def test_the_invited_phone_binds_by_a_code(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    invitation, person = invite(world, world.acme, sandbox.new_person())
    visitor = world.visit(person)
    refused(
        world.client.post(link(invitation, "/bindings"), json={}, headers=visitor),
        422,
        "binding_proof_missing",
    )
    code = send_code(world, invitation, visitor, person)
    session = ok(
        world.client.post(link(invitation, "/bindings"), json={"code": f" {code} "}, headers=visitor), 201
    )
    assert session["invitation_id"] == invitation["id"]
    mine = ok(world.client.get("/api/v1/candidate/invitation", headers=bearer(session["access_token"])))
    assert (mine["id"], mine["status"]) == (invitation["id"], "bound")
    again = ok(world.client.post(link(invitation, "/bindings"), json={}, headers=world.visit(person)), 201)
    assert again["access_token"] != session["access_token"]
    renewed = ok(
        world.client.post("/api/v1/sessions/refresh", json={"refresh_token": session["refresh_token"]})
    )
    ok(world.client.get("/api/v1/candidate/invitation", headers=bearer(renewed["access_token"])))
    ok(world.client.get("/api/v1/candidate/invitation", headers=bearer(again["access_token"])))


def test_a_forwarded_link_binds_nobody_else(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    invitation, person = invite(world, world.acme, sandbox.new_person())
    stranger = sandbox.new_person("别人")
    visitor = world.visit(stranger)
    code = send_code(world, invitation, visitor, person)  # it reaches the invited phone, not the stranger
    assert stranger.inbox() == []
    wrong = world.client.post(link(invitation, "/bindings"), json={"code": another(code)}, headers=visitor)
    assert "4" in refused(wrong, 422, "binding_code_wrong")["detail"]
    by_phone = {"phone_code": stranger.phone_code(APP)}
    answer = world.client.post(link(invitation, "/bindings"), json=by_phone, headers=visitor)
    problem = refused(answer, 422, "phone_not_invited")
    assert person.phone[3:] not in str(problem)
    # The code of one identity is worth nothing to another.
    owner = world.visit(person)
    answer = world.client.post(link(invitation, "/bindings"), json={"code": code}, headers=owner)
    refused(answer, 410, "binding_code_expired")
    world.accept(invitation, person)
    for rest, body in (("/codes", None), ("/bindings", {"code": code}), ("/bindings", {})):
        answer = world.client.post(link(invitation, rest), json=body, headers=visitor)
        refused(answer, 403, "invitation_bound_elsewhere")


def test_five_wrong_tries_use_a_code_up(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    visitor = world.visit(person)
    code = send_code(world, invitation, visitor, person)
    for left in range(4, -1, -1):
        answer = world.client.post(
            link(invitation, "/bindings"), json={"code": another(code)}, headers=visitor
        )
        assert str(left) in refused(answer, 422, "binding_code_wrong")["detail"]
    answer = world.client.post(link(invitation, "/bindings"), json={"code": code}, headers=visitor)
    refused(answer, 410, "binding_code_expired")


def test_a_code_ends_after_ten_minutes_and_works_once(
    world: World, invited: tuple[dict[str, Any], Someone]
) -> None:
    invitation, person = invited
    visitor = world.visit(person)
    code = send_code(world, invitation, visitor, person)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1), tick=True):
        answer = world.client.post(link(invitation, "/bindings"), json={"code": code}, headers=visitor)
        refused(answer, 410, "binding_code_expired")
        fresh = send_code(world, invitation, visitor, person)
        ok(world.client.post(link(invitation, "/bindings"), json={"code": fresh}, headers=visitor), 201)
        path = f"/api/v1/invitations/{invitation['id']}/unbind"
        ok(world.client.post(path, headers=world.staff(world.acme, "recruiter")))
        answer = world.client.post(link(invitation, "/bindings"), json={"code": fresh}, headers=visitor)
        refused(answer, 410, "binding_code_expired")


def test_a_newer_code_replaces_the_older(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    visitor = world.visit(person)
    old = send_code(world, invitation, visitor, person)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=True):
        new = send_code(world, invitation, visitor, person)
        if old != new:
            answer = world.client.post(link(invitation, "/bindings"), json={"code": old}, headers=visitor)
            refused(answer, 422, "binding_code_wrong")
        ok(world.client.post(link(invitation, "/bindings"), json={"code": new}, headers=visitor), 201)


def test_codes_are_limited_per_invitation_whoever_asks(
    world: World, invited: tuple[dict[str, Any], Someone], sandbox: Sandbox
) -> None:
    invitation, person = invited
    ok(world.client.post(link(invitation, "/codes"), headers=world.visit(person)), 201)
    stranger = sandbox.new_person()
    answer = world.client.post(link(invitation, "/codes"), headers=world.visit(stranger))
    refused(answer, 429, "binding_codes_used_up")
    began, sent = datetime.now(UTC), 1
    for minute in range(2, 24 * 60, 30):
        with time_machine.travel(began + timedelta(minutes=minute), tick=True):
            answer = world.client.post(link(invitation, "/codes"), headers=world.visit(stranger))
            sent += answer.status_code == 201
    assert sent == 10  # a day
    statuses = []
    for minute in range(0, 12, 2):
        with time_machine.travel(began + timedelta(hours=40, minutes=minute), tick=True):
            answer = world.client.post(link(invitation, "/codes"), headers=world.visit(person))
            statuses.append(answer.status_code)
    assert statuses == [201] * 5 + [429]  # an hour


@pytest.mark.parametrize(
    "body",
    [
        {"code": "12345"},
        {"code": "abcdef"},
        {"code": "１２３４５６"},
        {"x": 1},
        {"code": "123456", "phone_code": "p"},
    ],
)
def test_a_malformed_proof_is_refused(
    world: World, invited: tuple[dict[str, Any], Someone], body: dict[str, Any]
) -> None:
    invitation, person = invited
    answer = world.client.post(link(invitation, "/bindings"), json=body, headers=world.visit(person))
    refused(answer, 422, "invalid_input")


def test_unbinding_ends_the_session_and_lets_another_phone_in(
    world: World, invited: tuple[dict[str, Any], Someone]
) -> None:
    invitation, person = invited
    candidate = world.accept(invitation, person)
    other = world.invite(
        world.acme, world.add_candidate(world.acme, person.phone), world.add_position(world.acme)
    )
    kept = world.accept(other, person)
    recruiter = world.staff(world.acme, "recruiter")
    path = f"/api/v1/invitations/{invitation['id']}/unbind"
    assert ok(world.client.post(path, headers=recruiter))["status"] == "sent"
    refused(world.client.post(path, headers=recruiter), 409, "invitation_not_bound")
    refused(world.client.get("/api/v1/candidate/invitation", headers=candidate), 401, "session_ended")
    ok(world.client.get("/api/v1/candidate/invitation", headers=kept))
    refused(
        world.client.post(link(invitation, "/bindings"), json={}, headers=world.visit(person)),
        422,
        "binding_proof_missing",
    )
    world.accept(invitation, person)


def test_a_candidates_session_serves_one_invitation_and_nothing_of_the_company(
    world: World, invited: tuple[dict[str, Any], Someone], sandbox: Sandbox
) -> None:
    invitation, person = invited
    first = world.accept(invitation, person)
    other, other_person = invite(world, world.acme, sandbox.new_person())
    second = world.accept(other, other_person)
    for headers, wanted in ((first, invitation), (second, other)):
        mine = ok(world.client.get("/api/v1/candidate/invitation", headers=headers))
        assert mine["id"] == wanted["id"]
    for path in (
        f"/api/v1/invitations/{other['id']}",
        "/api/v1/candidates",
        "/api/v1/users",
        "/api/v1/policy",
    ):
        refused(world.client.get(path, headers=first), 403, "role_not_allowed")
    visitor = world.visit(person)
    refused(world.client.get("/api/v1/candidate/invitation", headers=visitor), 403, "role_not_allowed")
    refused(world.client.get("/api/v1/wechat/me/invitations", headers=first), 403, "role_not_allowed")
    refused(world.client.post(link(invitation, "/codes"), headers=first), 403, "role_not_allowed")


def test_a_login_code_works_once(world: World, sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    body = {"app_id": APP.app_id, "code": person.login_code(APP)}
    ok(world.client.post("/api/v1/wechat/sessions", json=body), 201)
    refused(world.client.post("/api/v1/wechat/sessions", json=body), 422, "wechat_code_invalid")
    invented = {"app_id": APP.app_id, "code": "0" * 32}
    refused(world.client.post("/api/v1/wechat/sessions", json=invented), 422, "wechat_code_invalid")
    elsewhere = {"app_id": "wxnotregistered", "code": person.login_code(APP)}
    refused(world.client.post("/api/v1/wechat/sessions", json=elsewhere), 404, "wechat_app_unknown")


def test_a_phone_code_works_once(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    visitor, code = world.visit(person), person.phone_code(APP)
    ok(world.client.post(link(invitation, "/bindings"), json={"phone_code": code}, headers=visitor), 201)
    ok(
        world.client.post(
            f"/api/v1/invitations/{invitation['id']}/unbind", headers=world.staff(world.acme, "recruiter")
        )
    )
    answer = world.client.post(link(invitation, "/bindings"), json={"phone_code": code}, headers=visitor)
    refused(answer, 422, "wechat_code_invalid")


@pytest.mark.parametrize("fault", [-1, "http_500", "not_json", "close_connection", 40125])
def test_wechat_down_is_said_and_loses_nothing(world: World, sandbox: Sandbox, fault: int | str) -> None:
    person = sandbox.new_person()
    sandbox.fault("jscode2session", fault, APP, times=8)
    try:
        body = {"app_id": APP.app_id, "code": person.login_code(APP)}
        refused(world.client.post("/api/v1/wechat/sessions", json=body), 503, "wechat_down")
    finally:
        sandbox.clear_faults()
    assert world.visit(person)


def test_a_risky_user_is_told_so(world: World, sandbox: Sandbox) -> None:
    person = sandbox.new_person()
    sandbox.fault("jscode2session", 40226, APP)
    body = {"app_id": APP.app_id, "code": person.login_code(APP)}
    refused(world.client.post("/api/v1/wechat/sessions", json=body), 403, "wechat_user_blocked")


def test_an_invitation_belongs_to_its_mini_program(world: World, sandbox: Sandbox) -> None:
    own = WeChatApp(f"wx{new_id()[-16:]}", new_id())
    register_on_sandbox(sandbox, own)
    world.register_app(own, tenant_id=world.globex.id)
    invitation, person = invite(world, world.globex, sandbox.new_person())
    assert invitation["app_id"] == own.app_id
    shared = world.visit(person)
    for rest, body in (("/codes", None), ("/bindings", {"phone_code": person.phone_code(APP)})):
        answer = world.client.post(link(invitation, rest), json=body, headers=shared)
        refused(answer, 403, "wechat_app_mismatch")
    assert world.accept(invitation, person, own)
    other, _ = invite(world, world.acme, person)
    assert other["app_id"] == APP.app_id


def test_one_person_invited_by_two_companies_sees_both(either_world: World, sandbox: Sandbox) -> None:
    world, person = either_world, sandbox.new_person()
    invitations = {company.slug: invite(world, company, person)[0] for company in (world.acme, world.globex)}
    sessions = {slug: world.accept(invitation, person) for slug, invitation in invitations.items()}
    for slug, headers in sessions.items():
        mine = ok(world.client.get("/api/v1/candidate/invitation", headers=headers))
        assert mine["id"] == invitations[slug]["id"]
    stranger = ok(
        world.client.get("/api/v1/wechat/me/invitations", headers=world.visit(sandbox.new_person()))
    )
    assert stranger == {"companies": []}
    visitor = world.visit(person)
    seen = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
    assert [[i["id"] for i in c["invitations"]] for c in seen] == [[i["id"]] for i in invitations.values()]
    path = f"/api/v1/operator/tenants/{world.globex.id}"
    try:
        ok(world.client.patch(path, json={"status": "suspended"}, headers=world.operator()))
        seen = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
        assert [(c["available"], len(c["invitations"])) for c in seen] == [(True, 1), (False, 0)]
        refused(world.client.get(link(invitations["globex"])), 404, "invitation_unknown")
        answer = world.client.get("/api/v1/candidate/invitation", headers=sessions["globex"])
        refused(answer, 403, "tenant_inactive")
        ok(world.client.get("/api/v1/candidate/invitation", headers=sessions["acme"]))
    finally:
        ok(world.client.patch(path, json={"status": "active"}, headers=world.operator()))
    ok(world.client.get(link(invitations["globex"])))


def test_nothing_personal_and_no_code_is_stored_in_plain(
    world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    person = sandbox.new_person()
    candidate = world.add_candidate(world.acme, person.phone, name="诸葛孔明", email="kongming@example.com")
    invitation = world.invite(world.acme, candidate, world.add_position(world.acme))
    visitor = world.visit(person)
    code = send_code(world, invitation, visitor, person)
    session = ok(world.client.post(link(invitation, "/bindings"), json={"code": code}, headers=visitor), 201)
    reason = "家里有事"
    headers = bearer(session["access_token"])
    ok(world.client.post("/api/v1/candidate/decline", json={"reason": reason}, headers=headers))
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
    assert invitation["id"].encode() in stored
    for secret in ("诸葛孔明", "kongming", person.phone[3:], reason, APP.secret, session["refresh_token"]):
        assert secret.encode() not in stored, secret
    digits = code.encode()
    assert not re.search(rb"(?<![0-9a-f])" + digits + rb"(?![0-9a-f])", stored)


def test_of_two_phones_that_bind_at_once_one_wins(either_world: World, sandbox: Sandbox) -> None:
    """Two WeChat accounts of the same phone number, which both can prove it."""
    world = either_world
    invitation, person = invite(world, world.acme, sandbox.new_person())
    visitors = [world.visit(person), world.visit(sandbox.new_person())]
    codes = [person.phone_code(APP), person.phone_code(APP)]

    def bind(pair: tuple[Headers, str]) -> int:
        visitor, code = pair
        body = {"phone_code": code}
        return world.client.post(link(invitation, "/bindings"), json=body, headers=visitor).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(bind, zip(visitors, codes, strict=True)))
    assert statuses == [201, 403]


def test_tries_at_the_same_time_do_not_overtake_one_another(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    invitation, person = invite(world, world.acme, sandbox.new_person())
    visitor = world.visit(person)
    code = send_code(world, invitation, visitor, person)
    guesses = [f"{(int(code) + step) % 10**6:06d}" for step in range(1, 13)]

    def guess(value: str) -> str:
        answer = world.client.post(link(invitation, "/bindings"), json={"code": value}, headers=visitor)
        return str(answer.json["code"])

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(guess, guesses))
    assert outcomes == ["binding_code_expired"] * 7 + ["binding_code_wrong"] * 5


def test_a_process_killed_before_the_commit_leaves_the_offer_open(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The membership may stay; it shows nothing, and binding again finishes the work."""
    invitation, person = invite(world, world.acme, sandbox.new_person())
    visitor = world.visit(person)

    def die(name: str) -> None:
        assert name == "binding.recorded"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("app.invitations.binding.fault_point", die)
        with pytest.raises(KeyboardInterrupt):
            body = {"phone_code": person.phone_code(APP)}
            world.client.post(link(invitation, "/bindings"), json=body, headers=visitor)
    [company] = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
    assert company["invitations"] == []
    world.accept(invitation, person)
    [company] = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
    assert [row["id"] for row in company["invitations"]] == [invitation["id"]]
