"""Binding an invitation to one person: whoever proves to own the invited phone, and nobody else (C1).

The proof is a six-digit code by SMS or e-mail, or WeChat's own verified number. A forwarded link proves nothing. Codes are
kept as keyed hashes, work for ten minutes, five tries and one use; how many are sent is limited per invitation, in the
database.

A browser outside WeChat has no identity that lasts: its visitor proves the phone each time it opens a session, and binds
nothing, so the same person may go on in WeChat and in as many browsers as they own, always as the same candidate. WeChat's
own browser is one with a memory: an official account says whose it is, so that who proved it once, or is bound in the
mini-program of the same unionid, needs no code again (ADR 22).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audits.service import Actor, record
from app.candidates import service as candidates
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.encryption import blind_index
from app.core.errors import Conflict, DomainError, Forbidden, Gone, InvalidInput, TooManyRequests
from app.core.faults import fault_point
from app.core.ids import new_id
from app.invitations.models import BindingCode, Invitation
from app.invitations.queries import code_times, find_usable_code, get_invitation_by_token, has_interview
from app.invitations.windows import check_usable
from app.messages.service import plan_binding_code
from app.users.sessions import TokenPair, open_session
from tenants.keys import tenant_key
from tenants.wechat.apps import OFFICIAL_ACCOUNT, get_app
from tenants.wechat.identities import Person, add_membership, find_person, get_identity

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
# At most this many codes of one invitation in this time: a code may be guessed, and an SMS costs and annoys.
CODE_LIMITS = ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1)))


@dataclass(frozen=True)
class Visitor:
    """Who came with a link. ``id`` is what their codes are for: an identity, or one visit in a browser.

    ``identity_id`` is a mini-program's, which an invitation is bound to; ``account_id`` an official account's, in WeChat's
    browser, which proves who somebody is and is bound to nothing, because no message of ours goes there.
    """

    id: str
    identity_id: str | None = None
    account_id: str | None = None
    app_id: str | None = None
    person: Person | None = None

    def is_known(self, invitation: Invitation) -> bool:
        """Whether this is the invited person without another proof."""
        if self.person is None or not self.person.counts_in(current_tenant_id()):
            return False
        if self.identity_id is not None and invitation.identity_id is not None:
            return invitation.identity_id == self.identity_id
        bound = invitation.identity_id in self.person.identities
        return bound or self.person.is_proven(current_tenant_id(), invitation.candidate_id)


def visitor_of(subject: str, identity_id: str | None) -> Visitor:
    """The visitor of a session. Raises NotFound ``identity_unknown``."""
    if identity_id is None:
        return Visitor(subject)
    app_id, person = get_identity(identity_id).app_id, find_person(identity_id)
    if get_app(app_id).kind == OFFICIAL_ACCOUNT:
        return Visitor(subject, None, identity_id, app_id, person)
    return Visitor(subject, identity_id, None, app_id, person)


@dataclass(frozen=True)
class SentCode:
    """Where a code went and until when it works."""

    sent_to: str
    expires_at: datetime


@dataclass(frozen=True)
class Bound:
    """A candidate's new session for one invitation."""

    invitation_id: str
    tokens: TokenPair


def open_offer(token: str, visitor: Visitor, *, lock: bool = False) -> Invitation:
    """The invitation of a link as this visitor may use it; only mini-programs can be the wrong place.

    Raises NotFound ``invitation_unknown``, Gone when it is over, Forbidden ``wechat_app_mismatch``,
    ``invitation_bound_elsewhere``.
    """
    invitation = get_invitation_by_token(token, lock=lock)
    check_usable(invitation, late=has_interview(invitation.id))
    if visitor.identity_id is None:
        return invitation
    if visitor.app_id != invitation.app_id:
        raise Forbidden("wechat_app_mismatch")
    if invitation.identity_id not in {None, visitor.identity_id}:
        raise Forbidden("invitation_bound_elsewhere")
    return invitation


def send_code(token: str, visitor: Visitor, *, channel: str = "sms") -> SentCode:
    """Send a fresh code to the invited phone or e-mail; an earlier one of this visitor stops working.

    Raises as ``open_offer``, Conflict ``no_email_for_code``, and TooManyRequests ``binding_codes_used_up``: codes of every
    visitor and channel count together.
    """
    invitation = open_offer(token, visitor, lock=True)
    profile = candidates.get_profile(candidates.get_candidate(invitation.candidate_id))
    masked = profile.masked_email if channel == "email" else profile.masked_phone
    if masked is None or (channel == "email" and not ports().mails.is_configured):
        raise Conflict("no_email_for_code")
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
        identity_id=visitor.id,
        channel=channel,
        code_hash=_hash(code_id, code),
        expires_at=now + CODE_LIFETIME,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    plan_binding_code(invitation, code, channel=channel)
    return SentCode(masked, row.expires_at)


def bind(
    token: str, visitor: Visitor, *, code: str | None = None, proven_phone: str | None = None
) -> Bound | DomainError:
    """Open the candidate's session for whoever is known or proves it, and bind the invitation to a mini-program's identity.

    A browser binds nothing. A wrong proof is returned, not raised: the caller commits the used try, then raises it.
    ``proven_phone`` is what WeChat verified. Raises as ``open_offer``.
    """
    invitation = open_offer(token, visitor, lock=True)
    known = visitor.is_known(invitation)
    proof: str | DomainError = "known" if known else _proof(invitation, visitor, code, proven_phone)
    if isinstance(proof, DomainError):
        return proof
    if not (known and invitation.bound_at and visitor.identity_id == invitation.identity_id):
        _mark_opened(invitation, visitor, by=proof)
    claims = {"role": "candidate", "invitation": invitation.id, "identity": visitor.identity_id}
    bound = Bound(invitation.id, open_session(invitation.candidate_id, claims))
    db.session.flush()
    fault_point("binding.recorded")
    return bound


def _mark_opened(invitation: Invitation, visitor: Visitor, *, by: str) -> None:
    """The invited person is here, known by their WeChat identity or in a browser."""
    invitation.bound_at = invitation.bound_at or utcnow()
    if invitation.status == "sent":
        invitation.status = "bound"
    if visitor.identity_id is not None:
        invitation.identity_id = visitor.identity_id
    db.session.flush()
    member = visitor.identity_id or (visitor.account_id if by != "known" else None)
    if member is not None:
        # Before our commit: a membership without a binding shows nothing, a binding without one would be hidden. An
        # official account's is itself the memory of a proof, and was proven whatever becomes of this transaction.
        add_membership(member, current_tenant_id(), "candidate", invitation.candidate_id)
    action = "invitation.opened_in_browser" if visitor.identity_id is None else "invitation.bound"
    record(Actor("candidate", invitation.candidate_id), action, "invitation", invitation.id, by=by)


def _proof(
    invitation: Invitation, visitor: Visitor, code: str | None, proven_phone: str | None
) -> str | DomainError:
    """What proved it: phone (WeChat's), code or email_code; or the refusal."""
    if proven_phone is not None:
        invited = candidates.get_profile(candidates.get_candidate(invitation.candidate_id)).phone
        same = hmac.compare_digest(invited.encode(), proven_phone.encode())
        return "phone" if same else InvalidInput("phone_not_invited")
    if code is None:
        return InvalidInput("binding_proof_missing")
    return _use_code(invitation, visitor.id, code)


def _use_code(invitation: Invitation, visitor_id: str, code: str) -> str | DomainError:
    row = find_usable_code(invitation.id, visitor_id, utcnow(), max_tries=CODE_TRIES)
    if row is None:
        return Gone("binding_code_expired")
    row.tries += 1  # the invitation is locked: tries cannot overtake one another
    if hmac.compare_digest(row.code_hash, _hash(row.id, code)):
        row.used_at = utcnow()
        return "email_code" if row.channel == "email" else "code"
    return InvalidInput("binding_code_wrong", tries_left=CODE_TRIES - row.tries)


def _hash(code_id: str, code: str) -> str:
    """Keyed, because six digits are soon tried out against a plain hash."""
    return blind_index(tenant_key(current_tenant_id()), f"binding_code:{code_id}:{code}")
