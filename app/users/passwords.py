"""Passwords: argon2id, and equal work whether or not there is an account to check."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def is_password(stored_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one stored. With None (no such account) it takes as long and says no."""
    try:
        _hasher.verify(stored_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
