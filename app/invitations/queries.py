"""Reads of invitations and binding codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, and_, or_, select

from app.candidates.models import Candidate, not_erased
from app.contingencies.models import Contingency
from app.core.database import db
from app.core.errors import NotFound
from app.interviews.models import Interview
from app.invitations.models import BindingCode, Invitation
from app.positions.models import Position

OPEN = ("sent", "bound", "started")
MISSED = ("declined", "cancelled", "expired")
UNUSED = {"not_begun": OPEN, "missed": MISSED, "any": (*OPEN, *MISSED)}
LIVE = (*OPEN, "finished")


def invitations(
    *,
    position_id: str | None = None,
    status: str | None = None,
    unused: str | None = None,
    phone_index: str | None = None,
) -> Select[tuple[Invitation]]:
    """Invitations, narrowed by what is given; ``unused`` (a key of UNUSED): those that led to no interview."""
    statement = select(Invitation)
    if unused is not None:
        begun = select(Interview.id).where(Interview.invitation_id == Invitation.id)
        statement = statement.where(
            Invitation.status.in_(UNUSED[unused]), ~begun.exists(), not_erased(Invitation.candidate_id)
        )
    if phone_index is not None:
        candidate = select(Candidate.id).where(Candidate.phone_index == phone_index)
        statement = statement.where(Invitation.candidate_id.in_(candidate))
    if position_id is not None:
        statement = statement.where(Invitation.position_id == position_id)
    if status is not None:
        statement = statement.where(Invitation.status == status)
    return statement


def find_invitation(invitation_id: str, *, lock: bool = True) -> Invitation | None:
    """An invitation, locked until the transaction ends unless told otherwise; None when there is none."""
    return db.session.get(Invitation, invitation_id, with_for_update=True if lock else None)


def get_invitation(invitation_id: str, *, lock: bool = False) -> Invitation:
    """An invitation, locked until the transaction ends when asked. Raises NotFound ``invitation_unknown``."""
    invitation = find_invitation(invitation_id, lock=lock)
    if invitation is None:
        raise NotFound("invitation_unknown")
    return invitation


def get_invitation_by_token(token: str, *, lock: bool = False) -> Invitation:
    """The invitation of its own or of a backup link. Raises NotFound ``invitation_unknown``."""
    backup = select(Contingency.invitation_id).where(Contingency.token == token)
    found = select(Invitation).where(or_(Invitation.token == token, Invitation.id.in_(backup)))
    statement = found.with_for_update() if lock else found
    invitation = db.session.execute(statement).scalar_one_or_none()
    if invitation is None:
        raise NotFound("invitation_unknown")
    return invitation


def find_live_invitation(application_id: str) -> Invitation | None:
    """The invitation of an application that is open or led to an interview."""
    found = select(Invitation).where(Invitation.application_id == application_id, Invitation.status.in_(LIVE))
    return db.session.scalars(found.limit(1)).first()


def invitations_of(identity_ids: Iterable[str], proven: Iterable[str] = ()) -> list[Invitation]:
    """The invitations of one person, newest first.

    Those bound to one of their identities, and those that nobody has opened in WeChat yet of a candidate who is them: by
    another binding, or one of the ``proven`` ones.
    """
    ids = tuple(identity_ids)
    bound = select(Invitation.candidate_id).where(Invitation.identity_id.in_(ids))
    theirs = or_(Invitation.candidate_id.in_(bound), Invitation.candidate_id.in_(tuple(proven)))
    mine = or_(Invitation.identity_id.in_(ids), and_(Invitation.identity_id.is_(None), theirs))
    return list(db.session.scalars(select(Invitation).where(mine).order_by(Invitation.id.desc())))


def invitations_of_candidate(candidate_id: str) -> list[Invitation]:
    """A candidate's invitations, newest first."""
    found = select(Invitation).where(Invitation.candidate_id == candidate_id)
    return list(db.session.scalars(found.order_by(Invitation.id.desc())))


def get_position(position_id: str) -> Position:
    """The position of an invitation. Raises NotFound ``position_unknown``."""
    position = db.session.get(Position, position_id)
    if position is None:
        raise NotFound("position_unknown")
    return position


def code_times(invitation_id: str, since: datetime) -> list[datetime]:
    """When codes were sent for an invitation since a moment, newest first."""
    found = select(BindingCode.created_at).where(
        BindingCode.invitation_id == invitation_id, BindingCode.created_at > since
    )
    return list(db.session.scalars(found.order_by(BindingCode.created_at.desc())))


def find_usable_code(
    invitation_id: str, identity_id: str, now: datetime, *, max_tries: int
) -> BindingCode | None:
    """The newest code of an identity for an invitation, unless it was used, tried too often or is over."""
    newest = (
        select(BindingCode)
        .where(BindingCode.invitation_id == invitation_id, BindingCode.identity_id == identity_id)
        .order_by(BindingCode.id.desc())
        .limit(1)
    )
    code = db.session.scalars(newest).first()
    usable = code is not None and code.used_at is None and code.tries < max_tries and code.expires_at > now
    return code if usable else None


def has_interview(invitation_id: str) -> bool:
    """Whether the candidate began."""
    found = select(Interview.id).where(Interview.invitation_id == invitation_id)
    return db.session.execute(found).first() is not None
