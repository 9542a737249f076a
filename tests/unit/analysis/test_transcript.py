"""Placing recognised words in punctuated text: every token once, every sentence a slice."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.signals import SpeechSignals
from workers.analysis.speech import join_pieces
from workers.analysis.transcript import (
    LONGEST_PASSAGE,
    MINIMUM_CONFIDENCE,
    Unit,
    assemble,
    join_words,
    passages,
    plain,
    written,
)

HAN = st.sampled_from("我们分析了三个月的数据结果")
LATIN = st.text("abcdefgPY", min_size=1, max_size=6)
MARKS = st.sampled_from(["", "", "", "，", "。", "？", "、"])


@st.composite
def spoken(draw: st.DrawFn) -> list[Unit]:
    words = draw(st.lists(st.one_of(HAN, LATIN), min_size=0, max_size=30))
    at, units = 0, []
    for word in words:
        at += draw(st.integers(0, 900))
        end = at + draw(st.integers(1, 400))
        units.append(Unit(word, at, end, draw(st.floats(0, 1))))
        at = end
    return units


def punctuate(units: list[Unit], marks: list[str]) -> str:
    text = ""
    for unit, mark in zip(units, marks, strict=True):
        if text and text[-1].isascii() and unit.text[0].isascii():
            text += " "
        text += unit.text + mark
    return text


def check(speech: SpeechSignals, units: list[Unit]) -> None:
    assert [token.text for token in speech.tokens] == [unit.text for unit in units]
    for token, unit in zip(speech.tokens, units, strict=True):
        assert speech.text[token.char_start : token.char_end].casefold() == unit.text.casefold()
        assert (token.start_ms, token.end_ms) == (unit.start_ms, unit.end_ms)
    reached = 0
    for sentence in speech.sentences:
        assert sentence.text == speech.text[sentence.char_start : sentence.char_end]
        assert sentence.char_start >= reached
        reached = sentence.char_end
    for token in speech.tokens:
        holders = [
            s for s in speech.sentences if s.char_start <= token.char_start and token.char_end <= s.char_end
        ]
        assert len(holders) == 1
        assert holders[0].start_ms <= token.start_ms <= token.end_ms <= holders[0].end_ms


@given(spoken(), st.data())
def test_every_token_has_its_place_and_one_sentence(units: list[Unit], data: st.DataObject) -> None:
    marks = [data.draw(MARKS) for _ in units]
    text = punctuate(units, marks)
    speech = assemble(units, text, [], sample_model=False)
    assert speech.text == text
    check(speech, units)
    ends = sum(mark in {"。", "？"} for mark in marks)
    assert len(speech.sentences) == ends + bool(units and marks[-1] not in {"。", "？"})


@given(spoken(), st.text("我们数据ab。，", max_size=20))
def test_text_of_other_words_is_not_believed(units: list[Unit], other: str) -> None:
    """A punctuation model that changed the words must not shift the evidence."""
    speech = assemble(units, other, [], sample_model=True)
    check(speech, units)
    letters = "".join(mark for mark in speech.text if mark.isalnum())
    assert letters.casefold() == "".join(unit.text for unit in units).casefold()


@given(spoken())
def test_mean_confidence_is_the_mean_of_the_tokens(units: list[Unit]) -> None:
    speech = assemble(units, plain(units), [], sample_model=False)
    mean = sum(unit.confidence for unit in units) / len(units) if units else 0
    assert speech.mean_confidence == pytest.approx(mean, abs=1e-3)
    if units:
        weighted = sum(
            s.confidence * sum(s.char_start <= t.char_start < s.char_end for t in speech.tokens)
            for s in speech.sentences
        )
        assert weighted / len(units) == pytest.approx(mean, abs=1e-3)


@given(st.text(max_size=60))
def test_any_written_answer_becomes_a_transcript(text: str) -> None:
    speech = written(text)
    assert speech.text == text
    for token in speech.tokens:
        assert text[token.char_start : token.char_end] == token.text
        assert token.start_ms == token.end_ms == 0 and token.confidence == 1.0
    covered = {i for token in speech.tokens for i in range(token.char_start, token.char_end)}
    assert all(i in covered or not mark.isalnum() for i, mark in enumerate(text))
    for sentence in speech.sentences:
        assert sentence.text == text[sentence.char_start : sentence.char_end]


def test_written_words_are_characters_and_words() -> None:
    speech = written("我会Python和C++，it's 3.5倍。\n真的！")
    assert [token.text for token in speech.tokens] == [
        "我",
        "会",
        "Python",
        "和",
        "C",
        "it's",
        "3.5",
        "倍",
        "真",
        "的",
    ]
    assert [sentence.text for sentence in speech.sentences] == ["我会Python和C++，it's 3.5倍。", "真的！"]


def test_pieces_of_a_word_are_joined() -> None:
    pieces = [("我", 0, 200, 0.9), ("py@@", 240, 400, 0.8), ("thon", 400, 600, 0.6), ("<unk>", 600, 700, 0.1)]
    assert join_pieces(pieces, 1000) == [
        Unit("我", 1000, 1200, 0.9),
        Unit("python", 1240, 1600, pytest.approx(0.7)),
    ]


def test_a_piece_left_open_at_the_end_is_a_word() -> None:
    assert [unit.text for unit in join_pieces([("py@@", 0, 100, 1.0)], 0)] == ["py"]
    assert [unit.text for unit in join_pieces([("py@@", 0, 100, 1.0), ("<unk>", 100, 200, 1.0)], 0)] == ["py"]
    assert join_pieces([], 0) == []


@given(spoken(), st.data())
def test_sentences_heard_badly_are_marked(units: list[Unit], data: st.DataObject) -> None:
    marks = [data.draw(MARKS) for _ in units]
    for sentence in assemble(units, punctuate(units, marks), [], sample_model=False).sentences:
        assert bool(sentence.uncertain) == (sentence.confidence < MINIMUM_CONFIDENCE)
    assert all(sentence.uncertain is None for sentence in written("我会。").sentences)


@given(st.lists(st.integers(0, 3000), max_size=3 * LONGEST_PASSAGE))
def test_long_talk_is_cut_in_bounded_passages_at_silences(silences: list[int]) -> None:
    """In linear time, every unit once and in order, and a cut is never at a shorter silence than its neighbours'."""
    at, units = 0, []
    for silence in silences:
        units.append(Unit("数", at + silence, at + silence + 150, 0.9))
        at += silence + 150
    parts = passages(units)
    assert [unit for part in parts for unit in part] == units
    assert all(0 < len(part) <= LONGEST_PASSAGE for part in parts)
    for part, following in itertools.pairwise(parts):
        late = part[LONGEST_PASSAGE // 2 :]
        longest = max((b.start_ms - a.end_ms for a, b in itertools.pairwise(late)), default=0)
        assert following[0].start_ms - part[-1].end_ms >= longest


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["我们。", "数据。"], "我们。数据。"),
        (["I know", "Python."], "I know Python."),
        (["我会", "Python。", "", " 好"], "我会Python。好"),
        ([], ""),
    ],
)
def test_passages_are_joined_as_one_text(texts: list[str], whole: str) -> None:
    assert join_words(texts) == whole
