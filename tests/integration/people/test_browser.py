"""A browser outside WeChat: the link and a code to the invited phone, and nothing less; the same candidate everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.database import db
from app.invitations.models import BindingCode
from tenants.tenancy import tenant_transaction
from tests.factories import Headers, World, bearer, ok, refused
from tests.integration.people.test_binding import another, invite, link, send_code
from tests.integration.wechat.sandbox_client import Sandbox, Someone


@pytest.fixture
def invited(world: World, sandbox: Sandbox) -> tuple[dict[str, Any], Someone]:
    return invite(world, world.acme, sandbox.new_person())


def visit(world: World, invitation: dict[str, Any]) -> Headers:
    return bearer(ok(world.client.post(link(invitation, "/visits")), 201)["access_token"])


def enter(world: World, invitation: dict[str, Any], person: Someone) -> Headers:
    """A candidate's session in a new browser."""
    visitor = visit(world, invitation)
    wait_a_minute(world, invitation)
    code = send_code(world, invitation, visitor, person)
    body = {"code": code}
    return bearer(
        ok(world.client.post(link(invitation, "/bindings"), json=body, headers=visitor), 201)["access_token"]
    )


def wait_a_minute(world: World, invitation: dict[str, Any]) -> None:
    """A second code within a minute is refused: let the earlier ones be older."""
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for row in db.session.scalars(
            select(BindingCode).where(BindingCode.invitation_id == invitation["id"])
        ):
            row.created_at -= timedelta(minutes=2)


def test_a_link_alone_opens_nothing(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    visitor = visit(world, invitation)
    refused(world.client.get("/api/v1/candidate/invitation", headers=visitor), 403, "role_not_allowed")
    bindings = link(invitation, "/bindings")
    refused(world.client.post(bindings, json={}, headers=visitor), 422, "binding_proof_missing")
    refused(
        world.client.post(bindings, json={"code": "123456"}, headers=visitor), 410, "binding_code_expired"
    )
    code = send_code(world, invitation, visitor, person)
    wrong = {"code": another(code)}
    refused(world.client.post(bindings, json=wrong, headers=visitor), 422, "binding_code_wrong")
    stranger = visit(world, invitation)  # the code belongs to the visit that asked for it
    refused(world.client.post(bindings, json={"code": code}, headers=stranger), 410, "binding_code_expired")
    assert ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor)) == {"companies": []}


def test_codes_of_all_visits_count_together(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    send_code(world, invitation, visit(world, invitation), person)
    for visitor in (visit(world, invitation), world.visit(person)):
        refused(world.client.post(link(invitation, "/codes"), headers=visitor), 429, "binding_codes_used_up")


def test_an_unknown_or_cancelled_link_has_no_visits(
    world: World, invited: tuple[dict[str, Any], Someone]
) -> None:
    invitation, _ = invited
    unknown = {"token": invitation["token"][:-1] + ("a" if invitation["token"][-1] != "a" else "b")}
    refused(world.client.post(link(unknown, "/visits")), 404, "invitation_unknown")
    recruiter = world.staff(world.acme, "recruiter")
    cancel = f"/api/v1/invitations/{invitation['id']}/cancel"
    ok(world.client.post(cancel, json={"reason": "filled"}, headers=recruiter))
    refused(world.client.post(link(invitation, "/visits")), 410, "invitation_cancelled")


def test_wechat_and_browsers_are_the_same_candidate(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    invitation, person = invite(world, world.acme, sandbox.new_person())
    browser = enter(world, invitation, person)
    mine = ok(world.client.get("/api/v1/candidate/invitation", headers=browser))
    assert (mine["id"], mine["status"]) == (invitation["id"], "bound")
    assert ok(world.client.get("/api/v1/candidate/subscriptions", headers=browser)) == {
        "templates": [],
        "remaining": {},
    }
    version = mine["privacy"]["text_version"]
    consent = {"modality": "recording", "granted": True, "text_version": version}
    ok(world.client.post("/api/v1/candidate/consents", json=consent, headers=browser), 201)

    wait_a_minute(world, invitation)
    in_wechat = world.visit(person)
    code = send_code(world, invitation, in_wechat, person)
    body = {"code": code}
    bound = ok(world.client.post(link(invitation, "/bindings"), json=body, headers=in_wechat), 201)
    phone = bearer(bound["access_token"])
    assert ok(world.client.get("/api/v1/candidate/consents", headers=phone))["granted"] == {"recording": True}
    assert ok(world.client.get("/api/v1/candidate/subscriptions", headers=phone))["templates"]

    second = enter(
        world, invitation, person
    )  # bound to a WeChat account since: a code still lets the phone in
    for session in (browser, second):
        assert ok(world.client.get("/api/v1/candidate/invitation", headers=session))["id"] == invitation["id"]

    unbind = f"/api/v1/invitations/{invitation['id']}/unbind"
    ok(world.client.post(unbind, headers=world.staff(world.acme, "recruiter")))
    for session in (browser, phone, second):
        refused(world.client.get("/api/v1/candidate/invitation", headers=session), 401, "session_ended")


def test_a_browser_reports_no_subscription(world: World, invited: tuple[dict[str, Any], Someone]) -> None:
    invitation, person = invited
    browser = enter(world, invitation, person)
    body = {"results": {"TplInvitation": "accept"}, "request_id": "r1"}
    answer = world.client.put("/api/v1/candidate/subscriptions", json=body, headers=browser)
    refused(answer, 422, "template_unknown")
