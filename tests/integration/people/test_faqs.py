"""Frequent questions: the company's own before the product's, in the candidate's language."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.catalogue import languages
from tests.factories import World, ok, refused
from tests.integration.results.conftest import Finished, Results

ENTRY = {
    "question": {"zh-CN": "需要穿正装吗？", "en": "Do I dress up?"},
    "answer": {"zh-CN": "不需要，着装不影响评分。", "en": "No, clothes do not count."},
}
ONLY_CHINESE = {"question": {"zh-CN": "多久？"}, "answer": {"zh-CN": "约二十分钟。"}}


@pytest.fixture
def finished(either_world: World) -> Finished:
    results = Results(either_world)
    return results.interview(results.position())


def asked(finished: Finished, language: str) -> dict[str, list[dict[str, str]]]:
    headers = {**finished.candidate(), "Accept-Language": language}
    found: dict[str, list[dict[str, str]]] = ok(
        finished.world.client.get("/api/v1/candidate/faq", headers=headers)
    )
    return found


def put(finished: Finished, entries: list[Any], role: str = "recruiter") -> Any:
    headers = finished.world.staff(finished.company, role)
    return finished.world.client.put("/api/v1/faq", json={"entries": entries}, headers=headers)


def test_the_companys_answers_come_first_and_in_the_candidates_language(finished: Finished) -> None:
    assert asked(finished, "zh-CN")["company"] == []
    assert ok(put(finished, [ENTRY, ONLY_CHINESE]))["entries"] == [ENTRY, ONLY_CHINESE]
    assert [one["question"] for one in asked(finished, "en")["company"]] == ["Do I dress up?", "多久？"]
    assert ok(put(finished, [ONLY_CHINESE]))["entries"] == [ONLY_CHINESE]
    headers = finished.world.staff(finished.company, "interviewer")
    assert ok(finished.world.client.get("/api/v1/faq", headers=headers))["entries"] == [ONLY_CHINESE]


@pytest.mark.parametrize("language", languages())
def test_the_products_answers_name_this_companys_periods(finished: Finished, language: str) -> None:
    owner = finished.world.staff(finished.company, "owner")
    change = {"retention_days": 77, "answer_within_hours": 33}
    ok(finished.world.client.patch("/api/v1/policy", json=change, headers=owner))
    words = " ".join(one["answer"] for one in asked(finished, language)["product"])
    assert "77" in words and "33" in words and "{" not in words


@pytest.mark.parametrize(
    "entry",
    [
        {"question": {"en": "x"}, "answer": {"en": "x"}},
        {"question": {"zh-CN": "x"}, "answer": {"zh-CN": "x", "en": "x"}},
        {"question": {"zh-CN": "x", "fr": "x"}, "answer": {"zh-CN": "x", "fr": "x"}},
        {"question": {"zh-CN": " "}, "answer": {"zh-CN": "x"}},
    ],
)
def test_incomplete_entries_are_refused(finished: Finished, entry: dict[str, Any]) -> None:
    refused(put(finished, [ENTRY, entry]), 422, "invalid_input")
    refused(put(finished, [ENTRY] * 31), 422, "invalid_input")
    refused(put(finished, [ENTRY], "lead"), 403, "role_not_allowed")
    assert asked(finished, "en")["company"] == []
