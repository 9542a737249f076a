"""A candidate's own invitations, as they see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.clock import utcnow
from app.core.database import current_tenant_id
from app.invitations.models import Invitation
from app.invitations.queries import OPEN, invitations_of, invitations_of_candidate
from app.messages.service import told_results
from app.positions.service import titles_of
from tenants.wechat.identities import Person


def invitations_of_person(person: Person) -> list[dict[str, Any]]:
    """The open tenant's invitations of somebody WeChat knows, newest first, as they may see them."""
    tenant_id = current_tenant_id()
    proven = [candidate for place, candidate in person.proven if place == tenant_id]
    return _listed(
        invitations_of(person.identities, proven),
        lambda one: one.identity_id in person.identities or one.candidate_id in proven,
    )


def own_invitations(candidate_id: str, proven_id: str) -> list[dict[str, Any]]:
    """All invitations of one candidate, newest first; ``proven_id`` is the one whose phone they proved."""
    return _listed(invitations_of_candidate(candidate_id), lambda one: one.id == proven_id)


def _listed(found: list[Invitation], is_proven: Callable[[Invitation], bool]) -> list[dict[str, Any]]:
    titles = titles_of(invitation.position_id for invitation in found)
    told = told_results(invitation.id for invitation in found)
    return [
        {
            "id": invitation.id,
            "token": invitation.token,
            "position": titles[invitation.position_id],
            "status": invitation.status,
            "window_starts_at": invitation.window_starts_at,
            "window_ends_at": invitation.window_ends_at,
            "slot_at": invitation.slot_at,
            "next_step": _next_step(invitation, invitation.id in told),
            "proven": is_proven(invitation),
        }
        for invitation in found
    ]


def _next_step(invitation: Invitation, told: bool) -> str:
    """What comes next for the candidate: prepare | start | go_on | wait | result | over."""
    if invitation.status == "finished":
        return "result" if told else "wait"
    now = utcnow()
    if invitation.status not in OPEN or invitation.window_ends_at <= now:
        return "over"
    if invitation.status == "started":
        return "go_on"
    return "start" if invitation.window_starts_at <= now else "prepare"
