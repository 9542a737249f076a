"""Reads of positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, Select, select

from app.core.database import db
from app.core.errors import NotFound
from app.positions.models import InvitationViewer, Position, PositionMember, PositionVersion
from app.users.models import User


def positions() -> Select[tuple[Position]]:
    """Every position."""
    return select(Position)


def get_position(position_id: str, *, lock: bool = False) -> Position:
    """A position, locked until the transaction ends when asked. Raises NotFound ``position_unknown``."""
    position = db.session.get(Position, position_id, with_for_update=True if lock else None)
    if position is None:
        raise NotFound("position_unknown")
    return position


def get_version(position_id: str, number: int) -> PositionVersion:
    """One version of a position's rubric. Raises NotFound ``position_unknown``."""
    version = db.session.execute(
        select(PositionVersion).where(
            PositionVersion.position_id == position_id, PositionVersion.number == number
        )
    ).scalar_one_or_none()
    if version is None:
        raise NotFound("position_unknown")
    return version


def title_rows(position_ids: Iterable[str]) -> Sequence[Row[str, str]]:
    """Ids and titles of positions."""
    statement = select(Position.id, Position.title).where(Position.id.in_(set(position_ids)))
    return db.session.execute(statement).all()


def viewers_of(invitation_id: str) -> list[User]:
    """Who was let see this single invitation, longest first."""
    statement = (
        select(User)
        .join(InvitationViewer, InvitationViewer.user_id == User.id)
        .where(InvitationViewer.invitation_id == invitation_id)
        .order_by(InvitationViewer.created_at, User.id)
    )
    return list(db.session.scalars(statement))


def members_of(position_id: str) -> Sequence[Row[PositionMember, User]]:
    """The members of a position with who they are, longest first."""
    statement = (
        select(PositionMember, User)
        .join(User, User.id == PositionMember.user_id)
        .where(PositionMember.position_id == position_id)
        .order_by(PositionMember.created_at, User.id)
    )
    return db.session.execute(statement).all()
