"""Jobs of invitations."""

from __future__ import annotations

from app.core.clock import utcnow
from app.core.database import db
from app.invitations.queries import OPEN, find_invitation
from app.invitations.service import expire
from workers.jobs.work import HeldWork, performs


@performs("close_invitation")
def close_invitation(work: HeldWork) -> None:
    """At the end of its window an unfinished invitation becomes ``expired`` and nobody is reminded any more.

    An interview in progress stays as it is, ``in_progress`` with every take and every uploaded byte: nothing is deleted
    before its retention ends, nothing new is accepted, nothing is scored. The company sees what was recorded, and
    moving the window opens the invitation again where it stood.
    """
    with work.scope():
        invitation = find_invitation(work.entity_id)
        if invitation is not None and not expire(invitation) and invitation.status in OPEN:
            left = invitation.window_ends_at - utcnow()  # the window was moved while we held the work
            work.postpone(left.total_seconds(), "window_moved", counts=False)
        else:
            work.finish()
        db.session.commit()
