"""What the words are before any rubric looks at them (A4): words by jieba, tone by SnowNLP, relevance by overlap."""

from __future__ import annotations

import logging
from importlib.metadata import version

from app.core.signals import Engine, SentenceTone, SpeechSignals, TextSignals, Word

_STOP_WORDS = (
    "的 了 是 在 和 与 及 或 就 都 而 也 还 但 但是 并 把 被 让 给 对 从 到 为 以 于 上 下 中 里 之 其 这 那 这个 那个 "
    "一个 一次 一下 一些 什么 怎么 怎样 怎么样 如何 为什么 哪些 哪个 多少 几 吗 呢 吧 啊 嗯 呃 哦 我 你 您 他 她 它 我们 "
    "你们 他们 自己 请 请问 请您 请你 说 说明 谈谈 讲 讲讲 讲述 介绍 描述 举 举例 举例说明 例子 过 最 很 会 能 可以 要 有 "
    "没有 不 时 时候 地 得 着 "
    "a an the of to in on for and or is are was were be you your i me my we our it this that how what why when which who "
    "please describe tell about give example explain do did does have has had with at by from"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that ask or join and say nothing of the subject."""


def load() -> None:
    """Load both dictionaries (about three seconds); a second call costs nothing."""
    segment("预热")
    _tone("预热")


def engine() -> Engine:
    """What measures it."""
    return Engine(
        name="text",
        version="1",
        model="jieba+snownlp",
        model_version=f"{version('jieba')}+{version('snownlp')}",
        parameters={"relevance": "share of the question's content words found in the answer"},
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
    """The share (0 to 1) of the question's content words that the answer has too; None when there are none.

    A lexical overlap coefficient: it sees shared words, not shared meaning, and so can only ever be a hint.
    """
    asked = _content(question)
    said = _content(answer)
    return round(len(asked & said) / len(asked), 4) if asked and said else None


def _content(text: str) -> set[str]:
    words = {word.text.casefold() for word in segment(text)}
    return {word for word in words if word not in STOP_WORDS}


def _tone(sentence: str) -> float:
    """SnowNLP's sentiment, 0 to 1. It was trained on shop reviews: describe with it, never score."""
    from snownlp import SnowNLP

    return round(float(SnowNLP(sentence).sentiments), 4)
