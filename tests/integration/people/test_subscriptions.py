"""What a candidate agreed to receive is counted once, by whoever counts for the mini-program."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.ids import new_id
from app.ports import WeChatApp, WeChatIdentity
from tenants.wechat.ledger import add_consent, clear_consents, remaining_consents
from tests.factories import APP, TEMPLATES, Headers, World, ok, refused
from tests.integration.conftest import register_on_sandbox
from tests.integration.wechat.sandbox_client import Sandbox

INVITED, REMINDED = TEMPLATES["invitation"][0], TEMPLATES["reminder_day"][0]
PATH = "/api/v1/candidate/subscriptions"


def candidate_of(world: World, sandbox: Sandbox, app: WeChatApp = APP) -> Headers:
    person = sandbox.new_person()
    company = world.acme if app is APP else world.globex
    invitation = world.invite(
        company, world.add_candidate(company, person.phone), world.add_position(company)
    )
    return world.accept(invitation, person, app)


def report(world: World, headers: Headers, results: dict[str, str], request_id: str) -> Any:
    return world.client.put(PATH, json={"results": results, "request_id": request_id}, headers=headers)


def test_each_accept_counts_once(either_world: World, sandbox: Sandbox) -> None:
    world = either_world
    headers = candidate_of(world, sandbox)
    asked = ok(world.client.get(PATH, headers=headers))
    assert {(t["purpose"], t["template_id"]) for t in asked["templates"]} == {
        (purpose, template_id) for purpose, (template_id, _) in TEMPLATES.items()
    }
    assert set(asked["remaining"].values()) == {0}
    for request_id, left in (("r1", 1), ("r1", 1), ("r2", 2)):
        answer = ok(report(world, headers, {INVITED: "accept", REMINDED: "reject"}, request_id))
        assert (answer["remaining"][INVITED], answer["remaining"][REMINDED]) == (left, 0)
    for refusal in ("reject", "ban", "filter"):
        answer = ok(report(world, headers, {INVITED: refusal}, f"r-{refusal}"))
        assert answer["remaining"][INVITED] == 2
    assert ok(world.client.get(PATH, headers=candidate_of(world, sandbox)))["remaining"][INVITED] == 0


def test_where_wechat_counts_the_clients_report_changes_nothing(world: World, sandbox: Sandbox) -> None:
    own = WeChatApp(f"wx{new_id()[-16:]}", new_id())
    register_on_sandbox(sandbox, own)
    world.register_app(own, tenant_id=world.globex.id, push_token="token123", push_aes_key="a" * 43)
    headers = candidate_of(world, sandbox, own)
    assert ok(report(world, headers, {INVITED: "accept"}, "r1"))["remaining"][INVITED] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"results": {"TplUnknown": "accept"}, "request_id": "r"}, "template_unknown"),
        ({"results": {INVITED: "yes"}, "request_id": "r"}, "invalid_input"),
        ({"results": {}, "request_id": "r"}, "invalid_input"),
        ({"results": {INVITED: "accept"}, "request_id": "x" * 41}, "invalid_input"),
        ({"results": {INVITED: "accept"}, "request_id": "a:b"}, "invalid_input"),
        ({"results": {f"T{n}": "accept" for n in range(6)}, "request_id": "r"}, "invalid_input"),
    ],
)
def test_a_bad_report_is_refused(world: World, sandbox: Sandbox, body: dict[str, Any], code: str) -> None:
    headers = candidate_of(world, sandbox)
    refused(world.client.put(PATH, json=body, headers=headers), 422, code)
    assert set(ok(world.client.get(PATH, headers=headers))["remaining"].values()) == {0}


def test_a_switched_off_template_is_counted_once(either_world: World, sandbox: Sandbox) -> None:
    """The event is handled again after a crash; what was agreed to meanwhile stays."""
    world, person = either_world, sandbox.new_person()
    world.visit(person)
    with world.app.app_context():
        identity = WeChatIdentity(APP.app_id, person.openid(APP))
        add_consent(identity, INVITED, source="client", source_key=new_id())
        clear_consents(identity, INVITED, source_key="change:1")
        assert remaining_consents(identity)[INVITED] == 0
        add_consent(identity, INVITED, source="client", source_key=new_id())
        clear_consents(identity, INVITED, source_key="change:1")
        assert remaining_consents(identity)[INVITED] == 1
