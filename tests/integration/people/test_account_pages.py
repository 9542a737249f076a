"""The pages about accounts: one's own password, and the people of a company."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from tests.factories import PASSWORD, World, bearer, ok, refused
from tests.integration.people.test_phones import on_the_web

NEW = "a much longer password"


def _enter(world: World, email: str, password: str, *, refused_as: str = "") -> None:
    body = {"company": "acme", "email": email, "password": password}
    answer = world.client.post("/api/v1/sessions", json=body)
    if refused_as:
        refused(answer, 401, refused_as)
    else:
        ok(answer, 201)


def _post(client: FlaskClient, path: str, **form: str) -> tuple[int, str, str]:
    """(status, words, where to)."""
    token = client.get_cookie("csrf_access_token")
    assert token is not None
    answer = client.post(path, data={**form, "csrf_token": token.value})
    return answer.status_code, answer.get_data(as_text=True), answer.location or ""


def test_everybody_changes_their_own_password_and_this_browser_goes_on(world: World) -> None:
    client, _ = on_the_web(world, "interviewer")
    elsewhere = world.staff(world.acme, "interviewer")
    assert ok(world.client.get("/api/v1/me", headers=elsewhere))
    given = {"current_password": PASSWORD, "new_password": NEW, "again": NEW}
    status, page, _ = _post(client, "/hr/password", **{**given, "again": f"{NEW}!"})
    assert status == 422 and "两次输入的新密码不一样" in page
    status, page, _ = _post(client, "/hr/password", **{**given, "new_password": "short", "again": "short"})
    assert status == 422 and "至少 10 个字符" in page
    status, page, _ = _post(client, "/hr/password", **{**given, "current_password": "something else"})
    assert status == 422 and "密码不正确" in page
    assert ok(world.client.get("/api/v1/me", headers=elsewhere)), "nothing was changed yet"

    assert _post(client, "/hr/password", **given)[::2] == (303, "/hr/password?changed=1")
    assert "密码已修改" in client.get("/hr/password?changed=1").get_data(as_text=True)
    refused(world.client.get("/api/v1/me", headers=elsewhere), 401, "session_ended")
    _enter(world, "interviewer@acme.example", PASSWORD, refused_as="sign_in_refused")
    _enter(world, "interviewer@acme.example", NEW)


def test_an_owner_keeps_the_people_of_the_company(world: World) -> None:
    client, _ = on_the_web(world, "owner")
    form = {"name": "林晓", "email": "Lin@acme.example", "role": "interviewer", "password": PASSWORD}
    status, page, _ = _post(client, "/hr/colleagues", **{**form, "email": "lin", "password": "tiny pass"})
    assert status == 422 and "完整的邮箱地址" in page and "至少 10 个字符" in page
    assert 'value="林晓"' in page and "tiny pass" not in page
    status, _, there = _post(client, "/hr/colleagues", **form)
    assert status == 303
    [added] = parse_qs(urlsplit(there).query)["added"]
    shown = client.get(there).get_data(as_text=True)
    assert "lin@acme.example" in shown and "已添加" in shown
    _enter(world, "lin@acme.example", PASSWORD)
    status, page, _ = _post(client, "/hr/colleagues", **form)
    assert status == 409 and "邮箱已被使用" in page and 'value="林晓"' in page

    theirs = f"/hr/colleagues/{added}"
    assert _post(client, theirs, action="role", role="lead")[0] == 303
    body = {"company": "acme", "email": "lin@acme.example", "password": PASSWORD}
    lead = ok(world.client.post("/api/v1/sessions", json=body), 201)
    assert lead["role"] == "lead"
    status, page, _ = _post(client, theirs, action="password", password="short")
    assert status == 422 and page.count("密码至少 10 个字符") == 1
    assert _post(client, theirs, action="password", password=NEW)[0] == 303
    refused(world.client.get("/api/v1/me", headers=bearer(lead["access_token"])), 401, "session_ended")
    _enter(world, "lin@acme.example", NEW)
    assert _post(client, theirs, action="status", status="disabled")[0] == 303
    assert "已停用" in client.get("/hr/colleagues").get_data(as_text=True)
    _enter(world, "lin@acme.example", NEW, refused_as="sign_in_refused")
    assert _post(client, theirs, action="status", status="active")[0] == 303
    _enter(world, "lin@acme.example", NEW)
    assert _post(client, theirs, action="role", role="emperor")[0] == 422
    assert _post(client, theirs, action="name")[0] == 422


def test_the_last_owner_stays_and_nobody_else_keeps_people(world: World) -> None:
    client, _ = on_the_web(world, "owner")
    me = ok(world.client.get("/api/v1/me", headers=world.sign_in(world.acme)))["id"]
    assert f'action="/hr/colleagues/{me}"' not in client.get("/hr/colleagues").get_data(as_text=True)
    status, page, _ = _post(client, f"/hr/colleagues/{me}", action="role", role="recruiter")
    assert status == 409 and "至少保留一位所有者" in page
    client, _ = on_the_web(world, "recruiter")
    assert "/hr/colleagues" not in client.get("/hr/positions").get_data(as_text=True)
    assert client.get("/hr/colleagues").status_code == 403
    assert _post(client, f"/hr/colleagues/{me}", action="status", status="disabled")[0] == 403
