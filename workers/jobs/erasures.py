"""The end of retention."""

from __future__ import annotations

from app.audits.service import SYSTEM
from app.core.clock import utcnow
from app.core.database import db
from app.erasures import service
from workers.jobs.work import HeldWork, performs


@performs("erase_candidate")
def erase_candidate(work: HeldWork) -> None:
    """Erase a candidate whose retention is over; a newer interview, or a longer policy, puts it off."""
    with work.scope():
        due = service.due_at(work.entity_id)
        if due is not None and due > utcnow():
            work.postpone((due - utcnow()).total_seconds(), "retained", counts=False)
        else:
            if due is not None:
                service.erase_candidate(SYSTEM, work.entity_id)
            work.finish()
        db.session.commit()
