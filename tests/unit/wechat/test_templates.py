"""Subscribe-message values: our validator held against the stand-in's own rules, and the published examples."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from wechat.sandbox import rules
from wechat.templates import field_type, fit_value, time_value, utf16_length, validate_template_data

GOOD = [
    ("thing1", "销售经理（上海）"),
    ("thing2", "一二三四五六七八九十一二三四五六七八九十"),
    ("number3", "3.14"),
    ("letter1", "ABCdef"),
    ("symbol1", "!?…"),
    ("character_string1", "NO-2026/11#7"),
    ("time1", "15:01"),
    ("time1", "2019年10月1日 15:01"),
    ("time1", "2019年10月1日 15:01~2019年10月1日 16:00"),
    ("time1", "20:00~20:30"),
    ("date1", "2019年10月1日"),
    ("date1", "2019年10月1日 15:01"),
    ("date1", "2024年2月29日"),
    ("amount1", "￥100.5元"),
    ("amount1", "12000"),
    ("phone_number1", "+86-0766-66888866"),
    ("car_number1", "粤A8Z888挂"),
    ("name1", "欧阳明月"),
    ("name1", "Mary Ann O'Neill"),
    ("phrase1", "配送中"),
]
BAD = [
    ("thing1", "一二三四五六七八九十一二三四五六七八九十一"),
    ("thing1", "两行\n文字"),
    ("thing1", "tab\there"),
    ("thing1", "  "),
    ("thing1", ""),
    ("number1", "1,000"),
    ("number1", "-1"),
    ("number1", "1."),
    ("letter1", "abc1"),
    ("symbol1", "!!!!!!"),
    ("character_string1", "订单1"),
    ("time1", "25:00"),
    ("time1", "下午三点"),
    ("time1", "2019年10月1日"),
    ("date1", "2019-10-01"),
    ("date1", "2023年2月29日"),
    ("date1", "15:01"),
    ("amount1", "12345678901"),
    ("amount1", "十元"),
    ("phone_number1", "138 0000 0000"),
    ("phone_number1", "123456789012345678"),
    ("car_number1", "粤A8Z88888"),
    ("name1", "一二三四五六七八九十一"),
    ("name1", "李明7"),
    ("phrase1", "一二三四五六"),
    ("phrase1", "ok"),
]


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_good_values_pass(field: str, value: str) -> None:
    validate_template_data({field: value})
    assert rules.accepts(field, value)


@pytest.mark.parametrize(("field", "value"), BAD)
def test_bad_values_are_refused_with_the_field_and_its_limit(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate_template_data({field: value})
    assert refused.value.code in ("template_field_too_long", "template_field_invalid")
    assert refused.value.params["field"] == field
    assert refused.value.params["limit"] > 0
    assert not rules.accepts(field, value)


def test_length_and_content_are_told_apart() -> None:
    with pytest.raises(InvalidInput) as long:
        validate_template_data({"thing1": "字" * 21})
    assert (long.value.code, long.value.params) == (
        "template_field_too_long",
        {"field": "thing1", "limit": 20},
    )
    with pytest.raises(InvalidInput) as wrong:
        validate_template_data({"phrase1": "abc"})
    assert wrong.value.code == "template_field_invalid"


def test_an_emoji_counts_two() -> None:
    validate_template_data({"thing1": "😀" * 10})
    with pytest.raises(InvalidInput):
        validate_template_data({"thing1": "😀" * 10 + "!"})


def test_the_data_must_have_exactly_the_templates_fields() -> None:
    validate_template_data({"thing1": "a", "time2": "15:01"}, ["time2", "thing1"])
    for data in ({"thing1": "a"}, {"thing1": "a", "time2": "15:01", "thing3": "b"}):
        with pytest.raises(InvalidInput) as refused:
            validate_template_data(data, ["thing1", "time2"])
        assert refused.value.code == "template_field_invalid"


@pytest.mark.parametrize(
    "name", ["thing", "thing0", "thing01", "thing100", "things1", "1thing", "", "Thing1"]
)
def test_a_name_that_is_no_field_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        field_type(name)
    assert rules.type_of(name) is None


# --- The validator and the stand-in agree on everything ---

_PIECES = st.sampled_from(
    [
        *"0123456789:~.年月日元￥¥$+-/ \n\t！？…·〇挂",
        "2024年2月29日",
        "2023年2月29日",
        "0000年1月1日",
        "2026年12月31日 ",
        "15:01",
        "9:05",
        "24:00",
        "23:59:60",
        "12:30:05",
        "粤A8Z888",
        "李明",
        "Mary",
        "😀",
        "𠮷",
        "１２",
        "٣",
        "é",
        "12345",
    ]
)
_VALUES = st.one_of(
    st.lists(_PIECES, max_size=7).map("".join),
    st.text(max_size=40),
    st.text("0123456789.", max_size=40),
    st.text("一二三四李明abcXYZ ", max_size=24),
)


def client_accepts(field: str, value: str) -> bool:
    try:
        validate_template_data({field: value})
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize("kind", rules.FIELD_TYPES)
@settings(max_examples=4 * settings.default.max_examples)
@given(_VALUES)
@example("𠀀")
@example("2024年2月29日 ")
@example("0000年1月1日")
def test_whatever_one_accepts_the_other_accepts(kind: str, value: str) -> None:
    assert client_accepts(f"{kind}1", value) == rules.accepts(f"{kind}1", value)


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(-12, 14))  # noqa: DTZ001
def test_a_moment_is_written_as_time_and_date_fields_want_it(moment: datetime, offset: int) -> None:
    value = time_value(moment.replace(tzinfo=timezone(timedelta(hours=offset))))
    validate_template_data({"time1": value, "date2": value, "time3": f"{value}~{value}"})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_fitted_thing_is_accepted_or_blank_and_keeps_its_beginning(value: str) -> None:
    fitted = fit_value("thing1", value)
    assert utf16_length(fitted) <= 20
    assert client_accepts("thing1", fitted) == bool(fitted)
    if fitted and not fitted.endswith("…"):
        assert "".join(fitted.split()) == "".join(
            "".join(c if c.isprintable() else " " for c in value).split()
        )


def test_only_things_are_cut() -> None:
    assert (
        fit_value("thing1", "请 准备\n10分钟的项目PPT并检查网络连接和摄像头")
        == "请 准备 10分钟的项目PPT并检查网…"
    )
    assert fit_value("phrase1", "一二三四五六") == "一二三四五六"
