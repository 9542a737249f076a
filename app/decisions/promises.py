"""The date by which a candidate hears the result, and the word they get when there is none in time (N4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.clock import utcnow
from app.core.work import cancel_work, schedule_work
from app.interviews.finding import lock_interview
from app.interviews.models import Interview
from app.messages.service import plan_status, sending_hours
from app.policies.service import get_policy

WORD_WITHIN = timedelta(hours=24)
"""A candidate hears something within this time of the last answer, whatever the company promises for the result."""


def promise_result(interview: Interview) -> None:
    """The interview is finished: from now on the company's promise runs."""
    assert interview.finished_at is not None
    promised = timedelta(hours=get_policy().answer_within_hours)
    interview.result_due_at = interview.finished_at + promised
    schedule_work("tell_status", interview.id, _word_due_at(interview, min(promised, WORD_WITHIN)))


def result_known(interview: Interview) -> None:
    """Decided: no word about a delay goes out."""
    cancel_work("tell_status", interview.id)


def tell_status(interview_id: str) -> bool:
    """Tell the candidate that nobody has decided yet and by when to expect it, once; False when there is no need.

    The date is the one that was promised, or, when that is (nearly) over, the same time again. The promise itself stays:
    to the company the result is overdue. Raises Gone ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    if interview.finished_at is None or interview.status == "decided" or interview.status_told_at is not None:
        return False
    interview.result_expected_at = expected_at(interview)
    interview.status_told_at = utcnow()
    plan_status(interview, interview.result_expected_at)
    return True


def expected_at(interview: Interview) -> datetime:
    """The date that a candidate is told when there is no decision by now."""
    promised = timedelta(hours=get_policy().answer_within_hours)
    assert interview.finished_at is not None
    due_at = interview.result_due_at or interview.finished_at + promised
    if due_at > utcnow() + WORD_WITHIN / 2:
        return due_at
    return max(due_at, utcnow()) + max(promised, WORD_WITHIN)


def _word_due_at(interview: Interview, within: timedelta) -> datetime:
    """The last moment within the time at which a message may go out, else the first one after it."""
    assert interview.finished_at is not None
    hours, deadline = sending_hours(interview.candidate_id), interview.finished_at + within
    moment = hours.last_allowed(deadline)
    return moment if moment > interview.finished_at else hours.next_allowed(deadline)
