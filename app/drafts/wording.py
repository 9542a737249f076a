"""A plainer wording of a question (C11), by rules: simpler words, one breath at a time, what to talk about."""

from __future__ import annotations

import re
from functools import cache

from app.core.catalogue import text as words
from app.drafts.documents import DraftLanguage
from app.drafts.library import blueprints

_PLAINER = {
    "zh-CN": {
        **{
            "阐述一下": "讲讲",
            "阐述": "讲讲",
            "简述": "讲讲",
            "论述": "讲讲",
            "列举": "举出",
            "请结合": "请用",
        },
        **{
            "赋能": "帮助",
            "复盘": "总结",
            "协同": "一起做",
            "痛点": "最头疼的问题",
            "闭环": "做完并检查",
            "抓手": "办法",
            "颗粒度": "细节",
        },
        **{
            "落地": "做成",
            "洞察": "发现",
            "驱动": "推动",
            "迭代": "一次次改进",
            "方法论": "办法",
            "底层逻辑": "根本原因",
        },
        **{
            "KPI": "考核目标",
            "OKR": "工作目标",
            "对标": "比较",
            "拆解": "分成小步",
            "资源整合": "找人找钱",
            "胜任": "做好",
        },
        **{
            "跨部门": "不同部门之间",
            "何种": "什么",
            "是否": "有没有",
            "此次": "这次",
            "遭遇": "碰到",
            "举措": "做法",
        },
        **{"成效": "效果"},
    },
    "en": {
        **{
            "elaborate on": "tell us about",
            "describe": "tell us about",
            "illustrate": "show",
            "demonstrate": "show",
        },
        **{"utilise": "use", "utilize": "use", "leverage": "use", "utilised": "used", "utilized": "used"},
        **{"leveraged": "used"},
        **{"stakeholders": "people involved", "stakeholder": "person involved", "deliverables": "results"},
        **{
            "implement": "carry out",
            "facilitate": "help",
            "mitigate": "reduce",
            "objective": "goal",
            "objectives": "goals",
        },
        **{
            "methodology": "way of working",
            "collaborate": "work together",
            "an instance": "a time",
            "encountered": "met",
        },
        **{
            "prioritise": "decide what comes first",
            "prioritize": "decide what comes first",
            "endeavour": "try",
        },
        **{
            "prior to": "before",
            "subsequently": "then",
            "with respect to": "about",
            "synergy": "working together",
        },
    },
}
_ASIDE = re.compile(r"（[^（）]{0,80}）|\([^()]{0,80}\)")
_STORY = re.compile(
    r"一次|一个|一件|经历|例子|举例|案例|\b(?:a time|example|experience|project|situation|tell us about)\b",
    re.IGNORECASE,
)
_LONGEST = 2000


def plainer(question: str, language: DraftLanguage) -> str:
    """The prepared wording of a question of ours, else the question in simpler words and a hint what to talk about."""
    if known := _prepared().get(question.strip()):
        return known
    simple = _ASIDE.sub("", question).strip()
    if language == "en":
        for hard, plain in _PLAINER["en"].items():
            simple = re.sub(rf"\b{hard}\b", plain, simple, flags=re.IGNORECASE)
    else:
        for hard, plain in _PLAINER["zh-CN"].items():
            simple = simple.replace(hard, plain)
    simple = simple[:1].upper() + simple[1:]
    if simple[-1:].isalnum():
        simple += "。" if language == "zh-CN" else "."
    hint = words(language, f"drafts.plainer.{'story' if _STORY.search(f'{question} {simple}') else 'view'}")
    return f"{simple}{'' if language == 'zh-CN' else ' '}{hint}"[:_LONGEST].strip()


@cache
def _prepared() -> dict[str, str]:
    return {
        text: prepared
        for blueprint in blueprints().values()
        for pairs in blueprint.questions.values()
        for text, prepared in pairs
    }
