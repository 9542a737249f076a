"""What the stand-in accepts as subscribe-message values, written apart from our client on purpose.

The client's ``wechat/templates.py`` states the same published rules; were both one piece of code, a mistake
in it would be invisible. tests/unit/wechat/test_templates.py holds them against each other.
"""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Callable

ASCII_SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIELD_TYPES = (
    "thing",
    "number",
    "letter",
    "symbol",
    "character_string",
    "time",
    "date",
    "amount",
    "phone_number",
    "car_number",
    "name",
    "phrase",
)

LONGEST_WORDS = 2500
RISKY_WORDS = {"特3456书yuuo莞6543李zxcz蒜7782法fgnv级": 20006}
DOUBTFUL_WORDS = {"完2347全dfji试3726测asad感3847知qwez到": 21000}
"""Words of WeChat's own documentation for trying out its check, with the label they get here."""


def judge_words(words: str) -> tuple[str, int]:
    """(suggestion, label) as ``msgSecCheck`` gives them."""
    for suggestion, known in (("risky", RISKY_WORDS), ("review", DOUBTFUL_WORDS)):
        for part, label in known.items():
            if part in words:
                return suggestion, label
    return "pass", 100


def type_of(field: str) -> str | None:
    """The type of a template field such as ``thing12``, or None when there is no such field."""
    kind = field.rstrip(DIGITS)
    number = field[len(kind) :]
    known = kind in FIELD_TYPES and 1 <= len(number) <= 2 and number[0] != "0"
    return kind if known else None


def accepts(field: str, value: object) -> bool:
    """Whether WeChat would take ``value`` for ``field``; False also for a field of no known type."""
    kind = type_of(field)
    if kind is None or not isinstance(value, str) or not value.strip():
        return False
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in value):
        return False
    return _CHECKS[kind](value)


def _units(value: str) -> int:
    return len(value.encode("utf-16-le")) // 2


def _only(value: str, allowed: str) -> bool:
    return all(c in allowed for c in value)


def _is_han(character: str) -> bool:
    point = ord(character)
    return (
        point == 0x3007
        or 0x3400 <= point <= 0x4DBF
        or 0x4E00 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x323AF
    )


def _decimal(value: str, digits: int) -> bool:
    whole, dot, fraction = value.partition(".")
    if not whole or (dot and not fraction):
        return False
    return _only(whole + fraction, DIGITS) and len(whole + fraction) <= digits


def _amount(value: str) -> bool:
    if value[0] in "¥￥$€£":
        value = value[1:]
    return _decimal(value.removesuffix("元"), 10)


def _clock(value: str) -> bool:
    parts = value.split(":")
    if len(parts) not in (2, 3) or len(parts[0]) not in (1, 2) or any(len(p) != 2 for p in parts[1:]):
        return False
    if not all(p and _only(p, DIGITS) for p in parts):
        return False
    return int(parts[0]) < 24 and all(int(p) < 60 for p in parts[1:])


def _day(value: str) -> bool:
    year, has_year, rest = value.partition("年")
    month, has_month, rest = rest.partition("月")
    day, has_day, tail = rest.partition("日")
    if tail or not (has_year and has_month and has_day):
        return False
    if len(year) != 4 or len(month) not in (1, 2) or len(day) not in (1, 2):
        return False
    if not _only(year + month + day, DIGITS) or int(year) == 0 or not 1 <= int(month) <= 12:
        return False
    return 1 <= int(day) <= calendar.monthrange(int(year), int(month))[1]


def _moment(value: str, *, needs: str) -> bool:
    cut = value.find("日") + 1
    day, clock = value[:cut], value[cut:].removeprefix(" ") if cut else value
    if needs == "clock" and not clock:
        return False
    if needs == "day" and not day:
        return False
    if cut and value[cut:] == " ":
        return False
    return (not day or _day(day)) and (not clock or _clock(clock))


def _points(value: str, needs: str) -> bool:
    points = value.split("~")
    return len(points) <= 2 and _units(value) <= 64 and all(_moment(p, needs=needs) for p in points)


def _car_number(value: str) -> bool:
    if len(value) < 2 or _units(value) > 8:
        return False
    edges, middle = value[0] + value[-1], value[1:-1]
    return all(_is_han(c) or c in LETTERS + DIGITS for c in edges) and _only(middle, LETTERS + DIGITS)


def _name(value: str) -> bool:
    if not all(_is_han(c) or c in LETTERS + ASCII_SYMBOLS + " ·" for c in value):
        return False
    return _units(value) <= (10 if any(map(_is_han, value)) else 20)


def _symbol(value: str) -> bool:
    return _units(value) <= 5 and all(unicodedata.category(c).startswith(("P", "S")) for c in value)


def _phone(value: str) -> bool:
    return len(value) <= 17 and _only(value, DIGITS + ASCII_SYMBOLS) and any(c in DIGITS for c in value)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: _units(value) <= 20,
    "number": lambda value: _decimal(value, 32),
    "letter": lambda value: len(value) <= 32 and _only(value, LETTERS),
    "symbol": _symbol,
    "character_string": lambda value: len(value) <= 32 and _only(value, DIGITS + LETTERS + ASCII_SYMBOLS),
    "time": lambda value: _points(value, "clock"),
    "date": lambda value: _points(value, "day"),
    "amount": _amount,
    "phone_number": _phone,
    "car_number": _car_number,
    "name": _name,
    "phrase": lambda value: _units(value) <= 5 and all(map(_is_han, value)),
}
