"""WeChat's message push: signature, decryption, and events as typed values.

Safe mode only: a push in plain text is refused, since anybody who learns the URL could forge one. XML and
JSON are both read; a JSON ``List`` is an object when single and an array when several. WeChat repeats a
push that is not answered within 5 s, so every event has a key that is the same on each repeat.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from app.core.errors import Forbidden

BODY_LIMIT = 256 * 1024
_LATEST = 253_370_764_800  # the year 9999: a moment beyond it is no datetime


@dataclass(frozen=True)
class PushEvent:
    """What every event has: the app, the person, when (UTC), and a key equal on every repeat of the push."""

    app_id: str
    openid: str
    occurred_at: datetime
    dedupe_key: str


@dataclass(frozen=True)
class SubscribePopup(PushEvent):
    """The person answered the consent popup for one template; each acceptance is one send."""

    template_id: str
    accepted: bool
    scene: str


@dataclass(frozen=True)
class SubscribeChange(PushEvent):
    """The person changed a template's consent in WeChat's settings; WeChat only reports a refusal."""

    template_id: str
    accepted: bool


@dataclass(frozen=True)
class SubscribeSent(PushEvent):
    """The fate of one message: delivered when ``error_code`` is 0."""

    template_id: str
    msgid: str
    error_code: int
    error_status: str

    @property
    def delivered(self) -> bool:
        """Whether WeChat says it reached the person."""
        return self.error_code == 0


@dataclass(frozen=True)
class OtherEvent(PushEvent):
    """A push we have no use for: a user's message, or an event with another name."""

    name: str


Event = SubscribePopup | SubscribeChange | SubscribeSent | OtherEvent

_LISTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def verify_signature(token: str, timestamp: str, nonce: str, signature: str) -> None:
    """Check the signature of the GET by which WeChat verifies our URL. Forbidden
    ``wechat_signature_invalid``.
    """
    _check(signature, token, timestamp, nonce)


def decrypt_push(app_id: str, token: str, aes_key: str, query_args: Mapping[str, str], body: bytes) -> str:
    """The plain text of a push in safe mode, after its signature and app id are checked.

    Forbidden ``wechat_signature_invalid`` for anything that is not WeChat's, plain mode included.
    """
    encrypted = _members(body).get("Encrypt")
    if not isinstance(encrypted, str):
        raise Forbidden("wechat_signature_invalid")
    _check(
        query_args.get("msg_signature", ""),
        token,
        query_args.get("timestamp", ""),
        query_args.get("nonce", ""),
        encrypted,
    )
    try:
        key = binascii.a2b_base64(aes_key + "=")
        return str(PrpCrypto(key).decrypt(encrypted, app_id))
    except (InvalidAppIdException, ValueError, TypeError, IndexError, struct.error):
        raise Forbidden("wechat_signature_invalid") from None


def parse_push(
    app_id: str, token: str, aes_key: str, query_args: Mapping[str, str], body: bytes
) -> list[Event]:
    """The events of one POST of the message push. Answer it with ``success``.

    ``query_args`` are the URL's; ``body`` the request's bytes. Forbidden ``wechat_signature_invalid``.
    """
    members = _members(decrypt_push(app_id, token, aes_key, query_args, body).encode())
    name = str(members.get("Event", members.get("MsgType", "")))
    if name not in _LISTS:
        return [OtherEvent(*_common(app_id, members, name, str(members.get("MsgId", ""))), name=name)]
    nested = members.get(_LISTS[name])
    found = (nested if isinstance(nested, dict) else members).get("List")
    items = found if isinstance(found, list) else [found]
    return [
        _event(app_id, members, name, place, item)
        for place, item in enumerate(items)
        if isinstance(item, dict)
    ]


def _event(app_id: str, members: dict[str, Any], name: str, place: int, item: dict[str, Any]) -> Event:
    template_id = str(item.get("TemplateId", ""))
    status = str(item.get("SubscribeStatusString", ""))
    if name == "subscribe_msg_sent_event":
        msgid = str(item.get("MsgID", ""))
        return SubscribeSent(
            *_common(app_id, members, name, msgid),
            template_id=template_id,
            msgid=msgid,
            error_code=_number(item.get("ErrorCode")),
            error_status=str(item.get("ErrorStatus", "")),
        )
    scene = str(item.get("PopupScene", ""))
    common = _common(app_id, members, name, f"{place}:{template_id}:{status}:{scene}")
    if name == "subscribe_msg_change_event":
        return SubscribeChange(*common, template_id=template_id, accepted=status == "accept")
    return SubscribePopup(*common, template_id=template_id, accepted=status == "accept", scene=scene)


def _common(app_id: str, members: dict[str, Any], name: str, what: str) -> tuple[str, str, datetime, str]:
    openid = str(members.get("FromUserName", ""))
    created = min(max(_number(members.get("CreateTime")), 0), _LATEST)
    # A sent event is one per message id, whenever it says it was created; a popup is known by its second.
    when = "" if name == "subscribe_msg_sent_event" else str(created)
    key = hashlib.sha256("\n".join((app_id, openid, name, when, what)).encode()).hexdigest()[:40]
    return app_id, openid, datetime.fromtimestamp(created, UTC), key


def _number(value: object) -> int:
    """A number that XML gives as text and JSON either way; 0 for anything else."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def _members(body: bytes) -> dict[str, Any]:
    """The members of a JSON object or of the XML root; Forbidden for anything else (external entities
    included).
    """
    try:
        if len(body) > BODY_LIMIT:
            raise ValueError("too long")
        is_json = body.lstrip()[:1] == b"{"
        members = json.loads(body) if is_json else xmltodict.parse(body, disable_entities=True)["xml"]
    except (ValueError, KeyError, ExpatError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise Forbidden("wechat_signature_invalid")
    return members


def _check(signature: str, *parts: str) -> None:
    wanted = hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise Forbidden("wechat_signature_invalid")
