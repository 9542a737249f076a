"""Positions through the API: what a rubric may ask of candidates."""

from __future__ import annotations

import copy

from tests.factories import RUBRIC, World, ok, refused


def test_a_question_allows_no_more_time_than_can_be_analysed(world: World) -> None:
    """A candidate who keeps to the limit must never be told that the answer is too long."""
    headers = world.staff(world.acme, "recruiter")
    most = world.app.extensions["settings"].answer_max_seconds
    rubric = copy.deepcopy(RUBRIC)
    rubric["questions"][1]["max_seconds"] = most + 1
    body = {"title": "销售代表", "rubric": rubric}
    answer = world.client.post("/api/v1/positions?lang=en", json=body, headers=headers)
    problem = refused(answer, 422, "answer_limit_too_long")
    assert "q2" in problem["detail"] and str(most) in problem["detail"]
    rubric["questions"][1]["max_seconds"] = most
    made = ok(world.client.post("/api/v1/positions", json=body, headers=headers), 201)
    rubric["questions"][0]["max_seconds"] = most + 1
    path = f"/api/v1/positions/{made['id']}/rubric"
    refused(world.client.put(path, json={"rubric": rubric}, headers=headers), 422, "answer_limit_too_long")
    assert ok(world.client.get(f"/api/v1/positions/{made['id']}", headers=headers))["version"] == 1


def test_a_rubric_knows_what_the_position_says_of_itself(world: World) -> None:
    """So that an answer which recites the description is told from one that answers."""
    headers = world.staff(world.acme, "recruiter")
    body = {"title": "大客户经理", "rubric": RUBRIC, "description": " 负责维护重点客户，分析销售数据。 "}
    made = ok(world.client.post("/api/v1/positions", json=body, headers=headers), 201)
    assert made["rubric"]["description"] == "负责维护重点客户，分析销售数据。"
    path = f"/api/v1/positions/{made['id']}/rubric"
    same = ok(world.client.put(path, json={"rubric": RUBRIC}, headers=headers))
    assert same["version"] == made["version"]
    own = {**RUBRIC, "description": "别的说明"}
    revised = ok(world.client.put(path, json={"rubric": own}, headers=headers))
    assert revised["rubric"]["description"] == "别的说明"
