"""Group robots of WeCom, Feishu and DingTalk and an address that takes JSON, as strict as their published rules.

``POST /sandbox/robots`` makes one, ``GET /sandbox/robots/KEY`` shows what its group was told. Written apart from our
client on purpose: each signature is computed here again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from wechat.sandbox.faults import Faults, meet

SERVICES = ("wecom", "feishu", "dingtalk", "json")
_PATHS = {
    "wecom": "/cgi-bin/webhook/send?key={key}",
    "feishu": "/open-apis/bot/v2/hook/{key}",
    "dingtalk": "/robot/send?access_token={key}",
    "json": "/hooks/{key}",
}
_WECOM_BYTES, _BODY_BYTES, _SKEW_SECONDS = 4096, 20_000, 3600


@dataclass
class Robot:
    """One robot of one group."""

    service: str
    secret: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)


class Robots:
    """The routes over all robots."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._robots: dict[str, Robot] = {}

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("robots", __name__)
        for rule, method, view in (
            ("/sandbox/robots", "POST", self.make),
            ("/sandbox/robots/<key>", "GET", self.told),
            ("/cgi-bin/webhook/send", "POST", self.wecom),
            ("/open-apis/bot/v2/hook/<key>", "POST", self.feishu),
            ("/robot/send", "POST", self.dingtalk),
            ("/hooks/<key>", "POST", self.plain),
            ("/elsewhere", "POST", self.elsewhere),
        ):
            routes.add_url_rule(rule, f"robot_{view.__name__}", view, methods=[method])
        return routes

    def make(self) -> tuple[Response, int]:
        """A robot of a service; ``{path}`` is its address here."""
        body = request.get_json(force=True)
        service, key = body["service"], body["key"]
        if service not in SERVICES:
            abort(400)
        self._robots[key] = Robot(service, body.get("secret", ""))
        return jsonify(path=_PATHS[service].format(key=key)), 201

    def told(self, key: str) -> Response:
        """What the group was told, oldest first."""
        robot = self._robots.get(key)
        return jsonify(robot.told) if robot is not None else abort(404)

    def wecom(self) -> Response:
        """Markdown of 4096 bytes at most; an unknown key is 93000."""
        robot = self._find("wecom", request.args.get("key", ""))
        if robot is None:
            return jsonify(errcode=93000, errmsg="invalid webhook url")
        body = _json()
        content = (body.get("markdown") or {}).get("content")
        if body.get("msgtype") != "markdown" or set(body) != {"msgtype", "markdown"} or not content:
            return jsonify(errcode=40008, errmsg="invalid message type")
        if len(content.encode()) > _WECOM_BYTES:
            return jsonify(errcode=40058, errmsg="markdown.content exceed max length 4096")
        return self._take(robot, body, jsonify(errcode=0, errmsg="ok"))

    def feishu(self, key: str) -> Response:
        """A post of rows; a robot with a secret wants timestamp and sign (19021)."""
        robot = self._find("feishu", key)
        if robot is None:
            return jsonify(code=19001, msg="param invalid: incoming webhook access token invalid")
        body = _json()
        if robot.secret:
            moment = str(body.get("timestamp", ""))
            signed = hmac.new(f"{moment}\n{robot.secret}".encode(), b"", hashlib.sha256).digest()
            fresh = moment.isdigit() and abs(time.time() - int(moment)) < _SKEW_SECONDS
            if not fresh or body.get("sign") != base64.b64encode(signed).decode():
                return jsonify(code=19021, msg="sign match fail or timestamp is not within one hour")
        post = ((body.get("content") or {}).get("post") or {}).get("zh_cn") or {}
        rows = post.get("content")
        if body.get("msg_type") != "post" or not isinstance(rows, list) or not rows:
            return jsonify(code=9499, msg="Bad Request")
        if any(part.get("tag") not in ("text", "a", "at") for row in rows for part in row):
            return jsonify(code=9499, msg="Bad Request")
        return self._take(robot, body, jsonify(StatusCode=0, StatusMessage="success", code=0, msg="success"))

    def dingtalk(self) -> Response:
        """Markdown with a title; a robot with a secret wants timestamp and sign in the query (310000)."""
        robot = self._find("dingtalk", request.args.get("access_token", ""))
        if robot is None:
            return jsonify(errcode=300001, errmsg="token is not exist")
        if robot.secret:
            moment = request.args.get("timestamp", "")
            signed = hmac.new(robot.secret.encode(), f"{moment}\n{robot.secret}".encode(), hashlib.sha256)
            fresh = moment.isdigit() and abs(time.time() - int(moment) / 1000) < _SKEW_SECONDS
            if not fresh or request.args.get("sign") != base64.b64encode(signed.digest()).decode():
                return jsonify(errcode=310000, errmsg="sign not match")
        body = _json()
        markdown = body.get("markdown") or {}
        if body.get("msgtype") != "markdown" or not markdown.get("title") or not markdown.get("text"):
            return jsonify(errcode=400402, errmsg="markdown is invalid")
        return self._take(robot, body, jsonify(errcode=0, errmsg="ok"))

    def plain(self, key: str) -> Response:
        """JSON, signed as Standard Webhooks where there is a secret."""
        robot = self._find("json", key)
        if robot is None:
            abort(404)
        if robot.secret:
            sent = f"{request.headers.get('webhook-id')}.{request.headers.get('webhook-timestamp')}."
            signed = hmac.new(robot.secret.encode(), sent.encode() + request.get_data(), hashlib.sha256)
            wanted = f"v1,{base64.b64encode(signed.digest()).decode()}"
            if request.headers.get("webhook-signature") != wanted:
                abort(401)
        return self._take(robot, _json(), Response(status=204))

    def elsewhere(self) -> Response:
        """An address that leads somewhere else."""
        return Response(status=302, headers={"Location": "/hooks/elsewhere"})

    def _find(self, service: str, key: str) -> Robot | None:
        robot = self._robots.get(key)
        return robot if robot is not None and robot.service == service else None

    def _take(self, robot: Robot, body: dict[str, Any], answer: Response) -> Response:
        def keep() -> Response:
            robot.told.append(body)
            return answer

        return meet(self._faults.take("robot", "", ""), keep)


def _json() -> dict[str, Any]:
    if (
        not (request.content_type or "").startswith("application/json")
        or len(request.get_data()) > _BODY_BYTES
    ):
        abort(400)
    body = request.get_json(force=True)
    return body if isinstance(body, dict) else abort(400)
