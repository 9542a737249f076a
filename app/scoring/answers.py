"""Answers as scoring sees them: signals in, one timed text out, or the reason why there is none."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from app.core.signals import Document, Modality, ModalityResult, SpeechSignals, Token, Word
from app.scoring.documents import Evidence
from app.scoring.rubric import Medium
from app.scoring.text.passages import Passage, split_sentences

AbstentionReason = Literal[
    "not_answered",
    "not_analysed",
    "recording_failed",
    "no_consent",
    "low_confidence",
    "confidence_unknown",
    "no_speech",
    "too_little",
    "analysis_failed",
]
NO_CONSENT_REASONS = frozenset({"no_consent", "no_consent_or_policy"})
_ABSTAINED: dict[str | None, tuple[AbstentionReason, None]] = {
    "no_speech": ("no_speech", None),
    "confidence_unknown": ("confidence_unknown", None),
}
"""Why speech gave no ground for a score, where there is more to say than that it was unclear."""

MIN_MEAN_CONFIDENCE = 0.5
"""Below this mean posterior a transcript is no ground for a score (A8), whatever the engine said."""


class AnswerSignals(Document):
    """One answer (its final take) and what was measured in it; ``written_text`` is a text answer's words."""

    answer_id: str
    take_id: str
    question_id: str
    medium: Medium
    modalities: dict[Modality, ModalityResult] = Field(default_factory=dict)
    written_text: str | None = None

    def speech(self) -> SpeechSignals | None:
        """The transcript's document when there is one."""
        result = self.modalities.get("speech")
        return None if result is None else result.document()

    def words(self) -> tuple[Word, ...]:
        """The stored segmentation, empty when there is none."""
        result = self.modalities.get("text")
        signals = None if result is None or result.status != "done" else result.document()
        return () if signals is None else tuple(signals.words)


@dataclass(frozen=True)
class Transcript:
    """The words of one answer. Written answers have no tokens and therefore no times."""

    answer: AnswerSignals
    text: str
    tokens: tuple[Token, ...] = ()
    sentences: tuple[Passage, ...] = field(default=())
    uncertain: tuple[Passage, ...] = field(default=())  # heard too badly to be a ground for a score
    words: tuple[Word, ...] = ()

    def span_ms(self, start: int, end: int) -> tuple[int, int] | None:
        """Milliseconds from the first to the last token that touches the characters, None when none does.

        Tokens stand in the order of their characters.
        """
        first = bisect_right(self.tokens, start, key=lambda token: token.char_end)
        touched = self.tokens[first : bisect_left(self.tokens, end, key=lambda token: token.char_start)]
        return (min(t.start_ms for t in touched), max(t.end_ms for t in touched)) if touched else None

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for a range of characters."""
        span = self.span_ms(start, end) or (None, None)
        return Evidence(
            answer_id=self.answer.answer_id,
            take_id=self.answer.take_id,
            start_ms=span[0],
            end_ms=span[1],
            char_start=start,
            char_end=end,
            quote=self.text[start:end],
        )


def _transcript(
    answer: AnswerSignals, text: str, tokens: list[Token], uncertain: tuple[Passage, ...] = ()
) -> Transcript:
    return Transcript(answer, text, tuple(tokens), tuple(split_sentences(text)), uncertain, answer.words())


def _uncertain(signals: SpeechSignals) -> tuple[Passage, ...]:
    return tuple(Passage(one.char_start, one.char_end) for one in signals.sentences if one.uncertain)


def _without(text: str, passages: tuple[Passage, ...]) -> str:
    """The text as if the passages had not been said: every other character stays in its place."""
    characters = list(text)
    for passage in passages:
        characters[passage.start : passage.end] = "\n" * (passage.end - passage.start)
    return "".join(characters)


def read_transcript(answer: AnswerSignals) -> Transcript | tuple[AbstentionReason, str | None]:
    """The answer's words, or (reason, the analysis's own word for it) why they cannot be used."""
    if answer.medium == "text" and answer.written_text is not None:
        written = answer.written_text
        return _transcript(answer, written, []) if written.strip() else ("no_speech", None)
    if (obstacle := _obstacle(answer)) is not None:
        return obstacle
    signals = answer.speech()
    if signals is None or not signals.text.strip():
        return "no_speech", None
    if answer.medium == "text":
        return _transcript(answer, signals.text, [])
    uncertain = _uncertain(signals)
    certain = _without(signals.text, uncertain)
    if signals.mean_confidence is None:
        unfit: AbstentionReason | None = "confidence_unknown"
    else:
        unsure = signals.mean_confidence < MIN_MEAN_CONFIDENCE or not certain.strip()
        unfit = "low_confidence" if unsure else None
    return (unfit, None) if unfit else _transcript(answer, certain, signals.tokens, uncertain)


def _obstacle(answer: AnswerSignals) -> tuple[AbstentionReason, str | None] | None:
    """What the analysis itself says against using the answer's speech."""
    media, speech = answer.modalities.get("media"), answer.modalities.get("speech")
    if media is not None and media.status == "failed":
        return "recording_failed", media.reason
    if speech is None:
        return "not_analysed", None
    if speech.reason in NO_CONSENT_REASONS:
        return "no_consent", None
    if speech.reason == "empty_answer":
        return "too_little", speech.reason
    if speech.status == "abstained":
        return _ABSTAINED.get(speech.reason, ("low_confidence", speech.reason))
    return None if speech.status == "done" else ("analysis_failed", speech.reason)


def display_transcript(answer: AnswerSignals) -> Transcript | None:
    """The answer's words for reading, even where they are too uncertain to score. None when there are none."""
    if answer.medium == "text" and answer.written_text is not None:
        return _transcript(answer, answer.written_text, [])
    signals = answer.speech()
    if signals is None or not signals.text.strip():
        return None
    tokens = [] if answer.medium == "text" else signals.tokens
    return _transcript(answer, signals.text, tokens, _uncertain(signals))
