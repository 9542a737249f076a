"""A draft as a form: what goes out comes back the same, and what does not hold together is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.core.catalogue import languages
from app.drafts.documents import PositionDraft
from app.drafts.library import families
from app.drafts.masking import mask
from app.drafts.rules import draft_from_template
from app.drafts.wording import plainer
from app.pages.draft_forms import DraftFields, balanced, fields_from, fields_of, rubric_from


def form_of(fields: DraftFields) -> MultiDict[str, str]:
    """What a browser would send."""
    form: MultiDict[str, str] = MultiDict({"title": fields.title, "description": fields.description})
    for place, one in enumerate(fields.competencies):
        form[f"c{place}-key"], form[f"c{place}-name"] = one.key, one.name
        form[f"c{place}-other"], form[f"c{place}-weight"] = one.other_name, one.weight
        form[f"c{place}-keywords"] = one.keywords
        form.setlist(f"c{place}-star", one.star)
        if one.communication:
            form[f"c{place}-communication"] = "1"
        for level, text in one.levels.items():
            form[f"c{place}-level-{level}"] = text
    for place, question in enumerate(fields.questions):
        form[f"q{place}-id"], form[f"q{place}-text"] = question.id, question.text
        form[f"q{place}-plainer"], form[f"q{place}-seconds"] = question.plainer, question.seconds
        form.setlist(f"q{place}-competencies", question.competencies)
    return form


@pytest.fixture
def draft() -> PositionDraft:
    return draft_from_template("engineer", "zh-CN", most_seconds=600)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("family", families())
def test_an_untouched_form_is_the_same_rubric(family: str, language: str) -> None:
    draft = draft_from_template(family, language, most_seconds=600)  # type: ignore[arg-type]
    fields = fields_from(form_of(fields_of(draft)), draft)
    assert rubric_from(fields, draft) == draft.rubric
    assert fields.problems == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": " "}, "title"),
        ({"c0-weight": "0"}, "weight"),
        ({"c0-weight": "many"}, "weight"),
        ({"c0-weight": "33.333"}, "weight"),
        ({"c0-weight": "Infinity"}, "weight"),
        ({"c0-weight": "99"}, "total"),
        ({"c0-remove": "1"}, "total"),
        ({f"q{n}-remove": "1" for n in range(12)}, "nothing"),
        ({"q0-remove": "1"}, "unasked"),
        ({"c0-keywords": "长" * 81}, "other"),
    ],
)
def test_what_does_not_hold_together_is_named(
    changes: dict[str, str], problem: str, draft: PositionDraft
) -> None:
    form = form_of(fields_of(draft))
    for name, value in changes.items():
        form[name] = value
    fields = fields_from(form, draft)
    assert rubric_from(fields, draft) is None
    assert problem in {name for name, _ in fields.problems}


def test_a_new_competency_and_a_new_question(draft: PositionDraft) -> None:
    form = form_of(fields_of(draft))
    form["c105-name"], form["c105-weight"], form["c105-keywords"] = "值班", "10", "值班：on-call、夜班\n值班"
    form["q105-text"] = "请讲一次值班。"
    form.setlist("q105-competencies", ["c105"])
    fields = fields_from(form, draft)
    balanced(fields)
    rubric = rubric_from(fields, draft)
    assert rubric is not None and rubric.competencies[-1].key == "c105"
    assert rubric.competencies[-1].keywords[0].synonyms == ["on-call", "夜班"]
    assert rubric.questions[-1].plainer_text


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[cq]\d{1,3}-(name|weight|keywords|text|competencies|remove|key)", fullmatch=True),
        st.text(max_size=20),
        max_size=12,
    )
)
def test_any_form_gives_a_rubric_or_named_problems(sent: dict[str, str]) -> None:
    draft = draft_from_template("sales", "zh-CN", most_seconds=600)
    fields = fields_from(MultiDict({**form_of(fields_of(draft)), **sent}), draft)
    assert (rubric_from(fields, draft) is None) == bool(fields.problems)


@given(st.lists(st.one_of(st.integers(-5, 500).map(str), st.text(max_size=4)), min_size=1, max_size=8))
def test_balancing_makes_one_hundred(weights: list[str]) -> None:
    draft = draft_from_template("general", "zh-CN", most_seconds=600)
    fields = fields_of(draft)
    for one, weight in zip(fields.competencies, weights, strict=False):
        one.weight = weight
    balanced(fields)
    assert fields.total == "100"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678，邮箱 a.b@example.com", "电话[PHONE]，邮箱 [EMAIL]"),
        ("身份证410101199203041234", "身份证[ID]"),
        ("call +44 20 7946 0958 or 010-12345678", "call [PHONE] or [PHONE]"),
        ("姓名：王芳 住址：杭州市某路1号，微信 wangfang88", "姓名：[NAME] 住址：[ADDRESS]，微信 [ACCOUNT]"),
        (
            "见https://wangfang.example/cv，github.com/wangfang、GitHub Actions",
            "见[LINK]，[LINK]、GitHub Actions",
        ),
        ("2018.07-2021.03 负责订单中心，降低60%", "2018.07-2021.03 负责订单中心，降低60%"),
        ("电话１３８１２３４５６７８，邮箱ａ.ｂ＠example．com", "电话[PHONE]，邮箱[EMAIL]"),
        (
            "138\u200b1234\u30005678；（身份证４１０１０１１９９２０３０４１２３Ｘ）",
            "[PHONE]；（身份证[ID]）",
        ),
        ("①3年经验，带10人团队：５０％", "①3年经验，带10人团队：50％"),
        ("3年经验，带10人团队，QPS 20000", "3年经验，带10人团队，QPS 20000"),
    ],
)
def test_identifiers_are_masked_and_work_is_not(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_the_persons_name_is_masked_everywhere() -> None:
    assert mask("李明负责。我是李明", "李明") == "[NAME]负责。我是[NAME]"
    assert mask("jane DOE led", "Jane Doe", "Jane", "Doe") == "[NAME] led"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(languages()))
def test_any_question_can_be_said_more_plainly(question: str, language: str) -> None:
    said = plainer(question, language)  # type: ignore[arg-type]
    assert said and said != question and len(said) <= 2000
