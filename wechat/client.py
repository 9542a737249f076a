"""The WeChat gateway: what the product asks of WeChat, made of wechatpy and what wechatpy lacks.

wechatpy's own token handling recurses on a persistent refusal, ignores time-outs and is not shared between
processes, so its client is subclassed: the token comes from ``AccessTokens`` and nothing is repeated except
by the bounded loop in ``_call``. A failure is raised outside the ``except`` block that met it, so no
exception chain carries a URL with a secret.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from redis import Redis
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from app.core.errors import OutsideError, PermanentError, RetryableError, UncertainError
from app.ports import SubscribeMessage, WeChatApp, WeChatGateway, WeChatIdentity, WordsScene, WordsVerdict
from config.settings import Settings
from wechat import words as said
from wechat.codes import check_scene
from wechat.errors import Reaction, error_from, verdict_for
from wechat.locks import held
from wechat.redaction import protect_logs
from wechat.tokens import AccessTokens, FreshToken
from wechat.transport import OFFICIAL_BASE_URL, never_left, open_session

# How often the client itself carries out a reaction within one call, and the first pause in seconds.
_REPEATS: dict[str, tuple[int, float]] = {
    "refresh_token": (1, 0.0),
    "wait_openid": (4, 0.1),
    "back_off": (3, 0.2),
    "ask_again": (1, 0.1),
}
# Operations whose lost answer does no harm when asked again: an exchanged code is used up, a message out.
_ASK_AGAIN = frozenset({"token", "mini_program_code"})
# How long a send waits for another one to the same person before it is left for later.
SEND_LOCK_WAIT_SECONDS = 3.0
_ENV_VERSIONS = {"formal": "release", "trial": "trial", "developer": "develop"}


@dataclass(frozen=True)
class _Failure:
    """What to raise, and the reaction the loop may try first."""

    error: OutsideError
    reaction: Reaction | str = "none"


class SharedTokenClient(WeChatClient):
    """wechatpy's client for one app with a shared token and session. Lives for one call, so it needs no
    lock.
    """

    def __init__(
        self,
        app: WeChatApp,
        tokens: AccessTokens,
        http: requests.Session,
        timeout: tuple[float, float],
    ) -> None:
        super().__init__(app.app_id, app.secret, timeout=timeout, auto_retry=False)
        self._http = http
        self._app = app
        self._tokens = tokens
        self._used: str | None = None

    @property
    def access_token(self) -> str:
        """The shared token; remembered as the one this call used."""
        self._used = self._tokens.current(self._app)
        return self._used

    def fetch_access_token(self) -> None:
        """Replace the token this call used, unless another process has done so already."""
        if self._used is not None:
            self._tokens.replace(self._app, self._used)

    def ask(self, method: str, endpoint: str, **kwargs: Any) -> Any:
        """One request below the official base URL; ``params={"access_token": None}`` sends none."""
        return self._request(method, f"{OFFICIAL_BASE_URL}/{endpoint}", allow_redirects=False, **kwargs)


class WeChatClientGateway(WeChatGateway):
    """``app.ports.WeChatGateway`` over HTTPS. Safe for threads; processes share tokens and locks through
    Valkey.
    """

    def __init__(self, settings: Settings, valkey: Redis) -> None:
        self._settings = settings
        self._valkey = valkey
        self._timeout = (settings.wechat_connect_timeout_seconds, settings.wechat_read_timeout_seconds)
        self._http = open_session(settings.wechat_api_base_url)
        self._longest_call = sum(self._timeout)
        self._tokens = AccessTokens(valkey, self._fetch_token, wait_seconds=self._longest_call + 5)

    # --- What the product asks ---

    def code_to_session(self, app: WeChatApp, code: str) -> WeChatIdentity:
        """Exchange a ``wx.login`` code; the session key is dropped here. See the port for errors."""
        params = {
            "access_token": None,  # wechatpy would fetch and append one; this call takes none
            "appid": app.app_id,
            "secret": app.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        answer = self._call(
            app, "code_to_session", lambda client: client.ask("get", "sns/jscode2session", params=params)
        )
        return WeChatIdentity(app.app_id, _text(answer, "openid"), answer.get("unionid") or None)

    def authorization_address(self, app: WeChatApp, *, back_to: str, state: str) -> str:
        """Where WeChat's browser asks; WeChat matches the order of the parameters. ``snsapi_base`` asks nobody anything."""
        query = urlencode(
            {
                "appid": app.app_id,
                "redirect_uri": back_to,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        base = self._settings.wechat_open_base_url.rstrip("/")
        return f"{base}/connect/oauth2/authorize?{query}#wechat_redirect"

    def code_to_visitor(self, app: WeChatApp, code: str) -> WeChatIdentity:
        """Exchange a code of WeChat's browser; its access token is dropped here. See the port for errors."""
        params = {
            "access_token": None,
            "appid": app.app_id,
            "secret": app.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        answer = self._call(
            app, "web_code", lambda client: client.ask("get", "sns/oauth2/access_token", params=params)
        )
        if answer.get("is_snapshotuser"):
            raise PermanentError("snapshot_visitor")
        return WeChatIdentity(app.app_id, _text(answer, "openid"), answer.get("unionid") or None)

    def phone_number(self, app: WeChatApp, code: str) -> str:
        """Exchange a ``getPhoneNumber`` code for the verified number in E.164. See the port for errors."""
        answer = self._call(
            app,
            "phone_number",
            lambda client: client.ask("post", "wxa/business/getuserphonenumber", data={"code": code}),
        )
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise RetryableError("wechat_bad_answer", "no phone_info")
        return f"+{_text(info, 'countryCode')}{_text(info, 'purePhoneNumber')}"

    def send_subscribe_message(self, message: SubscribeMessage) -> str | None:
        """Send once. One send at a time per openid, as WeChat demands (43108). See the port for errors."""
        body = {
            "touser": message.openid,
            "template_id": message.template_id,
            "page": message.page,
            "data": {key: {"value": value} for key, value in message.data.items()},
            "miniprogram_state": self._settings.wechat_miniprogram_state,
            "lang": message.language,
        }
        lock = f"wechat:send:{message.app.app_id}:{message.openid}"
        # As long as one call may take. When repeats outlast it WeChat itself refuses the second sender (43108);
        # a longer life would only make people wait after a sender was killed.
        life = self._longest_call + 1
        with held(
            self._valkey, lock, life_seconds=life, wait_seconds=SEND_LOCK_WAIT_SECONDS, busy="openid_busy"
        ):
            answer = self._call(
                message.app,
                "subscribe_send",
                lambda client: client.ask("post", "cgi-bin/message/subscribe/send", data=body),
            )
        return str(answer["msgid"]) if answer.get("msgid") else None

    def mini_program_code(self, app: WeChatApp, *, scene: str, page: str) -> bytes:
        """A code image for a page and scene (getwxacodeunlimit). PermanentError ``scene_invalid``,
        ``page_unknown``.
        """
        check_scene(scene)
        state = self._settings.wechat_miniprogram_state
        body = {
            "scene": scene,
            "page": page.lstrip("/"),
            "check_path": state == "formal",  # a page under development is not in the released version
            "env_version": _ENV_VERSIONS[state],
        }
        answer = self._call(
            app,
            "mini_program_code",
            lambda client: client.ask("post", "wxa/getwxacodeunlimit", data=body),
            want_image=True,
        )
        return bytes(answer)

    def check_words(self, app: WeChatApp, openid: str, words: str, *, scene: WordsScene) -> WordsVerdict:
        """What WeChat thinks of somebody's words (msgSecCheck), the worst of their pieces. See the port for errors."""
        verdicts = []
        for piece in said.pieces(words):
            body = said.request_body(openid, piece, scene)
            answer = self._call(
                app,
                "words",
                lambda client, body=body: client.ask("post", "wxa/msg_sec_check", data=body),  # type: ignore[misc]
                timeout=said.TIMEOUT,
            )
            verdicts.append(said.verdict_of(answer))
            if verdicts[-1].suggestion == "risky":
                break
        return said.worst(verdicts)

    # --- How it is asked ---

    def _fetch_token(self, app: WeChatApp, force: bool) -> FreshToken:
        body = {
            "grant_type": "client_credential",
            "appid": app.app_id,
            "secret": app.secret,
            "force_refresh": force,
        }
        params = {"access_token": None}
        answer = self._call(
            app, "token", lambda client: client.ask("post", "cgi-bin/stable_token", params=params, data=body)
        )
        return FreshToken(_text(answer, "access_token"), int(answer.get("expires_in") or 0))

    def _call(
        self,
        app: WeChatApp,
        operation: str,
        request: Callable[[SharedTokenClient], Any],
        *,
        want_image: bool = False,
        timeout: tuple[float, float] | None = None,
    ) -> Any:
        """Make one call with the bounded repeats its error codes allow, and give its usable answer."""
        client = SharedTokenClient(app, self._tokens, self._http, timeout or self._timeout)
        spent: Counter[str] = Counter()
        while True:
            failure: _Failure
            try:
                return _usable(request(client), want_image)
            except WeChatClientException as error:
                failure = _refused(error, operation)
            except requests.RequestException as error:
                failure = _broken(error, operation)
            except ValueError:
                failure = _no_answer(operation, "unreadable answer")
            repeats, pause = _REPEATS.get(failure.reaction, (0, 0.0))
            if spent[failure.reaction] >= repeats:
                raise failure.error
            time.sleep(pause * 2 ** spent[failure.reaction] * random.uniform(0.75, 1.25))  # noqa: S311
            spent[failure.reaction] += 1
            if failure.reaction == "refresh_token":
                client.fetch_access_token()


def build_gateway(settings: Settings, valkey: Redis) -> WeChatClientGateway:
    """The gateway for this process; ``valkey`` is the client that shares tokens and locks with the others."""
    protect_logs()
    return WeChatClientGateway(settings, valkey)


def _usable(answer: Any, want_image: bool) -> Any:
    """A JSON object, or an image's bytes where one is wanted; ValueError for anything else."""
    if isinstance(answer, dict) and not want_image:
        return answer
    is_image = (
        isinstance(answer, requests.Response) and answer.headers.get("Content-Type", "")[:6] == "image/"
    )
    if want_image and is_image and answer.content:
        return answer.content
    raise ValueError("neither JSON nor an image")


def _refused(error: WeChatClientException, operation: str) -> _Failure:
    """WeChat answered with an error code, or with an HTTP error and no code."""
    if error.errcode is None:
        return _no_answer(operation, f"HTTP {getattr(error.response, 'status_code', '?')}")
    outside = error_from(int(error.errcode), str(error.errmsg), operation)
    return _Failure(outside, verdict_for(int(error.errcode), operation).reaction)


def _broken(error: requests.RequestException, operation: str) -> _Failure:
    """The request failed before an answer; only a connection that never came about is certainly not done."""
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return _Failure(PermanentError("wechat_base_url_invalid"))
    if never_left(error):
        return _Failure(RetryableError("wechat_down", type(error).__name__))
    return _no_answer(operation, type(error).__name__)


def _no_answer(operation: str, detail: str) -> _Failure:
    """No usable answer to a request that left: uncertain for a message, worth another try for a question."""
    if operation == "subscribe_send":
        return _Failure(UncertainError("no_answer", detail))
    reaction = "ask_again" if operation in _ASK_AGAIN else "none"
    return _Failure(RetryableError("wechat_down", detail), reaction)


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise RetryableError("wechat_bad_answer", f"no {name}")
    return value
