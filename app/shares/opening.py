"""Opening a share: whoever proves to own the named phone, and nobody else. A forwarded link proves nothing.

Inside WeChat the first identity that proves it is the only one from then on. A browser has no identity that lasts: it proves
the phone each time and binds nothing, as with invitations (ADR 19).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audits.service import Actor, record
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.encryption import blind_index
from app.core.errors import (
    DomainError,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    OutsideError,
    TooManyRequests,
    Unavailable,
    UncertainError,
)
from app.core.ids import new_id
from app.shares import queries, service
from app.shares.models import Share
from app.users.sessions import TokenPair, open_session
from tenants.keys import candidate_key, tenant_key
from tenants.tenancy import TenantRecord, find_tenant_of_link, get_tenant

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CODE_WAIT = timedelta(minutes=1)
MOST_CODES = 20


@dataclass(frozen=True)
class Code:
    """A code to be sent once the transaction that stored it is over."""

    phone: str
    masked_phone: str
    body: str
    reference: str
    expires_at: datetime


@dataclass(frozen=True)
class Opened:
    """A reader's new session for one share."""

    share_id: str
    tokens: TokenPair


def tenant_of_link(token: str) -> TenantRecord:
    """The tenant of a link. NotFound ``share_unknown`` for a wrong one and for a company that is not active."""
    tenant = find_tenant_of_link(token)
    if tenant is None:
        raise NotFound("share_unknown")
    return tenant


def open_link(token: str, identity_id: str | None = None, *, lock: bool = False) -> Share:
    """The share of a link as one WeChat identity, or a browser (None), may use it.

    Raises NotFound ``share_unknown``, Gone as ``check_usable``, Forbidden ``share_opened_elsewhere``.
    """
    made = queries.get_share_by_token(token, lock=lock)
    service.check_usable(made)
    if identity_id is not None and made.identity_id not in {None, identity_id}:
        raise Forbidden("share_opened_elsewhere")
    return made


def make_code(token: str, visitor_id: str, identity_id: str | None, tongue: str) -> Code:
    """A fresh code for the named phone; an earlier one stops working. The caller sends it after the commit.

    Raises as ``open_link``, and TooManyRequests ``share_codes_used_up``.
    """
    made, now = open_link(token, identity_id, lock=True), utcnow()
    if made.code_sent_at is not None and made.code_sent_at + CODE_WAIT > now:
        wait = (made.code_sent_at + CODE_WAIT - now).total_seconds()
        raise TooManyRequests("share_codes_used_up", seconds=max(1, round(wait)))
    if made.codes_sent >= MOST_CODES:
        raise TooManyRequests(
            "share_codes_used_up", seconds=max(1, round((made.expires_at - now).total_seconds()))
        )
    code, made.code_id = f"{secrets.randbelow(10**6):06d}", new_id()
    made.code_hash, made.code_visitor = _hash(made.code_id, code), visitor_id
    made.code_tries, made.code_sent_at, made.codes_sent = 0, now, made.codes_sent + 1
    db.session.flush()
    person = service.person_of(made, candidate_key(current_tenant_id(), made.candidate_id))
    company = get_tenant(current_tenant_id()).name
    body = text(tongue, "shares.code", code=code, company=company)
    return Code(person.phone, person.masked_phone, body, made.code_id, now + CODE_LIFETIME)


def send_code(code: Code) -> None:
    """Hand a code to the SMS gateway, with no transaction open. Unavailable ``share_code_not_sent`` if it refused."""
    try:
        ports().text_messages.send_text(code.phone, code.body, reference=code.reference)
    except UncertainError:
        return  # it may arrive; asking again in a minute sends another
    except OutsideError as error:
        raise Unavailable("share_code_not_sent") from error


def open_share(
    token: str,
    visitor_id: str,
    identity_id: str | None,
    *,
    code: str | None = None,
    proven_phone: str | None = None,
) -> Opened | DomainError:
    """Open a session that sees this one interview; in WeChat it binds the link to who proved the phone first.

    A wrong proof is returned, not raised: the caller commits the used try, then raises it. Raises as ``open_link``.
    """
    made = open_link(token, identity_id, lock=True)
    if identity_id is None or made.identity_id is None:
        refusal = _check_proof(made, visitor_id, code, proven_phone)
        if refusal is not None:
            return refusal
        made.identity_id = made.identity_id or identity_id
        made.opened_at = made.opened_at or utcnow()
        record(Actor("guest", made.id), "share.opened", "interview", made.interview_id, share=made.id)
    pair = open_session(made.id, {"role": "guest", "identity": identity_id})
    db.session.flush()
    return Opened(made.id, pair)


def _check_proof(
    made: Share, visitor_id: str, code: str | None, proven_phone: str | None
) -> DomainError | None:
    if proven_phone is not None:
        named = service.person_of(made, candidate_key(current_tenant_id(), made.candidate_id)).phone
        same = hmac.compare_digest(named.encode(), proven_phone.encode())
        return None if same else InvalidInput("share_phone_other")
    if code is None:
        return InvalidInput("share_proof_missing")
    alive = made.code_sent_at is not None and made.code_sent_at + CODE_LIFETIME > utcnow()
    if made.code_hash is None or made.code_id is None or not alive or made.code_tries >= CODE_TRIES:
        return Gone("share_code_expired")
    if made.code_visitor != visitor_id:
        return Gone("share_code_expired")
    made.code_tries += 1  # the share is locked: tries cannot overtake one another
    if not hmac.compare_digest(made.code_hash, _hash(made.code_id, code)):
        return InvalidInput("share_code_wrong", tries_left=CODE_TRIES - made.code_tries)
    made.code_hash = None
    return None


def _hash(code_id: str, code: str) -> str:
    """Keyed, because six digits are soon tried out against a plain hash."""
    return blind_index(tenant_key(current_tenant_id()), f"share_code:{code_id}:{code}")
