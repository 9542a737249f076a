"""Sessions: short access tokens and rotating refresh tokens.

A refresh token works once and names its family. Using one a second time means it was stolen or copied: the whole family
ends and its owner signs in again. Only within ``GRACE`` of its use it is answered again, because two tabs ask at once and an
answer may be lost on the way; then with the one successor it already has, so that a family is one chain and whoever copied
a token is found out when the chain goes on. Access tokens of an ended family are refused at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult

from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import current_tenant_id, db
from app.core.errors import NotAuthenticated
from app.core.ids import new_id
from app.users.models import RefreshToken

GRACE = timedelta(seconds=20)


@dataclass(frozen=True)
class TokenPair:
    """What a signed-in client holds. ``expires_in`` counts seconds of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int


def open_session(subject: str, claims: dict[str, Any]) -> TokenPair:
    """A new family for a subject of the bound tenant. ``claims`` hold ``role`` and what the role needs."""
    return _issue(new_id(), subject, claims, new_id())


def renew_session(refresh_token: str) -> TokenPair:
    """Exchange a refresh token of the bound tenant for the next pair. Raises NotAuthenticated ``session_ended``.

    The caller commits also when this raises ``refresh_reused``: the family's end must last.
    """
    try:
        token = decode_token(refresh_token)
    except (JWTExtendedException, PyJWTError) as error:
        raise NotAuthenticated("session_ended") from error
    if token.get("tenant") != current_tenant_id():
        raise NotAuthenticated("session_ended")
    now, successor_id = utcnow(), new_id()
    claim = (
        update(RefreshToken)
        .where(
            RefreshToken.id == token["jti"],
            RefreshToken.used_at.is_(None),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .values(used_at=now, successor_id=successor_id)
        .execution_options(synchronize_session=False)
    )
    result = db.session.execute(claim)
    assert isinstance(result, CursorResult)
    row = db.session.get(RefreshToken, token["jti"])
    if row is None:
        raise NotAuthenticated("session_ended")
    if result.rowcount == 1:
        return _issue(successor_id, row.subject, row.claims, row.family)
    newest = _asked_again(row, now)
    if newest is None:
        end_family(row.family)
        raise NotAuthenticated("refresh_reused" if row.used_at else "session_ended")
    return _signed(newest)


def end_family(family: str) -> None:
    """Sign out: nothing of this family is accepted any more."""
    db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=utcnow())
    )


def end_sessions_of(subject: str, **claims: str) -> None:
    """End every session of a subject (disabled, unbound); with ``claims`` only the sessions that carry them."""
    living = select(RefreshToken).where(RefreshToken.subject == subject, RefreshToken.revoked_at.is_(None))
    # Locked: a renewal at this moment is waited for, and the token it made ends too.
    for token in db.session.scalars(living.with_for_update()):
        if claims.items() <= token.claims.items():
            token.revoked_at = utcnow()
    db.session.flush()


def is_family_alive(family: str) -> bool:
    """Whether a family of the bound tenant was not ended."""
    living = (
        select(RefreshToken.id)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .limit(1)
    )
    return db.session.execute(living).first() is not None


def _asked_again(row: RefreshToken, now: datetime) -> RefreshToken | None:
    """What follows a token that is used again within moments: the end of its chain, in a session that nobody ended."""
    found: RefreshToken | None = row
    while found is not None and found.used_at is not None and now - found.used_at <= GRACE:
        found = db.session.get(RefreshToken, found.successor_id or "")
    if found is None or found.used_at is not None or found.revoked_at is not None or now >= found.expires_at:
        return None
    return found


def _issue(token_id: str, subject: str, claims: dict[str, Any], family: str) -> TokenPair:
    row = RefreshToken(
        id=token_id,
        family=family,
        subject=subject,
        claims={**claims, "tenant": current_tenant_id(), "family": family},
        expires_at=utcnow() + timedelta(days=settings().refresh_token_days),
    )
    db.session.add(row)
    return _signed(row)


def _signed(row: RefreshToken) -> TokenPair:
    refresh = create_refresh_token(
        row.subject,
        expires_delta=row.expires_at - utcnow(),
        additional_claims={**row.claims, "jti": row.id},
    )
    access = create_access_token(
        row.subject, expires_delta=settings().access_token_lifetime, additional_claims=row.claims
    )
    return TokenPair(access, refresh, int(settings().access_token_lifetime.total_seconds()))
