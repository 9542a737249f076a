"""Binding an invitation to one person: whoever proves to own the invited phone, and nobody else (C1).

The proof is a six-digit code by SMS or WeChat's own verified number. A forwarded link proves nothing. Codes are kept as
keyed hashes, work for ten minutes, five tries and one use; how many are sent is limited per invitation, in the database.

A browser outside WeChat has no identity that lasts: its visitor proves the phone each time it opens a session, and binds
nothing, so the same person may go on in WeChat and in as many browsers as they own, always as the same candidate.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audits.service import Actor, record
from app.candidates import service as candidates
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import blind_index
from app.core.errors import DomainError, Forbidden, Gone, InvalidInput, TooManyRequests
from app.core.faults import fault_point
from app.core.ids import new_id
from app.invitations.models import BindingCode, Invitation
from app.invitations.queries import code_times, find_usable_code, get_invitation_by_token
from app.invitations.service import check_usable
from app.messages.service import plan_binding_code
from app.users.sessions import TokenPair, open_session
from tenants.keys import tenant_key
from tenants.wechat import add_membership, get_identity

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
# At most this many codes of one invitation in this time: a code may be guessed, and an SMS costs and annoys.
CODE_LIMITS = ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1)))


@dataclass(frozen=True)
class SentCode:
    """Where a code went and until when it works."""

    masked_phone: str
    expires_at: datetime


@dataclass(frozen=True)
class Bound:
    """A candidate's new session for one invitation."""

    invitation_id: str
    tokens: TokenPair


def open_offer(token: str, identity_id: str | None, *, lock: bool = False) -> Invitation:
    """The invitation of a link as one WeChat identity, or a browser (None), may use it.

    Raises NotFound ``invitation_unknown``, Gone when it is over, Forbidden ``wechat_app_mismatch``,
    ``invitation_bound_elsewhere``.
    """
    invitation = get_invitation_by_token(token, lock=lock)
    check_usable(invitation)
    if identity_id is None:
        return invitation
    if get_identity(identity_id).app_id != invitation.app_id:
        raise Forbidden("wechat_app_mismatch")
    if invitation.identity_id not in {None, identity_id}:
        raise Forbidden("invitation_bound_elsewhere")
    return invitation


def send_code(token: str, visitor_id: str, *, in_browser: bool = False) -> SentCode:
    """Send a fresh code to the invited phone; an earlier one of this visitor stops working.

    ``visitor_id`` is a WeChat identity, or the id of one visit in a browser. Raises as ``open_offer``, and
    TooManyRequests ``binding_codes_used_up``.
    """
    invitation = open_offer(token, None if in_browser else visitor_id, lock=True)
    now = utcnow()
    for most, period in CODE_LIMITS:
        recent = code_times(invitation.id, now - period)
        if len(recent) >= most:
            wait = (recent[most - 1] + period - now).total_seconds()
            raise TooManyRequests("binding_codes_used_up", seconds=max(1, round(wait)))
    code, code_id = f"{secrets.randbelow(10**6):06d}", new_id()
    row = BindingCode(
        id=code_id,
        invitation_id=invitation.id,
        identity_id=visitor_id,
        code_hash=_hash(code_id, code),
        expires_at=now + CODE_LIFETIME,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    plan_binding_code(invitation, code)
    profile = candidates.get_profile(candidates.get_candidate(invitation.candidate_id))
    return SentCode(profile.masked_phone, row.expires_at)


def bind(
    token: str,
    visitor_id: str,
    *,
    code: str | None = None,
    proven_phone: str | None = None,
    in_browser: bool = False,
) -> Bound | DomainError:
    """Bind the invitation to an identity and open the candidate's session; already bound to it, no proof is needed.

    A visit ``in_browser`` opens a session by its proof and binds no identity. A wrong proof is returned, not raised: the
    caller commits the used try, then raises it. ``proven_phone`` is what WeChat verified. Raises as ``open_offer``.
    """
    identity_id = None if in_browser else visitor_id
    invitation = open_offer(token, identity_id, lock=True)
    if in_browser or invitation.identity_id is None:
        refusal = _check_proof(invitation, visitor_id, code, proven_phone)
        if refusal is not None:
            return refusal
        _mark_bound(invitation, identity_id, by="code" if code else "phone")
    claims = {"role": "candidate", "invitation": invitation.id, "identity": identity_id}
    bound = Bound(invitation.id, open_session(invitation.candidate_id, claims))
    db.session.flush()
    fault_point("binding.recorded")
    return bound


def _mark_bound(invitation: Invitation, identity_id: str | None, *, by: str) -> None:
    """The invited person is here, known by their WeChat identity or (None) in a browser."""
    invitation.bound_at = invitation.bound_at or utcnow()
    if invitation.status == "sent":
        invitation.status = "bound"
    if identity_id is not None:
        invitation.identity_id = identity_id
    db.session.flush()
    if identity_id is not None:
        # Before our commit: a membership without a binding shows nothing, a binding without one would be hidden.
        add_membership(identity_id, current_tenant_id(), "candidate", invitation.candidate_id)
    action = "invitation.opened_in_browser" if identity_id is None else "invitation.bound"
    record(Actor("candidate", invitation.candidate_id), action, "invitation", invitation.id, by=by)


def _check_proof(
    invitation: Invitation, visitor_id: str, code: str | None, proven_phone: str | None
) -> DomainError | None:
    if proven_phone is not None:
        invited = candidates.get_profile(candidates.get_candidate(invitation.candidate_id)).phone
        same = hmac.compare_digest(invited.encode(), proven_phone.encode())
        return None if same else InvalidInput("phone_not_invited")
    if code is None:
        return InvalidInput("binding_proof_missing")
    return _use_code(invitation, visitor_id, code)


def _use_code(invitation: Invitation, visitor_id: str, code: str) -> DomainError | None:
    row = find_usable_code(invitation.id, visitor_id, utcnow(), max_tries=CODE_TRIES)
    if row is None:
        return Gone("binding_code_expired")
    row.tries += 1  # the invitation is locked: tries cannot overtake one another
    if hmac.compare_digest(row.code_hash, _hash(row.id, code)):
        row.used_at = utcnow()
        return None
    return InvalidInput("binding_code_wrong", tries_left=CODE_TRIES - row.tries)


def _hash(code_id: str, code: str) -> str:
    """Keyed, because six digits are soon tried out against a plain hash."""
    return blind_index(tenant_key(current_tenant_id()), f"binding_code:{code_id}:{code}")
