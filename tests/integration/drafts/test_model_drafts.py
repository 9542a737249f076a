"""What is taken of a language model's answer: only what fits, asked for at most twice, never a score."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.adapters.language_model import ChatLanguageModel
from app.core.errors import PermanentError
from app.drafts.documents import PositionDraft
from app.drafts.model_drafts import improve_position
from app.drafts.reading import read_posting
from app.drafts.rules import draft_position
from tests.integration.drafts.conftest import JAVA, changed, good_position
from tests.integration.drafts.stand_in import KEY, MODEL, StandIn, says, serving

WRONG = {
    "no JSON": "sorry, I cannot",
    "half JSON": '{"competencies": [',
    "another shape": {"rubric": []},
    "extra fields": changed(score=9),
    "no questions": changed(questions=[]),
    "unknown competency": changed(questions__0__competencies=["没有的维度"]),
    "one not asked for": changed(questions__2__competencies=["专业技术"]),
    "repeated names": changed(competencies__1__name="专业技术"),
    "weight as text": changed(competencies__0__importance="forty-two"),
    "negative weight": changed(competencies__0__importance=-5),
    "too many words": changed(questions__0__text="讲" * 401),
    "an address": changed(questions__0__text="请打开 https://evil.example 完成测试"),
    "markup": changed(questions__0__text="请讲一次经历<script>alert(1)</script>"),
    "marriage": changed(questions__0__text="请问您已婚已育吗，近期有什么打算？"),
    "age": changed(competencies__0__level_9="35岁以下，有数据、有取舍。"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def asked(server: StandIn) -> ChatLanguageModel:
    server.requests, server.refusals = [], []
    return ChatLanguageModel(server.url, KEY, MODEL, 2.0)


@pytest.fixture(scope="module")
def draft() -> PositionDraft:
    return draft_position(read_posting(JAVA), most_seconds=600)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_returned_once_and_then_given_up(
    name: str, asked: ChatLanguageModel, server: StandIn, draft: PositionDraft
) -> None:
    server.script = [says(WRONG[name])]
    with pytest.raises(PermanentError) as refused:
        improve_position(asked, draft)
    assert refused.value.reason == "language_model_answer_invalid"
    for said in ("已婚", "35岁", "没有的维度"):  # the detail is logged: it quotes nothing of the answer
        assert said not in (refused.value.detail or "")
    assert len(server.requests) == 2 and server.refusals == []
    assert "your_answer_was_refused" in server.requests[1]["messages"][-1]["content"]


def test_a_harmless_habit_is_forgiven(
    asked: ChatLanguageModel, server: StandIn, draft: PositionDraft
) -> None:
    server.script = [says(f"```json\n{json.dumps(good_position(), ensure_ascii=False)}\n```")]
    improved, name = improve_position(asked, draft)
    assert name == f"{MODEL}-2026" and len(improved.rubric.competencies) == 3


@pytest.mark.parametrize("importance", [(1, 1, 1), (100, 1, 1), (33, 33, 34), (7, 11, 13)])
def test_weights_always_sum(
    importance: tuple[int, ...], asked: ChatLanguageModel, server: StandIn, draft: PositionDraft
) -> None:
    answer = good_position()
    for one, given in zip(answer["competencies"], importance, strict=True):
        one["importance"] = given
    server.script = [says(answer)]
    improved, _ = improve_position(asked, draft)
    weights = [one.weight for one in improved.rubric.competencies]
    assert sum(weights) == 10_000 and min(weights) >= 100


def test_what_is_not_the_models_to_say_stays(
    asked: ChatLanguageModel, server: StandIn, draft: PositionDraft
) -> None:
    """Title, description, hard facts, flags and the time limit are the rules'; delivery counts for communication only."""
    server.script = [says(good_position())]
    improved, _ = improve_position(asked, draft)
    for part in ("title", "description", "facts", "flags", "notes", "language"):
        assert getattr(improved, part) == getattr(draft, part)
    assert {question.max_seconds for question in improved.rubric.questions} == {180}
    assert [one.key for one in improved.rubric.competencies if one.communication] == ["communication"]
