"""Words that are no answer bring nothing: lists of keywords, and the rubric's own words said back (gain <= 0.30)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import BASELINE_HUNDREDTHS, score_interview
from app.scoring.text.lexicon import Lexicon
from app.scoring.text.reading import read
from app.scoring.text.recited import Recital, find_formal
from tests.unit.scoring.builders import STORY, THIN, rubric, written
from tests.unit.scoring.test_properties import SENTENCES

MOST_HUNDREDTHS = 30
SUNRISE = Path(__file__).parents[3] / "samples" / "companies" / "sunrise.json"
DESCRIPTION = (
    "负责用户增长与活动策划，用数据说话，与产品、技术一起把转化率做上去。要求三年以上经验，熟悉Python和数据分析，"
    "能够独立完成百分之五十以上的业绩提升。You will lead three projects and improve conversion by 20 percent."
)


def described(plain: Rubric) -> Rubric:
    return plain.model_copy(update={"description": DESCRIPTION})


RUBRICS = [
    described(rubric()),
    described(Rubric.model_validate(json.loads(SUNRISE.read_text(encoding="utf-8"))["position"]["rubric"])),
]
answers = st.lists(st.sampled_from([*SENTENCES, THIN, STORY]), max_size=6).map("".join) | st.text(max_size=40)
marks = st.sampled_from(["、", "，", " ", "。", "\n", ", ", "；", "和", "、 ", "/"])


def spellings(chosen: Rubric) -> list[list[str]]:
    """Each keyword of the rubric with its synonyms; those that are a clause by themselves (达成了一致) are a claim."""
    keywords = [keyword for competency in chosen.competencies for keyword in competency.keywords]
    named = [[word for word in (k.word, *k.synonyms) if "了" not in word] for k in keywords]
    return [group for group in named if group]


@st.composite
def lists_of_keywords(draw: st.DrawFn) -> tuple[Rubric, str]:
    chosen = draw(st.sampled_from(RUBRICS))
    groups = draw(st.permutations(spellings(chosen)))
    words = [
        word for group in groups[: draw(st.integers(1, len(groups)))] for word in draw(st.permutations(group))
    ]
    mark = draw(marks)
    openings = ["", "关键词：", "比如", "包括"]
    if len(words) > 4 and mark not in "。\n；":  # "我会数据。" alone is a claim, if a short one
        openings += ["我会", "我熟悉", "我擅长", "我具备"]
    listed = draw(st.sampled_from(openings)) + mark.join(words)
    return chosen, listed + draw(st.sampled_from(["。", "等。", "", "！"]))


@st.composite
def recitals(draw: st.DrawFn) -> tuple[Rubric, str]:
    chosen = draw(st.sampled_from(RUBRICS))
    sources = [
        DESCRIPTION,
        *(q.text for q in chosen.questions),
        *(q.plainer_text or "" for q in chosen.questions),
    ]
    sources += [level.text for competency in chosen.competencies for level in competency.levels]
    said = draw(st.lists(st.sampled_from([s for s in sources if s]), min_size=1, max_size=4))
    return chosen, draw(st.sampled_from(["。", "\n"])).join(said) + "。"


def scored(chosen: Rubric, text: str) -> Score:
    return score_interview(chosen, [written(q.id, text) for q in chosen.questions], ScoringPolicy())


def assert_no_gain(chosen: Rubric, text: str, added: str) -> None:
    """Enough is said in both to be scored, so that only ``added`` makes the difference."""
    text = "嗯，让我想一想这个问题怎么说。" + text
    joint = "" if text.endswith(("。", "！")) else " " if text.endswith(".") else "。"
    before, after = scored(chosen, text), scored(chosen, text + joint + added)
    for one in after.competencies:
        was = before.competency(one.competency).points_hundredths
        assert was is not None and one.points_hundredths is not None
        assert one.points_hundredths <= was + MOST_HUNDREDTHS, (text + joint + added, one)


def assert_worth_nothing(chosen: Rubric, text: str) -> None:
    for one in scored(chosen, text).competencies:
        assert (one.points_hundredths or 0) <= BASELINE_HUNDREDTHS + MOST_HUNDREDTHS, (text, one)


@settings(max_examples=120, deadline=None)
@given(answers, lists_of_keywords())
def test_a_list_of_keywords_gains_nothing(text: str, listed: tuple[Rubric, str]) -> None:
    chosen, words = listed
    assert_no_gain(chosen, text, words)
    assert_worth_nothing(chosen, words)


@settings(max_examples=60, deadline=None)
@given(answers, recitals())
def test_reciting_the_rubric_gains_nothing(text: str, recited: tuple[Rubric, str]) -> None:
    chosen, words = recited
    assert_no_gain(chosen, text, words)
    assert_worth_nothing(chosen, words)


@pytest.mark.full
@settings(max_examples=600, deadline=None)
@given(answers, lists_of_keywords(), recitals())
def test_stuffing_gains_nothing_at_length(
    text: str, listed: tuple[Rubric, str], recited: tuple[Rubric, str]
) -> None:
    assert_no_gain(listed[0], text, listed[1])
    assert_no_gain(recited[0], text, recited[1])


@pytest.mark.parametrize(
    "text",
    [
        "数据、转化率、Python、沟通、客户。",
        "数据，转化率，Python，沟通，客户",
        "数据转化率Python沟通客户",
        "我会数据，我会沟通，我会Python。",
        "我有数据能力、沟通能力、客户意识和转化率思维。",
        "我非常感兴趣数据转化率Python沟通。",
        "data, conversion, Python and SQL skills.",
    ],
)
def test_lists_are_heard_as_lists(text: str) -> None:
    assert_worth_nothing(RUBRICS[0], text)


@pytest.mark.parametrize(
    "text",
    [
        "我用Python分析数据。",
        "我分析了数据。",
        "我在上一份工作里主要用Python处理数据，每周看一次转化率。",
        "转化率从百分之二提高到百分之三，数据是我每天自己导出来的。",
        "I used Python to clean the data.",
        "沟通之后，客户接受了。",
        "他接受了我的建议。",
    ],
)
def test_what_is_told_stays(text: str) -> None:
    keywords = [
        keyword for chosen in RUBRICS for competency in chosen.competencies for keyword in competency.keywords
    ]
    assert read(text, recital=Recital(RUBRICS[0]), listing=Lexicon(keywords)).left_out == ()


def test_recited_words_are_shown_where_they_stand() -> None:
    text = "我负责用户增长与活动策划，用数据说话。后来我把转化率从百分之二做到了百分之三。"
    reading = read(text, recital=Recital(RUBRICS[0]))
    assert [text[hit.start : hit.end] for hit in reading.left_out] == ["负责用户增长与活动策划，用数据说话。"]
    assert len(reading.text) == len(text) and "后来我把转化率" in reading.text


@pytest.mark.parametrize(
    ("text", "formal"),
    [
        ("负责仓库管理，优化作业流程，制定规范，定期盘点，确保及时发货。", True),
        ("具有良好的沟通能力，能承受压力，热爱销售，服从安排。", True),
        ("敏捷开发是一种以用户需求为核心、循序渐进的方法。", True),
        ("我负责仓库管理，优化了流程，制定了规范，每周盘点一次。", False),
        ("Responsible for accounts, manage budgets, develop staff, ensure quality.", True),
        ("I managed budgets, developed two people and ensured quality.", False),
    ],
)
def test_job_descriptions_and_textbooks_are_no_account_of_oneself(text: str, formal: bool) -> None:
    assert bool(find_formal(text)) == formal


POSTED = Path(__file__).parents[2] / "data" / "job_descriptions"
POST = [
    "负责仓库的日常管理，制定盘点计划；",
    "跟进到货异常，协助财务对账；",
    "3年以上仓储经验，大专及以上学历；",
]


def left_out(text: str) -> str:
    return "\n".join(text[hit.start : hit.end] for hit in find_formal(text))


def test_a_description_told_in_short_lines_is_one() -> None:
    numbered = "\n".join(f"{number}、{line}" for number, line in enumerate(POST, 1))
    assert left_out(numbered) == numbered
    assert left_out(STORY + "\n" + numbered) == numbered
    assert left_out(POST[0]) == ""  # two clauses alone are anybody's way to speak


def test_a_posts_heading_reaches_to_the_next_word_of_ones_own() -> None:
    posted = "岗位职责：\n管理10人的团队\n把差评率降到2%"
    assert left_out(posted + "\n" + STORY) == posted
    assert left_out("我的岗位职责是带团队。客户投诉减少了一半。") == ""


@pytest.mark.parametrize(
    "name",
    [
        "zh-product",
        "zh-service",
        "zh-teacher",
        "zh-sales",
        "zh-hr",
        "zh-nurse",
        "zh-purchasing",
        "en-product",
    ],
)
def test_a_pasted_description_gains_nothing(name: str) -> None:
    """Another company's, which no rubric keeps, in an answer of its own and after one."""
    chosen = RUBRICS[1]
    pasted = (POSTED / f"{name}.txt").read_text("utf-8")
    for said in (THIN, STORY):
        assert_no_gain(chosen, said, pasted)
