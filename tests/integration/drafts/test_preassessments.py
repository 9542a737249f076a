"""A résumé against a position through the API: facts, questions, consent of the company, masking, erasure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import World, ok, refused, unused_phone
from tests.integration.drafts.conftest import JAVA
from tests.integration.drafts.stand_in import MODEL, StandIn, says

PATH = "/api/v1/preassessments"
NAME, PHONE, EMAIL, ID_NUMBER = "欧阳小明", "13812345678", "ouyang@example.com", "410101199203041234"
RESUME = f"""{NAME} 男 1992年出生 未婚 电话 {PHONE} {EMAIL} 身份证 {ID_NUMBER}
工作经历
2018.07-至今 杭州某科技公司 后端开发工程师
负责订单中心的微服务改造，使用Spring Cloud拆分为12个服务，接口响应时间降低60%
2014.07-2018.06 某软件公司 Java开发
教育背景
2010.09-2014.06 某某大学 计算机科学与技术 本科
技能：精通Java、Redis"""
GOOD = {
    "points_to_probe": ["拆分服务时怎样保证数据一致"],
    "questions": [
        {
            "text": "拆分订单中心时，最难的一致性问题是什么，您怎么解决的？",
            "quote": "负责订单中心的微服务改造",
        },
        {"text": "响应时间降低60%是怎么测的？", "quote": "这句话不在简历里"},
    ],
}


def opened(world: World, text: str = JAVA) -> str:
    headers = world.staff(world.acme, "recruiter")
    draft = world.create("/api/v1/drafts", {"text": text, "language_model": False}, headers)
    return str(world.create(f"/api/v1/drafts/{draft['id']}/approval", {}, headers)["position_id"])


def assessed(world: World, position: str, resume: str = RESUME, **more: Any) -> dict[str, Any]:
    candidate = world.add_candidate(world.acme, unused_phone(), name=NAME)
    body = {"candidate_id": candidate, "position_id": position, "resume": resume, **more}
    return world.create(PATH, body, world.staff(world.acme, "recruiter"))


def allow_model(world: World) -> None:
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"resume_to_language_model": True}, headers=owner))


def test_facts_gaps_and_questions_for_one_person(either_world: World) -> None:
    made = assessed(either_world, opened(either_world))
    content = made["content"]
    facts = {fact["wanted"]: fact["status"] for fact in content["facts"]}
    assert (facts["5 年"], facts["本科"], facts["Java"], facts["Kafka"]) == ("met", "met", "met", "unclear")
    assert "微服务" in content["mentioned"] and "ShardingSphere" in content["gaps"]
    assert content["questions"][0]["text"].startswith("您在微服务项目中遇到的最大挑战是什么")
    shown = json.dumps(made, ensure_ascii=False)
    for private in (PHONE, EMAIL, ID_NUMBER, "未婚", "1992"):
        assert private not in shown
    assert "score" not in shown and made["label"]
    headers = either_world.staff(either_world.acme, "recruiter")
    assert ok(either_world.client.get(f"{PATH}/{made['id']}", headers=headers)) == made
    listed = ok(either_world.client.get(f"{PATH}?candidate_id={made['candidate_id']}", headers=headers))
    assert [one["id"] for one in listed["items"]] == [made["id"]]


def test_a_career_changer_gets_the_transfer_question(world: World) -> None:
    from tests.integration.drafts.conftest import FOLDER

    position = opened(world, (FOLDER / "zh-product.txt").read_text(encoding="utf-8"))
    first = assessed(world, position)["content"]["questions"][0]
    assert first["reason"] == "transfer" and "工程师" in first["text"] and "产品经理" in first["text"]


def test_too_few_years_and_too_low_a_degree_are_points_to_probe(world: World) -> None:
    resume = "工作经历\n2025.01-2025.12 某公司 Java开发\n教育背景\n2021.09-2024.06 某某学院 大专"
    content = assessed(world, opened(world), resume)["content"]
    facts = {fact["wanted"]: fact["status"] for fact in content["facts"]}
    assert (facts["5 年"], facts["本科"]) == ("not_met", "not_met")
    assert any("5 年" in probe for probe in content["probes"])
    assert any("大专" in probe for probe in content["probes"])


def test_in_english(world: World) -> None:
    resume = "Jane Doe\nExperience\n2019.01 - present Backend engineer at Example Ltd\nBuilt Go services, cut latency by 40%"
    made = assessed(world, opened(world), resume)
    assert made["content"]["language"] == "en"
    assert any("40%" in question["text"] for question in made["content"]["questions"])


def test_questions_are_confirmed_by_a_named_person(world: World) -> None:
    made = assessed(world, opened(world))
    headers = world.staff(world.acme, "recruiter")
    texts = [question["text"] for question in made["content"]["questions"]]
    kept = ["我改过的问题？", "", *texts[2:]]
    path = f"{PATH}/{made['id']}/approval"
    after = ok(world.client.post(path, json={"questions": kept}, headers=headers))
    assert [one["text"] for one in after["content"]["questions"]] == ["我改过的问题？", *texts[2:]]
    assert (after["status"], after["label"], after["provenance"]["edited"]) == ("approved", None, True)
    refused(world.client.post(path, json={"questions": kept}, headers=headers), 409, "preassessment_closed")


def test_only_who_handles_candidates_reads_it(world: World) -> None:
    made = assessed(world, opened(world))
    for role in ("interviewer", "lead"):
        headers = world.staff(world.acme, role)
        refused(world.client.get(f"{PATH}/{made['id']}", headers=headers), 403, "role_not_allowed")


def test_erasing_the_candidate_ends_it(model_world: World, model: StandIn) -> None:
    model.script = [says(GOOD)]
    world = model_world
    allow_model(world)
    made = assessed(world, opened(world))
    owner = world.staff(world.acme, "owner")
    erased = world.client.put(f"/api/v1/candidates/{made['candidate_id']}/erasure", headers=owner)
    assert erased.status_code in {200, 202, 204}, erased.json
    world.perform("erase_candidate")
    refused(world.client.get(f"{PATH}/{made['id']}", headers=owner), 410, "candidate_erased")
    world.perform("improve_preassessment")
    assert model.requests == []


def test_no_resume_leaves_without_the_companys_word(model_world: World, model: StandIn) -> None:
    model.script = [says(GOOD)]
    made = assessed(model_world, opened(model_world))
    assert made["status"] == "ready"
    assert model_world.perform("improve_preassessment") == 0 and model.requests == []


def test_a_permission_taken_back_counts_at_once(model_world: World, model: StandIn) -> None:
    model.script = [says(GOOD)]
    allow_model(model_world)
    made = assessed(model_world, opened(model_world))
    assert made["status"] == "writing"
    owner = model_world.staff(model_world.acme, "owner")
    ok(model_world.client.patch("/api/v1/policy", json={"resume_to_language_model": False}, headers=owner))
    model_world.perform("improve_preassessment")
    after = ok(model_world.client.get(f"{PATH}/{made['id']}", headers=owner))
    assert model.requests == [] and (after["status"], after["content"]) == ("ready", made["content"])


def test_a_model_writes_the_questions_from_a_masked_resume(model_world: World, model: StandIn) -> None:
    model.script = [says(GOOD)]
    allow_model(model_world)
    made = assessed(model_world, opened(model_world))
    model_world.perform("improve_preassessment")
    for secret in (NAME, PHONE, EMAIL, ID_NUMBER, "未婚", "1992"):
        assert secret not in model.sent()
    assert "负责订单中心的微服务改造" in model.sent()
    headers = model_world.staff(model_world.acme, "recruiter")
    after = ok(model_world.client.get(f"{PATH}/{made['id']}", headers=headers))
    assert after["provenance"]["model"] == f"{MODEL}-2026" and MODEL in after["label"]
    assert after["content"]["facts"] == made["content"]["facts"]  # facts are never the model's
    assert [(one["reason"], one["quote"]) for one in after["content"]["questions"]] == [
        ("model", "负责订单中心的微服务改造"),
        ("model", ""),  # a quote that the résumé does not hold is dropped
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "不是 JSON",
        {"questions": [{"text": "请问您打算什么时候结婚？已婚吗？"}]},
        {"score": 9, "questions": []},
    ],
    ids=["no JSON", "marriage", "a score"],
)
def test_bad_questions_of_a_model_are_not_used(bad: Any, model_world: World, model: StandIn) -> None:
    model.script = [says(bad)]
    allow_model(model_world)
    made = assessed(model_world, opened(model_world))
    model_world.perform("improve_preassessment")
    headers = model_world.staff(model_world.acme, "recruiter")
    after = ok(model_world.client.get(f"{PATH}/{made['id']}", headers=headers))
    assert after["content"] == made["content"]
    assert after["provenance"]["fallback"] == "language_model_answer_invalid"
