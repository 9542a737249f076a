"""The date by which a candidate hears the result, and the word they get when there is none in time (N4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.alerts.service import result_postponed
from app.core.clock import utcnow
from app.core.errors import InvalidInput
from app.core.work import cancel_work, schedule_work
from app.interviews.finding import lock_interview
from app.interviews.models import Interview
from app.messages.service import plan_status, sending_hours
from app.policies.service import get_policy

WORD_WITHIN = timedelta(hours=24)
"""A candidate hears something within this time of the last answer, whatever the company promises for the result."""

LATEST = timedelta(days=30)
"""How far away a later date may be that somebody of the company gives."""


def promise_result(interview: Interview) -> None:
    """The interview is finished: from now on the company's promise runs."""
    assert interview.finished_at is not None
    promised = timedelta(hours=get_policy().answer_within_hours)
    interview.result_due_at = interview.finished_at + promised
    schedule_work(
        "tell_status",
        interview.id,
        _last_moment(interview, interview.finished_at + min(promised, WORD_WITHIN)),
    )


def result_known(interview: Interview) -> None:
    """Decided: no word about a delay goes out."""
    cancel_work("tell_status", interview.id)


def put_off(interview: Interview, until: datetime) -> None:
    """A person answers for a later date: it is the promise from now on, and the candidate is told it at once.

    Raises InvalidInput ``result_date_not_later`` | ``result_date_too_far``.
    """
    now = utcnow()
    if until <= max(now, interview.result_due_at or now):
        raise InvalidInput("result_date_not_later")
    if until > now + LATEST:
        raise InvalidInput("result_date_too_far", days=LATEST.days)
    interview.result_due_at = until
    _tell(interview, until)
    schedule_work("tell_status", interview.id, _last_moment(interview, until))
    result_postponed(interview)


def tell_status(interview_id: str) -> datetime | None:
    """Tell the candidate that nobody has decided yet and by when to expect it; when to look again, None when never.

    The date is the one that was promised; when that is (nearly) over, the same time again, and no third one. The promise
    itself stays: to the company the result is overdue. Raises Gone ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    told, due_at = interview.result_expected_at, interview.result_due_at
    if interview.finished_at is None or interview.status == "decided" or (told and told != due_at):
        return None
    expected = expected_at(interview)
    if expected != told:
        _tell(interview, expected)
    return _last_moment(interview, expected) if expected == due_at else None


def expected_at(interview: Interview) -> datetime:
    """The date that a candidate is told when there is no decision by now."""
    promised = timedelta(hours=get_policy().answer_within_hours)
    assert interview.finished_at is not None
    due_at = interview.result_due_at or interview.finished_at + promised
    if due_at > utcnow() + WORD_WITHIN / 2:
        return due_at
    return max(due_at, utcnow()) + max(promised, WORD_WITHIN)


def _tell(interview: Interview, expected: datetime) -> None:
    interview.result_expected_at, interview.status_told_at = expected, utcnow()
    plan_status(interview, expected)


def _last_moment(interview: Interview, deadline: datetime) -> datetime:
    """The last moment before a deadline at which a message may go out, else the first one after it."""
    hours = sending_hours(interview.candidate_id)
    moment = hours.last_allowed(deadline)
    return moment if moment > utcnow() else hours.next_allowed(deadline)
