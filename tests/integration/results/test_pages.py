"""The pages' doors: what they refuse, where they send, what they tell the browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.core.catalogue import languages, text
from app.core.database import db
from app.decisions.models import Decision
from app.invitations.models import Invitation
from app.messages.models import Message
from app.pages.rendering import HOME
from app.pages.sessions import safe_next
from app.users.sessions import GRACE
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import PASSWORD, World, ok, refused
from tests.integration.results.conftest import Results


def signed_in(world: World, role: str = "recruiter") -> FlaskClient:
    world.colleague(world.acme, role)
    client = world.client
    form = {"company": "acme", "email": f"{role}@acme.example", "password": PASSWORD}
    answer = client.post("/hr/sign-in", data=form)
    assert (answer.status_code, answer.location) == (303, HOME)
    return client


def cookie(client: FlaskClient, name: str, path: str = "/") -> str:
    found = client.get_cookie(name, path=path)
    assert found is not None
    return found.value


@pytest.mark.parametrize("path", ["/", "/hr/sign-in", "/i/" + "x" * 28])
def test_every_page_is_shut_to_strangers_code(world: World, path: str) -> None:
    first, second = world.client.get(path), world.client.get(path)
    policy = first.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert policy != second.headers["Content-Security-Policy"]  # a new nonce each time
    assert first.headers["Cache-Control"] == "no-store"
    assert first.headers["Referrer-Policy"] == "no-referrer"


def test_every_page_says_that_the_sample_models_serve(results: Results) -> None:
    """Signed in or not, ready or not, found or not; with the full-size models no page says so."""
    world, position_id = results.world, results.position()
    scored = results.scored(results.interview(position_id))
    invitation = world.invite(world.acme, world.add_candidate(world.acme), position_id)
    client = signed_in(world)
    paths = [
        *("/", "/hr/sign-in", "/hr/", f"/i/{invitation['token']}", "/i/" + "x" * 28),
        *(f"/hr/interviews/{id_}" for id_ in (scored.id, results.interview(position_id).id, "0" * 32)),
    ]
    settings = world.app.extensions["settings"]
    for model in (settings.speech_model, "paraformer-zh"):
        world.app.extensions["settings"] = settings.model_copy(update={"speech_model": model})
        for language in languages():
            answers = {path: client.get(f"{path}?lang={language}") for path in paths}
            assert {answer.status_code for answer in answers.values()} == {200, 404}
            told = {
                path
                for path in paths
                if text(language, "pages.sample") in answers[path].get_data(as_text=True)
            }
            assert told == (set(paths) if model == settings.speech_model else set())


def test_session_cookies_are_out_of_reach_of_scripts_and_sites(world: World) -> None:
    world.staff(world.acme, "recruiter")
    form = {"company": "acme", "email": "recruiter@acme.example", "password": PASSWORD}
    cookies = {
        c.split("=")[0]: c for c in world.client.post("/hr/sign-in", data=form).headers.getlist("Set-Cookie")
    }
    for name in ("access_token_cookie", "refresh_token_cookie"):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=Strict" in cookies[name]
    assert "Path=/hr" in cookies["refresh_token_cookie"]


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"company": "globex"}, {"email": "nobody@acme.example"}, {"company": "x" * 300}],
)
def test_a_wrong_sign_in_says_nothing_about_which_part_was_wrong(world: World, wrong: dict[str, str]) -> None:
    world.staff(world.acme, "recruiter")
    form = {"company": "acme", "email": "recruiter@acme.example", "password": PASSWORD, **wrong}
    answer = world.client.post("/hr/sign-in?lang=en", data=form)
    assert answer.status_code == 401
    assert "Company code, e-mail or password is not right" in answer.get_data(as_text=True)
    assert "access_token_cookie" not in str(answer.headers)


def test_guessing_is_slowed_down(world: World) -> None:
    client = world.client
    answers = [
        client.post("/hr/sign-in", data={"company": "acme", "email": "a@b", "password": str(n)})
        for n in range(12)
    ]
    assert answers[-1].status_code == 429
    assert answers[-1].content_type.startswith("text/html")


def test_another_sites_form_does_not_sign_anybody_in(world: World) -> None:
    form = {"company": "acme", "email": world.acme.owner_email, "password": PASSWORD}
    answer = world.client.post("/hr/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/hr/", "/hr/?status=scored", "/hr/interviews/" + "0" * 32])
def test_strangers_are_sent_to_sign_in_and_back(world: World, path: str) -> None:
    client = world.client
    answer = client.get(path, follow_redirects=True)
    assert answer.request.path == "/hr/sign-in"
    world.staff(world.acme, "lead")
    form = {
        "company": "acme",
        "email": "lead@acme.example",
        "password": PASSWORD,
        "next": answer.request.args["next"],
    }
    assert client.post("/hr/sign-in", data=form).location == path


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.builds("{}{}".format, st.sampled_from(["//", "/hr/", "https:", "/\\"]), st.text()),
    )
)
def test_nobody_is_sent_off_the_site(wanted: str | None) -> None:
    target = safe_next(wanted)
    assert target.startswith("/hr/")
    assert "\\" not in target


def test_a_decision_needs_the_token_of_the_form(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    client = signed_in(world)
    form: dict[str, Any] = {"outcome": "reject", "reason": "x", "next_steps": ""}
    path = f"/hr/interviews/{finished.id}/decision"
    confirm = client.post(path, data={**form, "csrf_token": "guessed"})
    assert "请再次确认" in confirm.get_data(as_text=True)
    with world.app.app_context(), tenant_scope(finished.company.id):
        assert db.session.scalars(select(Decision)).all() == []
    token = cookie(client, "csrf_access_token")
    empty = client.post(path, data={**form, "reason": " ", "csrf_token": token})
    assert (empty.status_code, "还有内容未填写" in empty.get_data(as_text=True)) == (422, True)
    done = client.post(path, data={**form, "csrf_token": token})
    assert (done.status_code, done.location) == (303, f"/hr/interviews/{finished.id}?decided=1")
    again = client.post(path, data={**form, "csrf_token": token})
    assert (again.status_code, "已经作出决定" in again.get_data(as_text=True)) == (409, True)


def test_who_began_is_opened_from_the_position_with_no_date_that_is_over(results: Results) -> None:
    position = results.position()
    finished, page = results.interview(position), f"/hr/positions/{position}"
    shown = signed_in(results.world).get(page).get_data(as_text=True)
    assert f'<a href="/hr/interviews/{finished.id}">李明</a>' in shown
    (row,) = [row for row in shown.split("<tr") if finished.id in row]
    assert "20" not in "".join(re.findall(r'class="when[^>]*>([^<]*)<', row)), (
        "its window matters to nobody any more"
    )


def test_of_somebody_erased_a_row_stays_and_opens_nothing(results: Results) -> None:
    world, position_id = results.world, results.position()
    gone, stays = (results.scored(results.interview(position_id, name=name)) for name in ("王芳", "李明"))
    path = f"/api/v1/candidates/{gone.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    client = signed_in(world)
    every, waiting = (client.get(f"/hr/{query}").get_data(as_text=True) for query in ("", "?status=scored"))
    assert text("zh-CN", "pages.list.erased") in every and text("zh-CN", "pages.list.over") in every
    assert f"/hr/interviews/{stays.id}" in every and gone.id not in every
    assert text("zh-CN", "pages.list.erased") not in waiting and f"/hr/interviews/{stays.id}" in waiting
    assert [f"{text('zh-CN', 'pages.list.all')} 2" in page for page in (every, waiting)] == [True, True]
    assert f"{text('zh-CN', 'pages.statuses.scored')} 1" in every


def test_messages_of_unknown_outcome_are_shown_first_and_settled_by_a_person(results: Results) -> None:
    world = results.world
    for _ in range(2):
        world.invite(world.acme, world.add_candidate(world.acme, name="诸葛<孔明>"), results.position())
    with world.app.app_context(), tenant_transaction(world.acme.id):
        wanted = select(Message).where(Message.kind == "invitation").order_by(Message.id)
        ids = [message.id for message in db.session.scalars(wanted)]
        for message in db.session.scalars(wanted):
            message.status, message.reason = "uncertain", "no_answer"
    reader, client = signed_in(world, "interviewer"), signed_in(world)
    for language in languages():
        page = reader.get(f"/hr/?lang={language}").get_data(as_text=True)
        assert page.count("诸葛&lt;孔明&gt;") == 2
        assert text(language, "messages.reasons.no_answer.next") in page
        assert "/resolve" not in page
    assert client.get("/hr/").get_data(as_text=True).count("/resolve") == 2
    for message_id, outcome in zip(ids, ("sent", "not_sent"), strict=True):
        path = f"/hr/messages/{message_id}/resolve"
        without_token = client.post(path, data={"as": outcome})
        assert without_token.status_code == 303  # the session is renewed and nothing else happens
        token = cookie(client, "csrf_access_token")
        refusal = reader.post(path, data={"as": outcome, "csrf_token": cookie(reader, "csrf_access_token")})
        assert refusal.status_code == 403
        assert client.post(path, data={"as": "perhaps", "csrf_token": token}).status_code == 422
        assert client.post(path, data={"as": outcome, "csrf_token": token}).location == HOME
    with world.app.app_context(), tenant_scope(world.acme.id):
        states = [db.session.get_one(Message, message_id).status for message_id in ids]
    assert states == ["sent", "queued"]
    assert text("zh-CN", "pages.unsure.title") not in client.get("/hr/?lang=zh-CN").get_data(as_text=True)


def test_an_interviewer_may_not_post_a_decision(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    client = signed_in(results.world, "interviewer")
    form = {"outcome": "offer", "reason": "x", "csrf_token": cookie(client, "csrf_access_token")}
    answer = client.post(f"/hr/interviews/{finished.id}/decision", data=form)
    assert (answer.status_code, answer.content_type) == (403, "text/html; charset=utf-8")


def test_a_signed_out_browser_stays_out(world: World) -> None:
    client = signed_in(world)
    kept = cookie(client, "access_token_cookie"), cookie(client, "refresh_token_cookie", "/hr")
    ok(client.get("/hr/"))
    assert (
        client.post("/hr/sign-out", data={"csrf_token": cookie(client, "csrf_access_token")}).location == "/"
    )
    thief = world.client
    thief.set_cookie("access_token_cookie", kept[0])
    thief.set_cookie("refresh_token_cookie", kept[1], path="/hr")
    assert thief.get("/hr/", follow_redirects=True).request.path == "/hr/sign-in"


def test_a_copied_refresh_token_ends_the_session(world: World) -> None:
    client = signed_in(world)
    thief = world.client
    thief.set_cookie("refresh_token_cookie", cookie(client, "refresh_token_cookie", "/hr"), path="/hr")
    assert thief.get("/hr/renew?next=/hr/").location == "/hr/"
    thiefs = cookie(thief, "refresh_token_cookie", "/hr")
    client.delete_cookie("access_token_cookie")
    with time_machine.travel(datetime.now(UTC) + GRACE + timedelta(seconds=1)):
        assert client.get("/hr/", follow_redirects=True).request.path == "/hr/sign-in"
        assert thiefs
        assert thief.get("/hr/", follow_redirects=True).request.path == "/hr/sign-in"


def test_another_companys_interview_is_not_there(results: Results) -> None:
    world = results.world
    foreign = results.scored(results.interview(results.position(world.globex), company=world.globex))
    client = signed_in(world)
    assert client.get(f"/hr/interviews/{foreign.id}").status_code == 404
    assert "还没有面试" in client.get("/hr/").get_data(as_text=True)


def test_the_list_is_paged_and_filtered(results: Results) -> None:
    position = results.position()
    for number in range(22):
        results.interview(position, name=f"候选人{number:02d}")
    results.scored(results.interview(position, name="已评分者"))
    client = signed_in(results.world)
    first = client.get("/hr/").get_data(as_text=True)
    assert ("候选人21" in first, "候选人00" in first) == (True, False)
    following = first.split('href="')[-1].split('"')[0].replace("&amp;", "&")
    second = client.get(following).get_data(as_text=True)
    assert ("候选人21" in second, "候选人00" in second) == (False, True)
    scored = client.get("/hr/?status=scored").get_data(as_text=True)
    assert ("已评分者" in scored, "候选人" in scored.split("<tbody>")[1]) == (True, False)
    assert client.get("/hr/?cursor=broken").status_code == 422


def test_the_link_of_an_invitation_tells_no_more_than_it_must(world: World) -> None:
    candidate = world.add_candidate(world.acme, name="周舟", phone="+8613800138000")
    invitation = world.invite(world.acme, candidate, world.add_position(world.acme, "客户经理"))
    path = f"/i/{invitation['token']}"
    page = world.client.get(path).get_data(as_text=True)
    assert "客户经理" in page
    assert "138****8000" in page
    assert ("周舟" in page, "13800138000" in page) == (False, False)
    code = world.client.get(f"{path}/code")
    assert (code.status_code, code.content_type) == (200, "image/png")
    unknown = world.client.get(path[:-1] + ("A" if path[-1] != "A" else "B"))
    assert unknown.status_code == 404
    with world.app.app_context(), tenant_transaction(world.acme.id):
        db.session.execute(
            update(Invitation).where(Invitation.id == invitation["id"]).values(status="cancelled")
        )
    for gone in (path, f"{path}/code"):
        assert world.client.get(gone).status_code == 410


def test_a_mistyped_link_code_is_not_found(world: World) -> None:
    for token in ("short", "x" * 28, "../../etc/passwd", "%3Cscript%3E"):
        assert world.client.get(f"/i/{token}").status_code == 404


def test_an_interview_decided_before_its_score_says_so(results: Results) -> None:
    """Nobody waits for a score that will not come: the page says why, and what was decided."""
    world, finished = results.world, results.interview(results.position())
    headers = world.staff(world.acme, "recruiter")
    decision = {"outcome": "advance", "reason": "现场已经聊过", "next_steps": ""}
    ok(world.client.post(f"/api/v1/interviews/{finished.id}/decision", json=decision, headers=headers), 201)
    client = signed_in(world)
    for language, why in (("zh-CN", "不再评分"), ("en", "no score is made")):
        page = client.get(f"/hr/interviews/{finished.id}?lang={language}").get_data(as_text=True)
        assert why in page and "现场已经聊过" in page
        assert 'http-equiv="refresh"' not in page
    path = f"/api/v1/interviews/{finished.id}/report"
    refused(world.client.get(path, headers=headers), 409, "decided_without_score")
    own = world.client.get("/api/v1/candidate/report", headers=finished.candidate())
    refused(own, 409, "decided_without_score")
