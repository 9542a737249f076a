"""Details that can be checked: amounts, percentages, dates, names."""

from __future__ import annotations

import re

from app.scoring.text.passages import Hit
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import Standing

_NO_DETAIL: frozenset[Standing] = frozenset({"asked", "hypothetical"})

# Every repetition is bounded: candidates write the text, and an unbounded one could be made to take minutes.
_ZH_NUMBER = r"[零〇一二两三四五六七八九十百千万亿半][零〇一二两三四五六七八九十百千万亿半点]{0,12}"
_UNIT = (
    r"个百分点|百分点|个月|个小时|个季度|个人|个|年|月份|月|周|星期|天|日|小时|分钟|秒|人|位|名|次|轮|步|份|倍|元|块|"
    r"万元|千元|亿元|单|家|台|款|项|门|季度|岁|公里|条|场|篇|行|页|套|级"
)
_EN_NUMBER = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"hundreds?|thousands?|million)"
)
_EN_UNIT = (
    r"(?:percent|per cent|points?|years?|months?|weeks?|days?|hours?|minutes?|people|persons|members|users|"
    r"customers|clients|orders|times|engineers|interviews|projects|dollars|yuan)"
)
_DIGITS = r"\d[\d,]{0,14}(?:\.\d{1,9})?"
_ROUND = r"[二两三四五六七八九十][零一二两三四五六七八九十百千]{0,8}[百千万亿]{1,3}"
# 一个/一次/一些 are articles rather than amounts, and 第二个 is an order rather than an amount.
QUANTITY = (
    rf"百分之(?:{_ZH_NUMBER}|{_DIGITS})|(?<![第\d.]){_DIGITS}\s?(?:%|‰|万|亿|k\b|{_UNIT}|{_EN_UNIT}\b)|"
    rf"(?<![第一]){_ROUND}|排名第{_ZH_NUMBER}|"
    rf"(?<![第一])(?!一(?:{_UNIT}|些|下|起|直|定|点|样|方|系|共)){_ZH_NUMBER}(?:{_UNIT})|"
    rf"\b{_EN_NUMBER}[ -]{_EN_UNIT}\b|(?<![第\da-z.]){_DIGITS}(?![\da-z])"
)
_DATE = r"(?:19|20)\d\d年|[一二]零?[零〇一二三四五六七八九]{2,3}年|第[一二三四]季度"
_DETAIL = re.compile(rf"(?P<amount>{_DATE}|{QUANTITY})")
_LATIN_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+#.]*[A-Za-z0-9+#]")
_CHINESE_NAME = re.compile(r"《[^》]{1,30}》|(?<=[在于从为叫到])[\u4e00-\u9fff]{2,6}?(?:大学|学院|银行|集团)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PLAIN_LATIN = frozenset({"ok", "okay", "um", "uh", "er", "hi", "hello", "bye"})


def _names(text: str, start: int, end: int) -> list[Hit]:
    """Names in one sentence: any Latin word inside Chinese, a capitalised word inside an English sentence."""
    sentence = text[start:end]
    hits = [Hit(start + m.start(), start + m.end(), m.group()) for m in _CHINESE_NAME.finditer(sentence)]
    chinese = bool(_HAN.search(sentence))
    for match in _LATIN_NAME.finditer(sentence):
        word = match.group()
        capitalised = word[0].isupper() and match.start() > 0 and not word.startswith(("I'", "I\u2019"))
        if (chinese or capitalised) and word.casefold() not in _PLAIN_LATIN:
            hits.append(Hit(start + match.start(), start + match.end(), word.casefold()))
    return hits


def find_details(text: str | Reading) -> list[Hit]:
    """Numbers with their units, percentages, dates and names. ``Hit.key`` is the detail's own folded text.

    What is only asked or supposed is no detail of anything.
    """
    reading = reading_of(text)
    hits: list[Hit] = []
    for sentence in reading.sentences:
        for match in _DETAIL.finditer(reading.folded, sentence.start, sentence.end):
            hits.append(Hit(match.start(), match.end(), match.group().strip()))
        hits.extend(_names(reading.text, sentence.start, sentence.end))
    return sorted(hit for hit in hits if not reading.standings(hit.start, hit.end) & _NO_DETAIL)
