"""What can be done with the company's people and their sessions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.core.database import db
from app.core.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from app.users import queries
from app.users.models import User
from app.users.passwords import hash_password, is_password
from app.users.phones import end_codes, unbind
from app.users.queries import find_user_by_email, get_user, lock_active_owners
from app.users.sessions import TokenPair, end_sessions_of, open_session
from tenants.tenancy import find_active_tenant, tenant_scope, tenant_transaction

__all__ = [
    "add_user",
    "change_own_password",
    "change_user",
    "colleagues",
    "ensure_owner",
    "find_active",
    "get_user",
    "names_of",
    "sign_in",
]


def sign_in(company: str, email: str, password: str) -> tuple[TokenPair, User, str]:
    """Open a session: (tokens, person, tenant id). Opens and commits a transaction of its own.

    Raises NotAuthenticated ``sign_in_refused`` whatever was wrong, after the same amount of work.
    """
    tenant = find_active_tenant(slug=company.strip().lower())
    if tenant is None:
        is_password(None, password)
        raise NotAuthenticated("sign_in_refused")
    with tenant_scope(tenant.id, read_only=True):
        found = find_user_by_email(email)
        user_id, stored = (found.id, found.password_hash) if found is not None else (None, None)
    # Hashing takes long on purpose: no transaction is open meanwhile.
    if not is_password(stored, password) or user_id is None:
        raise NotAuthenticated("sign_in_refused")
    with tenant_transaction(tenant.id):
        user = get_user(user_id, lock=True)  # whoever disables them waits, and ends this session too
        if user.status != "active" or user.password_hash != stored:
            raise NotAuthenticated("sign_in_refused")
        pair = open_session(user.id, {"role": user.role})
        record(Actor("user", user.id), "session.opened", "user", user.id)
        db.session.flush()
        db.session.expunge(user)
        return pair, user, tenant.id


def change_own_password(user_id: str, current: str, new: str) -> TokenPair:
    """Change one's password: every session and one-time code ends, a bound phone is unbound, a new session begins.

    Raises InvalidInput ``password_wrong``.
    """
    user = get_user(user_id)
    if not is_password(user.password_hash, current):
        raise InvalidInput("password_wrong")
    user.password_hash = hash_password(new)
    # Whoever changes it may fear that somebody was in: they might have bound a phone of their own.
    unbind(Actor("user", user.id), user.id)
    end_sessions_of(user.id)
    record(Actor("user", user.id), "user.password_changed", "user", user.id)
    return open_session(user.id, {"role": user.role})


def add_user(actor: Actor, *, email: str, name: str, role: str, password: str) -> User:
    """A new person of the company. Raises Conflict ``email_taken``."""
    if find_user_by_email(email) is not None:
        raise Conflict("email_taken")
    user = User(email=email.strip().lower(), name=name, role=role, password_hash=hash_password(password))
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        raise Conflict("email_taken") from error
    record(actor, "user.added", "user", user.id, role=role)
    return user


def change_user(
    actor: Actor,
    user_id: str,
    *,
    role: str | None = None,
    status: str | None = None,
    password: str | None = None,
) -> User:
    """Change a person's role, status or forgotten password; their sessions and one-time codes end.

    A new password also unbinds their phone. Raises Conflict ``last_owner``.
    """
    owners = lock_active_owners()
    user = get_user(user_id)
    new_role, new_status = role or user.role, status or user.status
    is_moved = (new_role, new_status) != (user.role, user.status)
    if not is_moved and password is None:
        return user
    if is_moved and [owner.id for owner in owners] == [user.id]:
        raise Conflict("last_owner")
    user.role, user.status = new_role, new_status
    if password is not None:
        user.password_hash = hash_password(password)
        unbind(actor, user.id)
    end_sessions_of(user.id)
    end_codes(user.id)
    record(
        actor,
        "user.changed",
        "user",
        user.id,
        role=new_role,
        status=new_status,
        new_password=password is not None,
    )
    return user


def ensure_owner(*, email: str, name: str, password: str) -> User:
    """The first owner, while a company is being made: repeating it with other values replaces them."""
    owners = lock_active_owners()
    user = owners[0] if owners else User(role="owner")
    user.email, user.name, user.password_hash = email.strip().lower(), name, hash_password(password)
    db.session.add(user)
    db.session.flush()
    return user


def names_of(user_ids: Iterable[str]) -> dict[str, str]:
    """Names of the company's people by id."""
    return {row.id: row.name for row in queries.rows_with_names(user_ids)}


def find_active(user_id: str) -> User:
    """A person of the company who can sign in. Raises NotFound ``user_unknown``."""
    user = get_user(user_id)
    if user.status != "active":
        raise NotFound("user_unknown")
    return user


def users() -> Select[tuple[User]]:
    """Everybody of the company, also who cannot sign in any more."""
    return queries.users()


def colleagues(most: int = 200) -> list[User]:
    """People of the company who can sign in, by name."""
    return queries.active_users(most)
