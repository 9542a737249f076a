"""The operator makes companies, suspends them and registers mini-programs; the command line does the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.core.ids import new_id
from config.settings import Settings
from tests.factories import APP, OPERATOR_EMAIL, PASSWORD, World, ok, refused
from tests.integration.conftest import close_world, open_world

TENANTS = "/api/v1/operator/tenants"


def company(slug: str, **more: Any) -> dict[str, Any]:
    owner = {"email": f"o@{slug}.example", "name": "王", "password": PASSWORD}
    return {"slug": slug, "name": "某公司", "owner": owner, **more}


def test_a_new_company_is_ready_to_work(either_world: World) -> None:
    world, slug = either_world, f"c{new_id()[-8:]}"
    body = company(slug, policy={"retention_days": 30, "language": "en"})
    made = ok(world.client.post(TENANTS, json=body, headers=world.operator()), 201)
    assert (made["slug"], made["status"]) == (slug, "active")
    session = {"company": slug, "email": f"o@{slug}.example", "password": PASSWORD}
    answer = ok(world.client.post("/api/v1/sessions", json=session), 201)
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    policy = ok(world.client.get("/api/v1/policy", headers=headers))
    assert (policy["retention_days"], policy["language"], policy["face_analysis"]) == (30, "en", "off")
    again = world.client.post(TENANTS, json=body, headers=world.operator())
    refused(again, 409, "slug_taken")
    listed = ok(world.client.get(f"{TENANTS}?limit=1", headers=world.operator()))
    assert [(row["id"], row["status"]) for row in listed["items"]] == [(made["id"], "active")]
    assert listed["next_cursor"]


def test_an_unfinished_company_is_finished_by_repeating(world: World) -> None:
    from app.audits.service import SYSTEM
    from app.operators import service

    owner = service.Owner("first@half.example", "王", PASSWORD)
    with world.app.app_context(), pytest.MonkeyPatch.context() as patch:

        def crash(_tenant_id: str) -> None:
            raise KeyboardInterrupt

        patch.setattr(service, "activate_tenant", crash)
        with pytest.raises(KeyboardInterrupt):
            service.create_tenant(SYSTEM, slug="half", name="Half", owner=owner, policy={})
    session = {"company": "half", "email": "first@half.example", "password": PASSWORD}
    refused(world.client.post("/api/v1/sessions", json=session), 401, "sign_in_refused")
    [row] = ok(world.client.get(f"{TENANTS}?limit=1", headers=world.operator()))["items"]
    assert row["status"] == "provisioning"
    path = f"{TENANTS}/{row['id']}"
    answer = world.client.patch(path, json={"status": "active"}, headers=world.operator())
    refused(answer, 409, "tenant_not_ready")
    made = ok(world.client.post(TENANTS, json=company("half"), headers=world.operator()), 201)
    assert made["id"] == row["id"]
    refused(world.client.post("/api/v1/sessions", json=session), 401, "sign_in_refused")
    ok(world.client.post("/api/v1/sessions", json={**session, "email": "o@half.example"}), 201)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"slug": "No Spaces"}, "slug_invalid"),
        ({"slug": "ab-"}, "slug_invalid"),
        ({"owner": {"email": "o@x.example", "name": "o", "password": "short"}}, "invalid_input"),
        ({"policy": {"time_zone": "Mars"}}, "invalid_input"),
        ({"policy": {"face_analysis": "score"}}, "invalid_input"),
        ({"name": ""}, "invalid_input"),
    ],
)
def test_a_bad_company_is_refused(world: World, changed: dict[str, Any], code: str) -> None:
    body = {**company("newco"), **changed}
    refused(world.client.post(TENANTS, json=body, headers=world.operator()), 422, code)


def test_a_suspended_company_lets_nobody_in_and_returns(world: World) -> None:
    owner, path = world.staff(world.globex, "owner"), f"{TENANTS}/{world.globex.id}"
    changed = ok(world.client.patch(path, json={"status": "suspended"}, headers=world.operator()))
    assert changed["status"] == "suspended"
    refused(world.client.get("/api/v1/me", headers=owner), 403, "tenant_inactive")
    session = {"company": "globex", "email": world.globex.owner_email, "password": PASSWORD}
    refused(world.client.post("/api/v1/sessions", json=session), 401, "sign_in_refused")
    ok(world.client.patch(path, json={"status": "active"}, headers=world.operator()))
    ok(world.client.get("/api/v1/me", headers=owner))
    unknown = world.client.patch(f"{TENANTS}/{'0' * 32}", json={"status": "active"}, headers=world.operator())
    refused(unknown, 404, "tenant_unknown")


@pytest.mark.parametrize("role", ["owner", "recruiter"])
def test_the_platform_is_for_operators_and_operators_see_no_company(world: World, role: str) -> None:
    staff = world.staff(world.acme, role)
    for method, path in (("get", TENANTS), ("post", TENANTS), ("put", "/api/v1/operator/wechat-apps/wx1")):
        answer = getattr(world.client, method)(path, json={}, headers=staff)
        refused(answer, 403, "role_not_allowed")
    for path in ("/api/v1/me", "/api/v1/candidates", "/api/v1/invitations", "/api/v1/policy"):
        refused(world.client.get(path, headers=world.operator()), 403, "role_not_allowed")


@pytest.mark.parametrize("changed", [{"email": "nobody@platform.example"}, {"password": "wrong password"}])
def test_a_wrong_operator_is_refused(world: World, changed: dict[str, str]) -> None:
    body = {"email": OPERATOR_EMAIL, "password": PASSWORD, **changed}
    refused(world.client.post("/api/v1/operator/sessions", json=body), 401, "sign_in_refused")


def test_a_mini_program_is_registered_and_its_secret_never_shown(world: World) -> None:
    path = "/api/v1/operator/wechat-apps/wxabc"
    body = {"secret": "very-secret", "name": "微面", "push_token": "token1", "push_aes_key": "k" * 43}
    answer = world.client.put(path, json=body, headers=world.operator())
    assert ok(answer) == {
        "app_id": "wxabc",
        "kind": "mini_program",
        "name": "微面",
        "tenant_id": None,
        "consent_source": "event",
    }
    half = {**body, "push_aes_key": None}
    refused(world.client.put(path, json=half, headers=world.operator()), 422, "invalid_input")
    foreign = {**body, "tenant_id": "0" * 32}
    refused(world.client.put(path, json=foreign, headers=world.operator()), 404, "tenant_unknown")
    refused(
        world.client.put("/api/v1/operator/wechat-apps/a.b", json=body, headers=world.operator()),
        422,
        "wechat_app_id_invalid",
    )


def test_templates_of_a_mini_program(world: World) -> None:
    path = f"/api/v1/operator/wechat-apps/{APP.app_id}/templates"
    body = {"template_id": "TplNew", "fields": {"position": "thing1"}}
    stored = ok(world.client.put(f"{path}/survey", json=body, headers=world.operator()))
    assert stored == {**body, "purpose": "survey", "status": "active"}
    refused(world.client.put(f"{path}/result", json=body, headers=world.operator()), 409, "template_taken")
    refused(world.client.put(f"{path}/gossip", json=body, headers=world.operator()), 422, "purpose_unknown")
    for fields in ({"position": "things1"}, {"position": "thing"}, {"salary": "thing1"}, {}):
        bad = {**body, "fields": fields}
        refused(world.client.put(f"{path}/survey", json=bad, headers=world.operator()), 422, "invalid_input")
    elsewhere = "/api/v1/operator/wechat-apps/wxnone/templates/survey"
    refused(world.client.put(elsewhere, json=body, headers=world.operator()), 404, "wechat_app_unknown")


def test_the_policy_changes_what_is_named(world: World) -> None:
    owner, recruiter = world.staff(world.acme, "owner"), world.staff(world.acme, "recruiter")
    before = ok(world.client.get("/api/v1/policy", headers=recruiter))
    change = {"candidate_sees_report": False, "sending_from_minute": 540}
    after = ok(world.client.patch("/api/v1/policy", json=change, headers=owner))
    assert {k: v for k, v in after.items() if before[k] != v and k != "updated_at"} == change
    refused(world.client.patch("/api/v1/policy", json=change, headers=recruiter), 403, "role_not_allowed")
    backwards = {"sending_from_minute": 1300, "sending_until_minute": 600}
    refused(world.client.patch("/api/v1/policy", json=backwards, headers=owner), 422, "sending_hours_invalid")
    assert ok(world.client.get("/api/v1/policy", headers=owner)) == after
    theirs = ok(world.client.get("/api/v1/policy", headers=world.staff(world.globex, "owner")))
    assert theirs["candidate_sees_report"] is True


@pytest.fixture
def fresh(world_settings: Settings, tmp_path: Path) -> Iterator[World]:
    """An application on empty databases."""
    place = {"data_dir": tmp_path / "new", "database_url": f"sqlite:///{tmp_path}/new/databases"}
    operator = {"operator_email": OPERATOR_EMAIL, "operator_password": SecretStr(PASSWORD)}
    world = open_world(world_settings.model_copy(update={**place, **operator}))
    yield world
    close_world(world)


def manage(world: World, *arguments: str) -> tuple[int, list[str]]:
    """``bin/manage`` in this process: its exit code and what it said."""
    done = world.app.test_cli_runner().invoke(args=arguments)
    return done.exit_code, done.output.splitlines()


def test_the_command_line_prepares_provisions_and_reports(fresh: World) -> None:
    ready = ["control plane ready", "operator ready", "0 of 0 companies ready"]
    for _ in range(2):
        assert manage(fresh, "prepare") == (0, ready)
    assert fresh.operator()
    owner = ("--owner-email", "o@cli.example", "--owner-name", "王", "--owner-password", PASSWORD)
    code, [line] = manage(fresh, "provision", "cli-co", "--name", "CLI", *owner)
    tenant_id, slug, status = line.split()
    assert (code, slug, status) == (0, "cli-co", "active")
    session = {"company": "cli-co", "email": "o@cli.example", "password": PASSWORD}
    ok(fresh.client.post("/api/v1/sessions", json=session), 201)
    assert manage(fresh, "provision", "cli-co", "--name", "CLI", *owner) == (1, ["Error: slug_taken"])
    code, lines = manage(fresh, "migrate")
    assert (code, lines[-1]) == (0, "1 of 1 companies ready")
    # A company whose schema is broken is named, and the command ends with an error.
    close_world(fresh)
    [file] = fresh.app.extensions["settings"].data_dir.glob("databases/*_t_cli_co_*.db")
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()
    file.write_bytes(b"not a database at all" * 100)
    code, lines = manage(fresh, "prepare")
    assert (code, lines[-1]) == (1, "0 of 1 companies ready")
    assert any(line.startswith(f"{tenant_id} failed") for line in lines)


def test_an_operators_password_is_long_and_can_be_changed(fresh: World) -> None:
    assert manage(fresh, "prepare")[0] == 0
    email = ("--email", "Second@platform.example", "--password")
    code, lines = manage(fresh, "create-operator", *email, "short")
    assert (code, "at least 10" in lines[-1]) == (1, True)
    body = {"email": "second@platform.example", "password": PASSWORD}
    refused(fresh.client.post("/api/v1/operator/sessions", json=body), 401, "sign_in_refused")
    first, second = (
        manage(fresh, "create-operator", *email, word) for word in ("another password", PASSWORD)
    )
    assert first == second
    ok(fresh.client.post("/api/v1/operator/sessions", json=body), 201)
    old = {**body, "password": "another password"}
    refused(fresh.client.post("/api/v1/operator/sessions", json=old), 401, "sign_in_refused")


def test_before_a_mini_program_is_registered_nobody_can_be_invited(fresh: World) -> None:
    assert manage(fresh, "prepare")[0] == 0
    acme = fresh.add_company("acme")
    body = {
        "candidate_id": fresh.add_candidate(acme),
        "position_id": fresh.add_position(acme),
        "window_starts_at": datetime.now(UTC).isoformat(),
        "window_ends_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    headers = fresh.staff(acme, "recruiter")
    refused(fresh.client.post("/api/v1/invitations", json=body, headers=headers), 404, "wechat_app_missing")
    fresh.register_app(APP)
    ok(fresh.client.post("/api/v1/invitations", json=body, headers=headers), 201)
