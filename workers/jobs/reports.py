"""Scoring finished interviews."""

from __future__ import annotations

from app.core.database import db
from app.core.faults import fault_point
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
