"""Every page with larger letters, and what the company changes while somebody answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from samples.journey import Journey
from tests.e2e.miniprogram.candidate import Candidate, Screen
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff
from tests.e2e.miniprogram.test_failures import enter, prove_by_api
from tests.e2e.miniprogram.test_staff import PAGES
from tests.e2e.miniprogram.test_staff_journey import finished

pytestmark = [pytest.mark.stack, pytest.mark.full]
Phone = Callable[..., Candidate]
Colleague = Callable[..., Staff]

BEFORE = (
    "overview",
    "slot",
    "decline",
    "check",
    "consent",
    "answer",
    "profile",
    "consents",
    "messages",
    "faq",
)
AFTER = ("overview", "report", "survey", "help", "appeal", "data", "home")
"""Pages of somebody who has agreed, and of somebody who has finished."""

OVERLAPPING = """() => {
  const drawn = []
  const walk = document.createTreeWalker(document.querySelector('[role=main]').parentElement, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const home = node.parentElement
    if (!node.textContent.trim() || home.closest('.bar, .screen, svg')) continue
    if (!home.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const box of range.getClientRects()) drawn.push({ home, words: node.textContent.trim(), box })
  }
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  const meet = (a, b) => across(a, b) > 2 && down(a, b) > a.height / 3
  const slides = (one) => one && (/auto|scroll/.test(getComputedStyle(one).overflowX) || slides(one.parentElement))
  const found = []
  drawn.forEach((one, index) => {
    for (const other of drawn.slice(index + 1)) {
      if (one.home !== other.home && meet(one.box, other.box)) found.push(`${one.words} | ${other.words}`)
    }
    if (!slides(one.home) && (one.box.right > innerWidth + 1 || one.box.left < -1)) found.push(`outside: ${one.words}`)
  })
  return found
}"""


@pytest.fixture(scope="module")
def pair(invite: Invite) -> Iterator[tuple[Journey, Journey]]:
    """Somebody in the middle of an interview, and somebody who was scored."""
    done = finished(invite, video=False)
    done.await_report()
    before = invite(think=5)
    # Once: codes are counted.
    before.seen["session"] = prove_by_api(before, before.seen["invitation"]["token"])
    done.seen["session"] = {"access_token": done.me.token, "refresh_token": ""}
    yield before, done


def settle(screen: Screen) -> None:
    """The page shows what it is for."""
    expect(screen.page.locator(".app-page").last).to_be_visible(timeout=30_000)
    expect(screen.page.locator(".waiting[role=status]")).to_have_count(0, timeout=30_000)
    screen.page.wait_for_load_state("networkidle")


def candidate_pages(me: Candidate, pages: tuple[str, ...]) -> Iterator[str]:
    """Those a stranger sees first, where nothing is finished; then as somebody who was let in."""
    url, token = me.journey.places.api_url, me.journey.seen["invitation"]["token"]
    for page in ("invitation", "code") if pages is BEFORE else ():
        me.page.goto("about:blank")
        me.page.goto(f"{url}/m/#/pages/{page}/index?token={token}")
        settle(me)
        yield page
    for page in pages:
        enter(me, me.journey.seen["session"], page)
        settle(me)
        yield page


def staff_pages(me: Staff, journey: Journey) -> Iterator[str]:
    interview = journey.interview_id
    named = {
        "position": journey.seen["invitation"]["position_id"],
        "interview": interview,
        "interviews": interview,
        "invitation": journey.seen["invitation"]["id"],
    }
    me.open("sign-in")
    settle(me)
    yield "sign-in"
    me.page.goto("about:blank")
    me.sign_in()
    for page, names in PAGES.items():
        me.page.goto("about:blank")
        me.open(page, **{name: named[name] for name in names})
        settle(me)
        yield page


def enlarge(screen: Screen, scale: float) -> None:
    kept = json.dumps({"type": "number", "data": scale})
    screen.context.add_init_script(f"try {{ localStorage.setItem('text-size', '{kept}') }} catch {{}}")


def reads_well(screen: Screen, name: str) -> None:
    screen.look(name)
    assert screen.page.evaluate(OVERLAPPING) == [], name


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("zh-CN", "light")])
def test_the_largest_letters_on_the_smallest_screen(
    pair: tuple[Journey, Journey], phone: Phone, staff: Colleague, language: str, scheme: str
) -> None:
    small: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "color_scheme": scheme}
    for journey, pages in zip(pair, (BEFORE, AFTER), strict=True):
        me = phone(journey, language, **small)
        enlarge(me, 1.4)
        for page in candidate_pages(me, pages):
            reads_well(me, f"large-{page}{'-done' if pages is AFTER else ''}")
        assert me.complaints == []
    hr = staff(language, **small)
    enlarge(hr, 1.4)
    for page in staff_pages(hr, pair[1]):
        reads_well(hr, f"large-hr-{page}")
    assert hr.complaints == []


def test_the_browsers_own_letters_are_followed_until_others_are_chosen(
    pair: tuple[Journey, Journey], phone: Phone
) -> None:
    me = phone(pair[1])
    me.page.goto(f"{pair[1].places.api_url}/m/#/")
    me.see("home.other")

    def size() -> float:
        lead = me.page.get_by_text(me.t("home.other"), exact=True)
        return float(lead.evaluate("one => parseFloat(getComputedStyle(one).fontSize)"))

    usual = size()
    me.page.get_by_role("radio", name=me.t("size.largest"), exact=True).click()
    assert size() == pytest.approx(1.4 * usual)
    me.page.reload()
    me.see("home.other")
    assert size() == pytest.approx(1.4 * usual)


def test_what_the_company_changes_reaches_an_open_page(invite: Invite, phone: Phone) -> None:
    """Voice instead of video, a question anew, more time: within 25 seconds, without a tap, and in words."""
    journey = invite(media=("video", "text"))
    me = phone(journey)
    enter(me)
    me.at_question(1)
    expect(me.page.locator("[data-medium=voice]")).to_have_count(0)
    me.write("我先和同事一起分析了数据，然后提出了方案。")
    me.at_question(2)
    first = journey.hr.get(f"/invitations/{journey.seen['invitation']['id']}/help")["questions"][0]["id"]
    for wanted, words in (
        ({"kind": "voice"}, "changes.media"),
        ({"kind": "reset", "question_id": first}, "changes.reopened"),
        ({"kind": "extend", "hours": 24}, None),
    ):
        journey.hr.post(f"/invitations/{journey.seen['invitation']['id']}/help", wanted)
        notice = me.page.locator("[data-notice=changes]")
        said = me.t(words) if words else me.t("changes.window", until="")[:8]
        expect(notice.get_by_text(said)).to_be_visible(timeout=25_000)
    expect(me.page.locator("[data-medium=voice]")).to_be_visible()
    me.look("changed-by-the-company")
    assert me.complaints == []
