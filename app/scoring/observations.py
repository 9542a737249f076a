"""What HR may want to look at in the words and no score counts: passages left out, and answers that may miss the question.

Observations are descriptions with their places. They are made from the same documents as the score, by pure functions,
and change nothing in it. Motives are in ``text.motivation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from app.core.signals import Document
from app.scoring.answers import AnswerSignals, Transcript, display_transcript, read_transcript
from app.scoring.documents import Evidence
from app.scoring.reader import Reader
from app.scoring.rubric import Keyword, Rubric
from app.scoring.text.keywords import find_mentions

Kind = Literal["recited", "listed", "formal", "off_topic"]
KINDS: tuple[Kind, ...] = ("recited", "listed", "formal", "off_topic")

OFF_TOPIC_RELEVANCE = 0.1
"""Below this closeness of words (0 to 1), and with no keyword of the question's competencies, an answer may miss the
question. On our labelled answers that notes three in four answers to another question, and one in ten to this one."""
MIN_CHARACTERS = 40
"""Shorter answers share few words with anything."""


class Observation(Document):
    """Something worth a look, never scored. Its sentence is ``scoring.observations.<key>``."""

    key: Kind
    evidence: list[Evidence] = Field(min_length=1)


def observe(rubric: Rubric, answers: Sequence[AnswerSignals]) -> list[Observation]:
    """Observations over all answers to the rubric's questions; the order of ``answers`` changes nothing."""
    place = {question.id: number for number, question in enumerate(rubric.questions)}
    known = (answer for answer in answers if answer.question_id in place)
    reader = Reader(rubric)
    found: dict[str, list[Evidence]] = {kind: [] for kind in KINDS}
    for answer in sorted(known, key=lambda a: (place[a.question_id], a.answer_id)):
        transcript = read_transcript(answer)
        if isinstance(transcript, Transcript):
            for hit in reader.read(transcript).left_out:
                found[hit.key].append(transcript.evidence(hit.start, hit.end))
            if _may_miss_the_question(rubric, transcript):
                shown = display_transcript(answer) or transcript  # with what was not heard clearly
                found["off_topic"].append(shown.evidence(0, len(shown.text)))
    return [Observation(key=kind, evidence=found[kind]) for kind in KINDS if found[kind]]


def _may_miss_the_question(rubric: Rubric, transcript: Transcript) -> bool:
    result = transcript.answer.modalities.get("text")
    signals = None if result is None or result.status != "done" else result.document()
    if signals is None or signals.relevance is None or signals.relevance >= OFF_TOPIC_RELEVANCE:
        return False
    keywords = _listened_for(rubric, transcript.answer.question_id)
    enough = sum(c.isalnum() for c in transcript.text) >= MIN_CHARACTERS
    return enough and bool(keywords) and not find_mentions(transcript.text, keywords)


def _listened_for(rubric: Rubric, question_id: str) -> list[Keyword]:
    question = next(q for q in rubric.questions if q.id == question_id)
    return [k for c in rubric.competencies if c.key in question.competencies for k in c.keywords]
