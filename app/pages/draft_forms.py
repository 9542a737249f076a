"""A draft as a form: what its fields are called, and what a person's edits make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from app.drafts.documents import PositionDraft
from app.drafts.rules import told_description
from app.drafts.wording import plainer
from app.scoring.rubric import STAR_PARTS, WHOLE_BASIS_POINTS, Competency, Question, Rubric
from app.scoring.shares import largest_remainder

LEVELS = (3, 6, 9)
_MOST = 30
_KEYWORD = re.compile(r"[:：]")
_SYNONYMS = re.compile(r"[、,，;；]")


@dataclass
class CompetencyFields:
    """One competency as it stands in the form."""

    key: str
    name: str
    other_name: str
    weight: str
    communication: bool
    star: list[str]
    keywords: str
    levels: dict[int, str]
    quotes: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The keywords without their synonyms, on one line."""
        return " · ".join(keyword["word"] for keyword in _keywords(self.keywords))


@dataclass
class QuestionFields:
    """One question as it stands in the form."""

    id: str
    text: str
    plainer: str
    competencies: list[str]
    seconds: str
    warm_up: bool = False


@dataclass
class DraftFields:
    """The whole form. ``problems`` are (word of the catalogue, its parameters)."""

    title: str
    description: str
    competencies: list[CompetencyFields]
    questions: list[QuestionFields]
    problems: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def total(self) -> str:
        """The sum of the weights, in per cent."""
        return percent(sum(_basis_points(one.weight) or 0 for one in self.competencies))


def percent(basis_points: int) -> str:
    """``2500`` as ``25`` and ``2550`` as ``25.5``."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


def fields_of(draft: PositionDraft) -> DraftFields:
    """The form of a draft."""
    other = "en" if draft.language == "zh-CN" else "zh-CN"
    quotes = {ground.competency: ground.quotes for ground in draft.grounds}
    return DraftFields(
        title=draft.title,
        description=draft.description,
        competencies=[
            CompetencyFields(
                key=one.key,
                name=one.name_in(draft.language),
                other_name=one.name.get(other, ""),
                weight=percent(one.weight),
                communication=one.communication,
                star=list(one.star),
                keywords=_written(one, "、" if draft.language == "zh-CN" else ", "),
                levels={level: _anchor(one, level) for level in LEVELS},
                quotes=quotes.get(one.key, []),
            )
            for one in draft.rubric.competencies
        ],
        questions=[
            QuestionFields(
                one.id,
                one.text,
                one.plainer_text or "",
                list(one.competencies),
                str(one.max_seconds),
                bool(one.warm_up),
            )
            for one in draft.rubric.questions
        ],
    )


def fields_from(form: MultiDict[str, str], draft: PositionDraft) -> DraftFields:
    """The form as it was sent; removed rows are gone, the blank rows count when something is in them."""
    quotes = {ground.competency: ground.quotes for ground in draft.grounds}
    competencies, questions = [], []
    for place in _places(form, "c"):
        key = form.get(f"c{place}-key", "") or f"c{place}"
        if form.get(f"c{place}-remove") or not form.get(f"c{place}-name", "").strip():
            continue
        competencies.append(
            CompetencyFields(
                key=key,
                name=form.get(f"c{place}-name", "").strip(),
                other_name=form.get(f"c{place}-other", "").strip(),
                weight=form.get(f"c{place}-weight", "").strip(),
                communication=bool(form.get(f"c{place}-communication")),
                star=[part for part in STAR_PARTS if part in form.getlist(f"c{place}-star")],
                keywords=form.get(f"c{place}-keywords", ""),
                levels={level: form.get(f"c{place}-level-{level}", "").strip() for level in LEVELS},
                quotes=quotes.get(key, []),
            )
        )
    kept = {one.key for one in competencies}
    for place in _places(form, "q"):
        if form.get(f"q{place}-remove") or not form.get(f"q{place}-text", "").strip():
            continue
        warm_up = bool(form.get(f"q{place}-warm_up"))
        asks_for = [] if warm_up else form.getlist(f"q{place}-competencies")
        questions.append(
            QuestionFields(
                id=form.get(f"q{place}-id", "") or f"question-{place}",
                text=form.get(f"q{place}-text", "").strip(),
                plainer=form.get(f"q{place}-plainer", "").strip(),
                competencies=[key for key in asks_for if key in kept],
                seconds=form.get(f"q{place}-seconds", "180").strip(),
                warm_up=warm_up,
            )
        )
    questions.sort(key=lambda one: not one.warm_up)  # it comes first
    return DraftFields(
        title=form.get("title", "").strip()[:80],
        description=form.get("description", "").strip(),
        competencies=competencies,
        questions=questions,
    )


def balanced(fields: DraftFields) -> None:
    """Make the weights sum to 100 % in proportion."""
    given = [max(_basis_points(one.weight) or 0, 0) for one in fields.competencies]
    if given:
        shares = largest_remainder(WHOLE_BASIS_POINTS // 100, given if any(given) else [1] * len(given))
        for one, share in zip(fields.competencies, shares, strict=True):
            one.weight = percent(share * 100)


def rubric_from(fields: DraftFields, draft: PositionDraft) -> Rubric | None:
    """The rubric the form describes; None, and ``fields.problems``, when it does not hold together."""
    problems = fields.problems
    weights = [_basis_points(one.weight) for one in fields.competencies]
    if not fields.title:
        problems.append(("title", {}))
    if not fields.competencies or not fields.questions:
        problems.append(("nothing", {}))
    if any(weight is None or weight <= 0 for weight in weights):
        problems.append(("weight", {}))
    elif fields.competencies and sum(weight or 0 for weight in weights) != WHOLE_BASIS_POINTS:
        problems.append(("total", {"total": fields.total}))
    asked = {key for question in fields.questions for key in question.competencies}
    if unasked := [one.name for one in fields.competencies if one.key not in asked]:
        problems.append(("unasked", {"names": " / ".join(unasked)}))
    if deaf := [one.name for one in fields.competencies if not one.keywords.strip() and not one.star]:
        problems.append(("deaf", {"names": " / ".join(deaf)}))
    if problems:
        return None
    try:
        return Rubric.model_validate(
            {
                "competencies": [
                    _competency(one, weight, draft)
                    for one, weight in zip(fields.competencies, weights, strict=True)
                ],
                "questions": [_question(one, draft) for one in fields.questions],
                "description": told_description(fields.description),
            }
        )
    except ValidationError as error:
        problems.append(("other", {"problem": str(error.errors()[0]["msg"])[:200]}))
        return None


def _places(form: MultiDict[str, str], letter: str) -> list[int]:
    found = {
        int(match[1]) for name in form if (match := re.fullmatch(rf"{letter}(\d{{1,3}})-\w+(?:-\d+)?", name))
    }
    return sorted(found)[: _MOST * 4]


def _basis_points(weight: str) -> int | None:
    try:
        value = Decimal(weight.rstrip("%％ ")) * 100
    except InvalidOperation:
        return None
    return (
        int(value)
        if value.is_finite() and value == value.to_integral_value() and abs(value) < 10**6
        else None
    )


def _written(one: Competency, separator: str) -> str:
    colon = "：" if separator == "、" else ": "
    return "\n".join(
        keyword.word + (colon + separator.join(keyword.synonyms) if keyword.synonyms else "")
        for keyword in one.keywords
    )


def _anchor(one: Competency, score: int) -> str:
    return next((level.text for level in one.levels if level.score == score), "")


def _keywords(written: str) -> list[dict[str, Any]]:
    """Lines of ``word: synonym, synonym``; a spelling that came before is left out."""
    seen: set[str] = set()
    made: list[dict[str, Any]] = []
    for line in written.splitlines():
        word, *rest = _KEYWORD.split(line, maxsplit=1)
        fresh = []
        for spelling in (part.strip() for part in [word, *_SYNONYMS.split(rest[0] if rest else "")]):
            if spelling and spelling.casefold() not in seen:
                seen.add(spelling.casefold())
                fresh.append(spelling)
        if fresh:
            made.append({"word": fresh[0], "synonyms": fresh[1:]})
    return made


def _competency(one: CompetencyFields, weight: int | None, draft: PositionDraft) -> dict[str, Any]:
    other = "en" if draft.language == "zh-CN" else "zh-CN"
    return {
        "key": one.key,
        "name": {draft.language: one.name, other: one.other_name or one.name},
        "weight": weight,
        "communication": one.communication,
        "star": one.star,
        "keywords": _keywords(one.keywords),
        "levels": [{"score": score, "text": text} for score, text in one.levels.items() if text],
    }


def _question(one: QuestionFields, draft: PositionDraft) -> dict[str, Any]:
    known: dict[str, Question] = {question.id: question for question in draft.rubric.questions}
    before = known[one.id].model_dump(mode="json") if one.id in known else {}
    return {
        **before,
        "id": one.id,
        "text": one.text,
        "plainer_text": one.plainer or plainer(one.text, draft.language),
        "competencies": one.competencies,
        "warm_up": one.warm_up or None,
        "max_seconds": int(one.seconds) if one.seconds.isascii() and one.seconds.isdigit() else 180,
    }
