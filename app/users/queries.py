"""Reads of the company's people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, Select, select

from app.core.database import db
from app.core.errors import NotFound
from app.users.models import PhoneCode, User, UserPhone


def users() -> Select[tuple[User]]:
    """Everybody of the company."""
    return select(User)


def colleagues() -> Select[tuple[User]]:
    """Everybody of the company who can sign in."""
    return select(User).where(User.status == "active")


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


def rows_with_names(user_ids: Iterable[str]) -> Sequence[Row[str, str]]:
    """Ids and names of people."""
    return db.session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids)))).all()


def active_users(most: int) -> list[User]:
    """People who can sign in, by name."""
    found = select(User).where(User.status == "active").order_by(User.name, User.id).limit(most)
    return list(db.session.scalars(found))


def find_code(code_hash: str) -> PhoneCode | None:
    """The code with this hash."""
    found = select(PhoneCode).where(PhoneCode.code_hash == code_hash)
    return db.session.execute(found).scalar_one_or_none()


def open_codes(user_id: str, now: datetime) -> list[PhoneCode]:
    """The codes of a person that work, locked until the transaction ends."""
    working = (PhoneCode.used_at.is_(None), PhoneCode.expires_at > now)
    return list(
        db.session.scalars(select(PhoneCode).where(PhoneCode.user_id == user_id, *working).with_for_update())
    )


def find_phone(identity_id: str, *, fresh: bool = False) -> UserPhone | None:
    """Whose phone a WeChat identity is; read with a lock and anew when asked."""
    found = select(UserPhone).where(UserPhone.identity_id == identity_id)
    if fresh:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one_or_none()


def phones_of(user_ids: Iterable[str]) -> list[UserPhone]:
    """The phones of these people."""
    return list(db.session.scalars(select(UserPhone).where(UserPhone.user_id.in_(set(user_ids)))))
