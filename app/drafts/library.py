"""What drafts are made of: competencies, families of jobs, skills, words about protected attributes.

Plain JSON under ``data/``, written for this product; ``tests/unit/drafts`` holds its rules.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Language = str
_DATA = Path(__file__).parent / "data"
PROFESSIONAL = "professional"
"""The key of the competency that is made of the skills a description names."""


@dataclass(frozen=True)
class Blueprint:
    """A competency as the library knows it. ``keywords``: the word, then its synonyms; ``levels`` anchor 3, 6, 9."""

    key: str
    name: dict[Language, str]
    communication: bool
    cues: dict[Language, re.Pattern[str]]
    keywords: dict[Language, list[list[str]]]
    levels: dict[Language, list[str]]
    questions: dict[Language, list[tuple[str, str]]]


@dataclass(frozen=True)
class Family:
    """A family of jobs: how its titles sound, what it usually asks for, in parts."""

    key: str
    name: dict[Language, str]
    is_template: bool
    titles: dict[Language, re.Pattern[str] | None]
    weak_titles: dict[Language, re.Pattern[str] | None]
    base: dict[str, int]
    professional_name: dict[Language, str]
    professional_weight: int
    professional_keywords: dict[Language, list[list[str]]]


@dataclass(frozen=True, eq=False)
class Skill:
    """A named skill. ``spellings`` are all ways to write it, the shown one of each language included."""

    group: str
    name: dict[Language, str]
    spellings: tuple[str, ...]

    @property
    def is_practice(self) -> bool:
        """Whether one can ask for a project done with it (a language or a certificate is held, not practised)."""
        return self.group not in {"language", "certificate"}


def _load(name: str) -> Any:
    return json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))


def spelling_pattern(spellings: list[str] | tuple[str, ...]) -> str:
    """Longest first; Latin edges only at word boundaries. Chinese around a Latin word is a boundary too."""
    parts = []
    for spelling in sorted(set(spellings), key=lambda s: (-len(s), s)):
        left = r"(?<![A-Za-z0-9])" if spelling[0].isascii() and spelling[0].isalnum() else ""
        right = r"(?![A-Za-z0-9])" if spelling[-1].isascii() and spelling[-1].isalnum() else ""
        parts.append(left + re.escape(spelling) + right)
    # Looking at the first character alone spares most places of a text the long alternation.
    firsts = "".join(sorted({re.escape(c) for s in spellings for c in (s[0].lower(), s[0].upper())}))
    return f"(?=[{firsts}])(?:{'|'.join(parts)})"


def _cues(words: list[str], language: Language) -> re.Pattern[str]:
    if language == "en":
        return re.compile(r"(?<![a-z])(?:" + "|".join(re.escape(word) for word in words) + ")", re.IGNORECASE)
    return re.compile(spelling_pattern(words), re.IGNORECASE)


@cache
def blueprints() -> dict[str, Blueprint]:
    """Every competency of the library by key, in its order."""
    return {
        item["key"]: Blueprint(
            key=item["key"],
            name=item["name"],
            communication=item.get("communication", False),
            cues={language: _cues(words, language) for language, words in item["cues"].items()},
            keywords=item["keywords"],
            levels=item["levels"],
            questions={
                language: [(text, plainer) for text, plainer in pairs]
                for language, pairs in item["questions"].items()
            },
        )
        for item in _load("competencies")
    }


def _titles(words: dict[Language, list[str]]) -> dict[Language, re.Pattern[str] | None]:
    return {language: _cues(some, language) if some else None for language, some in words.items()}


@cache
def families() -> dict[str, Family]:
    """Every family by key; ``general`` is last and has no titles."""
    return {
        item["key"]: Family(
            key=item["key"],
            name=item["name"],
            is_template=item["template"],
            titles=_titles(item["titles"]),
            weak_titles=_titles(item.get("weak_titles", {})),
            base=item["base"],
            professional_name=item["professional"]["name"],
            professional_weight=item["professional"]["weight"],
            professional_keywords=item["professional"]["keywords"],
        )
        for item in _load("families")
    }


def _skill(group: str, line: str) -> Skill:
    shown, *others = line.split("|")
    chinese, _, english = shown.partition("=")
    names = {"zh-CN": chinese, "en": english or chinese}
    return Skill(group, names, tuple(dict.fromkeys([chinese, *([english] if english else []), *others])))


@cache
def skills() -> tuple[Skill, ...]:
    """Every skill of the dictionary."""
    return tuple(_skill(item["group"], line) for item in _load("skills") for line in item["skills"])


@cache
def skill_pattern() -> tuple[re.Pattern[str], dict[str, Skill]]:
    """One pattern over all spellings and the skill of each (casefolded) spelling."""
    by_spelling: dict[str, Skill] = {}
    for skill in skills():
        for spelling in skill.spellings:
            by_spelling.setdefault(spelling.casefold(), skill)
    spellings = [spelling for skill in skills() for spelling in skill.spellings]
    return re.compile(spelling_pattern(spellings), re.IGNORECASE), by_spelling


@cache
def protected_patterns() -> dict[Language, list[tuple[str, re.Pattern[str]]]]:
    """(category, pattern) of words that single people out by a protected attribute, by language."""
    found: dict[Language, list[tuple[str, re.Pattern[str]]]] = {"zh-CN": [], "en": []}
    for item in _load("protected"):
        for language, patterns in found.items():
            patterns.append((item["category"], re.compile("|".join(item[language]), re.IGNORECASE)))
    return found


def find_skills(text: str) -> list[Skill]:
    """Skills named in a text, each once, in order of appearance."""
    pattern, by_spelling = skill_pattern()
    found = (by_spelling[match.group().casefold()] for match in pattern.finditer(text))
    return list(dict.fromkeys(skill for skill in found))


def family_of_title(title: str, language: Language) -> Family | None:
    """The family of a job title, None when no word of it is known.

    The longest title word wins, then the one that stands later, then the earlier family. Words that many families
    share ("经理", "engineer") count only where no other is found.
    """
    tongues = (language, "en" if language == "zh-CN" else "zh-CN")
    for strong in (True, False):
        best: tuple[tuple[int, int, int], Family] | None = None
        for number, family in enumerate(families().values()):
            for tongue in tongues:
                pattern = (family.titles if strong else family.weak_titles).get(tongue)
                for match in pattern.finditer(f"{title} ") if pattern else ():
                    rank = (len(match.group()), match.end(), -number)
                    if best is None or rank > best[0]:
                        best = (rank, family)
        if best is not None:
            return best[1]
    return None
