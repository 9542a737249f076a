"""The pages of drafting: who may, what is refused and how, that no work is lost, what is said while a model writes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core.catalogue import languages, text
from app.core.clock import utcnow
from tests.factories import PASSWORD, World, ok
from tests.integration.drafts import stand_in
from tests.integration.drafts.conftest import FOLDER, JAVA, good_position
from tests.integration.drafts.stand_in import MODEL, StandIn, says


def signed_in(world: World, role: str = "recruiter") -> FlaskClient:
    world.colleague(world.acme, role)
    client = world.client
    form = {"company": "acme", "email": f"{role}@acme.example", "password": PASSWORD}
    assert client.post("/hr/sign-in", data=form).status_code == 303
    return client


def csrf(client: FlaskClient) -> str:
    page = client.get("/hr/positions/new").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def pasted(client: FlaskClient, description: str = JAVA, **more: str) -> str:
    """The address of the draft that pasting a description leads to."""
    answer = client.post("/hr/positions/new", data={"csrf_token": csrf(client), "text": description, **more})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_who_may_not_open_positions_sees_the_list_only(world: World) -> None:
    world.add_position(world.acme, "销售代表")
    client = signed_in(world, "interviewer")
    page = client.get("/hr/positions").get_data(as_text=True)
    assert "销售代表" in page and "/hr/positions/new" not in page
    assert client.get("/hr/positions/new").status_code == 403


def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    client = signed_in(world)
    client.post("/hr/positions/new", data={"text": JAVA})
    assert ok(client.get("/api/v1/drafts", headers=world.staff(world.acme, "recruiter")))["items"] == []


@pytest.mark.parametrize("language", languages())
def test_what_cannot_be_read_is_said_and_kept(world: World, language: str) -> None:
    client = signed_in(world)
    form = {"csrf_token": csrf(client), "text": "お客様への提案をお願いします"}
    answer = client.post(f"/hr/positions/new?lang={language}", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert text(language, "errors.draft_language_unsupported.title") in page
    assert "お客様への提案" in page


def test_far_too_much_is_refused_on_a_page(world: World) -> None:
    client = signed_in(world)
    answer = client.post("/hr/positions/new", data={"csrf_token": csrf(client), "text": "长" * 900_000})
    assert answer.status_code == 413
    assert answer.content_type.startswith("text/html")


def test_fifty_kilobytes_are_counted_in_words(world: World) -> None:
    client = signed_in(world)
    answer = client.post(
        "/hr/positions/new", data={"csrf_token": csrf(client), "text": "sales and more " * 3400}
    )
    assert answer.status_code == 422
    assert "20000" in answer.get_data(as_text=True)


def test_markup_in_a_description_stays_text(world: World) -> None:
    client = signed_in(world)
    hostile = (
        '销售代表\n要求：熟悉CRM &lt;script&gt;alert(1)&lt;/script&gt; "><svg onload=alert(2)> {{ 7 * 7 }}'
    )
    page = client.get(pasted(client, hostile)).get_data(as_text=True)
    assert "<script>alert" not in page and "<svg" not in page and "{{ 7 * 7 }}" in page


def test_edits_survive_a_session_that_ran_out(world: World) -> None:
    """The form is shown again to be confirmed, with everything in it, and then counts."""
    client = signed_in(world)
    draft = pasted(client, title="原来的名称")
    page = client.get(draft).get_data(as_text=True)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page))
    form: dict[str, Any] = {"csrf_token": fields["csrf_token"], "title": "改过的名称", "action": "save"}
    with time_machine.travel(utcnow() + timedelta(minutes=20), tick=True):
        answer = client.post(draft, data=form)
        confirm = answer.get_data(as_text=True)
        assert answer.status_code == 200 and 'value="改过的名称"' in confirm
        fresh = re.search(r'name="csrf_token" value="([^"]+)"', confirm)
        assert fresh and fresh[1] != fields["csrf_token"]


def test_a_pasted_resume_survives_it_too(world: World) -> None:
    client = signed_in(world)
    form = {"csrf_token": csrf(client), "resume": "三年Java开发经验"}
    with time_machine.travel(utcnow() + timedelta(minutes=20), tick=True):
        answer = client.post(f"/hr/interviews/{'0' * 32}/resume", data=form)
        assert 'value="三年Java开发经验"' in answer.get_data(as_text=True)


def test_while_a_model_writes_hr_may_wait_or_go_on(model_world: World, model: StandIn) -> None:
    model.script = [says(good_position())]
    client = signed_in(model_world)
    waiting, impatient = (pasted(client, language_model="1") for _ in range(2))
    page = client.get(waiting).get_data(as_text=True)
    assert "语言模型正在起草" in page and 'http-equiv="refresh"' in page
    assert client.post(impatient, data={"csrf_token": csrf(client), "action": "rules"}).status_code == 303
    assert "没有等待语言模型" in client.get(impatient).get_data(as_text=True)
    model_world.perform("improve_draft")
    page = client.get(waiting).get_data(as_text=True)
    assert f"AI 生成（{MODEL}-2026），未经人工确认" in page and "系统稳定性" in page
    assert len(model.requests) == 1


def test_a_model_that_failed_is_named_on_the_page(model_world: World, model: StandIn) -> None:
    model.script = [stand_in.status(401)]
    client = signed_in(model_world)
    draft = pasted(client, language_model="1")
    model_world.perform("improve_draft")
    assert "语言模型拒绝了请求" in client.get(draft).get_data(as_text=True)


def test_a_template_opens_a_position_in_two_taps(world: World) -> None:
    client = signed_in(world)
    draft = pasted(client, "", template="sales")
    assert "现成的模板" in client.get(draft).get_data(as_text=True)


@pytest.mark.parametrize("name", ["zh-sales", "en-product"])
def test_every_page_speaks_both_languages(world: World, name: str) -> None:
    client = signed_in(world)
    draft = pasted(client, (FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    for path in ("/hr/positions", "/hr/positions/new", draft):
        for language in languages():
            answer = client.get(f"{path}?lang={language}")
            assert answer.status_code == 200
            assert answer.headers["Content-Language"] == language
