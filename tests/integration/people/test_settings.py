"""The company's settings on one page: what is saved, what is refused and where, who changes it, and the group's robot."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.catalogue import languages, text
from app.core.database import db
from tenants.tenancy import tenant_transaction
from tests.factories import World, ok
from tests.integration.results.test_pages import cookie, signed_in
from tests.integration.results.test_waiting_page import send
from tests.integration.wechat.sandbox_client import Sandbox

FORM = {
    "answer_within_hours": "48",
    "candidate_sees_report": "on",
    "blind_review": "on",
    "retention_days": "90",
    "privacy_contact": " 隐私 <hr@acme.example> ",
    "face_analysis": "facts",
    "face_weight": "0.25",
    "face_reason": "岗位需要出镜",
    "sending_from_minute": "08:30",
    "sending_until_minute": "24:00",
    "time_zone": "Europe/London",
    "language": "en",
}


def policy(world: World) -> dict[str, object]:
    return ok(world.client.get("/api/v1/policy", headers=world.staff(world.acme, "owner")))


def post(client: FlaskClient, path: str = "/hr/settings", **fields: str) -> tuple[int, str]:
    token = cookie(client, "csrf_access_token")
    answer = client.post(path, data={**fields, "csrf_token": token})
    return answer.status_code, answer.get_data(as_text=True)


def test_what_is_saved_is_what_the_form_says(world: World) -> None:
    client = signed_in(world, "owner")
    shown = send(client, "/hr/settings", **FORM)
    assert "已保存" in shown and "隐私 &lt;hr@acme.example&gt;" in shown and 'value="24:00"' in shown
    now = policy(world)
    del now["updated_at"]
    assert now == {
        "face_analysis": "facts",
        "face_weight_hundredths": 25,
        "face_reason": "岗位需要出镜",
        "resume_to_language_model": False,
        "candidate_sees_report": True,
        "blind_review": True,
        "answer_within_hours": 48,
        "retention_days": 90,
        "time_zone": "Europe/London",
        "language": "en",
        "sending_from_minute": 510,
        "sending_until_minute": 1440,
        "privacy_contact": "隐私 <hr@acme.example>",
    }
    with world.app.app_context(), tenant_transaction(world.acme.id):
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "policy.changed"))
        assert "retention_days" in str(entry.detail) and entry.actor_id


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("answer_within_hours", "721"),
        ("retention_days", ""),
        ("face_weight", "1.5"),
        ("face_reason", ""),
        ("face_analysis", "emotions"),
        ("sending_from_minute", "8点"),
        ("sending_until_minute", "08:10"),
        ("time_zone", "Mars/Olympus"),
        ("language", "fr"),
        ("privacy_contact", "x" * 201),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_changed(
    world: World, field: str, words: str
) -> None:
    client, before = signed_in(world, "owner"), policy(world)
    status, shown = post(client, **{**FORM, field: words})
    assert status == 422
    assert re.findall(r'id="(\w+)-wrong"', shown) == [field]
    assert "岗位需要出镜" in shown or field == "face_reason"  # what was entered stays
    assert policy(world) == before


def test_a_weight_without_facts_is_said_beside_the_weight(world: World) -> None:
    client, before = signed_in(world, "owner"), policy(world)
    status, shown = post(client, **{**FORM, "face_analysis": "off"})
    assert (status, re.findall(r'id="(\w+)-wrong"', shown)) == (422, ["face_weight"])
    assert policy(world) == before


def test_recruiters_read_and_nobody_else_opens_it(world: World) -> None:
    reader, before = signed_in(world), policy(world)
    shown = reader.get("/hr/settings").get_data(as_text=True)
    assert text("zh-CN", "settings.read_only") in shown
    assert shown.count("<fieldset") - shown.count(" disabled>") == 1  # the choice inside one of them
    assert "/robot" not in shown and text("zh-CN", "settings.save") not in shown
    assert post(reader, **FORM)[0] == 403
    assert policy(world) == before
    for role in ("interviewer", "lead"):
        client = signed_in(world, role)
        assert client.get("/hr/settings").status_code == 403
        assert "/hr/settings" not in client.get("/hr/").get_data(as_text=True)


@pytest.mark.parametrize("language", languages())
def test_it_reads_in_every_language(world: World, language: str) -> None:
    shown = signed_in(world, "owner").get(f"/hr/settings?lang={language}").get_data(as_text=True)
    assert text(language, "settings.face_analysis.hint") in shown


def test_a_form_of_a_session_that_ran_out_is_kept(world: World) -> None:
    client = signed_in(world, "owner")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=30)):
        shown = client.post("/hr/settings", data={**FORM, "csrf_token": "old"}).get_data(as_text=True)
        assert "请再次确认" in shown and 'name="retention_days" value="90"' in shown


def test_the_groups_robot_is_set_tried_and_removed(world: World, sandbox: Sandbox) -> None:
    client, robot = signed_in(world, "owner"), "/hr/settings/robot"
    assert text("zh-CN", "settings.robot.none") in client.get("/hr/settings").get_data(as_text=True)
    status, shown = post(client, robot, format="wecom", url="http://elsewhere.example/robot")
    assert (status, re.findall(r'id="(\w+)-wrong"', shown)) == (422, ["url"])
    assert "http://elsewhere.example/robot" in shown
    assert post(client, robot, format="fax", url="https://elsewhere.example/robot")[0] == 422

    key = f"page-{world.acme.id}"
    path = sandbox.post("robots", service="wecom", key=key)["path"]
    shown = send(client, robot, format="wecom", url=sandbox.url + path)
    assert "127.0.0.1" in shown and key not in shown
    assert text("zh-CN", "settings.robot.tried") in send(client, f"{robot}/trial")
    assert len(sandbox.get(f"robots/{key}")) == 1
    sandbox.post("faults", operation="robot", fault=40058)
    assert text("zh-CN", "errors.robot_refused.title") in send(client, f"{robot}/trial")
    shown = send(client, robot, action="remove")
    assert text("zh-CN", "settings.robot.removed") in shown
    assert text("zh-CN", "settings.robot.none") in shown
    odd = client.get("/hr/settings?said=robot.lead&trouble=no_such_thing").get_data(as_text=True)
    assert "banner" not in odd.split("<h1", 1)[1]
