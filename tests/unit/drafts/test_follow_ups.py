"""What is asked next: only what the answer leaves open, the same for the same answers."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalogue import languages
from app.drafts.follow_ups import FollowUp, follow_up_questions
from app.scoring.answers import AnswerSignals
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from tests.unit.scoring import builders

RUBRIC = builders.rubric()


def written(question: str, words: str, **more: Any) -> AnswerSignals:
    return AnswerSignals(
        answer_id=f"a-{question}",
        take_id=f"t-{question}",
        question_id=question,
        medium="text",
        written_text=words,
    )


def asked(*answers: AnswerSignals, rubric: Rubric = RUBRIC, language: str = "zh-CN") -> list[FollowUp]:
    return follow_up_questions(rubric, score_interview(rubric, answers, ScoringPolicy()), answers, language)


def test_a_whole_story_is_asked_nothing() -> None:
    assert asked(written("difficulty", builders.STORY), written("team", builders.STORY)) == []


def test_a_story_without_its_end_is_asked_for_the_result() -> None:
    told = "当时公司的销售额下降了。我的任务是提升转化率。首先，我分析了过去六个月的数据，联系了三位客户。"
    assert [(one.question_id, one.competency, one.reason) for one in asked(written("difficulty", told))] == [
        ("difficulty", "analysis", "star_result")
    ]


def test_a_part_that_another_answer_brought_is_not_asked_again() -> None:
    told = "当时公司的销售额下降了。我的任务是提升转化率。首先，我分析了过去六个月的数据，联系了三位客户。"
    reasons = [one.reason for one in asked(written("difficulty", told), written("team", builders.STORY))]
    assert "star_result" not in reasons


def test_an_opinion_is_asked_for_an_example_and_a_word_for_more() -> None:
    assert [one.reason for one in asked(written("difficulty", builders.THIN))] == ["no_story"]
    assert [one.reason for one in asked(written("difficulty", "还好。"))] == ["too_little"]


def test_a_vague_passage_is_quoted() -> None:
    answer = written("difficulty", builders.STORY + "后来好像大概都还行。")
    (one,) = asked(answer)
    assert one.reason == "vague" and "后来好像大概都还行" in one.text


def test_no_answer_no_question() -> None:
    assert asked() == []
    assert asked(written("unknown", builders.THIN)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=2, max_size=2), st.sampled_from(languages()))
def test_any_words_in_any_order(words: list[str], language: str) -> None:
    answers = [written(question, said) for question, said in zip(("difficulty", "team"), words, strict=True)]
    found = asked(*answers, language=language)
    assert found == asked(*answers[::-1], language=language)
    assert all(one.text and one.competency in {"analysis", "communication"} for one in found)
    for question in ("difficulty", "team"):
        assert len([one for one in found if one.question_id == question]) <= 2
