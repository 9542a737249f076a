"""Words, tones and relevance of any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.analysis.text import measure, relevance, segment
from workers.analysis.transcript import written

CHINESE = st.text("我们分析数据提升业绩的了，。abc 12", max_size=40)


@given(st.text(max_size=60))
def test_words_are_slices_and_cover_every_letter(text: str) -> None:
    words = segment(text)
    assert all(text[word.char_start : word.char_end] == word.text for word in words)
    covered = {i for word in words for i in range(word.char_start, word.char_end)}
    assert all(i in covered for i, mark in enumerate(text) if mark.isalnum())


@given(CHINESE, CHINESE)
def test_relevance_is_a_share(question: str, answer: str) -> None:
    value = relevance(question, answer)
    assert value is None or 0 <= value <= 1


@given(CHINESE)
def test_an_answer_that_repeats_the_question_is_wholly_relevant(text: str) -> None:
    assert relevance(text, text) in {None, 1.0}


def test_relevance_sees_the_subject_not_the_asking() -> None:
    question = "请举例说明你如何提升业绩。"
    assert relevance(question, "我提升了部门的业绩。") == 1.0
    assert relevance(question, "请说明你如何举例。我很喜欢跑步。") == 0.0
    assert relevance("请说说看？", "") is None


@given(CHINESE)
def test_every_sentence_has_one_tone(text: str) -> None:
    speech = written(text)
    signals = measure(speech, "如何提升业绩")
    assert [tone.sentence for tone in signals.tones] == list(range(len(speech.sentences)))
    assert all(0 <= tone.positive <= 1 for tone in signals.tones)
    assert signals == measure(speech, "如何提升业绩")


def test_relevance_hears_near_words_and_rare_ones_more() -> None:
    question = "请讲一次你遇到的困难"
    assert 0 < (relevance(question, "我碰到一个难题") or 0) < (relevance(question, "我碰到很多困难") or 0)
    assert (relevance("盘点流程", "我们每个月盘点") or 0) > (relevance("盘点流程", "我们走过流程") or 0)
    assert (relevance("Describe a negotiation", "We negotiated for a week") or 0) > 0
