"""Alerts by the clock, and telling of them outside the product."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.alerts import digests, service, telling
from app.alerts.models import WEBHOOK_ID
from app.alerts.queries import find_webhook
from app.candidates.service import get_candidate
from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import UncertainError
from app.core.work import schedule_work
from app.invitations.queries import OPEN, find_invitation
from workers.jobs.work import HeldWork, performs

GATHERING = timedelta(seconds=30)
"""Between two posts to one group: a robot takes some twenty a minute, and people read one better than ten."""


@performs("watch_alert")
def watch_alert(work: HeldWork) -> None:
    """Time went by: an alert becomes urgent, then overdue."""
    with work.scope():
        again = service.escalate(work.entity_id)
        if again is not None:
            work.postpone(max(1.0, (again - utcnow()).total_seconds()), "clock", counts=False)
        else:
            work.finish()
        db.session.commit()


@performs("watch_invitation")
def watch_invitation(work: HeldWork) -> None:
    """An invitation nears its end: the company hears of it unless the interview is finished, or nobody is left (H4)."""
    with work.scope():
        invitation = find_invitation(work.entity_id)
        waits = invitation is not None and invitation.status in OPEN and invitation.window_ends_at > utcnow()
        if invitation is not None and waits and get_candidate(invitation.candidate_id).erased_at is None:
            service.invitation_nearly_over(invitation)
        work.finish()
        db.session.commit()


def _not_posted(work: HeldWork, reason: str) -> None:
    with work.scope():
        telling.record_failed(reason)
        work.finish()
        db.session.commit()


@performs("post_alerts", give_up=_not_posted)
def post_alerts(work: HeldWork) -> None:
    """Tell the company's group what it was not told yet, in one post."""
    with work.scope():
        webhook = find_webhook()
        since = None if webhook is None or webhook.sent_at is None else utcnow() - webhook.sent_at
        parcel = telling.pack()
        if parcel is None:
            work.finish()
        elif since is not None and since < GATHERING:
            work.postpone((GATHERING - since).total_seconds(), "gathering", counts=False)
            parcel = None
        db.session.commit()
    if parcel is None:
        return
    telling.post(parcel)
    with work.scope():
        # Alerts before work, as whoever raises one locks them. Who raises one now either asked before the work was
        # finished, and is seen below, or finds no work and asks for its own.
        telling.record_posted(parcel)
        work.finish()
        if telling.has_more():
            schedule_work("post_alerts", WEBHOOK_ID)
        db.session.commit()


def _not_mailed(work: HeldWork, reason: str) -> None:
    """Its person sees why; tomorrow's is tried again."""
    with work.scope():
        again = digests.record_outcome(work.entity_id, reason)
        _tomorrow(work, again)
        db.session.commit()


@performs("send_digest", give_up=_not_mailed)
def send_digest(work: HeldWork) -> None:
    """Somebody's daily e-mail. One that was perhaps sent is not sent again today."""
    with work.scope():
        letter = digests.pack(work.entity_id)
        if letter is None:
            _tomorrow(work, digests.next_of(work.entity_id))
        db.session.commit()
    if letter is None:
        return
    reason = None
    try:
        digests.send(letter)
    except UncertainError as error:
        reason = error.reason
    with work.scope():
        _tomorrow(work, digests.record_outcome(work.entity_id, reason))
        db.session.commit()


def _tomorrow(work: HeldWork, again: datetime | None) -> None:
    work.finish()
    if again is not None:
        schedule_work("send_digest", work.entity_id, again)
