"""Follow-up questions by rules (F6): what an answer leaves open, asked in words. Pure, like scoring.

For each answered question, in the rubric's order, at most two:

1. one about the story: too little was said, no story was told at all, or one STAR part is missing that the
   question's competencies listen for and that no other answer brought (the score names it as a gap). Of several the
   most telling is asked for: result, action, task, situation.
2. one about the first vague passage, quoted.

They are proposals for a person or an interactive interview; nothing here changes a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.catalogue import text
from app.scoring.answers import AnswerSignals, Transcript, read_transcript
from app.scoring.documents import CompetencyScore, Score
from app.scoring.rubric import Question, Rubric, StarPart
from app.scoring.text.star import find_star
from app.scoring.text.vague import find_vague

Reason = Literal[
    "too_little", "no_story", "star_situation", "star_task", "star_action", "star_result", "vague"
]
_MOST_TELLING: tuple[StarPart, ...] = ("result", "action", "task", "situation")
_LONGEST_QUOTE = 40
_LEAST_LETTERS = 12


@dataclass(frozen=True)
class FollowUp:
    """One proposed question. ``competency`` is the key it is about, ``text`` is in the asked language."""

    question_id: str
    competency: str
    reason: Reason
    text: str


def follow_up_questions(
    rubric: Rubric, score: Score, answers: Sequence[AnswerSignals], language: str
) -> list[FollowUp]:
    """What to ask next about each answer, in the rubric's order; the order of ``answers`` changes nothing.

    Answers that could not be read, and questions that are not scored, get none.
    """
    scores = {one.competency: one for one in score.competencies}
    found: list[FollowUp] = []
    for question in rubric.questions:
        concerned = [scores[key] for key in question.competencies if key in scores]
        if not concerned:
            continue
        of_question = sorted((a for a in answers if a.question_id == question.id), key=lambda a: a.answer_id)
        for answer in of_question:
            transcript = read_transcript(answer)
            if isinstance(transcript, Transcript):
                found += _about_story(rubric, question, concerned, transcript, language)
                found += _about_vagueness(question, transcript, language)
    return found


def _about_story(
    rubric: Rubric,
    question: Question,
    concerned: Sequence[CompetencyScore],
    transcript: Transcript,
    language: str,
) -> list[FollowUp]:
    first = question.competencies[0]
    if sum(c.isalnum() for c in transcript.text) < _LEAST_LETTERS:
        return [FollowUp(question.id, first, "too_little", _words(language, "too_little"))]
    told = {hit.key for hit in find_star(transcript.text)}
    listening = {c.key: set(c.star) for c in rubric.competencies if c.key in question.competencies}
    wanted = {part for parts in listening.values() for part in parts}
    if wanted and not told & wanted:
        return [FollowUp(question.id, first, "no_story", _words(language, "no_story"))]
    for part in _MOST_TELLING:
        for one in concerned:
            missing = any(gap.key == f"star_{part}" for gap in one.gaps)
            if missing and part not in told:
                reason: Reason = f"star_{part}"  # type: ignore[assignment]
                return [FollowUp(question.id, one.competency, reason, _words(language, reason))]
    return []


def _about_vagueness(question: Question, transcript: Transcript, language: str) -> list[FollowUp]:
    hits = find_vague(transcript.text)
    if not hits:
        return []
    quote = _shortened(transcript.text[hits[0].start : hits[0].end])
    return [FollowUp(question.id, question.competencies[0], "vague", _words(language, "vague", quote=quote))]


def _shortened(sentence: str) -> str:
    plain = " ".join(sentence.split()).rstrip("。.!！?？;；")
    return plain if len(plain) <= _LONGEST_QUOTE else plain[:_LONGEST_QUOTE].rstrip() + "…"


def _words(language: str, reason: str, **params: str) -> str:
    return text(language, f"drafts.follow_ups.{reason}", **params)
