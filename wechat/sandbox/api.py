"""WeChat's side: the endpoints our client calls, as strict as the real ones."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wechat.sandbox import rules
from wechat.sandbox.codeimage import draw_code
from wechat.sandbox.faults import Faults, meet, refusal
from wechat.sandbox.push import Pusher
from wechat.sandbox.state import App, Person, SandboxState
from wechat.sandbox.tokens import TokenIssuer

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_LANGUAGES = {"zh_CN", "en_US", "zh_HK", "zh_TW"}
_COUNTRY_CODES = ("852", "853", "886", "86", "81", "82", "65", "60", "61", "44", "49", "33", "7", "1")


class WeChatApi:
    """The endpoints over one state. ``_sending`` holds the openids with a send in progress (43108)."""

    def __init__(self, state: SandboxState, tokens: TokenIssuer, faults: Faults, pusher: Pusher) -> None:
        self._state, self._tokens, self._faults, self._pusher = state, tokens, faults, pusher
        self._sending: set[str] = set()
        self._sending_lock = threading.Lock()

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("wechat_api", __name__)
        add = routes.add_url_rule
        add("/cgi-bin/token", view_func=self.token)
        add("/cgi-bin/stable_token", view_func=self.stable_token, methods=["POST"])
        add("/sns/jscode2session", view_func=self.jscode2session)
        add("/wxa/business/getuserphonenumber", view_func=self.phone_number, methods=["POST"])
        add("/wxa/getwxacodeunlimit", view_func=self.wxacode, methods=["POST"])
        add("/cgi-bin/message/subscribe/send", view_func=self.subscribe_send, methods=["POST"])
        add("/wxa/msg_sec_check", view_func=self.msg_sec_check, methods=["POST"])
        return routes

    # --- Tokens ---

    def token(self) -> Response:
        """GET /cgi-bin/token."""
        args = request.args
        if args.get("grant_type") != "client_credential":
            return refusal(40002, "invalid grant_type")

        def issue(app: App) -> Response:
            value, seconds = self._tokens.plain(app.app_id)
            return jsonify(access_token=value, expires_in=seconds)

        return self._as_app("token", args.get("appid", ""), args.get("secret", ""), issue)

    def stable_token(self) -> Response:
        """POST /cgi-bin/stable_token."""
        body = _body()
        if body is None:
            return refusal(47001, "data format error")
        if body.get("grant_type") != "client_credential":
            return refusal(40002, "invalid grant_type")

        def issue(app: App) -> Response:
            given = self._tokens.stable(app.app_id, force=body.get("force_refresh") is True)
            if isinstance(given, int):
                return refusal(given)
            return jsonify(access_token=given[0], expires_in=given[1])

        return self._as_app("token", str(body.get("appid", "")), str(body.get("secret", "")), issue)

    # --- Exchanges of codes ---

    def jscode2session(self) -> Response:
        """GET /sns/jscode2session: takes the secret, no access token."""
        args = request.args
        if args.get("grant_type") != "authorization_code":
            return refusal(40002, "invalid grant_type")

        def exchange(app: App) -> Response:
            found = self._state.spend_code("login", app.app_id, args.get("js_code", ""))
            if isinstance(found, int):
                return refusal(found)
            answer = {"session_key": secrets.token_urlsafe(18)[:24], "openid": found.openid(app.app_id)}
            return jsonify(answer | ({"unionid": found.unionid} if app.open_platform else {}))

        return self._as_app("jscode2session", args.get("appid", ""), args.get("secret", ""), exchange)

    def phone_number(self) -> Response:
        """POST /wxa/business/getuserphonenumber."""

        def exchange(app: App, body: dict[str, Any]) -> Response:
            found = self._state.spend_code("phone", app.app_id, str(body.get("code", "")))
            if isinstance(found, int):
                return refusal(40029)  # this endpoint has no code of its own for a used one
            country, pure = _split_phone(found.phone)
            shown = pure if country == "86" else f"+{country}{pure}"
            info = {"phoneNumber": shown, "purePhoneNumber": pure, "countryCode": country}
            info |= {"watermark": {"timestamp": int(time.time()), "appid": app.app_id}}  # type: ignore[dict-item]
            return jsonify(errcode=0, errmsg="ok", phone_info=info)

        return self._with_token("phone_number", exchange)

    # --- Codes ---

    def wxacode(self) -> Response:
        """POST /wxa/getwxacodeunlimit: a PNG, or JSON with an error code."""

        def draw(app: App, body: dict[str, Any]) -> Response:
            scene, page = body.get("scene"), body.get("page", "")
            if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
                return refusal(40169, "invalid length for scene, or the data is not json string")
            if body.get("env_version", "release") not in ("release", "trial", "develop"):
                return refusal(40097, "invalid args")
            unreleased = body.get("check_path", True) and app.pages and page not in app.pages
            if not isinstance(page, str) or page.startswith("/") or "?" in page or (page and unreleased):
                return refusal(41030)
            width = body.get("width", 430)
            if not isinstance(width, int) or not 280 <= width <= 1280:
                return refusal(40097, "invalid args")
            image = draw_code(width, {"appid": app.app_id, "page": page, "scene": scene})
            return Response(image, content_type="image/png")

        return self._with_token("wxacode", draw)

    # --- Words ---

    def msg_sec_check(self) -> Response:
        """POST /wxa/msg_sec_check, version 2."""

        def judge(app: App, body: dict[str, Any]) -> Response:
            words, openid = body.get("content"), str(body.get("openid", ""))
            if body.get("version") != 2 or body.get("scene") not in (1, 2, 3, 4):
                return refusal(40097, "invalid args")
            if not isinstance(words, str) or not 0 < len(words) <= rules.LONGEST_WORDS:
                return refusal(44002, "empty or too long content")
            if self._state.owner_of(app.app_id, openid) is None:
                return refusal(40003)
            if not self._state.visited_lately(app.app_id, openid):
                return refusal(61010)
            suggestion, label = rules.judge_words(words)
            result = {"suggest": suggestion, "label": label}
            return jsonify(errcode=0, errmsg="ok", result=result, detail=[], trace_id=secrets.token_hex(12))

        return self._with_token("words", judge)

    # --- Subscribe messages ---

    def subscribe_send(self) -> Response:
        """POST /cgi-bin/message/subscribe/send."""
        return self._with_token("subscribe_send", self._send)

    def _send(self, app: App, body: dict[str, Any]) -> Response:
        openid, template_id = str(body.get("touser", "")), str(body.get("template_id", ""))
        person = self._state.owner_of(app.app_id, openid)
        if person is None:
            return refusal(40003)
        problem = self._check_message(app, template_id, body)
        if problem is not None:
            return problem
        with self._state.lock:
            if self._state.consent(app.app_id, openid, template_id) < 1:
                return refusal(43101)
            self._state.change_consent(app.app_id, openid, template_id, -1)
            msgid = str(secrets.randbelow(10**18) + 10**18)
            self._state.add_message(person.id, _message(app, person, template_id, body, msgid))
        sent = {"TemplateId": template_id, "MsgID": msgid, "ErrorCode": "0", "ErrorStatus": "success"}
        self._pusher.push(app, openid, "subscribe_msg_sent_event", [sent])
        return jsonify(errcode=0, errmsg="ok", msgid=int(msgid))

    def _check_message(self, app: App, template_id: str, body: dict[str, Any]) -> Response | None:
        template = app.templates.get(template_id)
        if template is None:
            return refusal(40037)
        if (app.app_id, template_id) in self._state.banned:
            return refusal(43107)
        bad = _bad_member(template["fields"], body)
        if bad is not None:
            return refusal(47003, f"argument invalid! {bad}")
        page = str(body.get("page", "")).partition("?")[0].lstrip("/")
        if page and app.pages and page not in app.pages:
            return refusal(41030)
        return None

    # --- What every endpoint does first ---

    def _as_app(
        self, operation: str, app_id: str, secret: str, handle: Callable[[App], Response]
    ) -> Response:
        def checked() -> Response:
            app = self._state.apps.get(app_id)
            if app is None:
                return refusal(40013)
            return handle(app) if secret == app.secret else refusal(40125)

        self._state.count_call(app_id, operation)
        return meet(self._faults.take(operation, app_id, ""), checked)

    def _with_token(self, operation: str, handle: Callable[[App, dict[str, Any]], Response]) -> Response:
        body = _body()
        verdict = self._tokens.judge(request.args.get("access_token", ""))
        app = self._state.apps.get(verdict) if isinstance(verdict, str) else None
        openid = str((body or {}).get("touser", ""))

        def checked() -> Response:
            if app is None:
                return refusal(verdict if isinstance(verdict, int) else 40001)
            return refusal(47001, "data format error") if body is None else handle(app, body)

        if app is not None:
            self._state.count_call(app.app_id, operation)
        if not self._begin(openid):
            return refusal(43108)
        try:
            return meet(self._faults.take(operation, app.app_id if app else "", openid), checked)
        finally:
            self._end(openid)

    def _begin(self, openid: str) -> bool:
        with self._sending_lock:
            if openid in self._sending:
                return False
            if openid:
                self._sending.add(openid)
            return True

    def _end(self, openid: str) -> None:
        with self._sending_lock:
            self._sending.discard(openid)


def _body() -> dict[str, Any] | None:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else None


def _bad_member(fields: dict[str, str], body: dict[str, Any]) -> str | None:
    """The first member WeChat would name in a 47003, or None."""
    if body.get("lang", "zh_CN") not in _LANGUAGES:
        return "lang invalid"
    if body.get("miniprogram_state", "formal") not in ("developer", "trial", "formal"):
        return "miniprogram_state invalid"
    data = body.get("data")
    if not isinstance(data, dict):
        return "data invalid"
    for key in fields:
        member = data.get(key)
        value = member.get("value") if isinstance(member, dict) else None
        if value is None or value == "":
            return f"data.{key}.value is empty"
        if not rules.accepts(key, value):
            return f"data.{key}.value invalid"
    extra = sorted(set(data) - set(fields))
    return f"data.{extra[0]} is not in the template" if extra else None


def _message(app: App, person: Person, template_id: str, body: dict[str, Any], msgid: str) -> dict[str, Any]:
    template, page = app.templates[template_id], str(body.get("page", ""))
    return {
        "id": secrets.token_hex(8),
        "channel": "wechat",
        "app_id": app.app_id,
        "app_name": app.name or app.app_id,
        "openid": person.openid(app.app_id),
        "template_id": template_id,
        "title": template["title"],
        "fields": [
            {"key": key, "label": label, "value": body["data"][key]["value"]}
            for key, label in template["fields"].items()
        ],
        "page": page,
        "page_url": app.page_url_of(page, person.id),
        "state": body.get("miniprogram_state", "formal"),
        "language": body.get("lang", "zh_CN"),
        "received_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "msgid": msgid,
    }


def _split_phone(phone: str) -> tuple[str, str]:
    digits = phone.lstrip("+")
    country = next((code for code in _COUNTRY_CODES if digits.startswith(code)), "86")
    return (country, digits[len(country) :]) if phone.startswith("+") else ("86", digits)
