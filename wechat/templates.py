"""Subscribe-message values: what each field type accepts, checked before a message is queued.

WeChat refuses a whole message for one bad value (47003), and by then the moment to shorten it has passed. A
template's fields are named by type and number (``thing1``, ``time2``). Rules are those of the official page
on sending subscribe messages, read strictly where it is silent; lengths are counted in UTF-16 units, as
WeChat's clients do, so an emoji counts two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.errors import InvalidInput

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY = r"\d{4}年(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])日"
_TIME = rf"(?:{_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}(?: ?{_CLOCK})?"
_SYMBOL = r"!-/:-@\[-`{-~"
_CURRENCIES = "¥￥$€£"


@dataclass(frozen=True)
class FieldType:
    """One type of field: ``limit`` as a person would state it, and the whole rule as a test of the value."""

    name: str
    limit: int
    measure: Callable[[str], int]
    accepts: Callable[[str], bool]


def utf16_length(value: str) -> int:
    """Length in UTF-16 code units."""
    return len(value) + sum(1 for character in value if ord(character) > 0xFFFF)


def _digits(value: str) -> int:
    return sum(1 for character in value if character.isdigit())


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _range_of(pattern: str) -> Callable[[str], bool]:
    """One point, or two joined by ``~``, each with a day that exists."""

    def accepts(value: str) -> bool:
        points = value.split("~")
        return len(points) <= 2 and all(re.fullmatch(pattern, p) and _day_exists(p) for p in points)

    return accepts


def _day_exists(point: str) -> bool:
    found = re.match(r"(\d{4})年(\d{1,2})月(\d{1,2})日", point)
    if not found:
        return True
    try:
        datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return False
    return True


def _symbols(value: str) -> bool:
    return all(unicodedata.category(character)[0] in "PS" for character in value)


def _name_units(value: str) -> int:
    """A name with a Han character counts against 10, one of letters only against 20: so Han names count
    double.
    """
    return utf16_length(value) * (2 if re.search(f"[{_HAN}]", value) else 1)


_TYPES = {
    kind.name: kind
    for kind in (
        FieldType("thing", 20, utf16_length, bool),
        FieldType("number", 32, _digits, _matches(r"[0-9]+(?:\.[0-9]+)?")),
        FieldType("letter", 32, len, _matches(r"[A-Za-z]+")),
        FieldType("symbol", 5, utf16_length, _symbols),
        FieldType("character_string", 32, len, _matches(rf"[0-9A-Za-z{_SYMBOL}]+")),
        FieldType("time", 64, len, _range_of(_TIME)),
        FieldType("date", 64, len, _range_of(_DATE)),
        FieldType("amount", 10, _digits, _matches(rf"[{_CURRENCIES}]?[0-9]+(?:\.[0-9]+)?元?")),
        FieldType("phone_number", 17, len, _matches(rf"(?=.*[0-9])[0-9{_SYMBOL}]+")),
        FieldType(
            "car_number", 8, utf16_length, _matches(rf"[{_HAN}A-Za-z0-9][A-Za-z0-9]*[{_HAN}A-Za-z0-9]")
        ),
        FieldType("name", 20, _name_units, _matches(rf"[{_HAN}A-Za-z ·{_SYMBOL}]+")),
        FieldType("phrase", 5, utf16_length, _matches(rf"[{_HAN}]+")),
    )
}
_FIELD = re.compile(rf"({'|'.join(sorted(_TYPES, key=len, reverse=True))})[1-9]\d?")


def field_type(name: str) -> str:
    """The type of a field name: ``thing1`` -> ``thing``. InvalidInput ``template_field_invalid``."""
    found = _FIELD.fullmatch(name)
    if not found:
        raise InvalidInput("template_field_invalid", field=name, limit=0)
    return found.group(1)


def validate_template_data(data: Mapping[str, str], fields: Collection[str] | None = None) -> None:
    """Refuse values WeChat would refuse. ``fields`` are the template's own, when known: all of them and no
    other.

    InvalidInput ``template_field_too_long`` or ``template_field_invalid`` with ``field`` and ``limit``.
    """
    for name in sorted(set(data) ^ set(fields)) if fields is not None else ():
        raise InvalidInput("template_field_invalid", field=name, limit=0)
    for name, value in data.items():
        kind = _TYPES[field_type(name)]
        if not _plain(value):
            raise InvalidInput("template_field_invalid", field=name, limit=kind.limit)
        if kind.measure(value) > kind.limit:
            raise InvalidInput("template_field_too_long", field=name, limit=kind.limit)
        if not kind.accepts(value):
            raise InvalidInput("template_field_invalid", field=name, limit=kind.limit)


def _plain(value: str) -> bool:
    """Not blank, and free of control characters, line breaks and halves of characters."""
    return bool(value.strip()) and not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value
    )


def fit_value(name: str, value: str) -> str:
    """``value`` made fit for a field where that loses nothing but length: white space joined, the end cut
    with ``…``.

    Only ``thing`` can be cut; the other types are returned as they are, for ``validate_template_data`` to
    judge.
    """
    if field_type(name) != "thing":
        return value
    joined = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    limit = _TYPES["thing"].limit
    if utf16_length(joined) <= limit:
        return joined
    kept = joined
    while utf16_length(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def time_value(moment: datetime) -> str:
    """An aware moment, already in the reader's time zone, as ``time`` and ``date`` fields want it."""
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
