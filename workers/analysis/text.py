"""What the words are before any rubric looks at them (A4): words by jieba, tone by SnowNLP, relevance by overlap.

Relevance is a lexical hint, described and never scored. On our own labelled answers it puts the answer to a question
above an answer to another one in 72 of 100 pairs (plain overlap: 68): people seldom repeat the words of a question.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

from app.core.signals import Engine, SentenceTone, SpeechSignals, TextSignals, Word

_STOP_WORDS = (
    "的 了 是 在 和 与 及 或 就 都 而 也 还 但 但是 并 把 被 让 给 对 从 到 为 以 于 上 下 中 里 之 其 这 那 这个 那个 "
    "一个 一次 一下 一些 什么 怎么 怎样 怎么样 如何 为什么 哪些 哪个 多少 几 吗 呢 吧 啊 嗯 呃 哦 我 你 您 他 她 它 我们 "
    "你们 他们 自己 请 请问 请您 请你 说 说明 谈谈 讲 讲讲 讲述 介绍 描述 举 举例 举例说明 例子 过 最 很 会 能 可以 要 有 "
    "没有 不 时 时候 地 得 着 请举 说说 一个 出来 下来 想来 经历 做 "
    "a an the of to in on for and or is are was were be you your i me my we our it this that how what why when which who "
    "please describe tell about give example explain do did does have has had with at by from"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that ask or join and say nothing of the subject."""


def load() -> None:
    """Load both dictionaries (about three seconds); a second call costs nothing."""
    segment("预热")
    _tone("预热")
    _rarity()


def engine() -> Engine:
    """What measures it."""
    return Engine(
        name="text",
        version="2",
        model="jieba+snownlp",
        model_version=f"{version('jieba')}+{version('snownlp')}",
        parameters={
            "relevance": "share of the question's content words found in the answer, each weighed by its rarity; "
            "a word that only shares characters counts half of what it shares"
        },
    )


def measure(speech: SpeechSignals, question: str) -> TextSignals:
    """Words, tones and relevance of a transcript."""
    tones = [
        SentenceTone(sentence=number, positive=_tone(sentence.text))
        for number, sentence in enumerate(speech.sentences)
        if any(mark.isalnum() for mark in sentence.text)
    ]
    return TextSignals(words=segment(speech.text), tones=tones, relevance=relevance(question, speech.text))


def segment(text: str) -> list[Word]:
    """jieba's words with their places; punctuation and spaces are no words. ``text[start:end] == word``."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return [
        Word(text=word, char_start=start, char_end=end)
        for word, start, end in jieba.tokenize(text)
        if any(mark.isalnum() for mark in word)
    ]


def relevance(question: str, answer: str) -> float | None:
    """How much of the question's content words (0 to 1) the answer has too; None when there are none.

    Words weigh as much as they are rare (jieba's inverse document frequencies); one that is not there itself counts
    half of the characters it shares with the nearest word of the answer (困难, 难题), in English three quarters for an
    equal beginning of four letters. It sees shared words, not shared meaning, and so can only ever be a hint.
    """
    asked, said = _content(question), _content(answer)
    if not asked or not said:
        return None
    by_character: dict[str, set[str]] = {}
    for word in said:
        for character in _opening(word):
            by_character.setdefault(character, set()).add(word)
    weights = {word: _weight(word) for word in sorted(asked)}
    found = sum(weight * _found(word, said, by_character) for word, weight in weights.items())
    return round(min(1.0, found / sum(weights.values())), 4)


def _opening(word: str) -> set[str]:
    """By what a word is looked up: its characters, or its first four letters."""
    return {word[:4]} if word.isascii() else set(word)


def _found(word: str, said: set[str], by_character: Mapping[str, set[str]]) -> float:
    if word in said:
        return 1.0
    if len(word) < 2:
        return 0.0
    near = {other for opening in _opening(word) for other in by_character.get(opening, ()) if len(other) > 1}
    if word.isascii():
        return 0.75 if near and len(word) > 3 else 0.0
    return max((len(set(word) & set(other)) / max(len(word), len(other)) for other in near), default=0.0) / 2


@cache
def _rarity() -> tuple[Mapping[str, float], float]:
    """jieba's inverse document frequencies, and their median for words it does not know."""
    from jieba.analyse.tfidf import DEFAULT_IDF, IDFLoader

    frequencies, median = IDFLoader(DEFAULT_IDF).get_idf()
    return frequencies, median


def _weight(word: str) -> float:
    known, median = _rarity()
    return known.get(word, median)


def _content(text: str) -> set[str]:
    words = {word.text.casefold() for word in segment(text)}
    return {word for word in words if word not in STOP_WORDS}


def _tone(sentence: str) -> float:
    """SnowNLP's sentiment, 0 to 1. It was trained on shop reviews: describe with it, never score."""
    from snownlp import SnowNLP

    return round(float(SnowNLP(sentence).sentiments), 4)
