"""People of a company on their phones: a one-time code binds a WeChat identity once, after that WeChat's word lets in.

Only oneself makes the code, with one's password: whoever enters it with the company's code is that person, and a session
held for a moment must not become one that lasts. In a browser it opens a session and binds nothing. A new password unbinds.
A company knows one identity for each person and one person for each identity; the same WeChat may be somebody in other
companies, and a candidate anywhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import blind_index
from app.core.errors import Conflict, Forbidden, Gone, InvalidInput
from app.users import queries
from app.users.models import PhoneCode, User, UserPhone
from app.users.passwords import is_password
from app.users.sessions import TokenPair, end_sessions_of, open_session
from tenants.keys import tenant_key
from tenants.tenancy import TenantRecord, get_tenant, tenancy, tenant_scope, tenant_transaction
from tenants.wechat.apps import get_app
from tenants.wechat.identities import add_membership, get_identity, memberships_of, remove_memberships

CODE_LIFETIME = timedelta(minutes=10)
CODE_LENGTH = 8
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else: 31^8 codes
KIND = "user"
VIA_PHONE = "phone"


@dataclass(frozen=True)
class MadeCode:
    """A code to be shown once."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Entered:
    """A session opened on a phone."""

    tokens: TokenPair
    role: str
    name: str
    tenant_id: str


@dataclass(frozen=True)
class Workplace:
    """A company where an identity is somebody. ``problem``: the code of what stands in the way now, if anything does."""

    tenant: TenantRecord
    name: str | None
    role: str | None
    problem: str | None


def make_code(user_id: str, password: str) -> MadeCode:
    """A fresh code for oneself; an earlier one stops working.

    Raises NotFound ``user_unknown``, Forbidden ``account_disabled``, InvalidInput ``password_wrong``.
    """
    user = _require_active(queries.get_user(user_id, lock=True))
    if not is_password(user.password_hash, password):
        raise InvalidInput("password_wrong")
    now, code = utcnow(), "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    end_codes(user.id)
    db.session.add(
        PhoneCode(
            user_id=user.id,
            code_hash=_hash(code),
            made_by=user.id,
            expires_at=now + CODE_LIFETIME,
            created_at=now,
        )
    )
    db.session.flush()
    record(Actor("user", user.id), "phone.code_made", "user", user.id)
    return MadeCode(code, now + CODE_LIFETIME)


def enter_with_code(company: str, code: str, identity_id: str | None) -> Entered:
    """Use a code: bind the identity, if there is one, and open a session. Opens and commits a transaction of its own.

    Raises InvalidInput ``phone_code_wrong`` (an unknown company too), Gone ``phone_code_used`` | ``phone_code_expired``,
    Forbidden ``account_disabled`` | ``tenant_inactive`` | ``phone_app_foreign``, Conflict ``phone_bound_to_other``.
    """
    tenant = tenancy().record("slug", company.strip().lower())
    if tenant is None:
        raise InvalidInput("phone_code_wrong")
    with tenant_transaction(tenant.id):
        user = _use(code)
        if identity_id is not None:
            _bind(user, identity_id, tenant.id)
        return _enter(user, tenant.id, identity_id)


def enter(identity_id: str, tenant_id: str) -> Entered:
    """Open a session for whoever a bound identity is in a company. Opens and commits a transaction of its own.

    Raises Forbidden ``phone_not_bound`` | ``account_disabled`` | ``tenant_inactive``.
    """
    if (tenant_id, KIND) not in {(found, kind) for found, kind, _ in memberships_of(identity_id)}:
        raise Forbidden("phone_not_bound")
    with tenant_transaction(tenant_id):
        phone = queries.find_phone(identity_id)
        if phone is None:
            raise Forbidden("phone_not_bound")
        user = _require_active(queries.get_user(phone.user_id, lock=True))
        # Locked with the user: an unbinding at this moment has ended it, or will end the session made now.
        if queries.find_phone(identity_id, fresh=True) is None:
            raise Forbidden("phone_not_bound")
        return _enter(user, tenant_id, identity_id)


def workplaces_of(identity_id: str) -> list[Workplace]:
    """The companies where an identity is somebody, first bound first."""
    tenants = dict.fromkeys(tenant for tenant, kind, _ in memberships_of(identity_id) if kind == KIND)
    found = [_workplace(get_tenant(tenant_id), identity_id) for tenant_id in tenants]
    return [place for place in found if place is not None]


def unbind(actor: Actor, user_id: str) -> None:
    """Forget somebody's phone and end its sessions at once; repeating it changes nothing. NotFound ``user_unknown``."""
    user = queries.get_user(user_id, lock=True)
    phone = db.session.get(UserPhone, user.id)
    end_codes(user.id)
    end_sessions_of(user.id, via=VIA_PHONE)
    if phone is None:
        return
    db.session.delete(phone)
    db.session.flush()
    # Before our commit: a binding without a membership lets nobody in.
    remove_memberships(current_tenant_id(), KIND, user.id)
    record(actor, "phone.unbound", "user", user.id)


def end_codes(user_id: str) -> None:
    """What was made and not entered yet lets nobody in any more."""
    now = utcnow()
    for code in queries.open_codes(user_id, now):
        code.expires_at = now
    db.session.flush()


def bound_at_of(user_ids: Iterable[str]) -> dict[str, datetime]:
    """Since when these people's phones are bound; nobody without one."""
    return {phone.user_id: phone.bound_at for phone in queries.phones_of(user_ids)}


def _workplace(tenant: TenantRecord, identity_id: str) -> Workplace | None:
    try:
        with tenant_scope(tenant.id, read_only=True):
            phone = queries.find_phone(identity_id)
            if phone is None:
                return None
            user = queries.get_user(phone.user_id)
            problem = None if user.status == "active" else "account_disabled"
            return Workplace(tenant, user.name, user.role, problem)
    except Forbidden as error:  # suspended or erased
        return Workplace(tenant, None, None, error.code)


def _use(code: str) -> User:
    """Whose code it is; from now on it is nobody's."""
    row = queries.find_code(_hash(code.strip().upper()))
    if row is None:
        raise InvalidInput("phone_code_wrong")
    # The person before their code, as everywhere: two transactions that lock them crosswise would end one another.
    user = _require_active(queries.get_user(row.user_id, lock=True))
    db.session.refresh(row, with_for_update=True)
    if row.used_at is not None:
        raise Gone("phone_code_used")
    if row.expires_at <= utcnow():
        raise Gone("phone_code_expired")
    row.used_at = utcnow()
    return user


def _bind(user: User, identity_id: str, tenant_id: str) -> None:
    app = get_app(get_identity(identity_id).app_id)
    if app.tenant_id not in {None, tenant_id}:
        raise Forbidden("phone_app_foreign")
    other = queries.find_phone(identity_id)
    if other is not None and other.user_id != user.id:
        raise Conflict("phone_bound_to_other")
    mine = db.session.get(UserPhone, user.id)
    if mine is not None and mine.identity_id == identity_id:
        return
    try:
        if mine is None:
            db.session.add(UserPhone(user_id=user.id, identity_id=identity_id))
        else:  # another phone: the one before is out
            end_sessions_of(user.id, via=VIA_PHONE)
            remove_memberships(tenant_id, KIND, user.id)
            mine.identity_id, mine.bound_at = identity_id, utcnow()
        db.session.flush()
    except IntegrityError as error:  # this WeChat became somebody else's at the same moment
        raise Conflict("phone_bound_to_other") from error
    # Before our commit: a membership without a binding shows nothing, a binding without one would be hidden.
    add_membership(identity_id, tenant_id, KIND, user.id)
    record(Actor("user", user.id), "phone.bound", "user", user.id)


def _enter(user: User, tenant_id: str, identity_id: str | None) -> Entered:
    pair = open_session(user.id, {"role": user.role, "via": VIA_PHONE, "identity": identity_id})
    record(Actor("user", user.id), "session.opened", "user", user.id, via=VIA_PHONE)
    db.session.flush()
    return Entered(pair, user.role, user.name, tenant_id)


def _require_active(user: User) -> User:
    if user.status != "active":
        raise Forbidden("account_disabled")
    return user


def _hash(code: str) -> str:
    return blind_index(tenant_key(current_tenant_id()), f"phone_code:{code}")
