"""What candidates say draws them to work (E6): growth, stability, pay. A description for HR, never scored.

A clause tells a motive when it names one (学东西, 晋升; 稳定, 离家近, 编制; 工资, 奖金) and says that it counts: a wish or a
reason (想, 希望, 看重, 因为, 吸引, "I want", "looking for") in it or earlier in its sentence, or words that are a motive
by themselves (涨薪, 铁饭碗). Nothing is taken from what is denied ("不是为了钱"), quoted, asked, or said of somebody else,
nor from a named thing that only happens to be in the story (公司收入, 用户增长).
"""

from __future__ import annotations

import re
from typing import Literal

from app.scoring.text.passages import Hit, Passage
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import Standing

Motive = Literal["growth", "stability", "pay"]
MOTIVES: tuple[Motive, ...] = ("growth", "stability", "pay")

_NAMED: dict[Motive, str] = {
    "growth": r"成长|(?<!用户)(?<!业绩)发展(?:空间|机会|前景|平台)?|晋升|升职|上升(?:空间|通道)|"
    r"学(?:到|点|些|更多|新|会|习){0,3}(?:东西|本事|技术|知识)|长(?:点|些)?(?:本事|见识|经验)|"
    r"提升自己|提高自己|锻炼|进步|挑战自己|有挑战|更大的(?:平台|舞台|挑战)|带(?:项目|团队|人)|独当一面|"
    r"当上?(?:店长|经理|主管|负责人|专家)|做到(?:店长|经理|主管|专家)|"
    r"学习(?:的)?(?:机会|新|更多|氛围)|往.{1,6}方向(?:走|发展)|深造|培训体系|"
    r"\b(?:grow(?:ing|th)?|learn(?:ing)?|develop(?:ing)? (?:my|as|new|professionally)|development|"
    r"promot(?:ed|ion)|career (?:path|growth)|"
    r"challeng(?:e|es|ing)|lead(?:ing)? (?:a|my own|projects|people)|mentor(?:ed|ship|ing)|advance(?:ment)?|"
    r"responsibility)\b",
    "stability": r"稳定|安稳|踏实点|离家[近里]|家[里人]?附近|顾(?:家|孩子|老人)|照顾(?:家|孩子|老人|父母)|"
    r"长期(?:干|做|待|发展)|干(?:到退休|一辈子|得久|长久)|编制|铁饭碗|"
    r"不(?:会)?(?:随便)?裁(?:员|人)|不(?:想再|想|用|再)(?:跳槽|折腾|换工作|出差|倒班|加班|漂)|双休|朝九晚五|"
    r"准时下班|作息规律|五险一金|社保|落户|安定|定下来|扎根|"
    r"\b(?:stab(?:le|ility)|secur(?:e|ity)|steady|settle(?:d)?(?: down)?|close to (?:home|my family)|"
    r"near (?:home|my family|where i live)|"
    r"regular hours|work[- ]life balance|long[- ]term|permanent|predictable)\b",
    "pay": r"工资|薪资|薪水|薪酬|待遇|奖金|年薪|月薪|底薪|提成|涨薪|加薪|赚钱|挣钱|多(?:赚|挣)|挣得|赚得|给得多|"
    r"给的多|钱(?:多|给)|收入(?:高|更|稳|也?会)|(?:更|比较)高的收入|"
    r"房[租贷](?:压力)?|还贷|养家|报酬|分红|股票|期权|福利|"
    r"\b(?:salar(?:y|ies)|pay(?!ment|roll)(?:ing|s)?|money|wages?|bonus(?:es)?|commission|compensation|"
    r"benefits|earn(?:ing)? more|raise|stock options|"
    r"rent|mortgage)\b",
}
_NAMES = {motive: re.compile(words) for motive, words in _NAMED.items()}
_COUNTS = re.compile(
    r"想|希望|看[重中]|在[乎意](?!料)|吸引|因为|为了|原因|选择|追求|期待|考虑|最重要|优先|打算|愿意|喜欢|"
    r"冲着|图(?:的|个|它)|离开|离职|换工作|跳槽|应聘|投(?:了|的)?简历|"
    r"目标|规划|动力|满意|需要|压力|一[个是点]|主要|谁给|比较高|要(?:是)?能|"
    r"\b(?:want|hope|hoping|like|love|looking for|look for|because|reason|attract(?:s|ed|ive)?|drew me|"
    r"draws me|care about|matters?|important|"
    r"prefer|need|interested|motivat(?:es|ed|ion)|goal|chose|choose|left|leave|leaving|keen|excited|enjoy|"
    r"appeal(?:s|ed|ing)?|so that|honestly)\b"
)
_ITSELF = re.compile(r"涨薪|加薪|铁饭碗|谁给得多|挣钱|赚钱|养家|\bcareer growth\b|\bwork[- ]life balance\b")
_DENIED = re.compile(
    r"不(?:是|太|怎么|很|算)?(?:为了|因为|冲着|看重|在乎|在意|图|追求|缺|考虑|重要|最重要|是(?:最|"
    r"很)?(?:重要|关键|主要))|无所谓|其次|"
    r"\b(?:not|isn't|don't|doesn't|never|rather than|less)\b[^,.]{0,30}$"
)
_NOT_MEANT: frozenset[Standing] = frozenset({"asked", "quoted", "denied", "other"})


def _denied(folded: str, clause: Passage, start: int, end: int) -> bool:
    around = folded[max(clause.start, start - 24) : start]
    after = folded[end : min(clause.end, end + 12)]
    return (
        _DENIED.search(around) is not None
        or re.search(
            r"不(?:是|太|算|怎么)?(?:很|最)?(?:重要|关键|在乎|看重|主要)|无所谓|其次|(?:isn't|not|doesn't)",
            after,
        )
        is not None
    )


def find_motives(text: str | Reading) -> list[Hit]:
    """Clauses that tell a motive, in order; ``Hit.key`` is the motive. One hit for each motive of a clause."""
    reading = reading_of(text)
    hits: set[Hit] = set()
    meant: set[Passage] = set()
    for sentence, clause in reading.each_clause():
        if _COUNTS.search(reading.folded, clause.start, clause.end):
            meant.add(sentence)
        for motive in MOTIVES:
            for match in _NAMES[motive].finditer(reading.folded, clause.start, clause.end):
                # 不会裁人 and 不想再跳槽 are motives that hold a denial themselves.
                standing = reading.standings(match.start(), match.end()) & _NOT_MEANT
                counts = sentence in meant or _ITSELF.search(match.group()) is not None
                if (
                    counts
                    and not standing
                    and not _denied(reading.folded, clause, match.start(), match.end())
                ):
                    hits.add(Hit(clause.start, clause.end, motive))
                    break
    return sorted(hits)
