"""What a candidate agreed to receive as WeChat messages (N2). The ledger belongs to the mini-program, not the company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import InvalidInput
from app.invitations.models import Invitation
from tenants.wechat.apps import get_app, templates_of
from tenants.wechat.identities import get_identity
from tenants.wechat.ledger import add_consent, remaining_consents


def subscriptions_of(invitation: Invitation, identity_id: str | None) -> dict[str, Any]:
    """Active templates of the invitation's mini-program, and how many messages each may still carry.

    None at all for a caller without a WeChat identity: a browser cannot ask for them.
    """
    if identity_id is None:
        return {"templates": [], "remaining": {}}
    active = [template for template in templates_of(invitation.app_id) if template.status == "active"]
    known = {template.template_id for template in active}
    left = remaining_consents(get_identity(identity_id))
    return {
        "templates": [{"template_id": t.template_id, "purpose": t.purpose} for t in active],
        "remaining": {template_id: left.get(template_id, 0) for template_id in sorted(known)},
    }


def count_consents(
    invitation: Invitation, identity_id: str | None, results: Mapping[str, str], request_id: str
) -> None:
    """Count every accepted template of one ``wx.requestSubscribeMessage``, once.

    Where WeChat's own events count the consents, the client's report changes nothing. Raises InvalidInput
    ``template_unknown``.
    """
    known = {template.template_id for template in templates_of(invitation.app_id)}
    if identity_id is None or not results.keys() <= known:
        raise InvalidInput("template_unknown")
    if get_app(invitation.app_id).consent_source != "client":
        return
    identity = get_identity(identity_id)
    for template_id, answer in results.items():
        if answer == "accept":
            key = f"client:{identity_id}:{request_id}:{template_id}"
            add_consent(identity, template_id, source="client", source_key=key)
