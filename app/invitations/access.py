"""The invitation of the candidate who is calling: taken from their session and from nothing else."""

from __future__ import annotations

from app.core.errors import NotAuthenticated
from app.http.callers import caller
from app.invitations.models import Invitation
from app.invitations.queries import get_invitation
from app.invitations.windows import check_usable


def current_invitation(*, even_closed: bool = False, late: bool = False, lock: bool = False) -> Invitation:
    """The invitation of the calling candidate, in the open scope of their tenant.

    ``even_closed`` allows one that is over (to read, or to withdraw a consent); ``late`` one whose window ended a while
    ago (for what was begun before); ``lock`` holds it until the transaction ends. Raises Gone ``invitation_cancelled`` |
    ``invitation_declined`` | ``invitation_expired``; NotAuthenticated ``session_ended`` when it was unbound since.
    """
    who = caller()
    invitation = get_invitation(who.invitation_id or "", lock=lock)
    # A session of a browser knows no identity; unbinding ends it like all others.
    known_as = (None, invitation.identity_id)
    if invitation.candidate_id != who.subject or who.identity_id not in known_as:
        raise NotAuthenticated("session_ended")
    if not even_closed:
        check_usable(invitation, late=late)
    return invitation
