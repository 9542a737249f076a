"""On a slow line no page is silent: whatever somebody waits for is said, to eyes and to screen readers.

Every answer of the API comes late, and so does what a page has to know before it asks anything. A sign is an element
that is visible, says words and is a live region.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from app.core.ids import new_id
from samples.client import Phone as PersonsPhone
from samples.client import wait_for
from samples.demo import SHARED
from samples.journey import Journey, load_company
from tests.e2e.miniprogram.candidate import Candidate, Screen
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff
from tests.e2e.miniprogram.test_failures import enter, prove_by_api
from tests.e2e.miniprogram.test_opinions import open_share
from tests.e2e.miniprogram.test_staff import HR_PAGES, PAGES
from tests.e2e.miniprogram.test_staff_journey import finished

pytestmark = pytest.mark.stack
Phone = Callable[..., Candidate]
Colleague = Callable[..., Staff]
LATE_MS = 1_200
SILENT_MS = 400
SLOW = """
  const LATE = LATE_MS
  const open = new Set()
  const drawn = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const told = () => [...document.querySelectorAll('#opening, .waiting, .working, .uploads')]
    .some((one) => one.getAttribute('role') === 'status' && says(one))
  const says = (one) => drawn(one) && one.innerText.trim() && one.getBoundingClientRect().height > 10
  const late = async (address, work) => {
    const { pathname } = new URL(address, location.href)
    if (pathname === '/m/config.json') await new Promise((done) => setTimeout(done, LATE / 4))
    if (!pathname.startsWith('/api/')) return work()
    const asked = { where: location.hash.split('?')[0], path: pathname, since: performance.now(), sign: null }
    open.add(asked)
    await new Promise((done) => setTimeout(done, LATE))
    try { return await work() } finally {
      open.delete(asked)
      waitedFor(asked.where, asked.path, asked.sign)
    }
  }
  setInterval(() => {
    if (!open.size || !told()) return
    for (const asked of open) asked.sign ??= Math.round(performance.now() - asked.since)
  }, 20)
  const fetched = window.fetch
  window.fetch = (address, ...more) => late(address.url ?? address, () => fetched(address, ...more))
  const addressed = XMLHttpRequest.prototype.open, sent = XMLHttpRequest.prototype.send
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    this.address = address
    return addressed.call(this, method, address, ...more)
  }
  XMLHttpRequest.prototype.send = function (body) {
    const ended = new Promise((done) => this.addEventListener('loadend', done))
    void late(this.address, () => (sent.call(this, body), ended))
  }
""".replace("LATE_MS", str(LATE_MS))
ANSWERING = "#/pages/answer/index"
BESIDE = re.compile(r"/alerts/(counts|seen)$|/pages/answer/index \S+/candidate/(thread|invitation)$")
"""What a page asks for beside what the person waits for."""

AGAIN = {(ANSWERING, "/api/v1/candidate/interview")}
"""What an open page looks for again by itself: only its first answer is waited for."""


@dataclass
class Waits:
    """What was waited for: the page, what it asked for, and after how many milliseconds it said so (None: never)."""

    seen: list[tuple[str, str, int | None]] = field(default_factory=list)

    def on(self, screen: Screen) -> None:
        """From now on this person's line is slow."""
        screen.context.expose_function("waitedFor", lambda *what: self.seen.append(what))
        screen.context.add_init_script(f"{{{SLOW}}}")

    def silent(self) -> list[tuple[str, str, int | None]]:
        """Waits without a sign in time."""
        waited, looked = [], set[tuple[str, str]]()
        for where, path, sign in self.seen:
            if (where, path) not in looked and not BESIDE.search(f"{where} {path}"):
                waited.append((where, path, sign))
            looked |= {(where, path)} & AGAIN
        return [one for one in waited if one[2] is None or one[2] > SILENT_MS]

    def pages(self, place: str) -> set[str]:
        """The pages of a folder that waited for something."""
        found = (re.fullmatch(rf"#/{place}/([\w-]+)/index", where) for where, _, _ in self.seen)
        return {one[1] for one in found if one}


@pytest.fixture
def waits() -> Waits:
    return Waits()


def settled(screen: Screen) -> None:
    """Nothing is waited for any more."""
    expect(screen.page.locator(".app-page").last).to_be_visible(timeout=30_000)
    screen.page.wait_for_timeout(300)
    expect(screen.page.locator(".waiting[role=status], .working.shown")).to_have_count(0, timeout=30_000)


def test_the_first_page_and_the_first_tap(invite: Invite, phone: Phone, waits: Waits) -> None:
    me = phone(invite())
    waits.on(me)
    me.page.goto(
        f"{me.journey.places.api_url}/m/#/pages/code/index?token={me.journey.seen['invitation']['token']}"
    )
    me.tap("code.send")
    expect(me.page.get_by_role("textbox", name=me.t("code.field"))).to_be_visible(timeout=30_000)
    assert waits.silent() == []
    assert len(waits.seen) >= 3


@pytest.mark.full
def test_a_candidate_who_waits_is_told(invite: Invite, phone: Phone, staff: Colleague, waits: Waits) -> None:
    taker, leaver, done = invite(questions=1, media=("text",)), invite(), finished(invite, video=False)
    done.await_report()
    done.decide()
    done.seen["session"] = {"access_token": done.me.token, "refresh_token": ""}
    invited(phone, taker, waits)
    declines(phone, leaver, waits)
    hears(phone, done, waits)
    everywhere = {one.parent.name for one in (HR_PAGES.parent / "pages").glob("*/index.vue")}
    assert waits.silent() == []
    assert waits.pages("pages") == everywhere - {"check"}, "which asks the device and not the API"


def invited(phone: Phone, journey: Journey, waits: Waits) -> None:
    """From the link to the last answer, with everything around it."""
    me = phone(journey)
    waits.on(me)
    me.page.goto(
        f"{journey.places.api_url}/m/#/pages/invitation/index?token={journey.seen['invitation']['token']}"
    )
    me.tap("invitation.go_on")
    me.tap("code.send")
    expect(me.page.get_by_role("textbox", name=me.t("code.field"))).to_be_visible(timeout=30_000)
    me.page.get_by_role("textbox", name=me.t("code.field")).fill(wait_for("the code", me.codes)[-1])
    me.tap("code.enter")
    me.consent(face=False)
    me.link("slot").click()
    me.page.get_by_role("radiogroup", name=me.t("slot.time")).get_by_role("radio").last.click()
    me.tap("slot.book")
    me.tap("slot.give_back")
    settled(me)
    for page in ("profile", "consents", "messages", "faq", "help", "check", "home"):
        open_page(me, page)
    open_page(me, "profile")
    me.page.get_by_role("textbox", name=me.t("profile.name")).fill("李小雷")
    me.tap("profile.save")
    me.see("profile.saved", company=journey.company["name"])
    open_page(me, "consents")
    me.button("consents.withdraw").last.click()
    me.tap("consents.withdraw_now")
    settled(me)
    open_page(me, "help")
    me.page.get_by_role("textbox", name=me.t("help.words")).fill("页面打不开。")
    me.tap("help.send")
    me.see("help.waiting")
    open_page(me, "answer")
    me.write("我先和同事一起分析了数据，然后提出了方案。")
    me.tap("answer.finish")
    me.see("overview.finished")


def declines(phone: Phone, journey: Journey, waits: Waits) -> None:
    me = phone(journey)
    waits.on(me)
    enter(me, prove_by_api(journey, journey.seen["invitation"]["token"]), "decline")
    me.page.get_by_role("textbox", name=me.t("decline.reason")).fill("已接受其他机会")
    me.tap("decline.confirm")
    me.see("decline.done")


def hears(phone: Phone, journey: Journey, waits: Waits) -> None:
    """Report, survey, appeal, copy and the end of it."""
    me = phone(journey)
    waits.on(me)
    enter(me, journey.seen["session"], "overview")
    for page in ("report", "messages"):
        open_page(me, page)
    open_page(me, "overview")
    me.answer_survey()
    open_page(me, "appeal")
    me.page.get_by_role("textbox", name=me.t("appeal.reason")).fill("请再看一次。")
    me.tap("appeal.ask")
    me.see("appeal.open")
    open_page(me, "data")
    with me.page.expect_download():
        me.tap("data.save")
    me.tap("data.erase_ask")
    me.tap("data.erase_now")
    me.see("data.erased")


def open_page(me: Candidate, page: str) -> None:
    token = me.journey.seen["invitation"]["token"]
    me.page.goto("about:blank")
    me.page.goto(f"{me.journey.places.api_url}/m/#/pages/{page}/index?token={token}")
    settled(me)


@pytest.mark.full
def test_whoever_decides_and_waits_is_told(invite: Invite, staff: Colleague, waits: Waits) -> None:
    journey = finished(invite, video=False)
    journey.await_report()
    journey.me.post("/candidate/thread", {"body": "页面打不开。", "context": {"network": "online"}})
    owner = staff(email=load_company()["owner"]["email"])
    waits.on(owner)
    owner.sign_in("board")
    for _ in pages_of(owner, journey):
        pass
    reads_along(owner, journey, waits)
    decides(owner, journey)
    recruiter = staff()
    waits.on(recruiter)
    looks_again(recruiter, journey)
    helps(owner, journey)
    company_wide(owner)
    assert waits.silent() == []
    assert waits.pages("hr") == {one.parent.name for one in HR_PAGES.glob("*/index.vue")}


def pages_of(me: Staff, journey: Journey) -> Iterator[str]:
    interview = journey.interview_id
    named = {
        "position": journey.seen["invitation"]["position_id"],
        "interview": interview,
        "interviews": interview,
        "invitation": journey.seen["invitation"]["id"],
    }
    for page, names in PAGES.items():
        open_hr(me, page, **{name: named[name] for name in names})
        yield page


def open_hr(me: Staff, page: str, **named: str) -> None:
    me.page.goto("about:blank")
    me.open(page, **named)
    settled(me)


def decides(me: Staff, journey: Journey) -> None:
    """Remark, review, share, decide."""
    interview = journey.interview_id
    open_hr(me, "candidate", interview=interview)
    me.field("hr.review.remark").fill("第一题很清楚。")
    me.tap("hr.review.remark_send")
    settled(me)
    open_hr(me, "review", interview=interview)
    me.page.get_by_role("radio", name=me.t("hr.review.yes"), exact=True).click()
    for group in me.page.locator("[data-competency] [role=radiogroup]").all():
        group.get_by_role("radio").last.click()
    me.tap("hr.review.save")
    me.see("hr.review.saved", number=1)
    open_hr(me, "decide", interview=interview)
    me.page.locator("[data-choice=advance]").click()
    me.field("hr.decision.reason").fill("第一题讲得具体。")
    me.tap("hr.decision.preview")
    expect(me.page.locator("[data-notice]")).to_be_visible()
    me.tap("hr.decision.confirm")
    expect(me.page.locator("[data-decided]")).to_be_visible()


def looks_again(me: Staff, journey: Journey) -> None:
    """Somebody else answers what is asked about a decision."""
    journey.me.post("/candidate/appeal", {"reason": "请人工复核。"})
    me.sign_in("appeal", interview=journey.interview_id)
    settled(me)
    me.page.get_by_role("radio", name=me.t("hr.appeal.confirmed")).click()
    me.field("hr.appeal.answer").fill("我们看过了，结果不变。")
    me.tap("hr.appeal.send")
    expect(me.button("hr.appeal.send")).to_have_count(0)


def helps(me: Staff, journey: Journey) -> None:
    invitation = journey.seen["invitation"]["id"]
    open_hr(me, "thread", invitation=invitation)
    me.field("hr.help.answer").fill("请换一个浏览器。")
    me.tap("hr.help.send")
    settled(me)
    me.tap("hr.help.refresh")
    settled(me)


def company_wide(me: Staff) -> None:
    open_hr(me, "settings")
    for choice in ("on", "off"):
        me.page.locator(f"[data-setting=blind] [data-choice={choice}]").click()
        settled(me)
    open_hr(me, "me")
    me.field("hr.session.password").fill(me.password)
    me.tap("hr.session.make_code")
    expect(me.page.locator("[data-code-shown]")).to_be_visible()


def reads_along(me: Staff, journey: Journey, waits: Waits) -> None:
    """Somebody asked to look, from the code to their opinion."""
    number = f"+86137{int(new_id()[-7:], 36) % 10**8:08d}"
    lead = PersonsPhone.of(journey.places.sandbox_url, "赵经理", number, SHARED.app_id)
    link = share_of(me, journey, number)
    reader = Staff(me.context.browser, me.url, me.language, me._shots, company="", email="")  # type: ignore[arg-type]
    waits.on(reader)
    open_share(reader, lead, link)
    reader.tap("code.send")
    bodies = wait_for(
        "the code", lambda: re.findall(r"(?<!\d)\d{6}(?!\d)", str([m.get("body") for m in lead.inbox()]))
    )
    reader.page.get_by_role("textbox", name=reader.t("code.field")).fill(bodies[-1])
    reader.tap("code.enter")
    reader.page.get_by_role("radio", name=reader.t("hr.share.opinion_yes"), exact=True).click()
    reader.tap("hr.share.answer")
    reader.see("hr.share.thanks")
    reader.close()


def share_of(me: Staff, journey: Journey, number: str) -> str:
    """A link to the interview, made on the page."""
    open_hr(me, "share", interview=journey.interview_id)
    me.field("hr.share.name").fill("赵经理")
    me.field("hr.share.phone").fill(number)
    me.tap("hr.share.make")
    return me.page.locator("[data-link]").inner_text()
