"""WeChat's own browser: where a page asks who is there (网页授权), as strict as the real pages.

Which person a browser belongs to is a cookie, set by opening ``/sandbox/people/<id>/browser?to=<address>`` in it.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, request

from wechat.sandbox.faults import Faults, meet, refusal
from wechat.sandbox.state import SandboxState

_PERSON = "sandbox_wechat_person"
# WeChat matches the whole address: another order of the parameters is refused.
_ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
_STATE = re.compile(r"[A-Za-z0-9]{1,128}")
_SCOPES = ("snsapi_base", "snsapi_userinfo")


class WebApi:
    """The two doors of a web authorisation, over one state."""

    def __init__(self, state: SandboxState, faults: Faults) -> None:
        self._state, self._faults = state, faults

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("web", __name__)
        add = routes.add_url_rule
        add("/sandbox/people/<person_id>/browser", view_func=self.own_browser)
        add("/connect/oauth2/authorize", view_func=self.authorize)
        add("/sns/oauth2/access_token", view_func=self.access_token)
        return routes

    def own_browser(self, person_id: str) -> Response:
        """Make this browser the one inside a person's WeChat, and go on."""
        if person_id not in self._state.people:
            abort(404)
        response = _see(request.args.get("to", "/"))
        response.set_cookie(_PERSON, person_id, httponly=True, samesite="Lax")
        return response

    def authorize(self) -> Response:
        """GET /connect/oauth2/authorize: back to the page with a code, or a page of WeChat's with an error code."""
        args = request.args
        problem = self._problem()
        if problem is not None:
            return Response(
                f"Oops! Something went wrong:( {problem}", 200, content_type="text/plain; charset=utf-8"
            )
        person_id = request.cookies.get(_PERSON, "")
        code = self._state.new_code("web", args["appid"], person_id)
        address = args["redirect_uri"]
        return _see(f"{address}{'&' if '?' in address else '?'}code={code}&state={args['state']}")

    def _problem(self) -> str | None:
        """The first thing that WeChat would complain about."""
        args = request.args
        app = self._state.apps.get(args.get("appid", ""))
        is_account = app is not None and app.kind == "official_account"
        domain = app.oauth_domain if app is not None else ""
        whole = args.get("response_type") == "code" and _STATE.fullmatch(args.get("state", "")) is not None
        checks = (
            ("MicroMessenger" in request.headers.get("User-Agent", ""), "请在微信客户端打开链接"),
            (args.get("appid"), "10012 appid missing"),
            (args.get("redirect_uri"), "10011 redirect_uri missing"),
            (args.get("scope"), "10010 scope missing"),
            (args.get("state"), "10013 state missing"),
            (is_account, "10016 not the app id of an official account"),
            (whole and tuple(args) == _ORDER, "the address does not match"),
            (args.get("scope") in _SCOPES, "10005 scope"),
            (
                domain and urlsplit(args.get("redirect_uri", "")).netloc == domain,
                "10003 redirect_uri 域名与后台配置不一致",
            ),
            (
                request.cookies.get(_PERSON, "") in self._state.people,
                "nobody's browser: see wechat/sandbox/README.md",
            ),
        )
        return next((problem for holds, problem in checks if not holds), None)

    def access_token(self) -> Response:
        """GET /sns/oauth2/access_token: takes the secret, no access token; a code works once."""
        args = request.args
        app_id = args.get("appid", "")
        if args.get("grant_type") != "authorization_code":
            return refusal(40002, "invalid grant_type")

        def exchange() -> Response:
            app = self._state.apps.get(app_id)
            if app is None or app.kind != "official_account":
                return refusal(40013)
            if args.get("secret") != app.secret:
                return refusal(40125)
            found = self._state.spend_code("web", app_id, args.get("code", ""))
            if isinstance(found, int):
                return refusal(found)
            answer: dict[str, object] = {
                "access_token": secrets.token_urlsafe(60),
                "expires_in": 7200,
                "refresh_token": secrets.token_urlsafe(60),
                "openid": found.openid(app_id),
                "scope": "snsapi_base",
            }
            answer |= {"unionid": found.unionid} if app.open_platform else {}
            return jsonify(answer | ({"is_snapshotuser": 1} if found.name.startswith("快照") else {}))

        self._state.count_call(app_id, "web_code")
        return meet(self._faults.take("web_code", app_id, ""), exchange)


def _see(address: str) -> Response:
    response = redirect(address, 302)
    assert isinstance(response, Response)
    return response
