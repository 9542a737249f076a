"""Who sees a position: its members, and whether recruiters see it without being one (T5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.core.database import db
from app.core.errors import Conflict, InvalidInput
from app.positions import queries
from app.positions.models import InvitationViewer, Position, PositionMember
from app.positions.visibility import Viewer, may_see_position
from app.users.models import User
from app.users.service import get_user


@dataclass(frozen=True)
class Member:
    """Somebody who was let see a position."""

    user_id: str
    name: str
    role: str
    status: str
    since: datetime


def members_of(position_id: str) -> list[Member]:
    """The members of a position, longest first."""
    return [
        Member(user.id, user.name, user.role, user.status, member.created_at)
        for member, user in queries.members_of(position_id)
    ]


def add_member(actor: Actor, position_id: str, user_id: str) -> None:
    """Let somebody see a position and everything of it; repeating it changes nothing.

    Raises NotFound ``position_unknown`` | ``user_unknown``, InvalidInput ``user_disabled``.
    """
    position, user = queries.get_position(position_id), _active_user(user_id)
    if _add(PositionMember(position_id=position.id, user_id=user.id, added_by=actor.id)):
        record(actor, "position.member_added", "position", position.id, user=user.id)


def remove_member(actor: Actor, position_id: str, user_id: str) -> None:
    """Take a position out of somebody's sight; repeating it changes nothing.

    A recruiter who would no longer see the position themselves is refused: Conflict ``position_own_membership``.
    """
    position = queries.get_position(position_id, lock=True)
    member = db.session.get(PositionMember, (position.id, user_id))
    if member is None:
        return
    db.session.delete(member)
    db.session.flush()
    _check_still_seen(actor, position)
    record(actor, "position.member_removed", "position", position.id, user=user_id)


def restrict(actor: Actor, position_id: str, restricted: bool) -> Position:
    """Show a position to its members and owners only, or to every recruiter again.

    Raises Conflict ``position_own_membership`` when a recruiter would shut themselves out.
    """
    position = queries.get_position(position_id, lock=True)
    if position.restricted != restricted:
        position.restricted = restricted
        db.session.flush()
        _check_still_seen(actor, position)
        record(actor, "position.restricted" if restricted else "position.opened", "position", position.id)
    return position


def viewers_of(invitation_id: str) -> list[User]:
    """Who was let see this single invitation, longest first."""
    return queries.viewers_of(invitation_id)


def let_see(actor: Actor, invitation_id: str, user_id: str) -> None:
    """Let somebody see one invitation with the interview it leads to; repeating it changes nothing.

    Raises NotFound ``user_unknown``, InvalidInput ``user_disabled``.
    """
    user = _active_user(user_id)
    if _add(InvitationViewer(invitation_id=invitation_id, user_id=user.id, added_by=actor.id)):
        record(actor, "invitation.shown_to", "invitation", invitation_id, user=user.id)


def stop_seeing(actor: Actor, invitation_id: str, user_id: str) -> None:
    """Take a single invitation out of somebody's sight; they keep it when the position is theirs."""
    shown = db.session.get(InvitationViewer, (invitation_id, user_id))
    if shown is not None:
        db.session.delete(shown)
        db.session.flush()
        record(actor, "invitation.hidden_from", "invitation", invitation_id, user=user_id)


def _active_user(user_id: str) -> User:
    user = get_user(user_id)
    if user.status != "active":
        raise InvalidInput("user_disabled")
    return user


def _add(row: PositionMember | InvitationViewer) -> bool:
    """Whether it was not there before."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def _check_still_seen(actor: Actor, position: Position) -> None:
    user = get_user(actor.id)
    if not may_see_position(Viewer(user.id, user.role), position.id):
        raise Conflict("position_own_membership")
