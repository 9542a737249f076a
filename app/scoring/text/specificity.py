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
    r"个百分点|百分点|个月|个小时|个季度|个星期|个人|个|年|月份|月|周|星期|天|日|小时|分钟|秒|毫秒|人|位|名|次|"
    r"轮|步|份|倍|元|块|"
    r"万元|千元|亿元|单|家|台|款|项|门|季度|岁|公里|条|场|篇|行|页|套|级|通|封|张|件|箱|吨|斤|公分|厘米|平方|"
    r"平米|桌|批|组|班|辆|本|笔|户|层|颗|"
    r"道题|点半|点钟|成(?![为长功本绩分立员就效果熟])"
)
_EN_ONES = r"(?:two|three|four|five|six|seven|eight|nine)"
_EN_NUMBER = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|{_EN_ONES}))?|{_EN_ONES}|ten|"
    rf"eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|(?:a|one|half a) (?=hundred|thousand|"
    r"million|dozen)|hundreds?|thousands?|"
    r"millions?|dozens?)(?:[ -]?(?:hundred|thousand|million|dozen))?"
)
_EN_UNIT = (
    r"(?:percent|per cent|points?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|milliseconds?|people|"
    r"persons|members|users|"
    r"customers|clients|orders|times|engineers|interviews|projects|dollars|yuan|euros|pounds|students|teachers|"
    r"nodes|servers|"
    r"services|calls|tickets|stores|shops|teams|countries|cities|accounts|pages|units|boxes|machines|lines|"
    r"items|sessions|developers)"
)
_DIGITS = r"\d(?:[\d,]{0,14}\d)?(?:\.\d{1,9})?"
_ROUND = r"[二两三四五六七八九十][零一二两三四五六七八九十百千]{0,8}[百千万亿]{1,3}"
# 一个/一次/一些 are articles rather than amounts (一年 and 一个月 are durations), 第二个 is an order rather than an amount.
QUANTITY = (
    rf"百分之(?:{_ZH_NUMBER}|{_DIGITS})|(?<![第\d.]){_DIGITS}\s?(?:%|‰|万|亿|k\b|{_UNIT}|{_EN_UNIT}\b)|"
    rf"(?<![第一]){_ROUND}[多几余]?(?:{_UNIT})?|排名第{_ZH_NUMBER}|"
    r"(?<![每那有这同第几])一(?:年|个月|周|个季度|个星期|个小时)(?![到级四])|"
    rf"(?<![第一])(?!一(?:{_UNIT}|些|下|起|直|定|点|样|方|系|共)){_ZH_NUMBER}[多几余来]?(?:{_UNIT})|"
    rf"\b{_EN_NUMBER}[ -](?:\w{{3,12}} )?{_EN_UNIT}\b|\b(?:{_EN_ONES}|ten|eleven|twelve|twenty|"
    rf"fifty) (?:hundred|thousand|million)\b|"
    rf"(?:[$€£¥]\s?)?(?<![第\da-z.]){_DIGITS}(?:x|k|m|ms)?(?![\da-z])"
)
_ZH_DAY = r"[一二三四五六七八九十]{1,3}"
_DATE = (
    r"(?:19|20)\d\d年(?:\d{1,2}月)?|[一二]零?[零〇一二三四五六七八九]{2,3}年|第[一二三四]季度|\bq[1-4]\b|"
    rf"(?<![第个]){_ZH_DAY}月(?:份|底|初|{_ZH_DAY}[日号])|(?<!\d)\d{{1,2}}月\d{{1,2}}[日号]|"
    r"\b(?:january|february|april|june|july|august|september|october|november|december|(?:in|of|by|since|until|"
    r"last) (?:march|may))\b"
)
_DETAIL = re.compile(rf"(?P<amount>{_DATE}|{QUANTITY})")
_LATIN_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+#.]{0,40}[A-Za-z0-9+#]")
_CHINESE_NAME = re.compile(
    r"《[^》]{1,30}》|(?<=[在于从为叫到])[\u4e00-\u9fff]{2,6}?(?:大学|学院|银行|集团)|"
    r"企业微信|微信|支付宝|淘宝|天猫|京东|抖音|快手|小红书|拼多多|美团|饿了么|滴滴|百度|阿里巴巴|腾讯|华为|飞书|"
    r"钉钉|知乎|微博|携程|顺丰|金蝶|用友|"
    r"北京(?!大学)|上海|广州|深圳|杭州|成都|武汉|南京|西安|重庆|天津|苏州|长沙|郑州|青岛|厦门"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
# Words of the office that name nothing.
_PLAIN_WORDS = (
    "ok okay um uh er hi hello bye hr ceo kpi okr ppt app id vip bug deadline leader team boss offer plan case review "
    "meeting call email yes no pk nice share push cover follow level gap owner issue feedback"
)
_PLAIN_LATIN = frozenset(_PLAIN_WORDS.split())


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
        amounts = [
            Hit(match.start(), match.end(), match.group().strip())
            for match in _DETAIL.finditer(reading.folded, sentence.start, sentence.end)
        ]
        taken = {place for amount in amounts for place in range(amount.start, amount.end)}
        named = _names(reading.text, sentence.start, sentence.end)
        hits += [*amounts, *(name for name in named if name.start not in taken)]
    return sorted(hit for hit in hits if not reading.standings(hit.start, hit.end) & _NO_DETAIL)
