"""What people do with the pages, in a browser."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.audits.models import AuditEntry
from app.core.database import db
from tenants.tenancy import tenant_scope
from tests.architecture.source import ROOT
from tests.e2e.pages.conftest import Site, Visitor
from tests.factories import PASSWORD
from tests.integration.results.conftest import Finished, Results, told
from tests.unit.scoring import builders

RECORDINGS = ROOT / "samples" / "recordings"
SECOND_STARTS_MS = 9_000
HOSTILE_NAME = '<img src=x onerror="alert(1)">'
HOSTILE_WORDS = (
    '<script>alert(2)</script>当时销售额下降了百分之二十，我分析了数据。"><svg onload=alert(3)>{{ 7 * 7 }}'
)


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Visitor:
    return Visitor(chromium, site, viewport={"width": 1280, "height": 900})


def sign_in(visitor: Visitor, site: Site, role: str = "recruiter") -> None:
    site.world.colleague(site.world.acme, role)
    visitor.sign_in(f"{role}@acme.example", PASSWORD)
    visitor.page.wait_for_url("**/hr/")


def test_hr_reads_watches_and_decides(visitor: Visitor, site: Site, results: Results) -> None:
    finished = results.interview(results.position(), name="李明")
    results.upload(finished, "difficulty", RECORDINGS / "two-people.mp4")
    results.upload(finished, "difficulty", RECORDINGS / "growth.mp4", number=1, starts_at_ms=SECOND_STARTS_MS)
    results.scored(finished)
    sign_in(visitor, site)
    page = visitor.page
    page.get_by_role("link", name="李明").click()
    expect(page.locator("h1")).to_have_text("李明")
    player = page.locator("video").first
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    first = player.get_attribute("src")
    early = page.locator("#answers [data-take]").nth(2)
    early.click()
    wanted = int(str(early.get_attribute("data-ms"))) / 1000
    page.wait_for_function(f"Math.abs(document.querySelector('video').currentTime - {wanted}) < 3")
    late = page.locator(f'.transcript [data-take="{finished.takes["difficulty"]}"]').last
    beyond = int(str(late.get_attribute("data-ms"))) - SECOND_STARTS_MS
    assert beyond >= 0
    expired = json.loads(str(player.get_attribute("data-parts")))[1][0]
    page.route(f"**{expired}", lambda route: route.fulfill(status=410))
    late.click()  # its address has run out: it goes on with another one
    second = arrives(page, beyond / 1000, {str(first), expired})
    visitor.shoot("watching")
    mark = page.locator(f'.timeline [data-take="{finished.takes["difficulty"]}"]').first
    marked = int(str(mark.get_attribute("data-ms"))) / 1000
    mark.dispatch_event("click")
    arrives(page, marked, {second})
    page.locator(".option", has_text="进入下一轮").click()
    page.fill("[name=reason]", "案例具体 <b>数据</b> 清楚")
    page.fill("[name=next_steps]", "周五前电话联系您。")
    page.get_by_role("button", name="提交决定").click()
    expect(page.locator(".site-done")).to_contain_text("决定已记录")
    expect(page.locator("#decision")).to_contain_text("案例具体 <b>数据</b> 清楚")
    expect(page.locator("#decide")).to_have_count(0)
    page.get_by_role("link", name="返回面试列表").click()
    expect(page.locator(".pill")).to_have_text("已决定")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/")
    page.goto(f"/hr/interviews/{finished.id}")
    expect(page).to_have_url(re.compile(r"/hr/sign-in\?next="))
    assert not [c for c in visitor.complaints if "ERR_ABORTED" not in c and "status of 410" not in c]
    assert viewings(finished) == {"report.viewed": 2, "recording.viewed": 2, "recording.view_continued": 1}


def arrives(page: Page, seconds: float, elsewhere: set[str]) -> str:
    """The address that plays once it is there; asked from outside, as the policy of the page allows no ``eval``."""
    for _ in range(100):
        address, at = page.evaluate(
            "(v => [v.getAttribute('src'), v.currentTime])(document.querySelector('video'))"
        )
        if address not in elsewhere and abs(at - seconds) < 3:
            return str(address)
        page.wait_for_timeout(100)
    raise AssertionError(f"the player stays at {at} s of {address}")


def viewings(finished: Finished) -> dict[str, int]:
    """How often reports and recordings were looked at in this company."""
    found: dict[str, int] = {}
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action.contains(".view"))):
            found[entry.action] = found.get(entry.action, 0) + 1
    return found


def test_hostile_words_stay_words(visitor: Visitor, site: Site, results: Results) -> None:
    finished = results.interview(results.position(), name=HOSTILE_NAME)
    results.scored(finished, {"difficulty": told(HOSTILE_WORDS), "team": told(HOSTILE_WORDS)})
    sign_in(visitor, site)
    expect(visitor.page.locator(".listing")).to_contain_text(HOSTILE_NAME)
    visitor.page.goto(f"/hr/interviews/{finished.id}")
    expect(visitor.page.locator("h1")).to_have_text(HOSTILE_NAME)
    expect(visitor.page.locator(".transcript").first).to_contain_text("<script>alert(2)</script>")
    expect(visitor.page.locator(".transcript").first).to_contain_text("{{ 7 * 7 }}")
    assert visitor.dialogs == []
    assert visitor.complaints == []


def test_a_session_that_ran_out_is_renewed_and_no_word_is_lost(
    visitor: Visitor, site: Site, results: Results
) -> None:
    finished = results.scored(results.interview(results.position()))
    sign_in(visitor, site)
    visitor.context.clear_cookies(name="access_token_cookie")
    page = visitor.page
    page.goto(f"/hr/interviews/{finished.id}")
    expect(page.locator("h1")).to_have_text("李明")
    page.locator(".option", has_text="录用").first.click()
    page.fill("[name=reason]", "写了很久的理由")
    visitor.context.clear_cookies(name="access_token_cookie")
    page.get_by_role("button", name="提交决定").click()
    expect(page.locator("h1")).to_have_text("请再次确认")
    expect(page.locator("main")).to_contain_text("写了很久的理由")
    assert visitor.fits()
    visitor.shoot("confirm")
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator("#decision")).to_contain_text("写了很久的理由")


def test_an_interviewer_reads_but_does_not_decide(visitor: Visitor, site: Site, results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    sign_in(visitor, site, "interviewer")
    visitor.page.goto(f"/hr/interviews/{finished.id}")
    expect(visitor.page.locator("#competencies")).to_be_visible()
    expect(visitor.page.locator("#decide")).to_have_count(0)


def test_the_language_chosen_stays(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    page.goto("/")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_contain_text("AI video interviews")
    page.goto("/hr/sign-in")
    expect(page.locator("h1")).to_have_text("Recruiter sign-in")
    expect(page.locator(".sample")).to_contain_text("Demonstration")


def test_the_invitation_shows_its_code_or_says_why_not(visitor: Visitor, site: Site) -> None:
    world = site.world
    invitation = world.invite(
        world.acme, world.add_candidate(world.acme), world.add_position(world.acme), materials=HOSTILE_NAME
    )
    page = visitor.page
    page.goto(f"/i/{invitation['token']}")
    page.wait_for_function("document.querySelector('[data-code]').naturalWidth > 100")
    expect(page.locator(".facts").first).to_contain_text(HOSTILE_NAME)
    page.route("**/code", lambda route: route.fulfill(status=503))
    page.reload()
    expect(page.locator("[data-code-missing]")).to_be_visible()
    expect(page.locator("[data-code]")).to_be_hidden()
    assert visitor.dialogs == []


def test_a_waiting_page_turns_into_the_report(visitor: Visitor, site: Site, results: Results) -> None:
    finished = results.interview(results.position())
    sign_in(visitor, site)
    visitor.page.goto(f"/hr/interviews/{finished.id}")
    expect(visitor.page.locator(".pending-note")).to_contain_text("正在分析的回答 2 个")
    results.scored(finished, {"difficulty": told(builders.STORY), "team": told(builders.STORY)})
    expect(visitor.page.locator("#competencies")).to_be_visible(timeout=20_000)  # by itself
