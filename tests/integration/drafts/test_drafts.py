"""Drafts through the API: made at once, edited and approved by a person, never a position by themselves."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from tenants.tenancy import tenant_scope
from tests.factories import RUBRIC, World, ok, refused
from tests.integration.drafts.conftest import JAVA

DRAFTS = "/api/v1/drafts"


def make(world: World, **body: Any) -> dict[str, Any]:
    return world.create(DRAFTS, body or {"text": JAVA}, world.staff(world.acme, "recruiter"))


def audited(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
        return [(entry.action, entry.actor_id, entry.detail) for entry in entries]


def test_a_draft_is_made_at_once_labelled_and_opens_nothing(world: World) -> None:
    made = make(world)
    headers = world.staff(world.acme, "recruiter")
    assert (made["status"], made["provenance"]["made_by"]) == ("ready", "rules")
    assert made["label"] == "由系统按规则自动生成，未经人工确认"
    assert {flag["category"] for flag in made["draft"]["flags"]} == {"age", "school"}
    assert ok(world.client.get(f"{DRAFTS}/{made['id']}", headers=headers)) == made
    assert [one["id"] for one in ok(world.client.get(DRAFTS, headers=headers))["items"]] == [made["id"]]
    assert ok(world.client.get("/api/v1/positions", headers=headers))["items"] == []
    assert world.due("improve_draft") == []


def test_nobody_keeps_a_language_model_busy_alone(world: World) -> None:
    headers, body = world.staff(world.acme, "recruiter"), {"template": "engineer"}
    answers = [world.client.post(DRAFTS, json=body, headers=headers).status_code for _ in range(31)]
    assert answers == [201] * 30 + [429]
    ok(world.client.post(DRAFTS, json=body, headers=world.staff(world.acme, "owner")), 201)


def test_a_named_person_edits_and_approves(either_world: World) -> None:
    world = either_world
    headers = world.staff(world.acme, "owner")
    made = make(world)
    edited = copy.deepcopy(made["draft"])
    edited["rubric"]["questions"][0]["text"] = "请讲一个您最满意的系统。"
    body = {key: edited[key] for key in ("title", "description", "rubric")}
    kept = ok(world.client.put(f"{DRAFTS}/{made['id']}", json=body, headers=headers))
    assert kept["provenance"]["edited"] and kept["label"]
    approval = world.create(f"{DRAFTS}/{made['id']}/approval", {}, headers)
    position = ok(world.client.get(f"/api/v1/positions/{approval['position_id']}", headers=headers))
    assert position["rubric"]["questions"][0]["text"] == "请讲一个您最满意的系统。"
    after = ok(world.client.get(f"{DRAFTS}/{made['id']}", headers=headers))
    assert (after["status"], after["label"], after["position_id"]) == ("approved", None, position["id"])
    refused(world.client.post(f"{DRAFTS}/{made['id']}/approval", headers=headers), 409, "draft_closed")
    refused(world.client.put(f"{DRAFTS}/{made['id']}", json=body, headers=headers), 409, "draft_closed")
    approvals = [entry for entry in audited(world) if entry[0] == "draft.approved"]
    assert [(detail["made_by"], detail["edited"], detail["position"]) for _, _, detail in approvals] == [
        ("rules", True, position["id"])
    ]


def test_words_a_person_writes_stay_and_are_flagged(world: World) -> None:
    made = make(world)
    body = {"title": "前台", "description": "限女性，25岁以下", "rubric": RUBRIC}
    headers = world.staff(world.acme, "recruiter")
    kept = ok(world.client.put(f"{DRAFTS}/{made['id']}", json=body, headers=headers))
    assert kept["draft"]["description"] == "限女性，25岁以下"
    assert {flag["category"] for flag in kept["draft"]["flags"]} == {"sex", "age"}


def test_templates_are_usable_at_once_in_both_languages(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    templates = ok(world.client.get(f"{DRAFTS}/templates", headers=headers))["items"]
    keys = {one["key"] for one in templates}
    assert {
        "sales",
        "software",
        "engineer",
        "product-manager",
        "operations",
        "production",
        "customer-service",
    } <= keys
    for language in ("zh-CN", "en"):
        made = make(world, template="sales", language=language)
        assert made["draft"]["language"] == language
        world.create(f"{DRAFTS}/{made['id']}/approval", {}, headers)
    refused(
        world.client.post(DRAFTS, json={"template": "astronaut"}, headers=headers),
        422,
        "draft_template_unknown",
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "draft_text_empty"),
        ("<p> </p>", "draft_text_empty"),
        ("负责销售" * 13_000, "draft_text_too_long"),
        ("お客様への提案をお願いします", "draft_language_unsupported"),
    ],
)
def test_unusual_text_is_refused_in_words(world: World, text: str, code: str) -> None:
    headers = world.staff(world.acme, "recruiter")
    refused(world.client.post(DRAFTS, json={"text": text}, headers=headers), 422, code)
    refused(world.client.post(DRAFTS, json={}, headers=headers), 422, "invalid_input")
    refused(
        world.client.post(DRAFTS, json={"text": "x", "template": "sales"}, headers=headers),
        422,
        "invalid_input",
    )


def test_a_discarded_draft_is_gone(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    made = make(world)
    assert world.client.delete(f"{DRAFTS}/{made['id']}", headers=headers).status_code == 204
    refused(world.client.get(f"{DRAFTS}/{made['id']}", headers=headers), 404, "draft_unknown")
    assert ok(world.client.get(DRAFTS, headers=headers))["items"] == []


def test_only_who_may_open_positions_drafts_them(world: World) -> None:
    for role in ("interviewer", "lead"):
        headers = world.staff(world.acme, role)
        refused(world.client.post(DRAFTS, json={"text": JAVA}, headers=headers), 403, "role_not_allowed")


def test_a_question_in_plainer_words(world: World) -> None:
    headers = world.staff(world.acme, "recruiter")
    body = {"text": "请阐述一次您赋能跨部门团队并形成闭环的经历（不少于三点）。"}
    answer = ok(world.client.post(f"{DRAFTS}/rewordings", json=body, headers=headers))
    assert "阐述" not in answer["plainer_text"] and "赋能" not in answer["plainer_text"]
    assert "当时怎样" in answer["plainer_text"] and answer["label"]
    body = {"text": "Please elaborate on an instance where you leveraged stakeholders.", "language": "en"}
    answer = ok(world.client.post(f"{DRAFTS}/rewordings", json=body, headers=headers))
    assert "tell us about" in answer["plainer_text"] and "leverage" not in answer["plainer_text"]
