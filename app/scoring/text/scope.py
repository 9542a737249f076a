"""What a sentence does with its words: says that they are so, or denies, supposes, intends, asks, quotes them, or tells
them of somebody else.

A sentence is read clause by clause and yields zones: stretches of text with a standing. What lies in no zone is the
candidate's own claim. Standings, and what opens and ends them:

- ``asked``: a sentence that ends in a question mark or in 吗; the whole sentence.
- ``quoted``: what follows 他说, 同事告诉我, 听说, "he told me", up to a clause of the candidate's own; and words in
  quotation marks after a verb of saying or longer than a term. A term in quotation marks is only stressed.
- ``hypothetical``: from 如果, 假如, 要是, "if", "I would", to the end of the sentence or the first clause that goes
  back to facts (但, 其实, 后来, or 我…了/过).
- ``intended``: after 希望, 打算, 想学, 会考虑, "hope to", to the end of the clause.
- ``general``: how things are or ought to be (最重要, 就是要, 应该, "it is important to"), up to a clause that tells what
  the candidate did.
- ``other``: after a person who is not the candidate (同事, 领导, 他, "my manager") and a verb of doing or knowing, to
  the end of the clause or to 我 ("领导让我…", "采纳了我的方案"); clauses without a subject of their own go on with it. And
  what stands before 那是别的组的事, 我没有参与.
- ``denied``: after a denial (没有, 不会, 从未, "never"), 16 characters or 60 Latin letters far at most, to the end of
  the clause or a turn (而是, 却, 改用). Two denials make a claim ("不是没有用过"), and 不仅, 不断, 不到 deny nothing.

Each search is one pass with bounded repetition: candidates write the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.scoring.text import scope_words as say
from app.scoring.text.passages import Passage

Standing = Literal["asked", "quoted", "hypothetical", "intended", "general", "other", "denied"]


@dataclass(frozen=True, order=True)
class Zone:
    """A half-open range of characters with what is done with it."""

    start: int
    end: int
    standing: Standing


def is_denied_after(text: str, start: int, end: int) -> bool:
    """Whether a topic at ``start:end`` is denied by what follows it ("Python我没用过")."""
    after = say.DENIED_AFTER.match(text, end, min(len(text), end + 90))
    return after is not None and not say.EXCEPT.search(text, max(0, start - 20), start)


def is_meant_after(text: str, end: int) -> bool:
    """Whether a topic that ends at ``end`` is only meant to be learnt ("Python我打算以后学")."""
    return say.MEANT_AFTER.match(text, end, min(len(text), end + 40)) is not None


def is_hypothetical(question: str) -> bool:
    """Whether a question asks for what one would do, so that suppositions answer it. ``question`` is folded."""
    return bool(
        re.search(
            r"如果|假如|假设|(?<![主重需只还就])要是|倘若|万一|设想|会怎么|会如何|\bif\b|\bsuppose\b|"
            r"\bimagine\b|\bwould you\b",
            question,
        )
    )


@dataclass
class _State:
    """What a clause leaves to the next one of its sentence."""

    zones: list[Zone] = field(default_factory=list)
    hypothetical: bool = False
    general: bool = False
    quoted: bool = False
    other: bool = False

    def add(self, start: int, end: int, standing: Standing) -> None:
        if start < end:
            self.zones.append(Zone(start, end, standing))


def zones_of(
    folded: str, sentence: Passage, clauses: Sequence[Passage], *, situational: bool = False
) -> list[Zone]:
    """Every zone of a sentence. With ``situational`` (the question was a supposition) suppositions open none."""
    state = _State()
    tail = max(sentence.start, sentence.end - 60)
    if say.ASKED.search(folded, tail, sentence.end) and not say.ASIDE.search(folded, tail, sentence.end):
        state.add(sentence.start, sentence.end, "asked")
    _quotation_marks(state, folded, sentence)
    _disowned(state, folded, sentence)
    for clause in clauses:
        if not situational:
            _supposed(state, folded, clause)
        _generalised(state, folded, clause)
        _reported(state, folded, clause)
        _acting(state, folded, clause)
        if not situational:
            _intended(state, folded, clause)
        _denied(state, folded, clause)
    return sorted(state.zones)


def _quotation_marks(state: _State, folded: str, sentence: Passage) -> None:
    at = sentence.start
    while (opening := say.OPENING.search(folded, at, sentence.end)) is not None:
        start = opening.end()
        close = folded.find(say.CLOSING[opening.group()], start, sentence.end)
        end = sentence.end if close < 0 else close
        said = re.search(
            r"(?:说|讲|问|道|告诉我们?|表示|回答|said|says|told me|asked)\s?[:：,，]?\s?$",
            folded[max(sentence.start, start - 12) : start - 1],
        )
        if said or (
            close >= 0
            and end - start > say.TERM_CHARACTERS
            and folded[start].isalpha()
            and not folded[start].isascii()
        ):
            state.add(start, end, "quoted")
        at = end + 1


def _disowned(state: _State, folded: str, sentence: Passage) -> None:
    """ "预算是财务那边的事": what stands before it was not the candidate's."""
    found = say.DISOWNED.search(folded, sentence.start, sentence.end)
    if found:
        state.add(sentence.start, found.end(), "other")


def _supposed(state: _State, folded: str, clause: Passage) -> None:
    found = say.IF.search(folded, clause.start, clause.end)
    if found:
        start = clause.start if found.group().endswith("的话") else found.start()
        state.add(start, clause.end, "hypothetical")
        state.hypothetical = True
    elif state.hypothetical and say.FACTS_AGAIN.match(folded, clause.start, clause.end):
        state.hypothetical = False
    elif state.hypothetical:
        state.add(clause.start, clause.end, "hypothetical")


def _generalised(state: _State, folded: str, clause: Passage) -> None:
    if say.DEED_AGAIN.search(folded, clause.start, clause.end):
        state.general = False
    elif state.general or say.GENERAL.search(folded, clause.start, clause.end):
        state.add(clause.start, clause.end, "general")
        state.general = True


def _reported(state: _State, folded: str, clause: Passage) -> None:
    found = say.SAYING.search(folded, clause.start, clause.end)
    if found:
        state.add(found.end(), clause.end, "quoted")
        state.quoted = True
    elif state.quoted and say.OWN_AGAIN.match(folded, clause.start, clause.end):
        state.quoted = False
    elif state.quoted:
        state.add(clause.start, clause.end, "quoted")


def _acting(state: _State, folded: str, clause: Passage) -> None:
    """Who does what this clause tells: the candidate (also 我们), or somebody else."""
    start, end = clause.start, clause.end
    person = say.OTHER_ACTS.match(folded, start, end) or say.EN_OTHER_ACTS.match(folded, start, end)
    if person is None and (
        say.OTHER_BY.search(folded, start, end) or say.EN_OTHER_BY.search(folded, start, end)
    ):
        state.add(start, end, "other")
        state.other = False
    elif person:
        to_me = say.TO_ME.match(folded, person.end(), end)
        pivot = (
            to_me
            or say.SELF.search(folded, person.end(), end)
            or say.MINE.search(folded, person.end(), end)
            or say.EN_SELF.search(folded, person.end(), end)
        )
        reach = pivot.start() if pivot else end
        state.other = say.DEED.search(folded, person.end(), min(reach, person.end() + 24)) is not None
        if state.other:
            state.add(person.end(), reach, "other")
        state.other = state.other and pivot is None
    elif say.SELF.search(folded, start, end) or say.EN_SELF.search(folded, start, end):
        state.other = False
    elif state.other and say.GOES_ON.match(folded, start, end):
        state.add(start, end, "other")


def _intended(state: _State, folded: str, clause: Passage) -> None:
    found = say.WILL.search(folded, clause.start, clause.end)
    if found:
        end = say.WILL_ENDS.search(folded, found.end(), clause.end)
        state.add(found.end(), end.start() if end else clause.end, "intended")


def _denied(state: _State, folded: str, clause: Passage) -> None:
    said = folded[clause.start : clause.end]
    for harmless in (say.NO_DENIAL, say.DOUBLE_DENIAL):
        said = harmless.sub(lambda match: "〇" * len(match.group()), said)
    reached = 0
    for denial in say.DENIAL.finditer(said):
        if denial.end() <= reached:
            continue
        latin = denial.group()[0].isascii()
        reached = min(len(said), denial.end() + (say.DENIAL_REACH_LATIN if latin else say.DENIAL_REACH))
        turn = say.DENIAL_ENDS.search(said, denial.end(), reached)
        reached = turn.start() if turn else reached
        state.add(clause.start + denial.end(), clause.start + reached, "denied")
