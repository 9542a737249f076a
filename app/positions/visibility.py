"""What of the company's positions a person of it may see (T5), for every route, page, list and digest.

An owner sees everything; a recruiter every position but the restricted ones they are no member of; an interviewer and a
lead only positions they are members of. Beside that anybody may be let see a single invitation with its interview.

Lists narrow themselves with a condition (``visible_positions``, ``visible_rows``, ``visible_candidates``). Routes that name
one thing need nothing: the guard in ``app.http.callers`` checks every path parameter that ``SUBJECTS`` knows. Ids that come
in a body or a query are checked with ``check_position`` and its like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from app.candidates.models import Application, Candidate
from app.core.database import db
from app.core.errors import Forbidden
from app.drafts.models import Draft, PreAssessmentRow
from app.interviews.models import Interview, Take
from app.invitations.models import Invitation
from app.messages.models import Message
from app.positions.models import InvitationViewer, Position, PositionMember
from app.recordings.models import Segment
from app.shares.models import Share
from app.users.models import User

MOST_NAMES = 3


@dataclass(frozen=True)
class Viewer:
    """Somebody of the company. ``role``: owner, recruiter, interviewer or lead."""

    user_id: str
    role: str


# --- conditions for lists -----------------------------------------------------------------------------------------


def visible_positions(viewer: Viewer, position_id: Any) -> ColumnElement[bool]:
    """That the position whose id a column holds is visible as a whole."""
    if viewer.role == "owner":
        return true()
    is_member = exists().where(
        PositionMember.position_id == position_id, PositionMember.user_id == viewer.user_id
    )
    if viewer.role != "recruiter":
        return is_member
    one = aliased(Position)  # the list itself may be one of positions
    is_open = exists().where(one.id == position_id, one.restricted.is_(False))
    return or_(is_open, is_member)


def visible_rows(viewer: Viewer, position_id: Any, invitation_id: Any) -> ColumnElement[bool]:
    """That a row of a position and an invitation is visible, by the position or by the single invitation."""
    if viewer.role == "owner":
        return true()
    is_shared = exists().where(
        InvitationViewer.invitation_id == invitation_id, InvitationViewer.user_id == viewer.user_id
    )
    return or_(visible_positions(viewer, position_id), is_shared)


def visible_invitations(viewer: Viewer) -> Select[str]:
    """Ids of the invitations somebody may see: ``Thread.invitation_id.in_(...)``."""
    return select(Invitation.id).where(visible_rows(viewer, Invitation.position_id, Invitation.id))


def visible_interviews(viewer: Viewer) -> Select[str]:
    """Ids of the interviews somebody may see: ``Appeal.interview_id.in_(...)``."""
    return select(Interview.id).where(visible_rows(viewer, Interview.position_id, Interview.invitation_id))


def visible_candidates(viewer: Viewer) -> ColumnElement[bool]:
    """That a candidate applied for something visible; those who applied for nothing yet are their recruiters' to see."""
    if viewer.role == "owner":
        return true()
    application, invitation = aliased(Application), aliased(Invitation)
    applied = exists().where(application.candidate_id == Candidate.id)
    seen = or_(
        exists().where(
            application.candidate_id == Candidate.id, visible_positions(viewer, application.position_id)
        ),
        exists().where(
            invitation.candidate_id == Candidate.id,
            InvitationViewer.invitation_id == invitation.id,
            InvitationViewer.user_id == viewer.user_id,
        ),
    )
    return or_(seen, ~applied) if viewer.role == "recruiter" else seen


# --- one thing ----------------------------------------------------------------------------------------------------


def may_see_position(viewer: Viewer, position_id: str) -> bool:
    """Whether a position is visible as a whole; not when there is none."""
    found = select(Position.id).where(Position.id == position_id, visible_positions(viewer, Position.id))
    return db.session.execute(found).first() is not None


def may_see_candidate(viewer: Viewer, candidate_id: str) -> bool:
    """Whether a candidate is visible; not when there is none."""
    found = select(Candidate.id).where(Candidate.id == candidate_id, visible_candidates(viewer))
    return db.session.execute(found).first() is not None


def check_position(viewer: Viewer, position_id: str) -> None:
    """Raises Forbidden ``position_not_visible``; silent about a position that does not exist."""
    check(viewer, "position_id", position_id)


def check_interview(viewer: Viewer, interview_id: str) -> None:
    """As ``check_position`` for an interview."""
    check(viewer, "interview_id", interview_id)


def check_invitation(viewer: Viewer, invitation_id: str) -> None:
    """As ``check_position`` for an invitation."""
    check(viewer, "invitation_id", invitation_id)


def check_candidate(viewer: Viewer, candidate_id: str) -> None:
    """As ``check_position`` for a candidate."""
    check(viewer, "candidate_id", candidate_id)


def check(viewer: Viewer, parameter: str, value: str) -> None:
    """Refuse what a path parameter names when the viewer may not see it; what does not exist is left to the route."""
    if viewer.role == "owner" or parameter not in SUBJECTS:
        return
    wanted, position_id, condition = SUBJECTS[parameter](viewer, value)
    # Two questions: one by the condition alone would not tell a hidden thing from one that never was.
    row = db.session.execute(wanted.add_columns(position_id)).first()
    if row is None or db.session.execute(wanted.where(condition)).first() is not None:
        return
    raise Forbidden("position_not_visible", who=_who_to_ask(row[1]))


def candidate_of(parameter: str, value: str) -> str | None:
    """The candidate whom a path parameter leads to; None where it leads to nobody, or nowhere."""
    if parameter not in _ABOUT_CANDIDATES:
        return None
    row_id, candidate_id = _ABOUT_CANDIDATES[parameter]
    return db.session.execute(select(candidate_id).where(row_id == value)).scalar_one_or_none()


_ABOUT_CANDIDATES: dict[str, tuple[Any, Any]] = {
    "candidate_id": (Candidate.id, Candidate.id),
    "invitation_id": (Invitation.id, Invitation.candidate_id),
    "interview_id": (Interview.id, Interview.candidate_id),
    "message_id": (Message.id, Message.candidate_id),
    "take_id": (Take.id, Take.candidate_id),
    "segment_id": (Segment.id, Segment.candidate_id),
    "share_id": (Share.id, Share.candidate_id),
    "preassessment_id": (PreAssessmentRow.id, PreAssessmentRow.candidate_id),
}
Subject = Callable[[Viewer, str], tuple[Select[Any], Any, ColumnElement[bool]]]


def _position(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    return (
        select(Position.id).where(Position.id == value),
        Position.id,
        visible_positions(viewer, Position.id),
    )


def _by_invitation(statement: Select[Any], viewer: Viewer) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    return statement, Invitation.position_id, visible_rows(viewer, Invitation.position_id, Invitation.id)


def _invitation(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    return _by_invitation(select(Invitation.id).where(Invitation.id == value), viewer)


def _message(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    joined = select(Message.id).join(Invitation, Invitation.id == Message.invitation_id)
    return _by_invitation(joined.where(Message.id == value), viewer)


def _by_interview(statement: Select[Any], viewer: Viewer) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    condition = visible_rows(viewer, Interview.position_id, Interview.invitation_id)
    return statement, Interview.position_id, condition


def _interview(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    return _by_interview(select(Interview.id).where(Interview.id == value), viewer)


def _take(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    joined = select(Take.id).join(Interview, Interview.id == Take.interview_id)
    return _by_interview(joined.where(Take.id == value), viewer)


def _segment(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    joined = select(Segment.id).join(Take, Take.id == Segment.take_id)
    joined = joined.join(Interview, Interview.id == Take.interview_id)
    return _by_interview(joined.where(Segment.id == value), viewer)


def _share(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    joined = select(Share.id).join(Interview, Interview.id == Share.interview_id)
    return _by_interview(joined.where(Share.id == value), viewer)


def _candidate(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    newest = select(Application.position_id).where(Application.candidate_id == Candidate.id)
    position_id = newest.order_by(Application.id.desc()).limit(1).scalar_subquery()
    return select(Candidate.id).where(Candidate.id == value), position_id, visible_candidates(viewer)


def _draft(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    seen = or_(Draft.position_id.is_(None), visible_positions(viewer, Draft.position_id))
    return select(Draft.id).where(Draft.id == value), Draft.position_id, seen


def _preassessment(viewer: Viewer, value: str) -> tuple[Select[Any], Any, ColumnElement[bool]]:
    found = select(PreAssessmentRow.id).where(PreAssessmentRow.id == value)
    return found, PreAssessmentRow.position_id, visible_positions(viewer, PreAssessmentRow.position_id)


SUBJECTS: dict[str, Subject] = {
    "position_id": _position,
    "invitation_id": _invitation,
    "interview_id": _interview,
    "candidate_id": _candidate,
    "message_id": _message,
    "take_id": _take,
    "segment_id": _segment,
    "share_id": _share,
    "draft_id": _draft,
    "preassessment_id": _preassessment,
}
"""Path parameters that lead to a position: (what it names, its position's id, when it is visible)."""


def _who_to_ask(position_id: str | None) -> str:
    """Names of those who may open a position to others: its maker and recruiters among its members, then owners."""
    members = select(PositionMember.user_id).where(PositionMember.position_id == position_id)
    maker = select(Position.created_by).where(Position.id == position_id)
    near = and_(User.role == "recruiter", or_(User.id.in_(members), User.id.in_(maker)))
    found = (
        select(User.name)
        .where(User.status == "active", or_(near, User.role == "owner"))
        .order_by(User.role.desc(), User.created_at)
        .limit(MOST_NAMES)
    )
    return ", ".join(db.session.scalars(found))
