"""The company's frequent questions, edited on one form."""

from __future__ import annotations

import pytest

from app.core.catalogue import languages, text
from tests.integration.results.conftest import Results
from tests.integration.results.test_pages import signed_in
from tests.integration.results.test_waiting_page import own, send


def test_what_is_saved_is_what_candidates_read(results: Results) -> None:
    finished, client = results.interview(results.position()), signed_in(results.world)
    fields = {"question-zh-CN-0": "需要穿正装吗？", "answer-zh-CN-0": "不需要 <b>。", "question-zh-CN-5": " "}
    shown = send(client, "/hr/faq", **fields)
    assert "已保存" in shown and "不需要 &lt;b&gt;。" in shown
    assert own(finished, "faq")["company"] == [{"question": "需要穿正装吗？", "answer": "不需要 <b>。"}]
    send(client, "/hr/faq")
    assert own(finished, "faq")["company"] == []


def test_half_an_entry_says_what_is_missing(results: Results) -> None:
    assert "还有内容未填写" in send(signed_in(results.world), "/hr/faq", **{"question-zh-CN-0": "多久？"})
    assert "还有内容未填写" in send(
        signed_in(results.world), "/hr/faq", **{"question-en-0": "x", "answer-en-0": "y"}
    )


@pytest.mark.parametrize("language", languages())
def test_the_page_reads_in_every_language(results: Results, language: str) -> None:
    answer = signed_in(results.world).get(f"/hr/faq?lang={language}")
    assert answer.status_code == 200
    assert ("Answered for every interview" in answer.get_data(as_text=True)) == (language == "en")


def test_a_lead_reads_and_does_not_edit(results: Results) -> None:
    client = signed_in(results.world, "lead")
    assert "disabled" in client.get("/hr/faq").get_data(as_text=True)
    fields = {"question-zh-CN-0": "问", "answer-zh-CN-0": "答"}
    assert text("zh-CN", "errors.role_not_allowed.title") in send(client, "/hr/faq", **fields)
    assert own(results.interview(results.position()), "faq")["company"] == []
