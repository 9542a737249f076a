"""The stand-in as a real process, and its control API in a few lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests

from app.core.ids import new_id
from app.ports import WeChatApp

ROOT = Path(__file__).resolve().parents[3]
PAGES = ["pages/invitation/index", "pages/interview/index"]
INVITED, REMINDED = "TemplateInvited", "TemplateReminded"
FIELDS = {INVITED: {"thing1": "应聘岗位", "time2": "截止时间"}, REMINDED: {"thing1": "应聘岗位"}}


class Sandbox:
    """``python -m wechat.sandbox`` on a free port, stopped at the end of the block."""

    def __init__(self, *arguments: str, retry_seconds: float = 0.1) -> None:
        self._arguments = ["--event-retry-seconds", str(retry_seconds), *arguments]
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "wechat.sandbox", "--port", "0", *self._arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        assert self._process.wait(10) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def mail_port(self) -> int:
        """Where it takes mail."""
        return int(self.get("health")["mail_port"])

    def get(self, path: str, **query: str) -> Any:
        answer = requests.get(f"{self.url}/sandbox/{path}", params=query, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/sandbox/{path}", json=body, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def register_app(self, **members: Any) -> WeChatApp:
        """A new app with the two templates above."""
        app = WeChatApp(f"wx{new_id()[-16:]}", new_id())
        templates = [{"template_id": t, "title": t, "fields": fields} for t, fields in FIELDS.items()]
        self.post("apps", app_id=app.app_id, secret=app.secret, templates=templates, pages=PAGES, **members)
        return app

    def new_person(self, name: str = "李明") -> Someone:
        """A new person with a phone nobody else has."""
        phone = "+86139" + str(int(new_id()[-10:], 16) % 10**8).zfill(8)
        return Someone(self, self.post("people", name=name, phone=phone))

    def fault(self, operation: str, fault: int | str, app: WeChatApp, **members: Any) -> None:
        """Script a fault for one app."""
        self.post("faults", operation=operation, fault=fault, app_id=app.app_id, **members)

    def clear_faults(self) -> None:
        """Drop what is left of the script."""
        requests.delete(f"{self.url}/sandbox/faults", timeout=5).raise_for_status()

    def calls(self, app: WeChatApp, operation: str) -> int:
        """How often the app called an operation."""
        return int(self.get(f"apps/{app.app_id}/calls").get(operation, 0))


class Someone:
    """A person of the stand-in."""

    def __init__(self, sandbox: Sandbox, described: dict[str, Any]) -> None:
        self._sandbox = sandbox
        self.id: str = described["id"]
        self.phone: str = described["phone"]
        self.unionid: str = described["unionid"]

    def act(self, action: str, app: WeChatApp, **members: Any) -> Any:
        return self._sandbox.post(f"people/{self.id}/{action}", app_id=app.app_id, **members)

    def login_code(self, app: WeChatApp) -> str:
        return str(self.act("login", app)["code"])

    def phone_code(self, app: WeChatApp) -> str:
        return str(self.act("phone-code", app)["code"])

    def web_code(self, address: str) -> str:
        """What WeChat's own browser comes back with from an official account's ``address``."""
        browser = requests.Session()
        browser.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"
        home = f"{self._sandbox.url}/sandbox/people/{self.id}/browser"
        browser.get(home, params={"to": "/"}, timeout=5)
        parts = urlsplit(address)
        asked = f"{self._sandbox.url}{parts.path}?{parts.query}"
        back = browser.get(asked, allow_redirects=False, timeout=5)
        assert back.status_code == 302, back.text
        return parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]

    def openid(self, app: WeChatApp) -> str:
        people = self._sandbox.get("people")
        return next(str(p["openids"][app.app_id]) for p in people if p["id"] == self.id)

    def consent(self, app: WeChatApp, times: int = 1, template: str = INVITED) -> None:
        for _ in range(times):
            self.act("subscriptions", app, template_ids=[template], accept=True)

    def consents_left(self, app: WeChatApp, template: str = INVITED) -> int:
        return int(self._sandbox.get(f"people/{self.id}/subscriptions", app_id=app.app_id)[template])

    def inbox(self) -> list[dict[str, Any]]:
        return list(self._sandbox.get(f"people/{self.id}/inbox"))
