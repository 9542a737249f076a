"""The words a recogniser may expect in an answer: what the rubric listens for, and what it calls things."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from app.core.catalogue import DEFAULT_LANGUAGE
from app.scoring.rubric import Competency, Question, Rubric

MOST = 200
"""More would make every word a likely one. SeACo-Paraformer itself chooses the 50 closest to each stretch."""


def hotwords_of(rubric: Rubric, question: Question | None) -> tuple[str, ...]:
    """The rubric's keywords, their synonyms and the names of its competencies, those of the question first.

    Every word once, in the order of the rubric, at most ``MOST``. The same rubric and question give the same words, so
    the same recording gives the same transcript.
    """
    asked = set(question.competencies) if question else set()
    order = sorted(rubric.competencies, key=lambda competency: competency.key not in asked)  # stable
    words = dict.fromkeys(
        itertools.chain(
            (word for competency in order for word in _keywords(competency)),
            (competency.name_in(DEFAULT_LANGUAGE) for competency in order),
        )
    )
    return tuple(itertools.islice(words, MOST))


def _keywords(competency: Competency) -> Iterator[str]:
    for keyword in competency.keywords:
        yield keyword.word
        yield from keyword.synonyms
