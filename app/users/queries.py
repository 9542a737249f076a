"""Reads of the company's people."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.core.database import db
from app.core.errors import NotFound
from app.users.models import User


def users() -> Select[tuple[User]]:
    """Everybody of the company."""
    return select(User)


def get_user(user_id: str, *, lock: bool = False) -> User:
    """A person by id, locked until the transaction ends when asked. Raises NotFound ``user_unknown``."""
    user = db.session.get(User, user_id, with_for_update=True if lock else None)
    if user is None:
        raise NotFound("user_unknown")
    return user


def find_user_by_email(email: str) -> User | None:
    """A person by e-mail address, in any case of letters."""
    return db.session.execute(select(User).where(User.email == email.strip().lower())).scalar_one_or_none()


def lock_active_owners() -> list[User]:
    """Every owner who can sign in, locked until the transaction ends so that the last one is not lost."""
    owners = select(User).where(User.role == "owner", User.status == "active").with_for_update()
    return list(db.session.scalars(owners))
