"""Sentences that say little: a hedge, an escape or a commonplace, and neither a detail nor a deed beside it.

- Hedges: 可能, 差不多, 之类的, 不知道; "kind of", "I guess".
- Empty words, two in a sentence: 一些, 很多, 各种, 努力, 做好, 尽量; "a lot of", "various", "hard-working".
- Commonplaces: how things are or ought to be (最重要的是…, 就是要…), with nothing of one's own.

A sentence that tells a task, a deed or a result, or holds a number or a name, is not vague whatever it hedges. What is
only supposed, asked or told of others is judged elsewhere and not called vague.
"""

from __future__ import annotations

import re

from app.scoring.text.passages import Hit, Passage
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import Standing
from app.scoring.text.specificity import find_details
from app.scoring.text.star import find_star

# 我觉得 and 我认为 are how opinions are told, so they are no hedges.
_HEDGE = re.compile(
    r"可能|大概|差不多|好像|似乎|也许|或许|应该是吧|不知道|不(?:太|是很)?(?:清楚|确定|记得)|记不清|怎么说呢|"
    r"说不好|随便|"
    r"之类的|什么的|某种程度|还行|一般般|没什么特别|没什么印象|都可以|看情况|等等吧|反正就是|各种各样|"
    r"都差不多|都还好|都挺好|记不太清|反正|呗|就那样|正常做|(?:没|没有)什么(?:太|特别)?大?的?(?:困难|问题|印象|挑战)|"
    r"(?:根据|看)(?:实际|具体)?情况(?:来)?(?:灵活|处理|定|决定)|随机应变|顺其自然|慢慢就|就行了?[。，]?$|"
    r"\b(?:maybe|perhaps|probably|kind of|sort of|i guess|i don'?t (?:know|remember)|not (?:really )?sure|"
    r"something like that|and so on|and things like that|and stuff|whatever|somehow|more or less|it depends|"
    r"nothing special|"
    r"hard to say|you know how it is)\b"
)
_EMPTY = re.compile(
    r"一些|很多|许多|各种|各方面|方方面面|有关|相关|努力|用心|认真|细心|踏实|尽量|尽力|尽可能|积极|做好|"
    r"搞好|做到位|到位|态度|多(?:想|跟|学|吃|走|沟通|交流|努力)|"
    r"不断|持续|挺好|很好|比较好|还可以|蛮|有心得|有经验|没问题|自然|总之|反正|一般都|通常|经常|性格|外向|"
    r"喜欢[和跟与]人|吃苦|耐劳|责任心|执行力|抗压|学习能力|适应能力|团队精神|以身作则|"
    r"换位思考|上手快?|想办法|靠经验|好好|平时|都挺|关系(?:也)?(?:不错|好)|最大的?努力|能力(?:比较|也?很|还)?[强好]|"
    r"学到了?(?:很多|不少)|处理得?好|"
    r"\b(?:a lot of|lots of|various|many|several|things?|stuff|hard[- ]working|work hard|do my best|"
    r"try my best|always|usually|generally|"
    r"good at|passionate|team ?player|communicate|different kinds?|every \w+ is different)\b"
)
_MIN_EMPTY = 2
_ELSEWHERE: frozenset[Standing] = frozenset({"asked", "hypothetical", "intended", "other"})
_DEEDS = frozenset({"task", "action", "result"})


def find_vague(text: str | Reading) -> list[Hit]:
    """Vague sentences, whole; ``Hit.key`` is what makes it so: the hedge, or ``empty`` or ``general``."""
    reading = reading_of(text)
    exact = {reading.sentence_at(hit.start) for hit in find_details(reading)}
    exact |= {reading.sentence_at(hit.start) for hit in find_star(reading) if hit.key in _DEEDS}
    hits = []
    for number, sentence in enumerate(reading.sentences):
        if number not in exact and (reason := _reason(reading, number, sentence)) is not None:
            hits.append(Hit(sentence.start, sentence.end, reason))
    return hits


def _reason(reading: Reading, number: int, sentence: Passage) -> str | None:
    zones = reading.zones[number]
    if any(zone.standing in _ELSEWHERE for zone in zones):
        return None
    if (hedge := _HEDGE.search(reading.folded, sentence.start, sentence.end)) is not None:
        return hedge.group()
    if any(zone.standing == "general" for zone in zones):
        return "general"
    empty = {match.group() for match in _EMPTY.finditer(reading.folded, sentence.start, sentence.end)}
    return "empty" if len(empty) >= _MIN_EMPTY else None
