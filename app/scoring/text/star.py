"""STAR parts of a story by lexical rules: which clause sounds like situation, task, action or result.

A clause gets at most one part (one of more than thirty letters may get several: speech recognition does not always
hear commas), by the first rule that fits, in this order; the words are in ``star_words``:

1. result, said outright: it opens with 结果/最终, or 最后 with an ending (完成, 上线, 达成); "as a result".
2. task: a named duty or aim (我的任务是, 负责, 要求我们); "my task was", "I was in charge of".
3. situation: a time or setting that opens a story (当时, 在上一家公司, 遇到…困难); "at the time", "when I was working".
4. situation, by its measure: what ought to rise fell, or the reverse (销售额下降了两成, 投诉增加了).
5. result, by its measure or its echo: a change verb with a number (提升了百分之六十), an award, a client who signed.
6. action: I or we, or a step word, with a verb of doing (首先…分析了), or a finished deed (我把…, 我…了); "I led". A
   clause without a subject goes on with the deeds of the one before it.
7. situation: any other time or setting (…的时候, …期间).
8. result, by its place: after a deed, a clause with no 我 that tells how things then were (回到了, 理解了, 没再).
9. situation, by its place: a clause that tells what happened or was wrong, once a deed follows.

What is asked, supposed, intended, general or quoted is no part; deeds of others are no action, task or measured result;
what is denied is no action and no task. Place looks back only (9 waits for the deed), so telling more never takes a part
away. These rules hear how a story is told, not whether it is true or good; the report shows the passage so that a
person can judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.scoring.rubric import StarPart
from app.scoring.text import star_words as say
from app.scoring.text.passages import Hit, Passage
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import Standing
from app.scoring.text.scope_words import SELF

_NEVER: frozenset[Standing] = frozenset({"asked", "hypothetical", "intended", "general"})
_NO_TASK: frozenset[Standing] = _NEVER | {"other", "denied"}
_NO_RESULT: frozenset[Standing] = _NEVER | {"quoted"}
_NO_DEED: frozenset[Standing] = _NEVER | {"quoted", "other", "denied"}
_RULES: tuple[tuple[re.Pattern[str], StarPart, frozenset[Standing]], ...] = (
    (say.RESULT_OUTRIGHT, "result", _NO_RESULT),
    (say.TASK, "task", _NO_TASK),
    (say.SITUATION, "situation", _NEVER),
    (say.SITUATION_MEASURED, "situation", _NEVER),
    (say.RESULT_MEASURED, "result", _NO_DEED),
    (say.ACTION, "action", _NO_DEED),
    (say.SITUATION_ASIDE, "situation", _NEVER),
)
_SEVERAL_PARTS_CHARACTERS = 30


@dataclass
class _Story:
    """What has been told so far."""

    acted: bool = False
    acting: bool = False
    sentence: Passage | None = None


def _said(reading: Reading, clause: Passage, pattern: re.Pattern[str], unless: frozenset[Standing]) -> bool:
    """Whether a pattern is claimed here, judged on its last character (the 我 of 要求我 is whom the task is for)."""
    return any(
        not reading.standings(match.end() - 1, match.end()) & unless
        for match in pattern.finditer(reading.folded, clause.start, clause.end)
    )


def _explicit(reading: Reading, clause: Passage) -> list[StarPart]:
    """Parts by rules 1 to 7: the first that fits, or each that fits where a clause is long."""
    several = clause.end - clause.start > _SEVERAL_PARTS_CHARACTERS
    parts: list[StarPart] = []
    for pattern, part, unless in _RULES:
        if part not in parts and (several or not parts) and _said(reading, clause, pattern, unless):
            parts.append(part)
    return parts


def _goes_on(reading: Reading, clause: Passage) -> bool:
    match = say.GOES_ON.match(reading.folded, clause.start, clause.end)
    return match is not None and not reading.standings(match.end() - 1, match.end()) & _NO_DEED


def _parts(reading: Reading, clause: Passage, story: _Story) -> list[StarPart]:
    parts = _explicit(reading, clause)
    if not parts and story.acting and _goes_on(reading, clause):
        parts = ["action"]
    if not parts and story.acted and _said(reading, clause, say.RESULT_AFTER, _NO_RESULT):
        parts = ["result"]
    return parts


def _told(reading: Reading) -> Iterator[tuple[Passage, Passage, list[StarPart]]]:
    """(sentence, clause, parts) in order."""
    story = _Story()
    waiting: list[tuple[Passage, Passage]] = []
    for sentence, clause in reading.each_clause():
        story.acting = story.acting and sentence == story.sentence
        parts = _parts(reading, clause, story)
        if "action" in parts and not story.acted:
            for before, setting in waiting:
                yield before, setting, ["situation"]
        elif not parts and not story.acted and _said(reading, clause, say.SETTING, _NEVER | {"quoted"}):
            waiting.append((sentence, clause))
        story.acted = story.acted or "action" in parts
        own = _said(reading, clause, SELF, _NO_DEED)
        story.acting = bool({"action", "task"} & set(parts)) or own or (story.acting and not parts)
        story.sentence = sentence
        yield sentence, clause, parts


def find_star(text: str | Reading) -> list[Hit]:
    """STAR parts in order, ``Hit.key`` the part: its whole sentence, or its clauses in a sentence of several parts."""
    told: dict[Passage, list[tuple[Passage, StarPart]]] = {}
    for sentence, clause, parts in _told(reading_of(text)):
        told.setdefault(sentence, []).extend((clause, part) for part in parts)
    hits: set[Hit] = set()
    for sentence, found in told.items():
        if len({part for _, part in found}) == 1:
            hits.add(Hit(sentence.start, sentence.end, found[0][1]))
        else:
            hits.update(Hit(clause.start, clause.end, part) for clause, part in found)
    return sorted(hits)
