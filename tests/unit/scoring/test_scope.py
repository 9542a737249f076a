"""Who says what of whom: only what candidates claim of themselves counts for a keyword."""

from __future__ import annotations

import pytest

from app.core.signals import Word
from app.scoring.rubric import Keyword
from app.scoring.text.keywords import find_keywords, find_mentions
from app.scoring.text.reading import read

KEYWORDS = [
    Keyword(word="Python"),
    Keyword(word="Java"),
    Keyword(word="数据分析"),
    Keyword(word="转化率"),
    Keyword(word="negotiate", synonyms=["bargain"]),
    Keyword(word="budget"),
]


def heard(text: str) -> list[str]:
    return [hit.key for hit in find_keywords(text, KEYWORDS)]


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        # denial, its reach and its end
        ("我没有用过Python", []),
        ("我没有用Python，而是用Java", ["Java"]),
        ("我没用Python改用Java", ["Java"]),
        ("不是没有用过Python", ["Python"]),
        ("我并不是不会Python", ["Python"]),
        ("做报表离不开Python", ["Python"]),
        ("不到三个月转化率就上去了", ["转化率"]),
        ("没想到转化率反而涨了", ["转化率"]),
        ("主要是靠数据分析", ["数据分析"]),
        ("数据分析一次都没有做过", []),
        ("Java、Python和数据分析我都没学过", []),
        ("除了Python我都没用过", ["Python"]),
        ("I've never used Python or Java", []),
        ("I didn't use Python but I used Java", ["Java"]),
        ("I am no stranger to Python", ["Python"]),
        ("Python is not something I have used", []),
        # suppositions and intentions
        ("如果有机会，我会用Python", []),
        ("如果客户投诉了，我会先做数据分析，再用Python查", []),
        ("如果能来，我想学Java，但是之前我一直用Python", ["Python"]),
        ("我打算学Python", []),
        ("Python我打算以后再学", []),
        ("希望以后能用Java", []),
        ("领导希望我提升转化率", ["转化率"]),
        ("I would use Python for that", []),
        ("I plan to learn Java next year", []),
        # others
        ("我同事负责数据分析", []),
        ("我同事负责数据分析，我负责转化率", ["转化率"]),
        ("数据分析是由产品经理做的", []),
        ("他负责前端，还写Python", []),
        ("领导让我做数据分析", ["数据分析"]),
        ("我和同事一起做数据分析", ["数据分析"]),
        ("其他的数据分析我也做过", ["数据分析"]),
        ("My manager handled the budget", []),
        ("My manager asked me to cut the budget", ["budget"]),
        ("My colleague and I kept the budget", ["budget"]),
        # quotation
        ("他说Python最好用", []),
        ("同事告诉我转化率很低", []),
        ("听说Python很好学", []),
        ("他说转化率太低，我就用Python查了原因", ["Python"]),
        ("客户骂我说：“你们的转化率是假的，数据分析也是假的”", []),
        ("我盯的是“转化率”这个指标", ["转化率"]),
        # questions and commonplaces
        ("请问这个岗位要用Python吗？", []),
        ("数据分析最重要的就是要细心", []),
        ("做运营最重要的是数据分析，要多看转化率。", []),
        ("我们每天都看转化率，我做了数据分析", ["转化率", "数据分析"]),
    ],
)
def test_only_own_claims_count(text: str, claimed: list[str]) -> None:
    assert heard(text) == claimed


def test_what_is_not_claimed_is_told_apart() -> None:
    said = find_mentions("我没有用过Python，我同事负责数据分析。", KEYWORDS)
    assert [(mention.hit.key, mention.claim) for mention in said] == [
        ("Python", "denied"),
        ("数据分析", "not_own"),
    ]


def test_suppositions_answer_a_question_that_supposes() -> None:
    text = "如果客户投诉，我会先做数据分析。"
    assert find_keywords(text, KEYWORDS) == []
    assert [hit.key for hit in find_keywords(read(text, situational=True), KEYWORDS)] == ["数据分析"]


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("I negotiated two contracts and was negotiating a third", ["negotiate", "negotiate"]),
        ("We bargained over budgets", ["negotiate", "budget"]),
        ("The negotiation took long", []),
        ("我写ＪＡＶＡ也写java8", ["Java", "Java"]),
        ("我写JavaScript和TypeScript", []),
        ("我用Python3处理数据", ["Python"]),
        ("我写CPython的扩展", []),
    ],
)
def test_words_are_found_in_their_forms_and_not_inside_others(text: str, claimed: list[str]) -> None:
    assert heard(text) == claimed


def words(*pieces: str) -> list[Word]:
    places = [sum(map(len, pieces[:number])) for number in range(len(pieces))]
    return [Word(text=p, char_start=at, char_end=at + len(p)) for p, at in zip(pieces, places, strict=True)]


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        (("我", "负责", "销售"), True),
        (("销售额", "涨", "了"), False),
        (("我", "带", "销售团队", "开会"), True),
        (("我们", "都", "在", "做", "零销售", "的", "事"), False),
    ],
)
def test_a_short_word_inside_a_longer_one_is_another_word(pieces: tuple[str, ...], found: bool) -> None:
    reading = read("".join(pieces), words=words(*pieces))
    assert bool(find_keywords(reading, [Keyword(word="销售")])) == found


def test_a_segmentation_of_other_text_is_ignored() -> None:
    reading = read("我负责销售工作", words=words("另外", "一段", "话", "而已"))
    assert reading.words == () and find_keywords(reading, [Keyword(word="销售")])
