"""WeChat's own browser: an official account says who is there; the same person needs one code at most (ADR 22)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from app.core.ids import new_id
from app.ports import WeChatApp
from tests.factories import APP, Company, Headers, World, bearer, ok, refused
from tests.integration.people.test_binding import invite, link, send_code
from tests.integration.wechat.sandbox_client import Sandbox, Someone

WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}


@pytest.fixture
def account(world: World, sandbox: Sandbox) -> WeChatApp:
    return register(world, sandbox)


def register(
    world: World, sandbox: Sandbox, *, open_platform: bool = True, owner: Company | None = None
) -> WeChatApp:
    """An official account of the platform or of one company, with the product's address as its web domain."""
    app = WeChatApp(f"wx{new_id()[-16:]}", new_id())
    domain = urlsplit(world.app.extensions["settings"].public_base_url).netloc
    sandbox.post(
        "apps",
        app_id=app.app_id,
        secret=app.secret,
        kind="official_account",
        oauth_domain=domain,
        open_platform=open_platform,
    )
    body: dict[str, Any] = {"secret": app.secret, "name": "微面服务号", "kind": "official_account"}
    if owner is not None:
        body["tenant_id"] = owner.id
    ok(world.client.put(f"/api/v1/operator/wechat-apps/{app.app_id}", json=body, headers=world.operator()))
    return app


def ask(client: FlaskClient, token: str | None) -> str:
    """Where the product sends WeChat's browser."""
    return str(ok(client.post("/api/v1/wechat/authorizations", json={"token": token}))["address"])


def answer(sandbox: Sandbox, person: Someone, address: str) -> str:
    """What WeChat sends it back with: the callback's path and query."""
    browser = requests.Session()
    browser.headers.update(WECHAT)
    browser.get(f"{sandbox.url}/sandbox/people/{person.id}/browser", params={"to": "/"}, timeout=5)
    back = browser.get(address, allow_redirects=False, timeout=5)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


def enter(world: World, sandbox: Sandbox, person: Someone, token: str | None) -> Headers:
    """The whole way there and back, as this person."""
    client = world.client
    back = client.get(answer(sandbox, person, ask(client, token)))
    assert back.headers["Location"].endswith("wechat=yes")
    taken = ok(client.post("/api/v1/wechat/browser-sessions"), 201)
    refused(client.post("/api/v1/wechat/browser-sessions"), 401, "not_authenticated")
    return bearer(taken["access_token"])


def bindings(world: World, invitation: dict[str, Any], visitor: Headers, **body: str) -> Any:
    return world.client.post(link(invitation, "/bindings"), json=body, headers=visitor)


def test_who_is_bound_in_the_mini_program_needs_no_code(
    world: World, sandbox: Sandbox, account: WeChatApp
) -> None:
    invitation, person = invite(world, world.acme, sandbox.new_person())
    assert ok(world.client.get(link(invitation)))["official_account"] == account.app_id
    world.accept(invitation, person)
    visitor = enter(world, sandbox, person, invitation["token"])
    session = ok(bindings(world, invitation, visitor), 201)
    mine = ok(world.client.get("/api/v1/candidate/invitation", headers=bearer(session["access_token"])))
    assert mine["id"] == invitation["id"]
    [company] = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
    assert [(one["id"], one["proven"]) for one in company["invitations"]] == [(invitation["id"], True)]
    stranger = enter(world, sandbox, sandbox.new_person(), invitation["token"])
    refused(bindings(world, invitation, stranger), 422, "binding_proof_missing")


def test_what_a_companys_own_account_says_counts_in_that_company_only(world: World, sandbox: Sandbox) -> None:
    """The company holds its secret: it must neither learn of a person's other interviews nor open them."""
    register(world, sandbox, owner=world.globex)
    elsewhere, person = invite(world, world.acme, sandbox.new_person())
    here, _ = invite(world, world.globex, person)
    for invitation in (elsewhere, here):
        world.accept(invitation, person)
    visitor = enter(world, sandbox, person, here["token"])
    [company] = ok(world.client.get("/api/v1/wechat/me/invitations", headers=visitor))["companies"]
    assert [one["id"] for one in company["invitations"]] == [here["id"]]
    ok(bindings(world, here, visitor), 201)
    refused(bindings(world, elsewhere, visitor), 422, "binding_proof_missing")
    code = send_code(world, elsewhere, visitor, person)
    ok(bindings(world, elsewhere, visitor, code=code), 201)
    refused(bindings(world, elsewhere, visitor), 422, "binding_proof_missing")  # nor is it remembered there


@pytest.mark.parametrize("open_platform", [True, False])
def test_one_code_is_remembered_until_hr_unbinds(world: World, sandbox: Sandbox, open_platform: bool) -> None:
    """With and without a unionid; with one the mini-program needs no code either."""
    register(world, sandbox, open_platform=open_platform)
    invitation, person = invite(world, world.acme, sandbox.new_person())
    visitor = enter(world, sandbox, person, invitation["token"])
    refused(bindings(world, invitation, visitor), 422, "binding_proof_missing")
    code = send_code(world, invitation, visitor, person)
    session = bearer(ok(bindings(world, invitation, visitor, code=code), 201)["access_token"])
    again = enter(world, sandbox, person, invitation["token"])
    ok(bindings(world, invitation, again), 201)
    mini = bindings(world, invitation, world.visit(person))
    if open_platform:
        ok(mini, 201)
    else:
        refused(mini, 422, "binding_proof_missing")
    path = f"/api/v1/invitations/{invitation['id']}/unbind"
    ok(world.client.post(path, headers=world.staff(world.acme, "recruiter")))
    refused(world.client.get("/api/v1/candidate/invitation", headers=session), 401, "session_ended")
    refused(bindings(world, invitation, again), 422, "binding_proof_missing")


def test_an_answer_counts_only_in_the_browser_that_asked(
    world: World, sandbox: Sandbox, account: WeChatApp
) -> None:
    """Or somebody could make another browser enter as themselves."""
    invitation, person = invite(world, world.acme, sandbox.new_person())
    asked, other = world.client, world.client
    back = answer(sandbox, person, ask(asked, invitation["token"]))
    for client, path in (
        (other, back),
        (asked, back.replace("state=", "state=0")),
        (asked, "/wechat/browser/callback?code=x&state=%E4%B8%AD"),
    ):
        response = client.get(path)
        assert response.status_code == 302
        assert response.headers["Location"].endswith("wechat=no")
        refused(client.post("/api/v1/wechat/browser-sessions"), 401, "not_authenticated")
    ask(asked, invitation["token"])
    used = asked.get(back)  # the state of an earlier asking
    assert used.headers["Location"].endswith("wechat=no")


def test_a_code_works_once_and_a_wrong_secret_says_so(
    world: World, sandbox: Sandbox, account: WeChatApp
) -> None:
    client, person = world.client, sandbox.new_person()
    back = answer(sandbox, person, ask(client, None))
    memory = client.get_cookie("wechat_asked", path="/wechat/browser/callback")
    assert memory is not None and memory.http_only
    assert client.get(back).headers["Location"] == "/m/#/pages/home/index?wechat=yes"
    client.set_cookie("wechat_asked", memory.value, path="/wechat/browser/callback")
    assert client.get(back).headers["Location"].endswith("wechat=no")  # 40163
    body = {"secret": "not-the-secret", "name": "微面服务号", "kind": "official_account"}
    path = f"/api/v1/operator/wechat-apps/{account.app_id}"
    ok(world.client.put(path, json=body, headers=world.operator()))
    back = answer(sandbox, person, ask(client, None))
    assert client.get(back).headers["Location"].endswith("wechat=no")  # 40125
    assert sandbox.calls(account, "web_code") == 3


def test_a_snapshot_is_nobody(world: World, sandbox: Sandbox, account: WeChatApp) -> None:
    client, person = world.client, sandbox.new_person("快照访客")
    back = answer(sandbox, person, ask(client, None))
    assert client.get(back).headers["Location"].endswith("wechat=no")


def test_wechat_refuses_what_does_not_match(world: World, sandbox: Sandbox, account: WeChatApp) -> None:
    """The stand-in is as strict as WeChat: order, domain, scope, its own browser."""
    person, address = sandbox.new_person(), ask(world.client, None)
    query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    browser = requests.Session()
    browser.get(f"{sandbox.url}/sandbox/people/{person.id}/browser", params={"to": "/"}, timeout=5)

    def shown(params: dict[str, str], headers: dict[str, str] = WECHAT) -> str:
        url = f"{sandbox.url}/connect/oauth2/authorize"
        page = browser.get(url, params=params, headers=headers, allow_redirects=False, timeout=5)
        return page.text if page.status_code == 200 else ""

    assert shown(query) == ""
    assert "微信客户端" in shown(query, {"User-Agent": "Mozilla/5.0"})
    assert "does not match" in shown(dict(sorted(query.items(), reverse=True)))
    assert "10003" in shown(query | {"redirect_uri": "https://elsewhere.example/wechat/browser/callback"})
    assert "10005" in shown(query | {"scope": "snsapi_login"})
    assert "10016" in shown(query | {"appid": APP.app_id})
    assert "does not match" in shown(query | {"state": "中文"})


def test_without_an_official_account_there_is_no_such_way(world: World) -> None:
    refused(world.client.post("/api/v1/wechat/authorizations", json={}), 404, "wechat_app_missing")
    refused(
        world.client.post("/api/v1/wechat/authorizations", json={"token": "x" * 28}),
        404,
        "invitation_unknown",
    )
