"""A résumé against a position by rules (F4): facts met and open, points to probe, questions for this one person.

It holds no score and ranks nobody. What a résumé says about age, sex, family, origin and the like is taken out before
anything is read or quoted, and gaps between jobs are not asked about: they have reasons that are nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from app.core.catalogue import text as words
from app.drafts.documents import DraftLanguage, Fact, FactCheck, FactStatus, PreAssessment, TailoredQuestion
from app.drafts.facts import DEGREE_NAMES, DEGREES
from app.drafts.library import Family, Skill, family_of_title, find_skills
from app.drafts.reading import find_protected
from app.scoring.rubric import Keyword, Rubric
from app.scoring.text.keywords import find_keywords

_MOST_QUESTIONS = 7
_LONGEST_QUOTE = 80
_LEAST_MATCH = 2
_RANGE = re.compile(
    r"(?P<y1>(?:19|20)\d{2})\s*[./年-]?\s*(?P<m1>1[0-2]|0?[1-9])?\s*月?\s*(?:[-—–~～至到]+|\bto\b)\s*"
    r"(?:(?P<y2>(?:19|20)\d{2})\s*[./年-]?\s*(?P<m2>1[0-2]|0?[1-9])?\s*月?|(?P<now>至今|现在|今|present|now|current))",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"(\d{1,2})\s*(?:\+|多)?\s*(?:年(?:以上)?[^，,。；;\n]{0,12}经[验历]|years?[^.;\n]{0,30}experience)",
    re.IGNORECASE,
)
_STUDY = re.compile(
    r"大学|学院|本科|硕士|博士|大专|高中|毕业|学历|教育|校园|\b(?:university|college|school|bachelor|master|b\.?sc|m\.?sc|degree|education)\b",
    re.IGNORECASE,
)
_EDUCATION_HEADING = re.compile(r"^\W*(?:教育(?:背景|经历)|学历|education)\W*$", re.IGNORECASE)
_WORK_HEADING = re.compile(
    r"^\W*(?:工作(?:经历|经验)|职业经历|项目(?:经历|经验)|实习经历|"
    r"(?:work |professional )?experience|employment|projects)\W*$",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"[^，,。；;\n]{0,30}(?:提升|提高|增长|增加|降低|减少|下降|缩短|节省|节约|达成|完成|超额|突破|涨|翻|increas|improv|reduc|grew|cut|saved|rais|doubl)"
    r"[^，,。；;\n]{0,30}?\d[\d,.]{0,12}\s*(?:%|％|万|亿|倍|元|人|单|percent|times|x\b|million|k\b)[^，,。；;\n]{0,12}",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"(?:精通|熟练掌握|熟练使用|资深|expert (?:in|at|with)|proficient (?:in|with)|mastery of)", re.IGNORECASE
)
_WEAK_FAMILIES = frozenset({"general", "management"})


def assess(
    resume: str,
    *,
    title: str,
    facts: Sequence[Fact],
    description: str,
    rubric: Rubric,
    language: DraftLanguage,
    today: date,
) -> PreAssessment:
    """What a résumé (plain text) says to a position. ``facts`` are what the position's description asks for."""
    readable = find_protected(resume, language)[0]
    lines = [line for line in readable.split("\n") if line.strip()]
    checks = [_check(fact, resume, lines, language, today) for fact in facts]
    named = _named_keywords(rubric, description)
    mentioned = {hit.key for hit in find_keywords(readable, named)}
    gaps = [keyword.word for keyword in named if keyword.word not in mentioned]
    questions = _questions(lines, title=title, checks=checks, rubric=rubric, language=language)
    return PreAssessment(
        language=language,
        facts=checks,
        mentioned=[keyword.word for keyword in named if keyword.word in mentioned],
        gaps=gaps,
        probes=_probes(checks, gaps, language),
        questions=questions,
    )


def years_of_work(lines: Sequence[str], today: date) -> int | None:
    """Whole years in jobs, overlaps counted once; what the résumé states when it names no dates; None when neither."""
    months: set[int] = set()
    studying = False
    for line in lines:
        studying = (studying or bool(_EDUCATION_HEADING.match(line))) and not _WORK_HEADING.match(line)
        if studying or _STUDY.search(line):
            continue
        for match in _RANGE.finditer(line):
            first = int(match["y1"]) * 12 + int(match["m1"] or 1) - 1
            last = (
                today.year * 12 + today.month - 1
                if match["now"]
                else int(match["y2"]) * 12 + int(match["m2"] or 12) - 1
            )
            if 0 <= last - first < 50 * 12:
                months.update(range(first, last + 1))
    if months:
        return len(months) // 12
    stated = [int(match[1]) for line in lines for match in _STATED.finditer(line)]
    return max(stated, default=None)


def _check(fact: Fact, resume: str, lines: Sequence[str], language: DraftLanguage, today: date) -> FactCheck:
    status: FactStatus = "unclear"
    found = ""
    if fact.kind == "years":
        years = years_of_work(lines, today)
        if years is not None:
            status = "met" if years >= int(re.sub(r"\D", "", fact.wanted)) else "not_met"
            found = words(language, "drafts.years", years=years)
    elif fact.kind == "degree":
        degree = _highest_degree(resume)
        if degree is not None:
            order = [name for name, _ in DEGREES]
            wanted = next(name for name in order if DEGREE_NAMES[name][language] == fact.wanted)
            status = "met" if order.index(degree) <= order.index(wanted) else "not_met"
            found = DEGREE_NAMES[degree][language]
    else:
        place = next(
            (line for line in lines if any(s.name[language] == fact.wanted for s in find_skills(line))), None
        )
        if place is not None:
            status, found = "met", place[:_LONGEST_QUOTE]
    return FactCheck(kind=fact.kind, wanted=fact.wanted, required=fact.required, status=status, found=found)


def _highest_degree(resume: str) -> str | None:
    return next((degree for degree, pattern in DEGREES if pattern.search(resume)), None)


def _named_keywords(rubric: Rubric, description: str) -> list[Keyword]:
    """The rubric's words that a résumé can be expected to name: skills, and terms the description itself names."""
    folded = description.casefold()
    found: dict[str, Keyword] = {}
    for competency in rubric.competencies:
        for keyword in competency.keywords:
            if find_skills(keyword.word) or (
                len(keyword.word) > _LEAST_MATCH and keyword.word.casefold() in folded
            ):
                found.setdefault(keyword.word, keyword)
    return list(found.values())


def _probes(checks: Sequence[FactCheck], gaps: Sequence[str], language: DraftLanguage) -> list[str]:
    probes = []
    separator = words(language, "drafts.list_separator")
    open_checks = [check for check in checks if check.status != "met" and check.required]
    for check in open_checks:
        if check.kind in {"years", "degree"}:
            state = "below" if check.status == "not_met" else "silent"
            key = f"drafts.probes.{check.kind}_{state}"
            probes.append(words(language, key, wanted=check.wanted, found=check.found).strip())
    if unnamed := [check.wanted for check in open_checks if check.kind not in {"years", "degree"}]:
        probes.append(words(language, "drafts.probes.named", words=separator.join(unnamed)))
    asked = {check.wanted for check in checks}
    if missing := [word for word in gaps if word not in asked][:6]:
        probes.append(words(language, "drafts.probes.words", words=separator.join(missing)))
    return probes[:12]


def _questions(
    lines: Sequence[str],
    *,
    title: str,
    checks: Sequence[FactCheck],
    rubric: Rubric,
    language: DraftLanguage,
) -> list[TailoredQuestion]:
    made: list[TailoredQuestion] = []

    def ask(reason: str, competency: str | None, quote: str = "", **params: str) -> None:
        text = words(language, f"drafts.tailored.{reason}", quote=quote, **params).strip()
        made.append(TailoredQuestion(text=text, reason=reason, competency=competency, quote=quote))  # type: ignore[arg-type]

    came_from, goes_to = _latest_family(lines, language), family_of_title(title, language)
    if (
        came_from
        and goes_to
        and came_from.key != goes_to.key
        and not {came_from.key, goes_to.key} & _WEAK_FAMILIES
    ):
        ask(
            "transfer",
            rubric.competencies[0].key,
            came_from=came_from.name[language],
            goes_to=goes_to.name[language],
        )
    for skill, line in _matching_skills(lines, checks, rubric, language)[:2]:
        ask("challenge", _competency_of(skill, rubric), _quoted(line), skill=skill.name[language])
    for match in list(_MEASURED.finditer("\n".join(lines)))[:2]:
        ask("measured_result", rubric.competencies[0].key, _quoted(match.group()))
    if (bare := _bare_claim(lines)) is not None:
        ask("bare_claim", _competency_of(bare[0], rubric), _quoted(bare[1]), skill=bare[0].name[language])
    for check in [c for c in checks if c.kind == "skill" and c.required and c.status != "met"][:2]:
        ask("missing_skill", None, skill=check.wanted)
    if len(made) < _LEAST_MATCH:
        ask("depth", rubric.competencies[0].key, title=title)
    return made[:_MOST_QUESTIONS]


def _latest_family(lines: Sequence[str], language: DraftLanguage) -> Family | None:
    """The family of the latest job: of the lines that name a time of work, the one that ends last."""
    best: tuple[int, Family] | None = None
    for line in lines:
        match = _RANGE.search(line)
        if match is None or _STUDY.search(line):
            continue
        family = family_of_title(_RANGE.sub("", line), language)
        end = 9999 * 12 if match["now"] else int(match["y2"]) * 12 + int(match["m2"] or 12)
        if family is not None and (best is None or end > best[0]):
            best = (end, family)
    return best[1] if best else None


def _matching_skills(
    lines: Sequence[str], checks: Sequence[FactCheck], rubric: Rubric, language: DraftLanguage
) -> list[tuple[Skill, str]]:
    """Practised skills that the position names too, each with the longest line about it: there a project is told."""
    spellings = {w.casefold() for c in rubric.competencies for k in c.keywords for w in (k.word, *k.synonyms)}
    asked = {check.wanted for check in checks}
    told: dict[Skill, str] = {}
    for line in lines:
        for skill in find_skills(line):
            known = skill.name[language] in asked or any(s.casefold() in spellings for s in skill.spellings)
            if skill.is_practice and known and len(line) > len(told.get(skill, "")):
                told[skill] = line
    by_line: dict[str, Skill] = {}
    for skill, line in told.items():  # one question about one line
        by_line.setdefault(line, skill)
    return sorted(
        ((skill, line) for line, skill in by_line.items()), key=lambda pair: -min(len(pair[1]), 200)
    )


def _bare_claim(lines: Sequence[str]) -> tuple[Skill, str] | None:
    """A skill somebody claims to master and never mentions again."""
    counts: dict[Skill, int] = {}
    for line in lines:
        for skill in find_skills(line):
            counts[skill] = counts.get(skill, 0) + 1
    for line in lines:
        if _CLAIM.search(line):
            for skill in find_skills(line):
                if skill.is_practice and counts[skill] == 1:
                    return skill, line
    return None


def _competency_of(skill: Skill, rubric: Rubric) -> str | None:
    names = {spelling.casefold() for spelling in skill.spellings}
    for competency in rubric.competencies:
        if any(w.casefold() in names for k in competency.keywords for w in (k.word, *k.synonyms)):
            return competency.key
    return None


def _quoted(line: str) -> str:
    plain = " ".join(line.split()).strip(" -•·、，,；;")
    return plain if len(plain) <= _LONGEST_QUOTE else plain[:_LONGEST_QUOTE].rstrip() + "…"
