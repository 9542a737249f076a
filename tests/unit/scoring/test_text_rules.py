"""What the lexical rules hear, sentence by sentence."""

from __future__ import annotations

import time

import pytest

from app.scoring.rubric import Keyword
from app.scoring.text.keywords import find_keywords
from app.scoring.text.passages import fold, split_clauses, split_sentences
from app.scoring.text.specificity import find_details
from app.scoring.text.star import find_star
from app.scoring.text.structure import find_connectives
from app.scoring.text.vague import find_vague
from tests.unit.scoring.builders import STORY

KEYWORDS = [Keyword(word="Python", synonyms=["派森"]), Keyword(word="数据分析"), Keyword(word="Go")]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("我熟练使用Python", ["Python"]),
        ("我用派森写过脚本", ["Python"]),
        ("我用Ｐｙｔｈｏｎ写脚本", ["Python"]),
        ("我没有用过Python", []),
        ("Python我没用过", []),
        ("不会Java、Python和Go", []),
        ("数据分析这方面我不太擅长", []),
        ("I have never used Python, Java or Go.", []),
        ("I used Python, but not Go", ["Python"]),
        ("我不仅用过Python，还做过数据分析", ["Python", "数据分析"]),
        ("我不断学习python", ["Python"]),
        ("我没有放弃，后来用Python解决了", ["Python"]),
        ("我们没有数据分析团队，所以我自己学了数据分析", ["数据分析"]),
        ("我不做销售，但我做数据分析", ["数据分析"]),
        ("I searched google for ergonomics", []),
    ],
)
def test_keywords_count_where_they_are_claimed(text: str, heard: list[str]) -> None:
    assert [hit.key for hit in find_keywords(text, KEYWORDS)] == heard


def test_a_keyword_points_at_its_own_characters() -> None:
    text = "你好。我会 PYTHON，也会数据分析。"
    assert [text[hit.start : hit.end] for hit in find_keywords(text, KEYWORDS)] == ["PYTHON", "数据分析"]


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("当时公司的销售额下降了百分之二十。", "situation"),
        ("背景是我们的用户流失比较严重。", "situation"),
        ("我的任务是把成本降低百分之十。", "task"),
        ("老板要求我们在四周之内上线。", "task"),
        ("首先，我分析了过去四个月的数据。", "action"),
        ("于是我主动找到领导沟通。", "action"),
        ("我会用数据来说服他们。", "action"),
        ("最后，我总结了经验教训。", "action"),
        ("最后，我们按时完成了项目。", "result"),
        ("结果销售额提升了百分之六十。", "result"),
        ("但是结果并没有达到预期。", "result"),
        ("我们把流程从七步减少到五步。", "result"),
        ("At my previous company sales were falling.", "situation"),
        ("My task was to raise them by 20 percent.", "task"),
        ("Then we built a new process.", "action"),
        ("As a result, sales grew by 60%.", "result"),
        ("我没有分析。", None),
        ("我的优点是学习能力强。", None),
        ("嗯，让我想一想。", None),
        ("我对这个岗位非常感兴趣。", None),
    ],
)
def test_star_parts(sentence: str, part: str | None) -> None:
    assert {hit.key for hit in find_star(sentence)} == ({part} if part else set())


def test_a_whole_story_has_every_part_in_its_own_sentence() -> None:
    found = {hit.key: STORY[hit.start : hit.end] for hit in reversed(find_star(STORY))}
    assert found["situation"].startswith("当时")
    assert found["task"].startswith("我的任务是")
    assert found["action"].startswith("首先")
    assert find_star(STORY)[-1].key == "result"


def test_a_story_in_one_breath_keeps_its_parts() -> None:
    text = "当时销售额下降了20%，我的任务是把它拉回来，首先我分析了数据，结果提升了60%。"
    assert {hit.key for hit in find_star(text)} == {"situation", "task", "action", "result"}


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("销售额提升了百分之六十", ["百分之六十"]),
        ("提升了 60%", ["60%"]),
        ("我们用三个月做了9轮测试", ["三个月", "9轮"]),
        ("带来了五百万的收入", ["五百万"]),
        ("用户有1,200人，评分4.75分", ["1,200人", "4.75"]),
        ("复购率从百分之30.5提升了", ["百分之30.5"]),
        ("二零二一年我加入了这家公司", ["二零二一年"]),
        ("我毕业于北京大学", ["北京大学"]),
        ("我们用SQL和Tableau", ["sql", "tableau"]),
        ("sales grew by 60% in 3 months", ["60%", "3 months"]),
        ("第二个原因是一个人一起想一下", []),
        ("I think I am good", []),
    ],
)
def test_details_are_what_can_be_checked(text: str, details: list[str]) -> None:
    assert [hit.key for hit in find_details(text)] == details


def test_connectives_and_vagueness() -> None:
    assert {hit.key for hit in find_connectives(STORY)} == {"first", "second", "last"}
    assert [hit.key for hit in find_vague("可能是我准备得不够充分。可能提升了百分之五。我觉得很好。")] == [
        "可能"
    ]
    assert find_vague(STORY) == []


def test_passages_point_into_the_text_and_decimals_do_not_end_a_sentence() -> None:
    text = "It grew by 3.5 points. 好的！真的吗？是。"
    assert [s.of(text) for s in split_sentences(text)] == [
        "It grew by 3.5 points.",
        "好的！",
        "真的吗？",
        "是。",
    ]
    sentence = split_sentences("首先，我分析了数据，但是没有结论。")[0]
    clauses = [
        c.of("首先，我分析了数据，但是没有结论。")
        for c in split_clauses("首先，我分析了数据，但是没有结论。", sentence)
    ]
    assert clauses == ["首先，我分析了数据，", "但是没有结论。"]
    assert len(fold("Ｐﬀİ，")) == len("Ｐﬀİ，")


@pytest.mark.parametrize(
    "unit", ["1,", "二", "1", "我没", "提升1", "首先我", "i w ", "A.", "在北京", "《", "，", "但", '"', "a+"]
)
def test_hostile_repetition_costs_no_time(unit: str) -> None:
    """Candidates write the text: no rule may take more than a moment for a long one."""
    text = unit * (12_000 // len(unit))
    began = time.process_time()
    for rule in (find_star, find_details, find_vague, find_connectives):
        rule(text)
    find_keywords(text, KEYWORDS)
    assert time.process_time() - began < 5
