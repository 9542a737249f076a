"""Pushes events to an app's callback URL: signed, AES-encrypted, in XML or JSON, repeated as WeChat does.

An event that is not answered with HTTP 200 within 5 s is sent again, three times in all.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import heapq
import itertools
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import requests
from wechatpy.crypto import PrpCrypto

from wechat.sandbox.state import App

ATTEMPTS = 3
ANSWER_SECONDS = 5.0
WORKERS = 4


@dataclass
class Delivery:
    """One event on its way; ``outcome`` is pending, delivered or given_up."""

    app: App
    openid: str
    event: str
    items: list[dict[str, str]]
    created_at: int = field(default_factory=lambda: int(time.time()))
    attempts: int = 0
    outcome: str = "pending"
    last_answer: str = ""

    def described(self) -> dict[str, Any]:
        """For the control API."""
        return {
            "app_id": self.app.app_id,
            "openid": self.openid,
            "event": self.event,
            "items": self.items,
            "attempts": self.attempts,
            "outcome": self.outcome,
            "last_answer": self.last_answer,
        }


class Pusher:
    """Delivers in the background, so the API answers at once. ``retry_seconds`` is the pause between
    attempts.
    """

    def __init__(self, retry_seconds: float = 5.0) -> None:
        self._retry_seconds = retry_seconds
        self._wake = threading.Condition()
        self._due: list[tuple[float, int, Delivery]] = []
        self._order = itertools.count()
        self.log: list[Delivery] = []
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()

    def push(self, app: App, openid: str, event: str, items: list[dict[str, str]]) -> None:
        """Queue one event; nothing happens for an app without a callback URL."""
        if not app.callback_url or not items:
            return
        delivery = Delivery(app, openid, event, items)
        with self._wake:
            self.log.append(delivery)
        self._put(delivery, 0.0)

    def clear(self) -> None:
        """Forget what is queued and what was delivered."""
        with self._wake:
            self._due.clear()
            self.log.clear()

    def _put(self, delivery: Delivery, wait: float) -> None:
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + wait, next(self._order), delivery))
            self._wake.notify()

    def _next(self) -> Delivery:
        with self._wake:
            while True:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._due)[2]
                self._wake.wait(pause)

    def _work(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while True:
            delivery = self._next()
            delivery.attempts += 1
            delivery.last_answer = "no answer"
            with contextlib.suppress(requests.RequestException):
                delivery.last_answer = _post(session, delivery)
            if delivery.last_answer.startswith("200"):
                delivery.outcome = "delivered"
            elif delivery.attempts >= ATTEMPTS:
                delivery.outcome = "given_up"
            else:
                self._put(delivery, self._retry_seconds)


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1 over the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypted(app: App, plain: str) -> str:
    """AES as WeChat does it: random prefix, length, text, app id, PKCS#7 to 32 bytes."""
    key = base64.b64decode(app.encoding_aes_key + "=")
    return PrpCrypto(key).encrypt(plain, app.app_id).decode()


def _post(session: requests.Session, delivery: Delivery) -> str:
    app = delivery.app
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signature(app.token, timestamp, nonce)}
    plain = render(delivery)
    cipher = encrypted(app, plain)
    query |= {
        "openid": delivery.openid,
        "encrypt_type": "aes",
        "msg_signature": signature(app.token, timestamp, nonce, cipher),
    }
    if app.callback_format == "xml":
        body, kind = f"<xml>{_xml({'ToUserName': _account(app), 'Encrypt': cipher})}</xml>", "text/xml"
    else:
        body, kind = json.dumps({"ToUserName": _account(app), "Encrypt": cipher}), "application/json"
    answer = session.post(
        app.callback_url,
        params=query,
        data=body.encode(),
        headers={"Content-Type": kind},
        timeout=ANSWER_SECONDS,
        allow_redirects=False,
    )
    return f"{answer.status_code} {answer.text[:80]}"


def _account(app: App) -> str:
    return "gh_" + hashlib.sha256(app.app_id.encode()).hexdigest()[:12]


_NESTED = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def render(delivery: Delivery) -> str:
    """The event's plain text: XML nests the list, JSON has it on top, a single item not in an array."""
    head: dict[str, Any] = {
        "ToUserName": _account(delivery.app),
        "FromUserName": delivery.openid,
        "CreateTime": delivery.created_at,
        "MsgType": "event",
        "Event": delivery.event,
    }
    items = delivery.items
    if delivery.app.callback_format != "xml":
        return json.dumps(head | {"List": items[0] if len(items) == 1 else items}, ensure_ascii=False)
    lists = "".join(f"<List>{_xml(item)}</List>" for item in items)
    nested = _NESTED[delivery.event]
    return f"<xml>{_xml(head)}<{nested}>{lists}</{nested}></xml>"


def _xml(members: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members.items())
