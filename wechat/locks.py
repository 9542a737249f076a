"""A lock in Valkey (``SET NX`` with an owner and a life-time) that never spoils the work done under it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from redis import Redis
from redis.exceptions import LockError, RedisError

from app.core.errors import RetryableError


@contextlib.contextmanager
def held(valkey: Redis, name: str, *, life_seconds: float, wait_seconds: float, busy: str) -> Iterator[None]:
    """Hold the lock ``name`` for a block.

    RetryableError ``busy`` when somebody else keeps it longer than ``wait_seconds``, ``valkey_down`` when
    Valkey does not answer. Trouble in giving the lock back is ignored: the work is done and the lock ends
    by itself.
    """
    lock = valkey.lock(name, timeout=life_seconds, blocking_timeout=wait_seconds, sleep=0.02)
    try:
        got = lock.acquire()
    except RedisError:
        raise RetryableError("valkey_down") from None
    if not got:
        raise RetryableError(busy, after_seconds=2.0)
    try:
        yield
    finally:
        with contextlib.suppress(LockError, RedisError):
            lock.release()
