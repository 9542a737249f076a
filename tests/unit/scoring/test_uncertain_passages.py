"""A passage that was heard too badly is no ground for points, and stays to be read (A8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring.answers import Transcript, display_transcript, read_transcript
from app.scoring.policy import ScoringPolicy
from app.scoring.score import score_interview
from app.scoring.text.passages import split_sentences
from app.scoring.text.specificity import find_details
from tests.unit.scoring.builders import STORY, rubric, speech, spoken, with_modality

SENTENCES = split_sentences(STORY)


def heard(uncertain: frozenset[int]) -> object:
    return read_transcript(with_modality(spoken("q", STORY), speech(STORY, uncertain=uncertain)))


def test_what_was_said_badly_brings_nothing() -> None:
    certain = heard(frozenset())
    assert isinstance(certain, Transcript) and certain.uncertain == ()
    detail = find_details(certain.text)[0]
    number = next(n for n, s in enumerate(SENTENCES) if s.start <= detail.start < s.end)
    unsure = heard(frozenset({number}))
    assert isinstance(unsure, Transcript)
    assert all(
        not (SENTENCES[number].start <= hit.start < SENTENCES[number].end)
        for hit in find_details(unsure.text)
    )
    assert len(unsure.sentences) == len(certain.sentences) - 1


@given(st.frozensets(st.integers(0, len(SENTENCES) - 1)))
def test_the_rest_stays_where_it_was(uncertain: frozenset[int]) -> None:
    """Every certain character keeps its place, so evidence keeps its time; uncertain ones are gone."""
    read = heard(uncertain)
    if len(uncertain) == len(SENTENCES):
        assert read == ("low_confidence", None)
        return
    assert isinstance(read, Transcript) and len(read.text) == len(STORY)
    for number, sentence in enumerate(SENTENCES):
        said = STORY[sentence.start : sentence.end]
        assert read.text[sentence.start : sentence.end] == ("\n" * len(said) if number in uncertain else said)


@pytest.mark.parametrize("uncertain", [frozenset(), frozenset({0}), frozenset(range(len(SENTENCES)))])
def test_a_person_still_reads_all_of_it(uncertain: frozenset[int]) -> None:
    answer = with_modality(spoken("q", STORY), speech(STORY, uncertain=uncertain))
    shown = display_transcript(answer)
    assert shown is not None and shown.text == STORY
    assert [part.start for part in shown.uncertain] == [SENTENCES[n].start for n in sorted(uncertain)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("好的。" + STORY, "low_confidence"), ("好的。谢谢您。", "too_little")],
)
def test_who_was_not_heard_is_not_told_to_say_more(text: str, reason: str) -> None:
    """Only the first sentence was heard: what is left is too little, but the answer was not unless it is short itself."""
    unsure = frozenset(range(1, len(split_sentences(text))))
    answer = with_modality(spoken("difficulty", text), speech(text, uncertain=unsure))
    abstention = score_interview(rubric(), [answer], ScoringPolicy()).competency("analysis").abstention
    assert abstention is not None and abstention.reason == reason
