"""Group robots of WeCom, Feishu and DingTalk, and plain JSON signed as Standard Webhooks.

The address comes from a customer, so a request must never reach anything inside: https only, a name that resolves to
public addresses only, the connection made to the very address that was checked, no redirects, no proxy, short times and
small answers. The embedded and test profiles may also reach this machine over http, where the sandbox is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote_plus, urlsplit

from app.core.errors import PermanentError, RateLimited, RetryableError
from app.ports import GroupRobots, RobotAddress, RobotNews
from config import Settings

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 16 * 1024
WECOM_MARKDOWN_BYTES = 4096
_BUSY_SECONDS = 60.0
_MARKS = str.maketrans(dict.fromkeys("<>[]*_`#@\r\n", " "))

# What the services answer with status 200 beside success; everything else they name is a refusal.
_BUSY = {"wecom": {45009, 45033}, "feishu": {9499, 11232}, "dingtalk": {90018, 90030, 130101}}
_AWAY = {"wecom": {-1}, "feishu": set[int](), "dingtalk": {-1}}
_UNKNOWN = {"wecom": {93000}, "feishu": {19001}, "dingtalk": {300001}}


@dataclass(frozen=True)
class _Request:
    """One POST: the query to add, the body and headers beside the content type."""

    query: str
    body: bytes
    headers: Mapping[str, str]


class HttpGroupRobots:
    """Posts to group robots. With ``local`` also to this machine, over http."""

    def __init__(self, *, local: bool) -> None:
        self._local = local

    def check_address(self, address: RobotAddress) -> None:
        """See GroupRobots."""
        self._parts(address.url)

    def post(self, address: RobotAddress, news: RobotNews) -> None:
        """See GroupRobots."""
        parts = self._parts(address.url)
        host = self._checked_host(parts)
        request = _FORMS[address.format](address, news)
        status, raw = _send(parts, host, request)
        _check(address.format, status, raw)

    def _parts(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise PermanentError("robot_address_refused", "not an address") from error
        name = parts.hostname or ""
        if not name or parts.username is not None or parts.fragment or not url.isascii():
            raise PermanentError("robot_address_refused", "not an address")
        here = self._local and _is_loopback(name)
        if parts.scheme != "https" and not (here and parts.scheme == "http"):
            raise PermanentError("robot_address_refused", "not https")
        if not here and (port not in (None, 443) or _is_inside(name)):
            raise PermanentError("robot_address_refused", "not public")
        return parts

    def _checked_host(self, parts: SplitResult) -> str:
        """An address of the host: the connection is made to it, so that a name cannot mean another one a moment later."""
        name, here = parts.hostname or "", self._local and _is_loopback(parts.hostname or "")
        try:
            found = socket.getaddrinfo(name, parts.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise RetryableError("robot_down", "name") from error
        addresses = [str(place[4][0]) for place in found]
        if not here and not all(_is_public(address) for address in addresses):
            raise PermanentError("robot_address_refused", "not public")
        return addresses[0]


def build_robots(settings: Settings) -> GroupRobots:
    """The robots the settings allow."""
    return HttpGroupRobots(local=settings.profile != "production")


# --- forms -----------------------------------------------------------------------------------------------------------


def _wecom(_address: RobotAddress, news: RobotNews) -> _Request:
    head, foot = f"**{_plain(news.title)}**", f"[{_plain(news.link_text)}]({news.link})"
    lines = [f"> {_plain(line)}" for line in news.lines]
    while len("\n".join([head, *lines, foot]).encode()) > WECOM_MARKDOWN_BYTES and lines:
        lines.pop()
    content = "\n".join([head, *lines, foot])
    return _json({"msgtype": "markdown", "markdown": {"content": content}})


def _feishu(address: RobotAddress, news: RobotNews) -> _Request:
    rows: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in news.lines]
    rows.append([{"tag": "a", "text": news.link_text, "href": news.link}])
    post = {"zh_cn": {"title": news.title, "content": rows}}
    body: dict[str, Any] = {"msg_type": "post", "content": {"post": post}}
    if address.secret:
        now = str(int(time.time()))
        # The service signs nothing with a key made of the moment and the secret.
        signed = hmac.new(f"{now}\n{address.secret}".encode(), b"", hashlib.sha256).digest()
        body = {"timestamp": now, "sign": base64.b64encode(signed).decode(), **body}
    return _json(body)


def _dingtalk(address: RobotAddress, news: RobotNews) -> _Request:
    lines = "\n\n".join(f"- {_plain(line)}" for line in news.lines)
    text = f"### {_plain(news.title)}\n\n{lines}\n\n[{_plain(news.link_text)}]({news.link})"
    query = ""
    if address.secret:
        now = str(int(time.time() * 1000))
        signed = hmac.new(address.secret.encode(), f"{now}\n{address.secret}".encode(), hashlib.sha256)
        query = f"timestamp={now}&sign={quote_plus(base64.b64encode(signed.digest()))}"
    return _json({"msgtype": "markdown", "markdown": {"title": news.title, "text": text}}, query=query)


def _plain_json(address: RobotAddress, news: RobotNews) -> _Request:
    request = _json({"type": "alerts.waiting", "title": news.title, "link": news.link, **news.facts})
    now = str(int(time.time()))
    headers = {"webhook-id": news.id, "webhook-timestamp": now}
    if address.secret:
        signed = hmac.new(
            address.secret.encode(), f"{news.id}.{now}.".encode() + request.body, hashlib.sha256
        )
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed.digest()).decode()}"
    return _Request("", request.body, headers)


_FORMS = {"wecom": _wecom, "feishu": _feishu, "dingtalk": _dingtalk, "json": _plain_json}


def _json(body: Mapping[str, Any], *, query: str = "") -> _Request:
    return _Request(query, json.dumps(body, ensure_ascii=False).encode(), {})


def _plain(words: str) -> str:
    """Without what the messengers would read as markup or as a call to somebody."""
    return words.translate(_MARKS)


# --- the call ----------------------------------------------------------------------------------------------------------


def _send(parts: SplitResult, host: str, request: _Request) -> tuple[int, bytes]:
    """Status and body of the answer. Raises RetryableError ``robot_down``, PermanentError of an answer too large."""
    name, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    query = "&".join(part for part in (parts.query, request.query) if part)
    path = (parts.path or "/") + (f"?{query}" if query else "")
    headers = {
        "Host": name if parts.port is None else f"{name}:{parts.port}",
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Weimian",
        **request.headers,
    }
    try:
        with (
            _connected(host, port, name if secure else None) as line,
            _cut_after(line, ANSWER_SECONDS) as late,
        ):
            call = http.client.HTTPConnection(name, port)
            call.sock = line
            call.request("POST", path, request.body, headers)
            with call.getresponse() as answer:
                raw = _read(answer)
            if late.is_set():  # what was cut off may look whole
                raise RetryableError("robot_down", "slow")
            return answer.status, raw
    except http.client.InvalidURL as error:
        raise PermanentError("robot_address_refused", "not an address") from error
    except (http.client.HTTPException, OSError) as error:
        raise RetryableError("robot_down", type(error).__name__) from error


@contextmanager
def _connected(host: str, port: int, name: str | None) -> Iterator[socket.socket]:
    """A connection to an address; with ``name`` encrypted, by a certificate of that name."""
    with socket.create_connection((host, port), CONNECT_SECONDS) as line:
        if name is None:
            line.settimeout(ANSWER_SECONDS)
            yield line
            return
        with ssl.create_default_context().wrap_socket(line, server_hostname=name) as encrypted:
            encrypted.settimeout(ANSWER_SECONDS)
            yield encrypted


@contextmanager
def _cut_after(line: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """End a connection after a time, whatever comes: a byte now and then would keep its reader for days."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(seconds, cut)
    clock.daemon = True
    clock.start()
    try:
        yield late
    finally:
        clock.cancel()


def _read(answer: http.client.HTTPResponse) -> bytes:
    raw = b""
    while piece := answer.read1(4096):
        raw += piece
        if len(raw) > LARGEST_ANSWER_BYTES:
            raise PermanentError("robot_refused", "answer too large")
    return raw


def _check(form: str, status: int, raw: bytes) -> None:
    """Raise what the answer means; robots answer 200 and put their refusal into the body."""
    if 300 <= status < 400:
        raise PermanentError("robot_address_refused", "redirect")
    if status == 429:
        raise RateLimited("robot_busy", after_seconds=_BUSY_SECONDS)
    if status >= 500:
        raise RetryableError("robot_down", str(status))
    code = 0 if form == "json" else _code(form, raw, status)
    if code in _BUSY.get(form, ()):
        raise RateLimited("robot_busy", after_seconds=_BUSY_SECONDS)
    if code in _AWAY.get(form, ()):
        raise RetryableError("robot_down", str(code))
    if code in _UNKNOWN.get(form, ()) or status in (404, 410):
        raise PermanentError("robot_unknown", str(code or status))
    if code != 0 or status >= 400:
        raise PermanentError("robot_refused", str(code or status))


def _code(form: str, raw: bytes, status: int) -> int:
    """The service's own code, 0 for success."""
    try:
        answer = json.loads(raw)
        return int(answer["code" if form == "feishu" and "code" in answer else _CODE_NAMES[form]])
    except (ValueError, KeyError, TypeError) as error:
        if status >= 400:
            return 0
        raise PermanentError("robot_refused", "not a robot's answer") from error


_CODE_NAMES = {"wecom": "errcode", "dingtalk": "errcode", "feishu": "StatusCode"}


_UNICAST = ipaddress.IPv6Network("2000::/3")
"""RFC 4291: all that is given out as global unicast. Outside it lie forms that some machine may take for an IPv4 address."""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: a gateway between IPv6 and IPv4 sends these on to the IPv4 address at their end."""


# --- addresses ---------------------------------------------------------------------------------------------------------


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_inside(name: str) -> bool:
    """Whether the name alone says that it is not public: a private address, a bare name, a local domain."""
    try:
        return not _is_public(str(ipaddress.ip_address(name)))
    except ValueError:
        return "." not in name or name.endswith((".local", ".internal", ".localhost", ".lan", ".home.arpa"))


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _TRANSLATED else None
        inner = found.ipv4_mapped or found.sixtofour or translated
        if inner is not None:
            return _is_public(str(inner))
        if found not in _UNICAST:
            return False
    return found.is_global and not found.is_multicast
