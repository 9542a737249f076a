"""``bin/bench client``: how soon the pages are useful on a slow phone line, the shell cached from an earlier visit.

The line is Chromium's: 1.6 Mbit/s down, 750 kbit/s up and 150 ms added to every request (a regular 3G), over the loopback.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import ROOT
from samples.figures import Figure
from samples.journey import PASSWORD, Journey, MiniProgram, Places, Platform, load_company, open_recruiting
from workers.supervisor import Stack

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_WORDS = ROOT / "clients" / "miniprogram" / "src" / "locale" / "zh-CN.json"
OPERATOR_EMAIL = "operator@bench.example"
REGULAR_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
_LINE = "1.6 Mbit/s, 150 ms a request"
# Seconds since the navigation began, when the words are first there and drawn.
_WATCH = """
(words) => {
  const look = () => {
    if (!document.body?.innerText.includes(words)) return requestAnimationFrame(look)
    requestAnimationFrame(() => (window.useful = performance.now() / 1000))
  }
  look()
}
"""


def run(arguments: list[str]) -> Iterator[Figure]:
    """Visit the invitation again and again; see the module."""
    parser = argparse.ArgumentParser(prog="bin/bench client")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="weimian-client-"))
    environment = {
        "DATA_DIR": str(folder),
        "PROFILE": "embedded",
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    try:
        with Stack(environment, with_sandbox=True, workers={"analysis": 0}, await_models=False) as stack:
            yield from _measure(_invite(stack), options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(address: str, rounds: int) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("bench: Chromium is not installed")
    cold, warm = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for number in range(rounds):
            context = browser.new_context(locale="zh-CN", viewport={"width": 375, "height": 780})
            cold.append(_visit(context, address))
            warm.append(_visit(context, address))
            context.close()
            print(
                f"{number + 1}: first visit {cold[-1]:.2f} s, again {warm[-1]:.2f} s",
                file=sys.stderr,
                flush=True,
            )
        browser.close()
    reference = (
        f"{_LINE}; {min(warm):.2f} to {max(warm):.2f} s in {rounds} rounds; a first visit takes "
        f"{statistics.median(cold):.2f} s"
    )
    yield Figure.of("client.useful_again", statistics.median(warm), "s", reference, "<= 1")
    ratio = statistics.median(again / first for again, first in zip(warm, cold, strict=True))
    yield Figure.of("client.useful_again_ratio", ratio, "ratio", "the first visit on the same line", "<= 0.6")


def _visit(context: BrowserContext, address: str) -> float:
    """Seconds from the navigation until the invitation can be read."""
    words = json.loads(_WORDS.read_text(encoding="utf-8"))["invitation"]["lead"]
    page = context.new_page()
    page.add_init_script(f"({_WATCH})({words!r})")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", REGULAR_3G)
    page.goto(address, wait_until="commit")
    seconds = page.wait_for_function("() => window.useful", timeout=60_000).json_value()
    page.close()
    return float(seconds)


def _invite(stack: Stack) -> str:
    """The address of an invitation in a browser."""
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company, program = load_company(), MiniProgram("wx-client", "页面测试")
    platform = Platform(places)
    platform.register(program)
    _, slug = platform.open_company(company)
    journey = Journey(places, program, open_recruiting(places, company, slug), company, company["candidate"])
    invitation = journey.invite(journey.create_position(), datetime.now(UTC) + timedelta(days=2))
    return f"{stack.url}/m/#/pages/invitation/index?token={invitation['token']}"
