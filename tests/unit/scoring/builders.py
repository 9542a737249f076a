"""Rubrics and signals written by hand: each document is a real one, only its numbers are chosen."""

from __future__ import annotations

from typing import Any

from app.core.signals import Engine, Modality, ModalityResult
from app.scoring.answers import AnswerSignals
from app.scoring.rubric import Competency, Keyword, Level, Question, Rubric
from app.scoring.text.passages import split_sentences

ENGINE = Engine(name="by-hand", version="1", model="none", model_version="0", parameters={"a": 1})
TOKEN_MS = 240

STORY = (
    "当时公司的销售额下降了百分之二十。我的任务是在三个月内提升转化率。首先，我分析了过去六个月的数据。"
    "其次，我和客户进行了深入的沟通。最后，我们顺利上线了新版本。结果销售额提升了百分之六十。"
)
THIN = "我觉得这个工作很有意思，我对这个岗位非常感兴趣。"


def rubric() -> Rubric:
    """Two competencies, the second communication-like; two questions, the second for both."""
    return Rubric(
        competencies=[
            Competency(
                key="analysis",
                name={"zh-CN": "数据分析", "en": "Data analysis"},
                weight=6000,
                levels=[Level(score=0, text="没有分析"), Level(score=6, text="能用数据说明问题")],
                keywords=[
                    Keyword(word="数据", synonyms=["指标", "data"]),
                    Keyword(word="转化率", synonyms=["conversion"]),
                    Keyword(word="Python"),
                ],
            ),
            Competency(
                key="communication",
                name={"zh-CN": "沟通表达", "en": "Communication"},
                weight=4000,
                communication=True,
                keywords=[Keyword(word="沟通"), Keyword(word="客户")],
                star=["action", "result"],
            ),
        ],
        questions=[
            Question(id="difficulty", text="请讲一次你遇到的困难", competencies=["analysis"]),
            Question(id="team", text="请讲一次团队合作", competencies=["analysis", "communication"]),
        ],
    )


def result(modality: Modality, signals: dict[str, Any] | None, **more: Any) -> ModalityResult:
    return ModalityResult(
        modality=modality, status=more.pop("status", "done"), engine=ENGINE, signals=signals, **more
    )


def tokens_of(text: str, start_ms: int = 1000) -> list[dict[str, Any]]:
    """A token for every letter or digit, ``TOKEN_MS`` apart."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    return [
        {
            "text": text[place],
            "confidence": 0.9,
            "start_ms": start_ms + number * TOKEN_MS,
            "end_ms": start_ms + (number + 1) * TOKEN_MS,
            "char_start": place,
            "char_end": place + 1,
        }
        for number, place in enumerate(places)
    ]


def speech(
    text: str, *, confidence: float = 0.9, sample_model: bool = False, uncertain: frozenset[int] = frozenset()
) -> ModalityResult:
    """A transcript; the sentences numbered in ``uncertain`` were heard badly."""
    tokens = tokens_of(text)
    sentences = [
        {
            "start_ms": 0,
            "end_ms": 1,
            "text": s.of(text),
            "char_start": s.start,
            "char_end": s.end,
            "confidence": 0.3 if number in uncertain else confidence,
            "uncertain": True if number in uncertain else None,
        }
        for number, s in enumerate(split_sentences(text))
    ]
    return result(
        "speech",
        {
            "text": text,
            "tokens": tokens,
            "sentences": sentences,
            "speech": [],
            "mean_confidence": confidence,
            "sample_model": sample_model,
        },
    )


def delivery(
    text: str, *, pauses: int = 2, fillers: int = 1, speaking_ms: int | None = None
) -> ModalityResult:
    spoken = len(tokens_of(text))
    speaking = spoken * TOKEN_MS if speaking_ms is None else speaking_ms
    return result(
        "delivery",
        {
            "answer_ms": speaking + 2000,
            "speaking_ms": speaking,
            "thinking_ms": 1000,
            "characters_per_minute": spoken * 60_000 / speaking if speaking else 0.0,
            "pause_threshold_ms": 500,
            "pauses": [{"start_ms": 2000 + i * 900, "end_ms": 2600 + i * 900} for i in range(pauses)],
            "fillers": [{"start_ms": 1000 + i, "end_ms": 1200 + i, "text": "嗯"} for i in range(fillers)],
            "pitch_sd_semitones": 2.5,
        },
    )


def media(duration_ms: int = 60_000) -> ModalityResult:
    return result("media", {"container": "mp4", "duration_ms": duration_ms})


def words(text: str, positive: float = 0.5, relevance: float = 0.4) -> ModalityResult:
    return result(
        "text", {"words": [], "tones": [{"sentence": 0, "positive": positive}], "relevance": relevance}
    )


def face(present: float = 1.0) -> ModalityResult:
    return result(
        "face",
        {
            "sampled_frames": 100,
            "frames_per_second": 2.0,
            "face_present": present,
            "several_faces": [],
            "smiles": [{"start_ms": 1000, "end_ms": 2500}],
            "frowns": [],
            "expressions": [{"label": "neutral", "share": 1.0}],
        },
    )


def integrity(**facts: Any) -> ModalityResult:
    """Integrity facts; those not given were not looked at."""
    looked = {"gaps": [], **facts}
    senses = ("left_page", "nobody", "several_faces", "still_face", "other_voice", "even_speech")
    reasons = {name: "not_reported" if name == "left_page" else "no_consent" for name in senses}
    missing = {name: reason for name, reason in reasons.items() if looked.get(name) is None}
    return result("integrity", {**looked, "not_looked_at": missing})


def spoken(question: str, text: str, *, answer_id: str | None = None, **how: Any) -> AnswerSignals:
    """A video answer with these words; ``how`` goes to ``delivery``."""
    name = answer_id or f"answer-{question}"
    return AnswerSignals(
        answer_id=name,
        take_id=f"take-{name}",
        question_id=question,
        medium="video",
        modalities={
            "media": media(),
            "speech": speech(text),
            "delivery": delivery(text, **how),
            "text": words(text),
        },
    )


def written(question: str, text: str, *, answer_id: str | None = None) -> AnswerSignals:
    name = answer_id or f"answer-{question}"
    return AnswerSignals(
        answer_id=name, take_id=f"take-{name}", question_id=question, medium="text", written_text=text
    )


def with_modality(answer: AnswerSignals, replaced: ModalityResult) -> AnswerSignals:
    return answer.model_copy(update={"modalities": {**answer.modalities, replaced.modality: replaced}})


def without(answer: AnswerSignals, modality: Modality) -> AnswerSignals:
    kept = {name: found for name, found in answer.modalities.items() if name != modality}
    return answer.model_copy(update={"modalities": kept})
