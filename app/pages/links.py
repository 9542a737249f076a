"""What the page of an invitation's link shows: nothing that identifies the candidate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.candidates.service import get_candidate, get_profile
from app.core.context import ports
from app.core.database import db
from app.core.errors import NotFound
from app.invitations.consent import privacy_facts
from app.invitations.models import Invitation
from app.invitations.schemas import PrivacyFacts
from app.invitations.service import PAGE, check_usable, mini_program_path
from app.pages.rendering import zone_name
from app.positions.models import Position
from tenants.tenancy import TenantRecord, find_active_tenant, tenant_scope
from tenants.wechat import get_app

_TOKEN = re.compile(r"[0-9A-Za-z]{28}")


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
    tenant = _tenant_of(token)
    with tenant_scope(tenant.id, read_only=True):
        invitation = _invitation(token)
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
    tenant = _tenant_of(token)
    with tenant_scope(tenant.id, read_only=True):
        app_id = _invitation(token).app_id
    return ports().wechat.mini_program_code(get_app(app_id).app, scene=token, page=PAGE)


def _invitation(token: str) -> Invitation:
    invitation = db.session.execute(select(Invitation).where(Invitation.token == token)).scalar_one_or_none()
    if invitation is None:
        raise NotFound("invitation_unknown")
    check_usable(invitation)
    return invitation


def _tenant_of(token: str) -> TenantRecord:
    """The tenant of a link. A wrong link and one of a company that is not active get the same answer."""
    tenant = find_active_tenant(link_key=token[:6]) if _TOKEN.fullmatch(token) else None
    if tenant is None:
        raise NotFound("invitation_unknown")
    return tenant
