"""Interviews as the API shows them to candidates and to HR."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.candidates.service import profiles_by_id
from app.core.catalogue import has, text
from app.interviews import queries
from app.interviews.helping import offered_media
from app.interviews.models import Answer, Interview, Take
from app.interviews.rules import is_elsewhere, takes_left
from app.interviews.schemas import (
    AnswerOut,
    CandidateInterviewOut,
    InterviewDetailOut,
    InterviewOut,
    QuestionOut,
    TakeOut,
)
from app.interviews.service import rubric_of
from app.invitations.models import Invitation
from app.invitations.windows import late_until
from app.positions.service import titles_of
from app.recordings.models import Segment
from app.recordings.schemas import SegmentOut
from app.recordings.service import segments_of
from app.scoring.rubric import Question

Audience = Literal["candidate", "hr"]
_COLUMNS = InterviewOut.model_fields.keys() - {"candidate_name", "position_title"}


def shown_to_candidate(
    interview: Interview, invitation: Invitation, language: str, device: str | None = None
) -> CandidateInterviewOut:
    """The questions with their limits and how far each answer is, for one of the candidate's devices."""
    questions = shown_questions(interview, "candidate", language, device)
    return CandidateInterviewOut(
        id=interview.id,
        status=interview.status,
        started_at=interview.started_at,
        finished_at=interview.finished_at,
        window_ends_at=invitation.window_ends_at,
        late_until=late_until(invitation),
        answered=sum(q.answer.take_id is not None for q in questions if not q.warm_up),
        questions=questions,
    )


def shown_list(interviews: Sequence[Interview]) -> list[InterviewOut]:
    """HR's list, with the names of candidates and positions; an erased candidate has none."""
    titles = titles_of(interview.position_id for interview in interviews)
    profiles = profiles_by_id(interview.candidate_id for interview in interviews)
    return [
        InterviewOut(
            **{name: getattr(interview, name) for name in _COLUMNS},
            candidate_name=profiles[interview.candidate_id].name
            if interview.candidate_id in profiles
            else None,
            position_title=titles[interview.position_id],
        )
        for interview in interviews
    ]


def shown_in_detail(interview: Interview, language: str) -> InterviewDetailOut:
    """One interview with everything recorded in it."""
    (row,) = shown_list([interview])
    return InterviewDetailOut(**row.model_dump(), questions=shown_questions(interview, "hr", language))


def shown_questions(
    interview: Interview, audience: Audience, language: str, device: str | None = None
) -> list[QuestionOut]:
    """Every question of the interview's rubric, in order, with its answer; reasons in words for the audience."""
    answers, voice_allowed = queries.answers_of(interview.id), queries.is_voice_allowed(interview)
    ends_at = queries.window_end_of(interview)
    takes = queries.takes_of([answer.id for answer in answers.values()])
    segments = segments_of([take.id for some in takes.values() for take in some])

    def advice(reason: str) -> str | None:
        key = f"analysis.reasons.{reason}.{audience}"
        return text(language, key) if has(key) else None

    seen = _Seen(segments, advice, ends_at, device)
    return [
        QuestionOut(
            id=question.id,
            text=question.text,
            plainer_text=question.plainer_text,
            media=offered_media(question, voice_allowed=voice_allowed),
            think_seconds=question.think_seconds,
            max_seconds=question.max_seconds,
            retakes=question.retakes,
            scored=bool(question.competencies),
            warm_up=bool(question.warm_up),
            answer=_answer(question, answers[question.id], takes[answers[question.id].id], seen),
        )
        for question in rubric_of(interview).questions
    ]


def shown_take(take: Take, question_id: str, device: str | None = None) -> TakeOut:
    """One take with its segments."""
    return _take(take, question_id, segments_of([take.id])[take.id], device)


@dataclass(frozen=True)
class _Seen:
    """What every answer of an interview is shown with."""

    segments: Mapping[str, list[Segment]]
    advice: Callable[[str], str | None]
    window_ends_at: datetime
    device: str | None


def _answer(question: Question, answer: Answer, takes: list[Take], seen: _Seen) -> AnswerOut:
    latest = takes[-1] if takes else None
    counts = next((take for take in takes if take.id == answer.take_id), None)
    speaking = latest if latest is not None and latest.status == "recording" else counts
    return AnswerOut(
        status=speaking.status if speaking is not None else "open",
        reason=speaking.reason if speaking is not None else None,
        advice=seen.advice(speaking.reason) if speaking is not None and speaking.reason else None,
        take_id=answer.take_id,
        submitted_at=answer.submitted_at,
        late=answer.submitted_at is not None and answer.submitted_at > seen.window_ends_at,
        reopened=counts is not None and counts.waived,
        takes_left=takes_left(question, takes, seen.segments, seen.device),
        takes=[_take(take, question.id, seen.segments[take.id], seen.device) for take in takes],
    )


def _take(take: Take, question_id: str, segments: list[Segment], device: str | None) -> TakeOut:
    return TakeOut(
        id=take.id,
        question_id=question_id,
        number=take.number,
        medium=take.medium,
        status=take.status,
        reason=take.reason,
        created_at=take.created_at,
        submitted_at=take.submitted_at,
        elsewhere=is_elsewhere(take, device),
        segments=[shown_segment(segment) for segment in segments],
    )


def shown_segment(segment: Segment) -> SegmentOut:
    """One segment; its offset as last recorded."""
    return SegmentOut(
        id=segment.id,
        number=segment.number,
        starts_at_ms=segment.starts_at_ms,
        content_type=segment.content_type,
        status=segment.status,
        offset=segment.offset,
        length=segment.length,
    )
