"""Access tokens shared by every process through Valkey, one per app.

``stable_token`` answers the same token on repeat and renews it in its last five minutes, so a cached copy
lives ``expires_in - 300`` seconds. A token is replaced only while it is still the one that failed: of many
processes that meet the same refusal, one fetches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from app.core.errors import RateLimited, RetryableError
from app.ports import WeChatApp
from wechat.locks import held

RENEWAL_SECONDS = 300
FORCED_REFRESHES_PER_DAY = 20
FORCED_REFRESH_SPACING_SECONDS = 30


@dataclass(frozen=True)
class FreshToken:
    """A token as WeChat gave it; it is good for ``expires_in`` more seconds."""

    value: str
    expires_in: int


class AccessTokens:
    """The shared tokens. ``fetch(app, force)`` asks WeChat; ``force`` makes it replace a token it thinks is
    good.
    """

    def __init__(
        self, valkey: Redis, fetch: Callable[[WeChatApp, bool], FreshToken], *, wait_seconds: float
    ) -> None:
        self._valkey = valkey
        self._fetch = fetch
        self._wait_seconds = wait_seconds

    def current(self, app: WeChatApp) -> str:
        """The token to use now, fetched once however many ask. RetryableError when none can be had."""
        return self._stored(app) or self._refresh(app, refused=None)

    def replace(self, app: WeChatApp, refused: str) -> str:
        """A token other than the refused one, fetched unless somebody has already replaced it.

        RateLimited ``token_refresh_limited`` when WeChat insists on the refused token and its limits on
        forced refreshes (20 a day, 30 s apart) are used up.
        """
        return self._refresh(app, refused=refused)

    def _refresh(self, app: WeChatApp, *, refused: str | None) -> str:
        # The lock ends before the others give up: a holder that died or hangs costs them a wait, not a
        # failure. A second fetch beside a slow first one is harmless, since WeChat gives both the same token.
        key, life = _key("token-lock", app), self._wait_seconds
        with held(self._valkey, key, life_seconds=life, wait_seconds=life + 1, busy="token_busy"):
            stored = self._stored(app)
            if stored and stored != refused:
                return stored
            fresh = self._fetch(app, False)
            if fresh.value == refused:
                self._count_forced_refresh(app)
                fresh = self._fetch(app, True)
            self._store(app, fresh)
            return fresh.value

    def _stored(self, app: WeChatApp) -> str | None:
        try:
            value = self._valkey.get(_key("token", app))
        except RedisError:
            raise RetryableError("valkey_down") from None
        return value.decode() if isinstance(value, bytes) else value

    def _store(self, app: WeChatApp, fresh: FreshToken) -> None:
        life = max(fresh.expires_in - RENEWAL_SECONDS, 1)
        try:
            self._valkey.set(_key("token", app), fresh.value, ex=life)
        except RedisError:
            return  # the token is good even if nobody else will find it

    def _count_forced_refresh(self, app: WeChatApp) -> None:
        """Count one forced refresh against WeChat's limits, or refuse it."""
        spacing, count = _key("token-forced-at", app), _key("token-forced", app)
        try:
            spaced = self._valkey.set(spacing, 1, nx=True, ex=FORCED_REFRESH_SPACING_SECONDS)
            self._valkey.set(count, 0, nx=True, ex=24 * 3600)
            used = int(self._valkey.incr(count)) if spaced else 0
        except RedisError:
            raise RetryableError("valkey_down") from None
        if not spaced:
            raise RateLimited("token_refresh_limited", after_seconds=FORCED_REFRESH_SPACING_SECONDS)
        if used > FORCED_REFRESHES_PER_DAY:
            raise RateLimited("token_refresh_limited", after_seconds=3600)


def _key(kind: str, app: WeChatApp) -> str:
    """A key of this app *and* this secret: whoever names another's app id with a wrong secret finds no
    token.
    """
    fingerprint = hashlib.sha256(f"{app.app_id}:{app.secret}".encode()).hexdigest()[:16]
    return f"wechat:{kind}:{app.app_id}:{fingerprint}"
