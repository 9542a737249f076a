"""Reads of segments."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Interview, Take
from app.recordings.models import Rendition, Segment
from app.users.models import User


def get_segment(segment_id: str) -> Segment:
    """A segment. Raises NotFound ``segment_unknown``."""
    segment = db.session.get(Segment, segment_id)
    if segment is None:
        raise NotFound("segment_unknown")
    return segment


def find_segment(take_id: str, number: int) -> Segment | None:
    """The segment with this number of a take."""
    return db.session.execute(
        select(Segment).where(Segment.take_id == take_id, Segment.number == number)
    ).scalar_one_or_none()


def segments_of_takes(take_ids: Sequence[str]) -> dict[str, list[Segment]]:
    """The segments of several takes, in order, by take."""
    found: dict[str, list[Segment]] = {take_id: [] for take_id in take_ids}
    statement = select(Segment).where(Segment.take_id.in_(take_ids)).order_by(Segment.number)
    for segment in db.session.scalars(statement):
        found[segment.take_id].append(segment)
    return found


def find_owned_segment(segment_id: str, invitation_id: str | None) -> tuple[Segment, Take] | None:
    """A segment recorded for this invitation, with its take; None when it is another's or nobody's."""
    statement = (
        select(Segment, Take)
        .join(Take, Take.id == Segment.take_id)
        .join(Interview, Interview.id == Take.interview_id)
        .where(Segment.id == segment_id, Interview.invitation_id == invitation_id)
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def find_owned_take(take_id: str, invitation_id: str | None) -> Take | None:
    """A take recorded for this invitation."""
    statement = (
        select(Take)
        .join(Interview, Interview.id == Take.interview_id)
        .where(Take.id == take_id, Interview.invitation_id == invitation_id)
    )
    return db.session.execute(statement).scalar_one_or_none()


def segments_of_candidate(candidate_id: str) -> list[Segment]:
    """Every segment of a candidate that is not erased yet."""
    mine = select(Segment).where(Segment.candidate_id == candidate_id, Segment.status != "erased")
    return list(db.session.scalars(mine))


def find_rendition(take_id: str) -> Rendition | None:
    """The rendition of a take, in whatever state."""
    return db.session.execute(select(Rendition).where(Rendition.take_id == take_id)).scalar_one_or_none()


def get_rendition(rendition_id: str) -> Rendition:
    """A rendition. Raises NotFound ``segment_unknown``."""
    rendition = db.session.get(Rendition, rendition_id)
    if rendition is None:
        raise NotFound("segment_unknown")
    return rendition


def renditions_of_candidate(candidate_id: str) -> list[Rendition]:
    """Every rendition of a candidate that is not erased yet."""
    mine = select(Rendition).where(Rendition.candidate_id == candidate_id, Rendition.status != "erased")
    return list(db.session.scalars(mine))


def name_of_viewer(user_id: str) -> str:
    """The name of one of the company's people; "" for somebody who is none."""
    user = db.session.get(User, user_id)
    return "" if user is None else user.name
