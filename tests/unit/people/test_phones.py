"""One spelling for equal phone numbers, and a mask that keeps most of them hidden."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.candidates.phones import mask_phone, normalise_phone
from app.core.errors import InvalidInput

MAINLAND = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ABROAD = st.from_regex(r"\+[2-79][0-9]{7,13}", fullmatch=True)
GAPS = st.lists(st.sampled_from(["", " ", "-", "  ", "(", ")", "."]), min_size=20, max_size=20)


def spaced(number: str, gaps: list[str]) -> str:
    """The number with separators between its characters."""
    return "".join(digit + gap for digit, gap in zip(number, gaps, strict=False)) + number[len(gaps) :]


@given(MAINLAND, st.sampled_from(["", "+86", "0086"]), GAPS)
def test_every_way_to_write_a_mainland_number_is_one_number(bare: str, prefix: str, gaps: list[str]) -> None:
    assert normalise_phone(spaced(prefix + bare, gaps)) == f"+86{bare}"


@given(ABROAD.filter(lambda number: not number.startswith("+861")), GAPS)
def test_a_number_with_its_country_code_stays_itself(number: str, gaps: list[str]) -> None:
    assert normalise_phone(spaced(number, gaps)) == number


@given(st.text(max_size=40))
def test_anything_else_is_refused_or_becomes_e164(written: str) -> None:
    try:
        normal = normalise_phone(written)
    except InvalidInput as error:
        assert error.code == "phone_invalid"
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{7,14}", normal)
        assert normalise_phone(normal) == normal


@given(st.one_of(MAINLAND.map(lambda bare: f"+86{bare}"), ABROAD))
def test_the_mask_hides_at_least_four_digits_and_keeps_the_last_two(number: str) -> None:
    masked = mask_phone(number)
    assert masked.count("*") >= 4
    assert masked[-2:] == number[-2:]
    assert number not in masked
    assert mask_phone("+8613800138000") == "138****8000"


@pytest.mark.parametrize("written", ["+86 1234 567 8901", "+86 138 0013 800", "1\u0663800138000"])
def test_a_mainland_number_that_cannot_be_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_phone(written)
