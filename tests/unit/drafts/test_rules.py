"""Drafts by rules: whole, fair, the same each time, and of use to HR on realistic descriptions."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalogue import has, languages
from app.core.errors import InvalidInput
from app.drafts.documents import PositionDraft
from app.drafts.library import blueprints, families
from app.drafts.reading import language_of, plain_text, read_posting
from app.drafts.rules import draft_from_template, draft_position
from app.scoring.rubric import Rubric
from tests.architecture.source import ROOT

FOLDER = ROOT / "tests" / "data" / "job_descriptions"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
REFUSALS = {"draft_text_empty", "draft_text_too_long", "draft_language_unsupported"}

# What HR expects of each: title, family, a competency that must be there, words of the professional one, facts, flags.
EXPECTED = {
    "zh-java": (
        "高级Java开发工程师",
        "software",
        {"professional", "system-design"},
        {"Java", "Redis", "ShardingSphere"},
        {"5 年", "本科"},
        {"age", "school"},
    ),
    "zh-sales": (
        "大客户销售经理",
        "sales",
        {"sales-results", "customer-development", "negotiation"},
        set(),
        {"3 年", "大专", "驾驶证"},
        {"appearance"},
    ),
    "zh-product": (
        "B端产品经理",
        "product-manager",
        {"user-insight", "product-design"},
        {"PRD", "Axure", "SQL"},
        {"3 年", "本科"},
        set(),
    ),
    "zh-operations": (
        "抖音电商运营",
        "operations",
        {"operations-growth", "data-analysis"},
        {"巨量千川"},
        {"2 年"},
        {"age", "sex", "family"},
    ),
    "zh-service": (
        "在线客服专员",
        "customer-service",
        {"service", "communication", "composure"},
        set(),
        {"普通话"},
        set(),
    ),
    "zh-operator": (
        "电子厂操作工",
        "production",
        {"safety", "quality"},
        {"万用表"},
        {"初中"},
        {"age", "appearance"},
    ),
    "zh-accountant": (
        "总账会计",
        "finance",
        {"professional", "diligence"},
        {"总账", "用友"},
        {"5 年", "本科"},
        set(),
    ),
    "zh-hr": (
        "人事行政专员",
        "hr",
        {"professional", "communication"},
        {"劳动法"},
        {"2 年", "大专"},
        {"sex", "family", "origin"},
    ),
    "zh-blob": ("新媒体运营", "marketing", {"content-creativity"}, {"小红书"}, {"1 年"}, set()),
    "zh-nurse": (
        "病房护士",
        "medical",
        {"professional", "diligence"},
        set(),
        {"大专", "护士资格证"},
        {"age", "appearance", "health"},
    ),
    "zh-html": (
        "数据分析师",
        "data",
        {"data-analysis", "professional"},
        {"Tableau", "SQL"},
        {"2 年", "硕士"},
        set(),
    ),
    "zh-teacher": (
        "少儿英语老师",
        "teaching",
        {"communication", "professional"},
        set(),
        {"本科", "教师资格证"},
        set(),
    ),
    "zh-supervisor": (
        "电商客服主管",
        "customer-service",
        {"service", "leadership"},
        {"生意参谋"},
        {"3 年"},
        {"age", "sex"},
    ),
    "zh-purchasing": (
        "采购工程师",
        "logistics",
        {"professional", "negotiation"},
        {"供应商管理", "ERP"},
        {"3 年", "本科", "英语"},
        set(),
    ),
    "en-mechanical": (
        "Mechanical Design Engineer",
        "engineer",
        {"professional", "quality"},
        {"SolidWorks", "GD&T"},
        {"3 years", "bachelor's degree"},
        set(),
    ),
    "en-backend": (
        "Senior Backend Engineer",
        "software",
        {"professional", "system-design"},
        {"Go", "PostgreSQL"},
        {"5 years", "bachelor's degree"},
        set(),
    ),
    "en-sales": (
        "Account Executive",
        "sales",
        {"sales-results", "customer-development"},
        set(),
        {"3 years"},
        {"age", "sex", "origin"},
    ),
    "en-support": (
        "Customer Support Specialist",
        "customer-service",
        {"service", "communication"},
        set(),
        {"2 years"},
        set(),
    ),
    "en-product": (
        "Product Manager",
        "product-manager",
        {"user-insight", "product-design"},
        {"Figma"},
        {"4 years"},
        {"school"},
    ),
}


def drafted(text: str, title: str | None = None) -> PositionDraft:
    return draft_position(read_posting(text, title), most_seconds=600)


def description(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def assert_whole(draft: PositionDraft) -> None:
    """What must hold of every draft; the rubric itself holds that weights sum and every competency is asked for."""
    Rubric.model_validate(json.loads(draft.rubric.model_dump_json()))
    assert 4 <= len(draft.rubric.competencies) <= 6
    assert all(c.weight % 500 == 0 and c.weight >= 1000 for c in draft.rubric.competencies)
    assert all(c.levels and c.keywords and c.star for c in draft.rubric.competencies)
    assert all(q.plainer_text and q.plainer_text != q.text for q in draft.rubric.questions)
    assert len(draft.rubric.questions) <= 9
    assert {ground.competency for ground in draft.grounds} == {c.key for c in draft.rubric.competencies}


def test_the_expectations_cover_the_descriptions() -> None:
    assert set(EXPECTED) == set(NAMES)
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_a_realistic_description_gives_what_hr_expects(name: str) -> None:
    title, family, competencies, words, facts, flags = EXPECTED[name]
    draft = drafted(description(name))
    assert_whole(draft)
    assert (draft.title, draft.family) == (title, family)
    assert competencies <= {c.key for c in draft.rubric.competencies[:5]}
    professional = [c for c in draft.rubric.competencies if c.key == "professional"]
    assert words <= {k.word for c in professional for k in c.keywords}
    assert facts <= {fact.wanted for fact in draft.facts}
    assert {flag.category for flag in draft.flags} == flags


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_made_of_what_was_flagged(name: str) -> None:
    """Not the description, not a keyword, not a question: reading the whole draft again flags nothing."""
    draft = drafted(description(name))
    made = "\n".join(
        [draft.title, draft.description]
        + [q.text + "\n" + (q.plainer_text or "") for q in draft.rubric.questions]
        + [w for c in draft.rubric.competencies for k in c.keywords for w in (k.word, *k.synonyms)]
    )
    assert read_posting(made).flags == ()
    for flag in draft.flags:
        assert flag.quote not in made


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("35岁以下", "age"),
        ("年龄18-40岁", "age"),
        ("95后优先", "age"),
        ("under 35", "age"),
        ("Age limit: 30", "age"),
        ("男性优先", "sex"),
        ("限女性", "sex"),
        ("性别：男", "sex"),
        ("female only", "sex"),
        ("preferably male", "sex"),
        ("已婚已育", "family"),
        ("两年内不考虑生育", "family"),
        ("single only", "family"),
        ("本地户口", "origin"),
        ("河南人勿扰", "origin"),
        ("native English speaker", "origin"),
        ("985/211毕业", "school"),
        ("双一流院校", "school"),
        ("Ivy League", "school"),
        ("五官端正", "appearance"),
        ("身高165cm以上", "appearance"),
        ("good-looking", "appearance"),
        ("无传染病史", "health"),
        ("党员优先", "belief"),
        ("处女座勿投，星座不合", "superstition"),
    ],
)
def test_a_protected_attribute_is_flagged(line: str, category: str) -> None:
    posting = read_posting(f"销售代表\n任职要求：\n1、{line}，沟通能力强\n2、熟悉CRM")
    assert category in {flag.category for flag in posting.flags}
    assert "沟通能力强" in posting.text and line not in posting.text


@pytest.mark.parametrize(
    "line",
    [
        "男女不限",
        "年龄不限",
        "年满18周岁",
        "缴纳养老、医疗、失业、工伤、生育保险",
        "协助办理落户",
        "负责品牌形象设计",
        "面向3-6岁儿童授课",
        "负责女装品类运营",
        "regardless of race, religion, sex, age or marital status",
        "attractive salary",
        "latency under 30 ms",
        "response time below 50 milliseconds",
    ],
)
def test_what_singles_nobody_out_is_left_alone(line: str) -> None:
    assert read_posting(f"运营专员\n要求：\n{line}\n熟悉Excel").flags == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "draft_text_empty"),
        (" \n\t…", "draft_text_empty"),
        ("<div><br/></div>", "draft_text_empty"),
        ("销售" * 10_001, "draft_text_too_long"),
        ("私たちは営業担当者を募集しています。お客様への提案をお願いします。", "draft_language_unsupported"),
        ("Мы ищем менеджера по продажам с опытом работы", "draft_language_unsupported"),
        (
            "Nous recherchons un responsable commercial pour développer notre portefeuille clients et négocier",
            "draft_language_unsupported",
        ),
    ],
)
def test_unusual_text_gets_a_clear_refusal(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        drafted(text)
    assert refused.value.code == code
    assert all(has(f"errors.{code}.{part}") for part in ("title", "detail", "next"))


def test_little_or_nothing_to_go_by_is_said() -> None:
    assert drafted("销售代表").notes == ["thin"]
    assert drafted("今天天气不错我们去公园散步吧").notes == ["nothing_recognised"]
    lone = drafted("行政助理\n公司成立于2001年，位于市中心。\n" + "环境优美，交通便利，期待您的加入。" * 4)
    assert "no_requirements" in lone.notes
    assert "formatting_removed" in drafted(description("zh-html")).notes


def test_markup_scripts_and_hidden_characters_are_gone() -> None:
    text, had_markup = plain_text("<p>A&amp;B</p><script>alert(1)</script>x\u200by<style>p{}</style><b>z")
    assert (text, had_markup) == ("A&B\nxyz", True)
    assert plain_text("5 < 6 and a <= b") == ("5 < 6 and a <= b", False)


def test_a_graduate_position_begins_with_an_unscored_icebreaker() -> None:
    first = drafted("管培生（应届毕业生）\n要求：学习能力强，沟通能力好").rubric.questions[0]
    assert (first.id, first.competencies) == ("icebreaker", [])


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("family", families())
def test_every_template_is_usable_at_once(family: str, language: str) -> None:
    draft = draft_from_template(family, language, most_seconds=600)  # type: ignore[arg-type]
    assert_whole(draft)
    assert draft.notes == ["template"]


def test_only_communication_may_listen_to_delivery() -> None:
    assert [key for key, blueprint in blueprints().items() if blueprint.communication] == ["communication"]


def test_no_question_allows_more_time_than_can_be_analysed() -> None:
    draft = draft_position(read_posting(description("zh-java")), most_seconds=90)
    assert {question.max_seconds for question in draft.rubric.questions} == {90}


@pytest.mark.parametrize("name", NAMES[:4])
def test_the_same_text_gives_the_same_bytes(name: str) -> None:
    assert drafted(description(name)).model_dump_json() == drafted(description(name)).model_dump_json()


PIECES = st.sampled_from(
    [
        "销售",
        "Java",
        "35岁以下",
        "，",
        "。",
        "\n",
        "1、",
        "岗位职责：",
        "任职要求",
        "熟悉",
        "负责",
        "<p>",
        "</",
        "&lt;",
        "（",
        "3年以上",
        "经验",
        "优先",
        "、",
        "experience with ",
        "the team and ",
        "Requirements:",
        "{x}",
        "%s",
        "“",
        "\x00",
        "𠀀",
        "🙂",
        "本科",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join)),
    st.none() | st.text(min_size=1, max_size=80),
)
def test_any_text_gives_a_whole_draft_or_a_named_refusal(text: str, title: str | None) -> None:
    try:
        draft = drafted(text, title)
    except InvalidInput as refusal:
        assert refusal.code in REFUSALS
        return
    assert_whole(draft)
    assert draft.title.strip()


@pytest.mark.parametrize(
    "piece",
    ["熟悉", "35岁以下，", "1、负责", "experience with a and ", "有（", "<a"],
)
def test_time_grows_with_length_only(piece: str) -> None:
    """Four times the text takes at most about four times as long; quadratic reading would take sixteen times."""

    def seconds(length: int) -> float:
        text = ("中文招聘 the and of " + piece * length)[:length]
        began = time.process_time()
        with contextlib.suppress(InvalidInput):
            drafted(text)
        return time.process_time() - began

    seconds(500)
    assert min(seconds(8_000) for _ in range(2)) < 0.15 + 9 * min(seconds(2_000) for _ in range(2))


@pytest.mark.parametrize(
    ("text", "language"),
    [("销售", "zh-CN"), ("Sales Manager", "en"), ("Java开发 Spring Cloud Kubernetes", "zh-CN")],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_library_says_everything_in_every_language() -> None:
    for blueprint in blueprints().values():
        for language in languages():
            spellings = [w.casefold() for group in blueprint.keywords[language] for w in group]
            assert len(spellings) == len(set(spellings)), blueprint.key
            assert len(blueprint.levels[language]) == 3
            assert blueprint.questions[language] and blueprint.name[language]
    assert {key for family in families().values() for key in family.base} <= set(blueprints())
