"""Candidates write the text: however it repeats itself, scoring five thousand characters takes a moment."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.observations import observe
from app.scoring.policy import ScoringPolicy
from app.scoring.score import score_interview
from app.scoring.text.motivation import find_motives
from tests.unit.scoring.builders import rubric, spoken, written

LONGEST = 5_000
PIECES = [
    *(
        "我",
        "我们",
        "他",
        "同事",
        "说",
        "“",
        "”",
        '"',
        "如果",
        "的话",
        "不",
        "没有",
        "不是没有",
        "而是",
        "希望",
        "最重要的是",
    ),
    *(
        "数据",
        "转化率",
        "Python",
        "客户",
        "沟通",
        "、",
        "，",
        "。",
        " ",
        "\n",
        "和",
        "的",
        "了",
        "过",
        "一个",
        "从",
        "到",
        "把",
    ),
    *(
        "首先",
        "最后",
        "结果",
        "当时",
        "负责",
        "分析",
        "提升",
        "百分之",
        "二十",
        "1",
        "1,",
        "%",
        "年",
        "《",
        "在北京",
        "有问题",
    ),
    *(
        "I ",
        "we ",
        "was ",
        "never ",
        "used ",
        "the ",
        "my manager ",
        "if ",
        "would ",
        "to ",
        "from ",
        "ed ",
        "a.",
        "it's ",
        "?",
    ),
]
units = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join) | st.text(
    min_size=1, max_size=4
)


def seconds(unit: str, length: int) -> float:
    text = unit * (length // len(unit))
    answers = [spoken("difficulty", text), written("team", text)]
    began = time.process_time()
    score_interview(rubric(), answers, ScoringPolicy())
    observe(rubric(), answers)
    find_motives(text)
    return time.process_time() - began


@settings(max_examples=10, deadline=None)
@given(units)
def test_no_repetition_costs_more_than_a_moment(unit: str) -> None:
    assert seconds(unit, LONGEST) < 5


@pytest.mark.full
@settings(max_examples=40, deadline=None)
@given(units)
def test_twice_the_text_costs_about_twice_the_time(unit: str) -> None:
    """Squared time would make it four times; the floor keeps a busy machine from deciding."""
    twice = min(seconds(unit, 2 * LONGEST) for _ in range(2))
    assert twice < 3 * max(seconds(unit, LONGEST), 1.0)
