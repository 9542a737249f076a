"""Invitations as the company handles them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field, StringConstraints

from app.candidates import service as candidates
from app.core.database import current_tenant_id
from app.http.actors import actor
from app.http.callers import STAFF, allow, viewer
from app.http.idempotency import idempotent, idempotent_about
from app.http.pagination import PageQuery, fetch_matching, fetch_page, id_cursor
from app.invitations import queries, service
from app.invitations.models import Invitation
from app.invitations.schemas import (
    InvitationIn,
    InvitationOut,
    InvitationPage,
    InvitationPatch,
    InvitedOut,
    ReasonIn,
    Status,
)
from app.positions.service import titles_of
from app.positions.visibility import check_position, visible_rows
from tenants.keys import candidate_keys

blueprint = APIBlueprint("invitations", __name__, url_prefix="/api/v1/invitations", tag="Invitations")

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class InvitationQuery(PageQuery):
    """A list of invitations, narrowed."""

    position_id: str | None = Field(default=None, max_length=32)
    status: Status | None = None
    unused: Literal["not_begun", "missed", "any"] | None = Field(
        default=None, description="that led to no interview: not begun yet, over, or either"
    )
    q: Words | None = Field(default=None, description="part of a name, or a whole phone number")


@blueprint.post("")
@allow("owner", "recruiter")
@idempotent_about("candidate.id")
@blueprint.input(InvitationIn)
@blueprint.output(InvitationOut, status_code=201)
def invite(json_data: InvitationIn) -> InvitationOut:
    """Invite a candidate for a time window; the invitation goes out and the reminders are planned."""
    check_position(viewer(), json_data.position_id)
    return _shown(service.invite(actor(), **json_data.model_dump()))


@blueprint.get("")
@allow(*STAFF)
@blueprint.input(InvitationQuery, location="query")
@blueprint.output(InvitationPage)
def list_invitations(query_data: InvitationQuery) -> InvitationPage:
    """The invitations I may see, newest first.

    A name is searched among some hundreds at a time: a page may then hold few and still have a next one.
    """
    words = query_data.q
    phone = candidates.phone_index_of(words) if words else None
    wanted = queries.invitations(
        position_id=query_data.position_id,
        status=query_data.status,
        unused=query_data.unused,
        phone_index=phone,
    )
    wanted = wanted.where(visible_rows(viewer(), Invitation.position_id, Invitation.id))
    if words and phone is None:
        rows, cursor = fetch_matching(
            lambda page: fetch_page(wanted, Invitation.id, page),
            lambda found: candidates.named_like(words, found),
            lambda row: id_cursor(row.id),
            query_data,
        )
    else:
        rows, cursor = fetch_page(wanted, Invitation.id, query_data)
    return InvitationPage(items=_all_shown(rows), next_cursor=cursor)


@blueprint.get("/<invitation_id>")
@allow(*STAFF)
@blueprint.output(InvitationOut)
def get_invitation(invitation_id: str) -> InvitationOut:
    """One invitation."""
    return _shown(queries.get_invitation(invitation_id))


@blueprint.patch("/<invitation_id>")
@allow("owner", "recruiter")
@blueprint.input(InvitationPatch)
@blueprint.output(InvitationOut)
def reschedule(invitation_id: str, json_data: InvitationPatch) -> InvitationOut:
    """Move the window; reminders move with it. An expired invitation opens again where it stood.

    The candidate is told by the reminders alone; a help (``extend``, ``delay``) tells them at once.
    """
    return _shown(
        service.reschedule(
            actor(), invitation_id, starts_at=json_data.window_starts_at, ends_at=json_data.window_ends_at
        )
    )


@blueprint.post("/<invitation_id>/cancel")
@allow("owner", "recruiter")
@idempotent
@blueprint.input(ReasonIn)
@blueprint.output(InvitationOut)
def cancel(invitation_id: str, json_data: ReasonIn) -> InvitationOut:
    """Take an invitation back without a word; a help of the kind ``cancel`` tells the candidate why."""
    return _shown(service.cancel(actor(), invitation_id, json_data.reason))


@blueprint.post("/<invitation_id>/unbind")
@allow("owner", "recruiter")
@idempotent
@blueprint.output(InvitationOut)
def unbind(invitation_id: str) -> InvitationOut:
    """Forget which WeChat identity opened it; whoever owns the invited phone can bind it again."""
    return _shown(service.unbind(actor(), invitation_id))


def _shown(invitation: Invitation) -> InvitationOut:
    return _all_shown([invitation])[0]


def _all_shown(rows: Sequence[Invitation]) -> list[InvitationOut]:
    titles = titles_of(row.position_id for row in rows)
    profiles = candidates.profiles_by_id(row.candidate_id for row in rows)
    keys = candidate_keys(current_tenant_id(), list(profiles)) if profiles else {}
    shown = []
    for row in rows:
        profile, key = profiles.get(row.candidate_id), keys.get(row.candidate_id)
        invited = InvitedOut(
            id=row.candidate_id,
            name=profile.name if profile else None,
            masked_phone=profile.masked_phone if profile else None,
        )
        values = {name: getattr(row, name, None) for name in InvitationOut.model_fields}
        values |= {
            "candidate": invited,
            "position": titles[row.position_id],
            "link": service.link_of(row),
            "mini_program_path": service.mini_program_path(row),
            "closing_reason": service.closing_reason(row, key) if key else None,
        }
        shown.append(InvitationOut.model_validate(values))
    return shown
