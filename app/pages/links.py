"""What the page of an invitation's link shows: nothing that identifies the candidate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.candidates.service import get_candidate, get_profile
from app.core.context import ports
from app.core.database import db
from app.invitations.consent import privacy_facts
from app.invitations.schemas import PrivacyFacts
from app.invitations.service import PAGE, get_invitation_of_link, mini_program_path, tenant_of_link
from app.pages.rendering import zone_name
from app.positions.models import Position
from tenants.tenancy import tenant_scope
from tenants.wechat.apps import get_app


@dataclass(frozen=True)
class Link:
    """An open invitation, its times on the candidate's clock, which ``zone`` names."""

    company: str
    position: str
    status: str
    starts_at: datetime
    ends_at: datetime
    slot_at: datetime | None
    zone: str
    materials: str
    masked_phone: str
    mini_program_path: str
    privacy: PrivacyFacts


def open_link(token: str, language: str) -> Link:
    """What a link says. NotFound ``invitation_unknown``, Gone ``invitation_cancelled`` | ``_declined`` | ``_expired``."""
    tenant = tenant_of_link(token)
    with tenant_scope(tenant.id, read_only=True):
        invitation = get_invitation_of_link(token)
        candidate = get_candidate(invitation.candidate_id)
        zone = ZoneInfo(candidate.time_zone)
        slot = invitation.slot_at
        return Link(
            company=tenant.name,
            position=db.session.get_one(Position, invitation.position_id).title,
            status=invitation.status,
            starts_at=invitation.window_starts_at.astimezone(zone),
            ends_at=invitation.window_ends_at.astimezone(zone),
            slot_at=slot and slot.astimezone(zone),
            zone=zone_name(candidate.time_zone, language),
            materials=invitation.materials,
            masked_phone=get_profile(candidate).masked_phone,
            mini_program_path=mini_program_path(invitation),
            privacy=privacy_facts(language, tenant.name),
        )


def code_image(token: str) -> bytes:
    """The mini-program code that opens a link, as an image. Errors as ``open_link``; OutsideError of WeChat."""
    tenant = tenant_of_link(token)
    with tenant_scope(tenant.id, read_only=True):
        app_id = get_invitation_of_link(token).app_id
    return ports().wechat.mini_program_code(get_app(app_id).app, scene=token, page=PAGE)
