"""Hard facts a job description asks for: years, degree, skills, languages, certificates. Read by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.drafts.documents import DraftLanguage, Fact, FactKind
from app.drafts.library import Skill, find_skills
from app.drafts.reading import PREFERRED, Line

_ZH_DIGITS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_YEARS = re.compile(
    r"(?P<low>\d{1,2}|[一二两三四五六七八九十])\s*(?:[-—–~～至到]\s*(?P<high>\d{1,2}|[二两三四五六七八九十]))?\s*年\s*(?:及)?(?:以上|\+)?(?=[^，,。；;\n]{0,24}经[验历])"
    r"|(?P<en>\d{1,2})\s*(?:\+|(?:-|–|to)\s*\d{1,2}\s*)?\s*(?:or more\s+)?years?\b(?=[^.;\n]{0,60}experience)"
    r"|experience[^.;\n]{0,30}?(?P<after>\d{1,2})\s*\+?\s*years",
    re.IGNORECASE,
)
# From the highest: the degree asked for is the lowest one a description names.
DEGREES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("doctor", re.compile(r"博士|\bph\.?\s?d|\bdoctorate", re.IGNORECASE)),
    (
        "master",
        re.compile(
            r"硕士|研究生|\bmaster(?:'s|\u2019s|s)?(?: degree)?\b(?! of ceremon)|\bmba\b|\bm\.?sc\b",
            re.IGNORECASE,
        ),
    ),
    (
        "bachelor",
        re.compile(
            r"本科|学士|\bbachelor|\bundergraduate degree|"
            r"\bb\.?sc\b|\bb\.?a\.?\b(?= )|\bdegree in\b|\buniversity degree|\bcollege degree",
            re.IGNORECASE,
        ),
    ),
    ("college", re.compile(r"大专|专科|高职|\bassociate(?:'s|\u2019s)? degree|\bdiploma\b", re.IGNORECASE)),
    ("secondary", re.compile(r"高中|中专|中技|技校|\bhigh[- ]school|\bged\b", re.IGNORECASE)),
    ("primary", re.compile(r"初中|小学|\bmiddle school", re.IGNORECASE)),
)
DEGREE_NAMES: dict[str, dict[str, str]] = {
    "doctor": {"zh-CN": "博士", "en": "doctorate"},
    "master": {"zh-CN": "硕士", "en": "master's degree"},
    "bachelor": {"zh-CN": "本科", "en": "bachelor's degree"},
    "college": {"zh-CN": "大专", "en": "college diploma"},
    "secondary": {"zh-CN": "高中/中专", "en": "secondary school"},
    "primary": {"zh-CN": "初中", "en": "middle school"},
}
_KINDS: dict[str, FactKind] = {"language": "language", "certificate": "certificate"}
_MOST_FACTS = 20
_CLAUSE = re.compile(r"[，,；;。]")
_CLAUSE_OR_LINE = re.compile(r"[，,；;。\n]")


def kind_of(skill: Skill) -> FactKind:
    """Which hard fact a named skill is."""
    return _KINDS.get(skill.group, "skill")


def years_in(text: str) -> tuple[int, str] | None:
    """The least years of experience a statement asks for, and its words."""
    match = _YEARS.search(text)
    if match is None:
        return None
    number = match["low"] or match["en"] or match["after"]
    years = _ZH_DIGITS.get(number) or int(number)
    return (years, match.group().strip()) if 0 < years <= 40 else None


def degree_in(text: str) -> str | None:
    """The lowest degree a statement names: what it asks for at least."""
    named = [degree for degree, pattern in DEGREES if pattern.search(text)]
    return named[-1] if named else None


def facts_of(lines: Sequence[Line], whole: str, language: DraftLanguage) -> list[Fact]:
    """Hard facts in a description: at most one number of years and one degree, then what is named by name.

    ``whole`` is the text before flagged clauses were taken out: they may hold the degree ("985/211本科").
    """
    found: list[Fact] = []
    clauses = [(line, text) for line in lines if line.section != "other" for text in _CLAUSE.split(line.text)]
    for line, clause in clauses:
        if (years := years_in(clause)) and not PREFERRED.search(clause):
            wanted = f"{years[0]} 年" if language == "zh-CN" else f"{years[0]} years"
            found.append(Fact(kind="years", wanted=wanted, quote=line.text[:120]))
            break
    for text in _CLAUSE_OR_LINE.split(whole):
        if not PREFERRED.search(text) and (degree := degree_in(text)):
            found.append(Fact(kind="degree", wanted=DEGREE_NAMES[degree][language], quote=text[:120]))
            break
    seen: set[str] = set()
    for line, clause in clauses:
        preferred = line.section == "duties" or PREFERRED.search(clause) is not None
        for skill in find_skills(clause):
            name = skill.name[language]
            if name not in seen:
                seen.add(name)
                found.append(
                    Fact(kind=kind_of(skill), wanted=name, quote=line.text[:120], required=not preferred)
                )
    return found[:_MOST_FACTS]
