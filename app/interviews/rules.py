"""Which takes of an answer cost an attempt, which device holds them, and until when they are taken in (ADR 23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.clock import utcnow
from app.core.errors import Conflict, Gone
from app.interviews.models import Take
from app.invitations.models import Invitation
from app.invitations.windows import late_until
from app.recordings.models import Segment
from app.scoring.rubric import Question

MOST_LEFT_BEHIND = 5
"""Takes begun and never handed in on other devices that cost no attempt; more of them do."""


def is_elsewhere(take: Take, device: str | None) -> bool:
    """Whether a take was begun on another device than the one that asks. A device that gives no name is everywhere."""
    return take.device is not None and device is not None and take.device != device


def takes_left(
    question: Question, takes: Sequence[Take], segments: Mapping[str, Sequence[Segment]], device: str | None
) -> int:
    """How often the answer may still be recorded on this device.

    Free are: a take that turned out unusable or was waived, one of which nothing ever reached us, words never handed in, and
    what another device began and did not finish (a lost phone must not cost the answer), up to MOST_LEFT_BEHIND.
    """
    counted, left_behind = 0, 0
    for take in takes:
        if (
            take.waived
            or take.status == "unusable"
            or (take.submitted_at is None and not _arrived(take, segments))
        ):
            continue
        if take.submitted_at is None and take.status == "recording" and is_elsewhere(take, device):
            left_behind += 1
        else:
            counted += 1
    return max(0, question.retakes + 1 - counted - max(0, left_behind - MOST_LEFT_BEHIND))


def _arrived(take: Take, segments: Mapping[str, Sequence[Segment]]) -> bool:
    return take.medium != "text" and bool(segments[take.id])


def check_replacing(
    question: Question,
    takes: Sequence[Take],
    counts: Take | None,
    *,
    begun_at: datetime | None,
    device: str | None,
    instead: bool,
) -> None:
    """Refuse to replace what another device handed in while this take was made: the first counts, unless told otherwise.

    Raises Conflict ``takes_used_up`` where as many were handed in as the question allows, else ``answered_elsewhere``
    when it is not to be taken ``instead``.
    """
    if counts is None or counts.status == "unusable" or not is_elsewhere(counts, device):
        return
    if begun_at is not None and counts.submitted_at is not None and counts.submitted_at < begun_at:
        return  # begun by somebody who knew of the other
    handed_in = sum(
        take.submitted_at is not None and take.status != "unusable" and not take.waived for take in takes
    )
    if handed_in > question.retakes:
        raise Conflict("takes_used_up", takes=question.retakes + 1)
    if not instead:
        raise Conflict("answered_elsewhere")


def check_arrival(invitation: Invitation) -> None:
    """Refuse what arrives too late altogether. Raises Gone ``invitation_expired``."""
    if utcnow() >= late_until(invitation):
        raise Gone("invitation_expired")


def check_window(invitation: Invitation, begun_at: datetime | None, counts: Take | None) -> None:
    """Refuse what was begun outside the window; what was begun inside may arrive until ``late_until``, and what turned out
    unusable be recorded again.

    Raises Conflict ``window_not_open``, Gone ``invitation_expired``.
    """
    now = utcnow()
    if now < invitation.window_starts_at:
        raise Conflict("window_not_open")
    if now < invitation.window_ends_at:
        return
    check_arrival(invitation)
    in_time = begun_at is not None and begun_at < invitation.window_ends_at
    if not in_time and (counts is None or counts.status != "unusable"):
        raise Gone("invitation_expired")
