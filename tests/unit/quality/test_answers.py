"""The labelled answers say what their README promises."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict

import pytest

from app.scoring.rubric import STAR_PARTS
from samples.quality.answers import HALVES, LabelledAnswer, Range, read_answers, read_generalities

ALL = [answer for half in HALVES for answer in read_answers(half)]


def _ranges(answer: LabelledAnswer) -> list[Range]:
    labels = answer.labels
    star = [span for part in STAR_PARTS for span in getattr(labels.star, part)]
    return [*labels.mentions, *labels.motivation, *star]


def test_it_is_as_large_and_as_broad_as_promised() -> None:
    assert len(ALL) >= 120
    assert sum(answer.language == "en" for answer in ALL) >= 20
    assert len({answer.competency for answer in ALL}) >= 8
    assert len({answer.id for answer in ALL}) == len({answer.text for answer in ALL}) == len(ALL)


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.id)
def test_labels_fit_the_text(answer: LabelledAnswer) -> None:
    for span in _ranges(answer):
        assert answer.text[span.start : span.end] == span.text
    words = {keyword.word for keyword in answer.keywords}
    for mention in answer.labels.mentions:
        assert mention.word in words
        assert mention.credited == (mention.reason is None)
        assert (mention.reason == "recited") <= answer.labels.recited
    assert not (answer.labels.vague and answer.labels.recited)


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.id)
def test_no_keyword_is_left_without_a_label(answer: LabelledAnswer) -> None:
    labelled = {at for mention in answer.labels.mentions for at in range(mention.start, mention.end)}
    for keyword in answer.keywords:
        for spelling in (keyword.word, *keyword.synonyms):
            edge = r"(?<![A-Za-z]){}(?![A-Za-z])" if spelling.isascii() else "{}"
            for found in re.finditer(edge.format(re.escape(spelling)), answer.text, re.IGNORECASE):
                assert set(range(*found.span())) <= labelled, f"{spelling} at {found.start()}"


def test_the_halves_are_split_as_the_readme_says() -> None:
    groups: dict[tuple[str, str, str], list[LabelledAnswer]] = defaultdict(list)
    for answer in ALL:
        groups[answer.language, answer.labels.band, answer.kind].append(answer)
    line = [
        answer.id
        for key in sorted(groups)
        for answer in sorted(groups[key], key=lambda one: hashlib.sha256(one.id.encode()).hexdigest())
    ]
    assert {answer.id for answer in read_answers("tuning")} == set(line[0::2])
    assert {answer.id for answer in read_answers("held_out")} == set(line[1::2])
    assert len(read_answers("tuning")) == len(read_answers("held_out"))


def test_the_short_answers_are_split_as_the_readme_says() -> None:
    groups = defaultdict(list)
    every = [answer for half in HALVES for answer in read_generalities(half)]
    for answer in every:
        groups[answer.language, answer.kind].append(answer.id)
    line = [
        name
        for key in sorted(groups)
        for name in sorted(groups[key], key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    ]
    assert [answer.id for answer in read_generalities("tuning")] == line[0::2]
    assert [answer.id for answer in read_generalities("held_out")] == line[1::2]
    assert len(line) == len(set(line)) == len({answer.text for answer in every}) >= 60
