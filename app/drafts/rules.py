"""A draft competency model by rules (F3): no clock, no chance, no network, linear in the text.

1. The title names the family of jobs; a family brings its usual competencies with parts.
2. Every line of the description that asks for a competency adds parts: 5 in a requirement, 4 in a duty, 2 where it is
   only preferred, at most 15 for one competency. Lines about pay and the company add nothing.
3. Named skills and terms of the trade become the keywords of a professional competency.
4. The four to six strongest stay, what a line asks for before what is merely usual; a title that leads people asks for
   leadership. Weights are whole multiples of 5 %, at least 10 % each, and make 100 %.
5. Every competency gets a question; the first asks for the closest experience to the main duty.

What singles people out by a protected attribute was taken out before any of this (``reading``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.catalogue import text as words
from app.drafts.documents import DraftLanguage, Ground, NoteCode, PositionDraft
from app.drafts.facts import facts_of
from app.drafts.library import PROFESSIONAL, Family, Skill, blueprints, families, family_of_title, find_skills
from app.drafts.reading import Posting, find_protected
from app.drafts.terms import terms_of
from app.scoring.rubric import WHOLE_BASIS_POINTS, Competency, Keyword, Level, Question, Rubric
from app.scoring.shares import largest_remainder

_PARTS = {"requirements": 5, "duties": 4, "unknown": 4, "other": 0}
_PREFERRED_PARTS = 2
_MOST_PARTS = 15
_LEAST_PARTS = 8
_FEWEST, _MOST = 4, 6
_USUAL_PARTS = 12
"""A competency that no line asks for stays only when it is this usual for the family."""
_UNIT = 500
_LEAST_UNITS = 2
_MOST_QUOTES = 3
_LEADER_PARTS = 14
_LEADS = re.compile(
    r"主管|总监|负责人|组长|店长|部长|班长|\b(?:head of|director|supervisor|team lead(?:er)?|leader)\b",
    re.IGNORECASE,
)
"""Titles of people who lead others; "经理" and "manager" often lead nobody."""
_MOST_SKILLS, _ENOUGH_KEYWORDS, _MOST_KEYWORDS = 12, 4, 14
_MAX_SECONDS = 180
_LONGEST_TOLD = 2000
_THIN_CHARACTERS = 60
_GRADUATES = re.compile(
    r"应届|校招|校园招聘|实习|毕业生|管培|管理培训生|"
    r"\b(?:graduate (?:programme|program|scheme)|intern(?:ship)?|entry[- ]level)\b",
    re.I,
)
_DUTY_VERB = re.compile(r"^(?:主要)?(?:全面)?(?:负责|参与|协助|主导|承担|完成|独立|按照|根据)")
_LEVEL_SCORES = (3, 6, 9)
_TOOLS = frozenset({"software", "hardware", "data", "design"})
"""Groups of skills one makes projects *with*."""


@dataclass
class _Wanted:
    """A competency on its way into the draft."""

    key: str
    parts: int
    quotes: list[str]


def draft_position(posting: Posting, *, most_seconds: int) -> PositionDraft:
    """A draft from a description that was read. No question allows more than ``most_seconds``."""
    language = posting.language
    family = _family(posting)
    named = (skill for line in posting.lines if line.section != "other" for skill in find_skills(line.text))
    skills = [skill for skill in dict.fromkeys(named) if skill.is_practice]
    terms = terms_of(posting.lines, language)
    wanted = _chosen(family, posting, skills, terms)
    rubric = _rubric(wanted, family, skills=skills, terms=terms, posting=posting, most_seconds=most_seconds)
    return PositionDraft(
        language=language,
        family=family.key,
        title=_clean_title(posting, family),
        description=posting.text,
        rubric=rubric,
        grounds=[Ground(competency=one.key, quotes=one.quotes) for one in wanted],
        facts=facts_of(posting.lines, posting.whole, language),
        flags=list(posting.flags),
        notes=_notes(posting, family, wanted, skills, terms),
    )


def told_description(description: str) -> str | None:
    """What a rubric keeps of a description, so that reciting it is told from answering."""
    return description.strip()[:_LONGEST_TOLD].strip() or None


def draft_from_template(key: str, language: DraftLanguage, *, most_seconds: int) -> PositionDraft:
    """The usual draft of a family, usable at once (F2). KeyError for an unknown one."""
    family = families()[key]
    posting = Posting(language=language, title=family.name[language], text="", whole="", lines=())
    draft = draft_position(posting, most_seconds=most_seconds)
    return draft.model_copy(update={"notes": ["template"]})


def _clean_title(posting: Posting, family: Family) -> str:
    """The title, unless it singles people out ("前台（女）"): then without those words, else the family's name."""
    title = posting.title or family.name[posting.language]
    kept, flags = find_protected(title, posting.language)
    return (kept if flags and kept else family.name[posting.language] if flags else title)[:80]


def _family(posting: Posting) -> Family:
    found = family_of_title(posting.title, posting.language) if posting.title else None
    if found is None:
        for line in posting.lines[:3]:
            found = found or family_of_title(line.text[:40], posting.language)
    return found or families()["general"]


def _chosen(family: Family, posting: Posting, skills: Sequence[Skill], terms: Sequence[str]) -> list[_Wanted]:
    """The competencies of the draft, strongest first."""
    lines, language = posting.lines, posting.language
    found: list[_Wanted] = []
    title = lines[0].text if lines and lines[0].section == "unknown" and len(lines) > 3 else None
    for key, blueprint in blueprints().items():
        asked, quotes = 0, []
        heard: set[str] = set()
        for line in lines:
            new = {match.group().casefold() for match in blueprint.cues[language].finditer(line.text)} - heard
            if new and line.section != "other" and line.text != title:
                heard |= new
                asked += _PREFERRED_PARTS if line.preferred else _PARTS[line.section]
                quotes.append(line.text[:120])
        if key == "leadership" and _LEADS.search(posting.title or ""):
            asked, quotes = asked + _LEADER_PARTS, [posting.title or "", *quotes]
        parts = family.base.get(key, 0) + min(asked, _MOST_PARTS)
        found.append(_Wanted(key, parts, quotes[:_MOST_QUOTES]))
    named = 3 * len(skills) + 2 * len(terms)
    parts = family.professional_weight + min(named, _MOST_PARTS)
    found.append(_Wanted(PROFESSIONAL, parts, [_listed(skills, terms, language)] if named else []))
    # What a line asks for goes before what is merely usual.
    ranked = sorted((one for one in found if one.parts), key=lambda one: -(one.parts + 4 * bool(one.quotes)))
    strong = [one for one in ranked if one.parts >= (_LEAST_PARTS if one.quotes else _USUAL_PARTS)][:_MOST]
    return strong if len(strong) >= _FEWEST else ranked[:_FEWEST]


def _listed(skills: Sequence[Skill], terms: Sequence[str], language: DraftLanguage) -> str:
    names = [*(skill.name[language] for skill in skills), *terms]
    return ("、" if language == "zh-CN" else ", ").join(names[:_MOST_SKILLS])[:120]


def _rubric(
    wanted: Sequence[_Wanted],
    family: Family,
    *,
    skills: Sequence[Skill],
    terms: Sequence[str],
    posting: Posting,
    most_seconds: int,
) -> Rubric:
    language = posting.language
    competencies, pairs = [], {}
    for one, units in zip(wanted, _units([one.parts for one in wanted]), strict=True):
        weight = units * _UNIT
        if one.key == PROFESSIONAL:
            competencies.append(_professional(family, language, weight, skills, terms))
            pairs[one.key] = _professional_questions(family, language, skills)
        else:
            competencies.append(_from_library(one.key, language, weight))
            pairs[one.key] = blueprints()[one.key].questions[language]
    questions = _questions(competencies, pairs, language, posting, min(_MAX_SECONDS, most_seconds))
    return Rubric(competencies=competencies, questions=questions, description=told_description(posting.text))


def _units(parts: Sequence[int]) -> list[int]:
    """Weights in units of 5 % in proportion to parts, at least two each: who has most gives what is missing."""
    units = largest_remainder(WHOLE_BASIS_POINTS // _UNIT, parts)
    while min(units) < _LEAST_UNITS:
        units[units.index(min(units))] += 1
        units[units.index(max(units))] -= 1
    return units


def _keywords(groups: Sequence[Sequence[str]]) -> list[Keyword]:
    """Keywords from (word, synonym, ...) groups; a spelling that came before is left out."""
    seen: set[str] = set()
    made = []
    for group in groups:
        fresh = [w for w in dict.fromkeys(group) if w.casefold() not in seen and len(w) <= 80]
        distinct = list({word.casefold(): word for word in reversed(fresh)}.values())[::-1]
        seen |= {word.casefold() for word in distinct}
        if distinct:
            made.append(Keyword(word=distinct[0], synonyms=distinct[1:]))
    return made[:_MOST_KEYWORDS]


def _levels(anchors: Sequence[str]) -> list[Level]:
    return [Level(score=score, text=anchor) for score, anchor in zip(_LEVEL_SCORES, anchors, strict=True)]


def _from_library(key: str, language: DraftLanguage, weight: int) -> Competency:
    blueprint = blueprints()[key]
    return Competency(
        key=key,
        name=blueprint.name,
        weight=weight,
        communication=blueprint.communication,
        levels=_levels(blueprint.levels[language]),
        keywords=_keywords(blueprint.keywords[language]),
    )


def _professional(
    family: Family, language: DraftLanguage, weight: int, skills: Sequence[Skill], terms: Sequence[str]
) -> Competency:
    groups = [[skill.name[language], *skill.spellings] for skill in skills[:_MOST_SKILLS]]
    groups += [[term] for term in terms]
    if len(groups) < _ENOUGH_KEYWORDS:
        groups += family.professional_keywords[language]
    return Competency(
        key=PROFESSIONAL,
        name=family.professional_name,
        weight=weight,
        levels=_levels([words(language, f"drafts.professional.levels.{n}") for n in _LEVEL_SCORES]),
        keywords=_keywords(groups),
    )


def _professional_questions(
    family: Family, language: DraftLanguage, skills: Sequence[Skill]
) -> list[tuple[str, str]]:
    join = words(language, "drafts.professional.and")
    if not skills:
        name = family.professional_name[language]
        names = {"name": name[0].lower() + name[1:]}
        return [
            (
                words(language, "drafts.professional.general", **names),
                words(language, "drafts.professional.general_plain"),
            )
        ]
    made: list[tuple[str, str]] = []
    for some in (skills[:2], skills[2:4])[: 2 if len(skills) > 3 else 1]:
        named = {"skills": join.join(skill.name[language] for skill in some)}
        kind = "hardest" if made else "project" if all(skill.group in _TOOLS for skill in some) else "work"
        made.append(
            (
                words(language, f"drafts.professional.{kind}", **named),
                words(language, f"drafts.professional.{kind}_plain", **named),
            )
        )
    return made


def _questions(
    competencies: Sequence[Competency],
    pairs: dict[str, list[tuple[str, str]]],
    language: DraftLanguage,
    posting: Posting,
    seconds: int,
) -> list[Question]:
    made: list[Question] = []

    def ask(name: str, pair: tuple[str, str], keys: list[str]) -> None:
        text, plainer = pair
        made.append(
            Question(id=name, text=text, plainer_text=plainer, competencies=keys, max_seconds=seconds)
        )

    if _GRADUATES.search(posting.text):
        icebreaker = (words(language, "drafts.icebreaker.text"), words(language, "drafts.icebreaker.plain"))
        ask("icebreaker", icebreaker, [])
    if duty := _main_duty(posting):
        closest = [words(language, f"drafts.closest.{part}", duty=duty) for part in ("text", "plain")]
        ask("closest-experience", (closest[0], closest[1]), [_asked_by(duty, competencies, language)])
    for place, competency in enumerate(competencies):
        for number, pair in enumerate(pairs[competency.key][: 2 if place == 0 and not duty else 1], 1):
            ask(f"{competency.key}-{number}", pair, [competency.key])
    return made


def _asked_by(duty: str, competencies: Sequence[Competency], language: DraftLanguage) -> str:
    """The competency whose cues the duty holds most of; the professional one, else the first, when it holds none."""
    known = blueprints()
    cues = {c.key: len(known[c.key].cues[language].findall(duty)) for c in competencies if c.key in known}
    best = max(cues, key=lambda key: cues[key], default=None)
    if best is not None and cues[best]:
        return best
    keys = [competency.key for competency in competencies]
    return PROFESSIONAL if PROFESSIONAL in keys else keys[0]


def _main_duty(posting: Posting) -> str | None:
    """The first duty that is short enough to quote; its first clauses when it is long."""
    longest = 40 if posting.language == "zh-CN" else 110
    least = 6 if posting.language == "zh-CN" else 20
    for line in posting.lines:
        opens = _DUTY_VERB.match(line.text)
        if line.section != "duties" and not (line.section == "unknown" and opens):
            continue
        duty = line.text.strip(" 。；;.")
        if len(duty) > longest:
            cut = re.split(r"[，,；;。]|\.\s", duty, maxsplit=1)[0]
            duty = cut if len(cut) <= longest else ""
        if len(duty) >= least and not re.search(r"上级|领导交办|其他工作|其它|other duties", duty):
            return duty.replace("“", "").replace("”", "")
    return None


def _notes(
    posting: Posting, family: Family, wanted: Sequence[_Wanted], skills: Sequence[Skill], terms: Sequence[str]
) -> list[NoteCode]:
    notes: list[NoteCode] = []
    recognised = family.key != "general" or skills or any(one.quotes for one in wanted)
    asked_sections = posting.sections & {"requirements", "unknown"}
    if not recognised:
        notes.append("nothing_recognised")
    elif len(posting.text) < _THIN_CHARACTERS:
        notes.append("thin")
    elif (
        "requirements" not in posting.sections
        and not (skills or terms)
        and not ("unknown" in asked_sections and len(posting.lines) > 3)
    ):
        notes.append("no_requirements")
    if posting.flags:
        notes.append("protected_removed")
    if posting.had_formatting:
        notes.append("formatting_removed")
    return notes
