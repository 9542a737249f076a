"""The pages in Chromium, served by a real server on a free port, with the stand-in WeChat beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright
from werkzeug.serving import make_server

from tests.e2e.conftest import CHROMIUM
from tests.factories import World
from tests.integration.conftest import prepared_data, sandbox, world, world_settings
from tests.integration.results.conftest import Results

SHOTS = os.environ.get("WEIMIAN_SHOTS")

__all__ = ["prepared_data", "sandbox", "world", "world_settings"]


@pytest.fixture
def results(world: World) -> Results:
    return Results(world)


@dataclass
class Site:
    """The running site."""

    world: World
    url: str


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(world, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


class Visitor:
    """A page of a fresh browser that notes everything the browser complains about."""

    def __init__(self, browser: Browser, site: Site, **options: Any) -> None:
        self.context = browser.new_context(base_url=site.url, **{"locale": "zh-CN", **options})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def sign_in(self, email: str, password: str, company: str = "acme") -> None:
        self.page.goto("/hr/sign-in")
        self.page.fill("[name=company]", company)
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")

    def fits(self) -> bool:
        """Nothing makes the page scroll sideways."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page when somebody asked for pictures."""
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{name}.png", full_page=True)

    def close(self) -> None:
        self.context.close()
