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
