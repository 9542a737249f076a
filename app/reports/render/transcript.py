"""Answers as the report shows them: sentences with times, and the evidence marked in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.core.catalogue import has, text
from app.reports.render.documents import (
    Audience,
    Missing,
    Moment,
    ReportAnswer,
    ReportSentence,
    Run,
    RunKind,
    SentenceLabel,
)
from app.scoring.answers import AnswerSignals, Transcript, display_transcript, read_transcript
from app.scoring.documents import Contribution, Score
from app.scoring.rubric import Rubric
from app.scoring.text.passages import Passage

INLINE: tuple[RunKind, ...] = ("keywords", "specificity", "structure")
"""Marks inside a sentence, the most telling first; other content evidence labels the whole sentence."""

MOMENTS: dict[str, str] = {
    **{kind: f"report.marks.{kind}" for kind in INLINE},
    **{
        key: f"report.labels.{key}"
        for key in ("star_situation", "star_task", "star_action", "star_result", "vague")
    },
    "pauses_many": "report.behaviour.pauses",
    "fillers_many": "report.behaviour.fillers",
}
"""Contributions that point at stretches of a recording, not at the whole of it, and what such a stretch is called."""

OF_COURSE = frozenset({"written_answer", "no_video"})
"""Reasons that only repeat what the medium says: nothing is missing from a written answer that has no picture."""

Mark = tuple[int, int, str]


def reason_words(language: str, reason: str | None, audience: Audience) -> str:
    """The analysis's words for a reason, or a general sentence when nobody wrote any for it."""
    key = f"analysis.reasons.{reason}.{audience}"
    return text(language, key if has(key) else "report.missing.generic")


def _marks(contributions: Iterable[Contribution], answer_id: str) -> list[Mark]:
    marks = {
        (place.char_start, place.char_end, contribution.key)
        for contribution in contributions
        for place in contribution.evidence
        if place.answer_id == answer_id and place.char_start is not None and place.char_end is not None
    }
    return sorted(marks)


def _runs(transcript: Transcript, sentence: Passage, marks: Sequence[Mark]) -> list[Run]:
    """The sentence cut at every mark's edge."""
    inside = [m for m in marks if m[2] in INLINE and m[0] < sentence.end and m[1] > sentence.start]
    edges = {sentence.start, sentence.end}
    for start, end, _ in inside:
        edges |= {max(start, sentence.start), min(end, sentence.end)}
    cuts = sorted(edges)
    runs: list[Run] = []
    for start, end in pairwise(cuts):
        kinds = {m[2] for m in inside if m[0] <= start and m[1] >= end}
        kind: RunKind = next((k for k in INLINE if k in kinds), "plain")
        runs.append(Run(text=transcript.text[start:end], kind=kind))
    return runs


def _sentences(transcript: Transcript, marks: Sequence[Mark], language: str) -> list[ReportSentence]:
    shown = []
    for sentence in transcript.sentences:
        span = transcript.span_ms(sentence.start, sentence.end) or (None, None)
        keys = [m[2] for m in marks if m[2] not in INLINE and m[0] < sentence.end and m[1] > sentence.start]
        if any(part.start < sentence.end and part.end > sentence.start for part in transcript.uncertain):
            keys.append("uncertain")
        shown.append(
            ReportSentence(
                start_ms=span[0],
                end_ms=span[1],
                char_start=sentence.start,
                char_end=sentence.end,
                runs=_runs(transcript, sentence, marks),
                labels=[SentenceLabel(key=k, text=text(language, f"report.labels.{k}")) for k in keys],
            )
        )
    return shown


def missing_signals(answer: AnswerSignals, language: str, audience: Audience) -> list[Missing]:
    """The modalities of an answer that say nothing, and why; not those its medium never has.

    Integrity facts are for HR to judge: their absence says nothing to a candidate either.
    """
    return [
        Missing(
            modality=modality,
            label=text(language, f"analysis.modalities.{modality}"),
            status=result.status,
            reason=result.reason,
            text=reason_words(language, result.reason, audience),
        )
        for modality, result in sorted(answer.modalities.items())
        if (result.status != "done" or result.reason is not None)
        and result.reason not in OF_COURSE
        and (audience == "hr" or modality != "integrity")
    ]


def _moments(contributions: Iterable[Contribution], answer_id: str, language: str) -> list[Moment]:
    found = {
        (place.start_ms, place.end_ms, contribution.key)
        for contribution in contributions
        if contribution.key in MOMENTS
        for place in contribution.evidence
        if place.answer_id == answer_id and place.start_ms is not None and place.end_ms is not None
    }
    return [
        Moment(start_ms=start, end_ms=end, kind=key, text=text(language, MOMENTS[key]))
        for start, end, key in sorted(found)
    ]


def _duration_ms(answer: AnswerSignals) -> int | None:
    result = answer.modalities.get("media")
    media = result.document() if result is not None else None
    return None if media is None else int(media.duration_ms)


def report_answers(
    rubric: Rubric, answers: Sequence[AnswerSignals], score: Score, language: str, audience: Audience
) -> list[ReportAnswer]:
    """Every answer to a question of the rubric, in the rubric's order; a warm-up is none of them."""
    contributions = [c for competency in score.competencies for c in competency.contributions]
    shown = []
    for number, question in enumerate(rubric.asked, start=1):
        for answer in sorted((a for a in answers if a.question_id == question.id), key=lambda a: a.answer_id):
            transcript, usable = display_transcript(answer), read_transcript(answer)
            why = None if isinstance(usable, Transcript) else usable
            marks = _marks(contributions, answer.answer_id)
            shown.append(
                ReportAnswer(
                    answer_id=answer.answer_id,
                    take_id=answer.take_id,
                    number=number,
                    question_id=question.id,
                    question=question.text,
                    medium=answer.medium,
                    medium_label=text(language, f"report.media.{answer.medium}"),
                    duration_ms=_duration_ms(answer),
                    sentences=_sentences(transcript, marks, language) if transcript else [],
                    no_transcript=text(language, f"scoring.abstentions.{why[0]}.why") if why else None,
                    missing=missing_signals(answer, language, audience),
                    moments=_moments(contributions, answer.answer_id, language),
                )
            )
    return shown
