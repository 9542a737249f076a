"""One answer, read once: what every rule looks at.

``read`` blanks what is no answer (recited and listed words), cuts the rest into sentences and clauses and says what
each sentence does with its words. Rules take a ``Reading`` or a plain text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from app.core.signals import Word
from app.scoring.text.lexicon import Lexicon
from app.scoring.text.passages import Hit, Passage, blanked, fold, split_clauses, split_sentences
from app.scoring.text.recited import Recital, find_formal, find_lists
from app.scoring.text.scope import Standing, Zone, zones_of


@dataclass(frozen=True)
class Reading:
    """``text`` as it counts (same length as what was said), folded, and cut; ``left_out`` is what does not count."""

    text: str
    folded: str
    sentences: tuple[Passage, ...]
    clauses: tuple[tuple[Passage, ...], ...]
    zones: tuple[tuple[Zone, ...], ...]
    words: tuple[Word, ...] = ()
    left_out: tuple[Hit, ...] = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    def sentence_at(self, place: int) -> int | None:
        """The number of the sentence that holds a character, None between sentences."""
        number = bisect_right(self._starts, place) - 1
        return number if number >= 0 and place < self.sentences[number].end else None

    @cached_property
    def _covered(self) -> dict[Standing, tuple[list[int], list[int]]]:
        """For each standing the starts and ends of its zones, in order and joined where they touch."""
        covered: dict[Standing, tuple[list[int], list[int]]] = {}
        for zone in sorted(zone for zones in self.zones for zone in zones):
            starts, ends = covered.setdefault(zone.standing, ([], []))
            if ends and zone.start <= ends[-1]:
                ends[-1] = max(ends[-1], zone.end)
            else:
                starts.append(zone.start)
                ends.append(zone.end)
        return covered

    def standings(self, start: int, end: int) -> set[Standing]:
        """What is done with a place: the standings of every zone it lies in. Empty: the candidate's own claim."""
        found: set[Standing] = set()
        for standing, (starts, ends) in self._covered.items():
            number = bisect_right(starts, start) - 1
            if number >= 0 and end <= ends[number]:
                found.add(standing)
        return found

    def each_clause(self) -> Iterator[tuple[Passage, Passage]]:
        """(sentence, clause) in order."""
        for sentence, clauses in zip(self.sentences, self.clauses, strict=True):
            for clause in clauses:
                yield sentence, clause


def read(
    text: str,
    *,
    words: Sequence[Word] = (),
    recital: Recital | None = None,
    listing: Lexicon | None = None,
    situational: bool = False,
) -> Reading:
    """Read an answer. ``recital`` and ``listing`` know the rubric's words; without them nothing is left out.

    ``words`` are the stored segmentation of the same text; any that do not match it are ignored.
    """
    left_out: list[Hit] = []
    for find in _left_out_by(recital, listing):
        found = find(text)
        left_out += found
        text = blanked(text, [Passage(hit.start, hit.end) for hit in found]) if found else text
    folded = fold(text)
    sentences = split_sentences(text)
    clauses = [tuple(split_clauses(text, sentence)) for sentence in sentences]
    zones = [
        tuple(zones_of(folded, sentence, parts, situational=situational))
        for sentence, parts in zip(sentences, clauses, strict=True)
    ]
    fitting = tuple(word for word in words if text[word.char_start : word.char_end] == word.text)
    return Reading(
        text, folded, tuple(sentences), tuple(clauses), tuple(zones), fitting, tuple(sorted(left_out))
    )


def reading_of(text: str | Reading) -> Reading:
    """A reading as it is; a plain text read by itself."""
    return text if isinstance(text, Reading) else read(text)


def _left_out_by(recital: Recital | None, listing: Lexicon | None) -> list[Callable[[str], list[Hit]]]:
    finders: list[Callable[[str], list[Hit]]] = []
    if recital is not None:
        finders += [recital.find, find_formal]
    if listing is not None:
        finders.append(partial(find_lists, lexicon=listing))
    return finders
