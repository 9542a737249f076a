"""Access tokens with WeChat's own rules of when one ends another."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_SPACING_SECONDS = 30
FORCED_PER_DAY = 20


@dataclass
class _Token:
    app_id: str
    value: str
    expires_at: float


class TokenIssuer:
    """Issues and judges tokens. ``/token`` and ``/stable_token`` are isolated from each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget every token: all of them are refused from now on."""
        with self._lock:
            self._known: dict[str, _Token] = {}
            self._plain: dict[str, _Token] = {}
            self._stable: dict[str, _Token] = {}
            self._forced: dict[str, list[float]] = {}
            self.issued = 0

    def plain(self, app_id: str) -> tuple[str, int]:
        """``/cgi-bin/token``: always a new one; the one before it lives five more minutes at most."""
        with self._lock:
            now = time.monotonic()
            before = self._plain.get(app_id)
            if before:
                before.expires_at = min(before.expires_at, now + OVERLAP_SECONDS)
            token = self._plain[app_id] = self._new(app_id, now)
            return token.value, LIFE_SECONDS

    def stable(self, app_id: str, *, force: bool) -> tuple[str, int] | int:
        """``/cgi-bin/stable_token``: the same until its last five minutes; ``force`` ends it at once.

        A forced refresh less than 30 s after the last gives the present token; more than 20 a day are
        refused (45009).
        """
        with self._lock:
            now = time.monotonic()
            token = self._stable.get(app_id)
            forced = [at for at in self._forced.get(app_id, []) if now - at < 86400]
            if force and token and not (forced and now - forced[-1] < FORCED_SPACING_SECONDS):
                if len(forced) >= FORCED_PER_DAY:
                    return 45009
                self._forced[app_id] = [*forced, now]
                token.expires_at = now
                token = None
            if token is None or token.expires_at - now <= OVERLAP_SECONDS:
                token = self._stable[app_id] = self._new(app_id, now)
            return token.value, int(token.expires_at - now)

    def _new(self, app_id: str, now: float) -> _Token:
        token = _Token(app_id, f"{len(self._known) + 90}_{secrets.token_urlsafe(100)}", now + LIFE_SECONDS)
        self._known[token.value] = token
        self.issued += 1
        return token

    def judge(self, value: str) -> str | int:
        """The app a token is for, or 41001 missing, 40001 unknown, 42001 expired."""
        if not value:
            return 41001
        with self._lock:
            token = self._known.get(value)
            if token is None:
                return 40001
            return token.app_id if token.expires_at > time.monotonic() else 42001

    def revoke(self, app_id: str) -> int:
        """Refuse every token of an app from now on (40001), as after a new secret; how many there were."""
        with self._lock:
            gone = [value for value, token in self._known.items() if token.app_id == app_id]
            for value in gone:
                del self._known[value]
            self._plain.pop(app_id, None)
            self._stable.pop(app_id, None)
            return len(gone)
