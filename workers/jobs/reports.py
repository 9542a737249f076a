"""Scoring finished interviews."""

from __future__ import annotations

from contextlib import suppress

from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import Gone, NotFound
from app.core.faults import fault_point
from app.decisions import promises
from app.reports.service import record_score
from workers.jobs.work import HeldWork, performs


@performs("score_interview")
def score_interview(work: HeldWork) -> None:
    """Score an interview from its stored signals. Pure and quick, so all of it is one transaction."""
    with work.scope():
        record_score(work.entity_id)
        work.finish()
        fault_point("score.recorded")
        db.session.commit()


@performs("tell_status")
def tell_status(work: HeldWork) -> None:
    """No decision in time: the candidate is told the status and the date to expect it."""
    with work.scope():
        again = None
        with suppress(Gone, NotFound):  # erased meanwhile: there is nobody to tell
            again = promises.tell_status(work.entity_id)
        if again is not None:
            work.postpone(max(1.0, (again - utcnow()).total_seconds()), "clock", counts=False)
        else:
            work.finish()
        db.session.commit()
