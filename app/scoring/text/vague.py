"""Generalities: sentences that tell how things are, ought to be or usually go, with nothing of one's own beside them.

A sentence is vague when at least half of its clauses are generic and nothing particular excuses it.

- **Generic** is a clause with a habit (一般, 每次, always), a norm (要, 应该, "you have to"), a trait or a valuation
  (责任心, 比较细致, "good at"), a quantity nobody could count (很多, 各方面, "a lot of"), or a hedge or an escape (可能,
  反正, "kind of"); the words are in ``vague_words``.
- **Particular** is what tells something: a detail that could be checked (a number, a name), a result, something that
  happened (我…了, 那天, "she called"). 了 beside a habit or a norm tells of no event (感情到了自然就签了), nor does 了 or
  过 with a quantity nobody could count (发现过很多). It excuses its own sentence, and general talk within two sentences
  of it: what follows a story is its lesson, what precedes it leads to it. A hedge withholds something beside a story
  too, and is excused by its own sentence only.
- So does what is judged elsewhere, for its own sentence: a lack admitted, a question, a quotation, a supposition, what
  others did.

So telling one thing more never makes an answer vaguer, and talk that goes on long after its one detail is still found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.scoring.text import vague_words as say
from app.scoring.text.passages import Hit, Passage
from app.scoring.text.reading import Reading, reading_of
from app.scoring.text.scope import Standing
from app.scoring.text.specificity import find_details
from app.scoring.text.star import find_star

_NEIGHBOURS = 2
_JUDGED_ELSEWHERE: frozenset[Standing] = frozenset({"asked", "quoted", "other"})
_SUPPOSED: frozenset[Standing] = frozenset({"hypothetical"})
_GENERAL: frozenset[Standing] = frozenset({"general"})
_NO_EVENT = _GENERAL | _SUPPOSED | _JUDGED_ELSEWHERE


def find_vague(text: str | Reading) -> list[Hit]:
    """Vague sentences, whole and in order; ``Hit.key`` is what makes the first generic clause so."""
    reading = reading_of(text)
    told, other = _particular_sentences(reading)
    near = {number + step for number in told for step in range(-_NEIGHBOURS, _NEIGHBOURS + 1)} | other
    hits = []
    for number, sentence in enumerate(reading.sentences):
        clauses = reading.clauses[number]
        generic = [word for clause in clauses if (word := _generic(reading, clause)) is not None]
        hedged = say.HEDGE.search(reading.folded, sentence.start, sentence.end)
        excused = number in (told | other if hedged else near)
        if generic and 2 * len(generic) >= len(clauses) and not excused:
            hits.append(Hit(sentence.start, sentence.end, generic[0]))
    return hits


def _generic(reading: Reading, clause: Passage) -> str | None:
    """What makes a clause generic, None when nothing does."""
    for words in (say.HEDGE, say.GENERIC):
        if (found := words.search(reading.folded, clause.start, clause.end)) is not None:
            return found.group()
    return "general" if _stands(reading, clause, _GENERAL) else None


def _particular_sentences(reading: Reading) -> tuple[set[int], set[int]]:
    """Numbers of the sentences that tell something, and of those that are judged elsewhere."""
    results = [hit for hit in find_star(reading) if hit.key == "result"]
    told = {reading.sentence_at(hit.start) for hit in find_details(reading)}
    other: set[int | None] = set()
    for sentence, clause in reading.each_clause():
        if _tells(reading, clause, results):
            told.add(reading.sentence_at(sentence.start))
        elif say.LACK.search(reading.folded, clause.start, clause.end) or _elsewhere(reading, clause):
            other.add(reading.sentence_at(sentence.start))
    return {number for number in told if number is not None}, {n for n in other if n is not None}


def _tells(reading: Reading, clause: Passage, results: Sequence[Hit]) -> bool:
    """Whether something happened here."""

    def said(words: re.Pattern[str]) -> bool:
        return words.search(reading.folded, clause.start, clause.end) is not None

    if said(say.ONCE):
        return True
    if said(say.TIMELESS) or _stands(reading, clause, _NO_EVENT):
        return False
    ended = any(hit.start < clause.end and clause.start < hit.end for hit in results)
    return ended or said(say.DEED) or (said(say.DONE) and not said(say.HEDGE))


def _elsewhere(reading: Reading, clause: Passage) -> bool:
    if _stands(reading, clause, _JUDGED_ELSEWHERE):
        return True
    timeless = say.TIMELESS.search(reading.folded, clause.start, clause.end) is not None
    return _stands(reading, clause, _SUPPOSED) and not timeless


def _stands(reading: Reading, clause: Passage, standings: frozenset[Standing]) -> bool:
    """Whether the clause's last word has one of these standings."""
    end = clause.end
    while end > clause.start + 1 and not reading.folded[end - 1].isalnum():
        end -= 1
    return bool(reading.standings(end - 1, end) & standings)
