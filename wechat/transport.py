"""How requests reach WeChat: one pooled session, a configurable base URL, and what a broken one tells us."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

OFFICIAL_BASE_URL = "https://api.weixin.qq.com"


class BaseUrlAdapter(HTTPAdapter):
    """Sends what is addressed to the official base URL to another one.

    wechatpy writes some URLs in full, so changing its base URL alone would still call the official server.
    """

    def __init__(self, base_url: str, *, pool_size: int) -> None:
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)
        self._base_url = base_url.rstrip("/")

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request to our base URL. Raises what requests raises."""
        url = request.url or ""
        if url.startswith(OFFICIAL_BASE_URL + "/"):
            request.url = self._base_url + url[len(OFFICIAL_BASE_URL) :]
        return super().send(request, *args, **kwargs)


def open_session(base_url: str, *, pool_size: int = 32) -> requests.Session:
    """A session that many threads may share: it keeps no cookies and repeats nothing by itself."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount(OFFICIAL_BASE_URL + "/", BaseUrlAdapter(base_url, pool_size=pool_size))
    # Proxies of the environment are for the real service; a stand-in is reached directly.
    session.trust_env = base_url.rstrip("/") == OFFICIAL_BASE_URL
    return session


def never_left(error: requests.RequestException) -> bool:
    """Whether a failed request certainly did not reach WeChat: no connection came about.

    Everything else (read time-out, connection closed or reset after connecting) leaves it open.
    """
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(
        reason,
        (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.ProxyError,
        ),
    )
