"""Alerts made and ended, in the transaction of what causes and ends them (H1, H4, N6).

Other features call this module; what it shows, and to whom, is app.alerts.showing. A rule here may flag; nothing here
advances or rejects anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.alerts import queries
from app.alerts.models import WEBHOOK_ID, Alert
from app.core.clock import utcnow
from app.core.database import db
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.interviews.models import Interview
from app.invitations.models import Invitation

LAST_CALL: Mapping[str, timedelta] = {
    "decision": timedelta(hours=4),
    "appeal": timedelta(days=1),
    "invitation": timedelta(hours=1),
}
"""How long before its time an alert becomes urgent; half of the time it had when that is less."""
OVER_AT_ITS_TIME = ("invitation",)
"""What ends when its time comes, and so is never overdue."""
LONGEST_WARNING = timedelta(days=1)
SHORTEST_WARNING = timedelta(hours=1)
"""The company hears of an unfinished invitation when half of its time is left, within these bounds before its end."""
HIGH_POTENTIAL = 900
HIGH_POTENTIAL_PERCENT = 120
"""H4: 9.00 points of 10, or a fifth above the position's average (of five scores by the same rubric, or more)."""


# --- interviews ----------------------------------------------------------------------------------------------------


def interview_finished(interview: Interview) -> None:
    """Somebody has to decide, by the date promised to the candidate."""
    _raise("decision", interview.id, interview.invitation_id, interview, due_at=interview.result_due_at)


def result_postponed(interview: Interview) -> None:
    """Somebody promised a later date: its clock runs anew, and it is no news to those who decide."""
    for kind in ("decision", "potential", "opinion"):
        alert = queries.find_alert(_key(kind, interview.id))
        if alert is not None and alert.resolved_at is None:
            alert.due_at, alert.level = interview.result_due_at, "normal"
            alert.level = _level_now(alert)
            _watch(alert)


def interview_scored(interview: Interview, total: int | None, average: int | None) -> None:
    """The report is there: the alert is news again, and a score far above is flagged. All in hundredths of a point.

    ``average`` is None while there are too few scores. Nothing is decided by either number.
    """
    _raise("decision", interview.id, interview.invitation_id, interview, due_at=interview.result_due_at)
    if is_high_potential(total, average):
        _raise("potential", interview.id, interview.invitation_id, interview, due_at=interview.result_due_at)
    else:
        _resolve("potential", interview.id)


def is_high_potential(total: int | None, average: int | None) -> bool:
    """The rule of H4 for a total and the position's average, in hundredths of a point; None is not known."""
    if total is None:
        return False
    return total >= HIGH_POTENTIAL or (
        average is not None and 100 * total >= HIGH_POTENTIAL_PERCENT * average
    )


def interview_decided(interview: Interview) -> None:
    """Nobody needs to decide any more."""
    _resolve("decision", interview.id)
    _resolve("potential", interview.id)
    _resolve("opinion", interview.id)


def opinion_given(interview: Interview) -> None:
    """Somebody whom it was shared with has answered: news for whoever decides, until it is decided."""
    _raise("opinion", interview.id, interview.invitation_id, interview, due_at=interview.result_due_at)


# --- threads and appeals -------------------------------------------------------------------------------------------


def thread_waits(thread_id: str, invitation: Invitation) -> None:
    """A candidate wrote and waits. One who waits already changes nothing."""
    alert = queries.find_alert(_key("thread", thread_id))
    if alert is None or alert.resolved_at is not None:
        _raise("thread", thread_id, invitation.id, invitation)


def thread_answered(thread_id: str) -> None:
    """The company wrote last."""
    _resolve("thread", thread_id)


def appeal_made(interview: Interview, due_at: datetime) -> None:
    """A candidate asked for a human review; its clock runs."""
    _raise("appeal", interview.id, interview.invitation_id, interview, due_at=due_at)


def appeal_answered(interview: Interview) -> None:
    """A named person answered."""
    _resolve("appeal", interview.id)


# --- invitations ---------------------------------------------------------------------------------------------------


def invitation_open(invitation: Invitation) -> None:
    """Made, moved or opened again: look at it shortly before its (new) end, at once when that is near already."""
    _resolve("invitation", invitation.id)
    now = utcnow()
    begins = max(invitation.window_starts_at, now)
    warning = max(SHORTEST_WARNING, min(LONGEST_WARNING, (invitation.window_ends_at - begins) / 2))
    schedule_work("watch_invitation", invitation.id, max(now, invitation.window_ends_at - warning))


def invitation_nearly_over(invitation: Invitation) -> None:
    """Its end is near and the interview is not finished (H4: a reminder to the company)."""
    _raise("invitation", invitation.id, invitation.id, invitation, due_at=invitation.window_ends_at)


def invitation_over(invitation_id: str) -> None:
    """Finished, declined, cancelled or expired."""
    _resolve("invitation", invitation_id)  # the alert before its work, as the watcher locks them
    cancel_work("watch_invitation", invitation_id)


# --- everything ----------------------------------------------------------------------------------------------------


def candidate_forgotten(candidate_id: str) -> None:
    """Erased: nothing about them needs anybody."""
    for alert in queries.open_alerts_of(candidate_id):
        _end(alert)


def escalate(alert_id: str) -> datetime | None:
    """Bring an alert's level in line with the clock; when to look again, None when never."""
    alert = queries.get_locked(alert_id)
    if alert is None or alert.resolved_at is not None:
        return None
    level = _level_now(alert)
    if level != alert.level:
        alert.level = level
        _raised(alert)
    return _next_step(alert)


def _raise(
    kind: str,
    subject_id: str,
    invitation_id: str,
    about: Interview | Invitation,
    *,
    due_at: datetime | None = None,
) -> None:
    """Make the alert of a subject, or make it news again."""
    key = _key(kind, subject_id)
    alert = queries.find_alert(key)
    if alert is None:
        alert = Alert(
            id=new_id(),
            kind=kind,
            dedupe_key=key,
            position_id=about.position_id,
            candidate_id=about.candidate_id,
            invitation_id=invitation_id,
            interview_id=about.id if isinstance(about, Interview) else None,
            created_at=utcnow(),
        )
        db.session.add(alert)
    alert.resolved_at, alert.due_at, alert.level = None, due_at, "normal"
    alert.level = _level_now(alert)
    _raised(alert)
    _watch(alert)


def _raised(alert: Alert) -> None:
    alert.raised_at, alert.posted_at = utcnow(), None
    db.session.flush()
    if queries.has_webhook():
        schedule_work("post_alerts", WEBHOOK_ID)


def _resolve(kind: str, subject_id: str) -> None:
    alert = queries.find_alert(_key(kind, subject_id))
    if alert is not None and alert.resolved_at is None:
        _end(alert)


def _end(alert: Alert) -> None:
    alert.resolved_at = utcnow()
    db.session.flush()
    cancel_work("watch_alert", alert.id)


def _watch(alert: Alert) -> None:
    db.session.flush()
    step = _next_step(alert)
    if step is None:
        cancel_work("watch_alert", alert.id)
    else:
        schedule_work("watch_alert", alert.id, step)


def _level_now(alert: Alert) -> str:
    if alert.due_at is None or alert.kind not in LAST_CALL:
        return alert.level
    now = utcnow()
    if now >= alert.due_at and alert.kind not in OVER_AT_ITS_TIME:
        return "overdue"
    return "urgent" if now >= _last_call(alert) else "normal"


def _next_step(alert: Alert) -> datetime | None:
    """When the level changes next."""
    if alert.due_at is None or alert.kind not in LAST_CALL:
        return None
    steps = [_last_call(alert)] if alert.kind in OVER_AT_ITS_TIME else [_last_call(alert), alert.due_at]
    ahead = [moment for moment in steps if moment > utcnow()]
    return min(ahead, default=None)


def _last_call(alert: Alert) -> datetime:
    assert alert.due_at is not None
    return alert.due_at - min(LAST_CALL[alert.kind], (alert.due_at - alert.created_at) / 2)


def _key(kind: str, subject_id: str) -> str:
    return f"{kind}:{subject_id}"
