"""A candidate with a browser: what they see and tap, by the words on the screen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from config.settings import ROOT
from samples.client import wait_for
from samples.journey import Journey

LOCALES = ROOT / "clients" / "miniprogram" / "src" / "locale"
SMALLEST_TARGET = 44  # CSS pixels
# What is not there yet (a binding, an appeal) is asked for all the same, and what is refused has words; a cut network the
# browser tells by itself.
_EXPECTED = re.compile(r"status of 4(?:01|03|04|09|10|22)|ERR_INTERNET_DISCONNECTED|ERR_FAILED")
_FIT = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_TARGETS = """
  [...document.querySelectorAll('[role=button], [role=radio], [role=checkbox], [role=link], input, textarea')]
    .filter((one) => one.offsetParent && getComputedStyle(one).visibility !== 'hidden')
    .map((one) => [one.textContent || one.getAttribute('aria-label'), one.closest('uni-input') ?? one])
    .map(([name, one]) => [name, one.getBoundingClientRect()])
    .filter(([, box]) => box.height > 0 && box.height < 43.5)
    .map(([name, box]) => `${name}: ${box.height}`)
"""
_NAMELESS = """
  [...document.querySelectorAll('[role=button], [role=radio], [role=checkbox], [role=link], input, textarea, video, audio')]
    .filter((one) => one.offsetParent && !(one.textContent.trim() || one.getAttribute('aria-label')))
    .map((one) => one.outerHTML.slice(0, 120))
"""


class Screen:
    """One person's phone. Everything the browser complains about is kept in ``complaints``."""

    def __init__(self, browser: Browser, language: str, shots: Path | None = None, **options: Any) -> None:
        self.language, self._shots = language, shots
        self._words: dict[str, Any] = json.loads((LOCALES / f"{language}.json").read_text(encoding="utf-8"))
        size = {"width": 375, "height": 780}
        self.context = browser.new_context(**{"locale": language, "viewport": size, **options})
        self._suffix = f"{language}-{options.get('color_scheme', 'light')}"
        self.complaints: list[str] = []
        self.page: Page = self._watched(self.context.new_page())

    def close(self) -> None:
        self.context.close()

    def t(self, key: str, **params: object) -> str:
        """The words of the client."""
        words: Any = self._words
        for part in key.split("."):
            words = words[part]
        return str(words).format(**params)

    # --- looking and tapping ---

    def button(self, key: str, **params: object) -> Locator:
        return self.page.get_by_role("button", name=self.t(key, **params), exact=True)

    def tap(self, key: str, **params: object) -> None:
        self.button(key, **params).click()

    def link(self, page: str) -> Locator:
        return self.page.locator(f"[data-page={page}]")

    def see(self, key: str, **params: object) -> None:
        expect(self.page.get_by_text(self.t(key, **params)).first).to_be_visible(timeout=30_000)

    def look(self, name: str) -> None:
        """Nothing sticks out, everything that can be tapped has a name and is large enough; keep a picture if asked."""
        assert self.page.evaluate(_FIT), f"{name} scrolls sideways"
        assert not self.page.locator("#opening").is_visible(), f"{name}: the pages are said to be opening"
        assert self.page.evaluate(_TARGETS) == [], name
        assert self.page.evaluate(_NAMELESS) == [], name
        if self._shots:
            self._shots.mkdir(parents=True, exist_ok=True)
            self.page.evaluate("scrollTo(0, 0)")  # the bar stays on top of what is seen
            self.page.screenshot(path=self._shots / f"{name}-{self._suffix}.png", full_page=True)

    def _watched(self, page: Page) -> Page:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _EXPECTED.search(message.text):
            self.complaints.append(f"{message.text} {message.location['url']}")


class Candidate(Screen):
    """An invited person: their way from the invitation to the survey."""

    def __init__(
        self, browser: Browser, journey: Journey, language: str, shots: Path | None = None, **options: Any
    ) -> None:
        super().__init__(browser, language, shots, **options)
        self.journey = journey

    def open_sms_in_wechat(self) -> None:
        """From the sandbox's inbox: the link of the SMS, opened as this person's WeChat."""
        wait_for("the invitation", self.journey.phone.inbox)
        self.page.goto(f"{self.journey.places.sandbox_url}/?person={self.journey.phone.person_id}")
        with self.context.expect_page() as opened:
            self.page.locator(".sms a").first.click()
        self.page = self._watched(opened.value)
        self.page.locator("[data-here]").click()
        self.see("invitation.lead")

    def open_link_in_browser(self) -> None:
        """From the invitation's link in a browser that knows no WeChat."""
        self.page.goto(f"{self.journey.places.api_url}/i/{self.journey.seen['invitation']['token']}")
        self.page.locator("[data-here]").click()
        self.see("invitation.lead")

    def open_link_in_browser_again(self) -> None:
        """From the link of a later notice, on a device that is still let in."""
        self.page.goto(f"{self.journey.places.api_url}/i/{self.journey.seen['invitation']['token']}")
        self.look("link-again")
        self.page.locator("[data-here]").click()

    def prove_phone(self) -> None:
        """Ask for a code, read it on the invited phone, enter it."""
        self.see("invitation.phone")
        self.look("invitation")
        self.tap("invitation.go_on")
        self.see("code.heading")
        before = len(self.codes())
        self.tap("code.send")
        code = wait_for("the code", lambda: self.codes()[before:])[-1]
        self.page.get_by_role("textbox", name=self.t("code.field")).fill(code)
        self.look("code")
        self.tap("code.enter")

    def codes(self) -> list[str]:
        """Six-digit codes on the invited phone, oldest first."""
        bodies = [m["body"] for m in self.journey.phone.inbox() if m["channel"] == "sms"]
        return [found for body in bodies for found in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]

    def consent(self, *, face: bool = True, voice: bool = True) -> None:
        """Say yes or no to each modality and go on."""
        self.see("consent.heading")
        for modality, granted in (("recording", True), ("voice", voice), ("face", face)):
            group = self.page.get_by_role("radiogroup", name=self.t(f"consent.modality_{modality}"))
            group.get_by_role(
                "radio", name=self.t("consent.yes" if granted else "consent.no"), exact=True
            ).click()
        self.look("consent")
        self.tap("consent.go_on")

    def allow_messages(self) -> None:
        """WeChat's own pop-up."""
        allow = self.page.get_by_role("button", name=self.t("sandbox.allow"), exact=True)
        expect(allow).to_be_visible()
        if self._shots:
            self.page.screenshot(path=self._shots / f"popup-{self._suffix}.png")
        allow.click()

    def choose(self, medium: str) -> None:
        self.page.locator(f"[data-medium={medium}]").click()

    def write(self, words: str) -> None:
        """Answer the present question in writing."""
        self.choose("text")
        self.tap("answer.begin_text")
        self.page.get_by_role("textbox", name=self.t("answer.write")).fill(words)
        self.look("writing")
        self.tap("answer.hand_in")

    def at_question(self, number: int) -> None:
        self.see("answer.number", number=number, all=3)

    def answer_survey(self) -> None:
        """Five points everywhere, a choice, a few words."""
        self.link("survey").click()
        self.see("survey.lead")
        groups = self.page.get_by_role("radiogroup").all()
        self.see("survey.left", number=len(groups))
        for group in groups:
            group.get_by_role("radio", name="5").click()
        troubles = self.page.get_by_role("checkbox")
        troubles.first.click()
        troubles.last.click()  # none at all: takes the other back, or nothing could be sent
        assert [one.get_attribute("aria-checked") for one in troubles.all()].count("true") == 1
        self.page.get_by_role("textbox", name=self.t("survey.words")).fill("流程清楚。")
        self.look("survey")
        self.tap("survey.send")
        self.see("survey.thanks")
