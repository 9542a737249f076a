"""Somebody who works for the company, with HR's pages on their phone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from config.settings import ROOT
from samples.journey import PASSWORD
from tests.e2e.miniprogram.candidate import Screen

HR_LOCALES = ROOT / "clients" / "miniprogram" / "src" / "hr" / "locale"


class Staff(Screen):
    """One person of a company. Words by key as in the client: ``hr.<domain>.<key>``.

    With ``person``, somebody of the sandbox, it is that person's WeChat; else a browser without WeChat.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        language: str = "zh-CN",
        shots: Path | None = None,
        *,
        company: str,
        email: str,
        password: str = PASSWORD,
        person: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(browser, language, shots, **options)
        self._person = f"?person={person}" if person else ""
        self.url, self.company, self.email, self.password = url, company, email, password
        files = sorted((HR_LOCALES / language).glob("*.json"))
        self._words["hr"] = {one.stem: json.loads(one.read_text(encoding="utf-8")) for one in files}

    def open(self, page: str = "board", **query: str) -> None:
        """Open one of HR's pages by its address, as in a plain browser."""
        pairs = "&".join(f"{name}={value}" for name, value in query.items())
        address = f"{self.url}/m/{self._person}#/hr/{page}/index{'?' if pairs else ''}{pairs}"
        if self.page.url.startswith(f"{self.url}/m/"):
            self.page.evaluate("address => { location.href = address }", address)
        else:
            self.page.goto(address)

    def sign_in(self, page: str = "board", **query: str) -> None:
        """Open a page; as nobody is signed in yet, sign in with the password and arrive there."""
        self.open(page, **query)
        self.enter_password()
        expect(self.page).to_have_url(re.compile(f"/hr/{page}/"))

    def enter_password(self) -> None:
        """Fill the sign-in page of a browser without WeChat."""
        self.see("hr.session.heading")
        if self.button("hr.session.to_password").count():
            self.tap("hr.session.to_password")
        for key, value in (("company", self.company), ("email", self.email), ("password", self.password)):
            self.field(f"hr.session.{key}").fill(value)
        self.tap("hr.session.enter")

    def enter_code(self, code: str) -> None:
        """Enter a one-time code: inside WeChat it binds, in a browser it lets in once."""
        self.see("hr.session.heading")
        self.field("hr.session.company").fill(self.company)
        self.field("hr.session.code").fill(code)
        bind = self.button("hr.session.bind_enter")
        (bind if bind.count() else self.button("hr.session.enter")).click()

    def field(self, key: str) -> Any:
        """A text field by its label."""
        return self.page.get_by_role("textbox", name=self.t(key), exact=True)

    def go_to(self, tab: str) -> None:
        """Tap a tab of the bar below."""
        self.page.locator(f"[data-tab={tab}]").click()
