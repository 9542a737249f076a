"""Stories told in other words than the key phrases, and what only sounds like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.text.specificity import find_details
from app.scoring.text.star import find_star
from app.scoring.text.structure import find_connectives
from app.scoring.text.vague import find_vague
from tests.unit.scoring.builders import STORY

SENTENCES = [
    "有一回客户半夜打电话说系统登不进去。",
    "我马上爬起来连上服务器看日志，就换了一张新的证书。",
    "从那以后再也没出过这种事。",
    "三天以后积压清零，客户投诉比前一年还少。",
    "老板让我三天之内清完。",
    "如果是我，我会先调研。",
    "我同事分析了数据。",
    "Our supplier went bankrupt in March.",
    "I called eleven factories in two days.",
    "Waiting time went from fourteen minutes to six.",
    "做销售最重要的就是坚持。",
]


def parts(text: str) -> list[str]:
    return [hit.key for hit in find_star(text)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("有一回客户半夜打电话说系统登不进去。我马上爬起来连上服务器看日志。", ["situation", "action"]),
        (
            "去年仓库爆仓了。老板让我三天之内清完。我把人分成三班倒。三天以后积压清零。",
            ["situation", "task", "action", "result"],
        ),
        ("我带着他做了一遍，把步骤写成了文档。现在新人都看这个文档。", ["action", "result"]),
        (
            "Our branch was losing customers. I was asked to find out why. I mapped the queue. Waiting time went from "
            "fourteen minutes to six.",
            ["situation", "task", "action", "result"],
        ),
    ],
)
def test_a_story_needs_no_key_phrases(text: str, told: list[str]) -> None:
    assert parts(text) == told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("销售额下降了百分之二十。", "situation"),
        ("投诉增加了三成。", "situation"),
        ("投诉下降了百分之二十。", "result"),
        ("Sales dropped by 20%.", "situation"),
        ("Costs dropped by 20%.", "result"),
    ],
)
def test_the_direction_of_a_change_tells_trouble_from_success(text: str, part: str) -> None:
    assert parts(text) == [part]


@pytest.mark.parametrize(
    "text",
    [
        "如果是我，我会先调研，再制定方案。",
        "我同事分析了数据，还写了报告。",
        "我打算先学习，再考虑带团队。",
        "做销售最重要的就是坚持，要多跟进客户。",
        "请问这个岗位负责什么？",
        "My manager built the dashboard.",
        "If that happened I would call the client.",
        "You should always listen and plan well.",
    ],
)
def test_what_was_not_done_is_no_story(text: str) -> None:
    assert parts(text) == []


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("我这个人做事认真负责，能吃苦耐劳。", True),
        ("团队合作很重要，大家要互相理解。", True),
        ("I usually just try to do my best and things kind of work out.", True),
        ("大概花了两个星期，我把报表重新做了一遍。", False),
        ("如果遇到问题，可能我会先问同事。", False),
        ("我没有做过销售。", False),
    ],
)
def test_vague_is_what_says_nothing_of_its_own(text: str, vague: bool) -> None:
    assert bool(find_vague(text)) == vague


STORY_OF_ONE = "上个月有个客户要退货，我把货款当天退给了他。"
TALK = "做服务要有耐心，心态要好。"


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("货到得晚是难免的，感情到了自然就签了。", ["货到得晚是难免的，感情到了自然就签了。"]),
        ("大的问题我发现过很多，一般都能解决。", ["大的问题我发现过很多，一般都能解决。"]),
        ("管仓库就是要细心，货架底下的积水我拿拖把吸干了。", []),  # something happened
        ("我没有带过人，平时都是一个人做。", []),  # a lack is no generality
        (STORY_OF_ONE + TALK, []),  # the lesson of a story
        (TALK + STORY_OF_ONE, []),
        (STORY_OF_ONE + TALK * 3, [TALK]),  # and talk that goes on after it
        (STORY_OF_ONE + "反正都差不多吧。", ["反正都差不多吧。"]),  # a hedge withholds, wherever it stands
    ],
)
def test_what_is_particular_excuses_what_stands_by_it(text: str, vague: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in find_vague(text)] == vague


@given(
    st.lists(st.sampled_from([TALK, "我觉得沟通很重要。", "可能就那样吧。", STORY_OF_ONE]), max_size=8),
    st.data(),
)
def test_telling_one_thing_more_makes_nothing_vaguer(said: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(said)))
    before, after = "".join(said), "".join([*said[:at], STORY_OF_ONE, *said[at:]])
    shift = len("".join(said[:at]))

    def old(place: int) -> int:
        return place if place < shift else place - len(STORY_OF_ONE)

    assert {old(hit.start) for hit in find_vague(after)} <= {hit.start for hit in find_vague(before)}


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("我打了六十多个电话，用了一年时间", ["六十多个", "一年"]),
        ("有一天，每一年，第一年，一个人", []),
        ("我们在抖音投了二十万", ["抖音", "二十万"]),
        (
            "It took eleven weeks and twenty-five people in March",
            ["eleven weeks", "twenty-five people", "in march"],
        ),
        ("First, one of my friends helped", []),
        ("leader让我跟进这个bug", []),
        ("贵公司有三千人吗？", []),
    ],
)
def test_details_in_both_languages(text: str, details: list[str]) -> None:
    assert [hit.key for hit in find_details(text)] == details


def test_connectives_with_nothing_to_connect_build_nothing() -> None:
    assert find_connectives("首先，其次，最后，因为，所以。") == []
    assert {
        hit.key
        for hit in find_connectives(
            "First, I asked why. After that I wrote it down because it mattered a lot."
        )
    } == {
        "first",
        "second",
        "cause",
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), max_size=6), st.sampled_from([*SENTENCES, STORY]))
def test_telling_more_takes_no_part_away(said: list[str], more: str) -> None:
    before, after = "".join(said), "".join([*said, more])
    assert set(parts(before)) <= set(parts(after))
