"""STAR parts of a story by lexical rules: which clause sounds like situation, task, action or result.

A clause gets at most one part, by the first rule that fits, in this order:

1. result, said outright: it opens with 结果/最终, or 最后 with an ending (完成, 上线, 达成); "as a
   result", "in the end".
2. task: a named duty or aim (我的任务/目标/职责是, 负责, 要求我们); "my task was", "I was responsible for".
3. situation: a time or setting (当时, 背景是, 那段时间, 在上一家公司, 遇到…困难, …期间); "at the time",
   "we were facing".
4. result, by its measure: a change verb with a number (提升了百分之六十), an award, something brought in.
5. action: I or we, or a step word, with a verb of doing that is not denied (首先…分析了); "I led", "then
   we built".

Clauses are cut at commas and at 但是/不过; a lead-in such as "首先，" goes with the clause after it. These
rules hear how a story is told, not whether it is true or good; the report shows the sentence so that a
person can judge.
"""

from __future__ import annotations

import re

from app.scoring.rubric import StarPart
from app.scoring.text.negation import is_denied
from app.scoring.text.passages import Hit, fold, split_clauses, split_sentences
from app.scoring.text.specificity import QUANTITY

_I = r"(?:我们?|本人|团队|大家)(?!的)"
_STEP = r"(?:首先|其次|再次|接着|接下来|随后|然后|于是|第[一二三四五]步?|最后|同时|另外|所以|因此)"
_DOING = (
    r"分析|优化|组织|设计|制定|制作|沟通|找到|找出|发现|解决|协调|调整|安排|分配|跟踪|跟进|推动|推进|搭建|建立|开发|编写|"
    r"写[了完]|实施|执行|测试|做了|访谈|调研|拜访|联系|选择|决定|改变|改进|改写|重构|引入|采用|使用了|用了|代替|邀请|培训|带领|"
    r"主导|说服|约|召开|(?<!离)开了|开会|拆成|拆分|拆解|排序|听取|承担|总结|学习|梳理|整理|收集|统计|对比|评估|同步|讨论|谈判|汇报|"
    r"反馈|检查|监控|修复|上线|发布|启动|策划|减少|降低|提升|提高|学会|主动|对接|招募|确认|处理|回访|道歉|安抚|复盘"
)
_DOING_EN = (
    r"analy[sz]ed|led|built|designed|organi[sz]ed|created|wrote|talked|spoke|met|called|interviewed|set up|planned|"
    r"fixed|changed|improved|optimi[sz]ed|implemented|developed|tested|introduced|proposed|decided|chose|"
    r"coordinated|trained|launched|reviewed|collected|compared|negotiated|persuaded|asked|started|made|used|"
    r"rewrote|worked|helped|ran"
)
_CHANGE = (
    r"提升|提高|增长|增加|上升|降低|减少|下降|缩短|节省|节约|达到|突破|超过|完成|带来|提前|排名|翻了|翻|"
    r"increased|grew|rose|raised|improved|reduced|cut|dropped|fell|saved|reached|doubled|tripled|exceeded"
)

_RESULT_OUTRIGHT = re.compile(
    rf"^(?:但是?|所以|{_I})?(?:最终|最后的?结果|结果|成果)|"
    r"最后.{0,14}(?:完成|上线|达成|成功|实现|解决|通过|签|拿到)|"
    r"\b(?:as a result|in the end|finally,? (?:we|i|the)|eventually|"
    r"the (?:result|outcome)|resulted in|led to)\b"
)
_TASK = re.compile(
    r"(?:我|我们)的?(?:主要|具体|核心)?(?:任务|目标|职责|工作|角色)(?:就?是|在于|为)|"
    r"(?:任务|目标)(?:就?是|在于)|"
    r"(?<!认真)负责(?!的|任|人)|(?:要求|需要|希望|安排)(?:我|我们)|(?:我|我们)(?:需要|必须|得)|担任|"
    r"\bmy (?:task|goal|job|role|responsibility|aim)\b|\b"
    r"(?:i was|we were) (?:responsible|asked|tasked|expected)\b|\b(?:i|we) (?:had|needed) to\b|\bthe (?:goal|task|aim) was\b"
)
_SITUATION = re.compile(
    r"当时|背景是|背景下|那时|那段时间|那一年|之前|以前|有一次|去年|前年|刚开始|一开始|起初|原来|期间|的时候|"
    r"上一?家公司|"
    r"(?:遇到|面临|出现|碰到).{0,14}(?:困难|问题|挑战|情况|危机|瓶颈|冲突)|发生过?一?次?(?:冲突|事故)|"
    r"\b(?:at the time|at that time|back then|last year|when (?:i|we|the)|"
    r"(?:in|at) my (?:previous|last)|the (?:situation|background|context) was|"
    r"(?:was|were) (?:facing|struggling)|there was a|once)\b|\bin (?:19|20)\d\d\b"
)
_RESULT_MEASURED = re.compile(
    rf"(?:{_CHANGE}).{{0,16}}?(?:{QUANTITY})|(?:{QUANTITY}).{{0,8}}?(?:{_CHANGE})|"
    r"(?:获得|拿到|赢得|荣获).{0,12}(?:奖|冠军|第一|认可|好评)|"
    r"客户.{0,6}满意|按时完成|顺利(?:上线|完成)|达成了?一致|(?:won|received) .{0,20}(?:award|prize)"
)
_ACTION = re.compile(
    rf"(?:{_I}|{_STEP})(?:(?!是|认为|觉得|希望|想)[^。]){{0,14}}?(?P<verb>{_DOING})|^(?P<bare>{_DOING})了|"
    rf"\b(?:i|we)\b(?: \w+){{0,2}}? (?P<english>{_DOING_EN})\b"
)


def part_of_clause(clause: str) -> StarPart | None:
    """The STAR part a clause (any text without an inner full stop) sounds like, or None."""
    folded = fold(clause)
    if _RESULT_OUTRIGHT.search(folded):
        return "result"
    if _TASK.search(folded):
        return "task"
    if _SITUATION.search(folded):
        return "situation"
    if _RESULT_MEASURED.search(folded):
        return "result"
    for match in _ACTION.finditer(folded):
        group = str(match.lastgroup)
        if not is_denied(folded, match.start(group), match.end(group)):
            return "action"
    return None


def find_star(text: str) -> list[Hit]:
    """STAR parts with the whole sentence each stands in; ``Hit.key`` is the part."""
    hits = {
        Hit(sentence.start, sentence.end, part)
        for sentence in split_sentences(text)
        for clause in split_clauses(text, sentence)
        if (part := part_of_clause(clause.of(text))) is not None
    }
    return sorted(hits)
