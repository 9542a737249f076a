"""Who the candidate is and what is theirs: every company's invitations in one place, the ways in, their own profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect
from weasyprint import HTML

from samples.client import register_sandbox_app, wait_for
from samples.demo import OPERATOR_EMAIL, SHARED
from samples.journey import PASSWORD, Journey, Places, Platform, load_company, open_recruiting
from tests.e2e.miniprogram.candidate import Candidate
from tests.e2e.miniprogram.conftest import Invite
from workers.supervisor import Stack

pytestmark = pytest.mark.stack
Phone = Callable[..., Candidate]


RESUME = "2019.07 至今 晨光贸易 销售经理，负责华东大客户，年度销售额提升 35%。"
WECHAT_BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 MicroMessenger/8.0.50"
SECOND = "望山科技"
RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"  # of WeChat's documentation, to try its check


@pytest.fixture
def account(stack: Stack) -> Callable[[], None]:
    """The platform's official account; its web domain is the product's."""

    def register() -> None:
        app = {"app_id": "wx-weimian-service", "secret": "service-secret"}
        operator = Platform(Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)).api
        values = {"secret": app["secret"], "name": "微面服务号", "kind": "official_account"}
        operator.put(f"/operator/wechat-apps/{app['app_id']}", values)
        domain = urlsplit(stack.url).netloc
        register_sandbox_app(stack.sandbox_url, app | {"kind": "official_account", "oauth_domain": domain})

    return register


@pytest.fixture(scope="module")
def invite_again(stack: Stack) -> Callable[[Journey], Journey]:
    """Another company invites the same person."""
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company = {**load_company(), "name": SECOND}
    _, slug = Platform(places).open_company(company, "wangshan")
    recruiter = open_recruiting(places, company, slug)

    def make(first: Journey) -> Journey:
        journey = Journey(places, SHARED, recruiter, company, first.candidate_profile)
        journey.invite(journey.create_position(), datetime.now(UTC) + timedelta(days=2))
        return journey

    return make


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_words_that_wechat_holds_back_stay_in_the_field(
    invite: Invite, phone: Phone, language: str, scheme: str
) -> None:
    me = phone(invite(language), language, color_scheme=scheme)
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent()
    me.allow_messages()
    me.see("overview.start")
    me.link("help").click()
    field = me.page.get_by_role("textbox", name=me.t("help.words"))
    field.fill(f"摄像头打不开 {RISKY}")
    me.tap("help.send")
    expect(me.page.locator("[data-code=words_refused]")).to_be_visible()
    expect(field).to_have_value(f"摄像头打不开 {RISKY}")
    me.look("words-refused")
    field.fill("摄像头打不开")
    me.tap("help.send")
    me.see("help.waiting")
    assert me.complaints == []


def test_a_code_by_email_and_everything_of_mine_in_one_place(
    invite: Invite, invite_again: Callable[[Journey], Journey], phone: Phone
) -> None:
    """In a browser: the phone does not receive, the mail does; then two companies' interviews on one page."""
    journey = invite(email="ming.li@mail.example")
    me = phone(journey)
    me.open_link_in_browser()
    me.tap("invitation.go_on")
    me.see("code.heading")
    me.tap("code.send_email", to="m***@m***.example")
    code = wait_for("the mail", lambda: mailed_codes(journey))[-1]
    me.page.get_by_role("textbox", name=me.t("code.field")).fill(code)
    me.look("code-mailed")
    me.tap("code.enter")
    me.consent(face=False)
    me.see("overview.start")

    other = invite_again(journey)
    me.page.goto(f"{journey.places.api_url}/m/#/")
    me.see("home.other")
    me.page.get_by_role("textbox", name=me.t("home.link")).fill(other.seen["invitation"]["link"])
    me.tap("home.follow")
    me.prove_phone()
    me.consent(face=False)
    me.see("overview.start")
    me.link("home").click()
    for one in (journey, other):
        expect(card(me, one)).to_have_attribute("data-step", "start")
    expect(me.page.get_by_text(SECOND)).to_be_visible()
    me.look("home")
    card(me, journey).click()
    me.see("overview.start")
    me.look("overview-mine")
    change_profile(me, journey)
    withdraw_a_consent(me, journey)
    ask_in_vain(me)
    sign_out(me)
    assert me.complaints == []


def test_wechats_own_browser_says_who_is_there(
    invite: Invite, account: Callable[[], None], phone: Phone
) -> None:
    """Bound in the mini-program, the same person goes on in WeChat's browser without another code."""
    account()
    journey = invite()
    journey.open_link()  # in the mini-program, with a code
    me = phone(journey, user_agent=WECHAT_BROWSER)
    browser = f"{journey.places.sandbox_url}/sandbox/people/{journey.phone.person_id}/browser"
    me.page.goto(f"{browser}?to={journey.seen['invitation']['link']}")
    me.page.locator("[data-here]").click()
    me.see("invitation.lead")
    me.tap("invitation.go_on")
    me.see("consent.heading")  # no code was asked for
    me.consent(face=False)
    me.see("overview.start")
    me.page.goto("about:blank")
    me.page.goto(f"{journey.places.api_url}/m/#/")
    expect(card(me, journey)).to_have_attribute("data-step", "start")
    me.look("home-wechat")
    assert me.complaints == []


def card(me: Candidate, journey: Journey) -> Locator:
    """One of my interviews on the page of all of them."""
    return me.page.locator(f'[data-token="{journey.seen["invitation"]["token"]}"]')


def give_a_file(me: Candidate) -> None:
    """What is no résumé is told by name; what was written meanwhile stays."""
    given = me.page.locator("[data-resume-file]")
    made: bytes = HTML(string=f"<p>{RESUME}</p>").write_pdf()
    for key, file, content in (
        ("profile.file_choose", "photo.pdf", b"\x89PNG\r\n\x1a\n"),
        ("profile.file_choose", "简历.pdf", made),
    ):
        with me.page.expect_file_chooser() as chooser:
            me.tap(key)
        chooser.value.set_files({"name": file, "mimeType": "application/pdf", "buffer": content})
        if content is not made:
            expect(me.page.locator("[data-code=resume_file_type]")).to_be_visible()
    expect(given).to_contain_text("简历.pdf")
    expect(given.locator("[role=alert]")).to_have_count(0)


def change_profile(me: Candidate, journey: Journey) -> None:
    """The company sees the new name, the one it gave, and the résumé."""
    me.link("profile").click()
    me.see("profile.heading")
    me.page.get_by_role("textbox", name=me.t("profile.name")).fill("李明明")
    me.page.get_by_role("textbox", name=me.t("profile.resume_words")).fill(RESUME)
    give_a_file(me)
    me.look("profile")
    me.tap("profile.save")
    me.see("profile.saved", company=journey.company["name"])
    path = f"/candidates/{journey.seen['candidate_id']}"
    seen = journey.hr.get(path)
    assert (seen["name"], seen["given_name"]) == ("李明明", journey.candidate_profile["name"])
    assert journey.hr.get(f"{path}/resume")["text"] == RESUME
    me.page.go_back()


def withdraw_a_consent(me: Candidate, journey: Journey) -> None:
    """What it means is said before; the words agreed to stay readable."""
    me.link("consents").click()
    me.see("consents.lead")
    me.look("consents")
    voice = me.page.locator("[data-modality=voice]")
    voice.get_by_role("button", name=me.t("consents.withdraw"), exact=True).click()
    me.see("consents.means_voice")
    me.look("consents-asked")
    me.tap("consents.withdraw_now")
    expect(voice.get_by_text(me.t("consents.not_agreed"), exact=True)).to_be_visible()
    me.page.go_back()


def ask_in_vain(me: Candidate) -> None:
    """A search in the answers; what they do not answer goes to a person."""
    me.link("faq").click()
    me.page.get_by_role("textbox", name=me.t("faq.search")).fill("决定")
    me.page.get_by_role("button", name=re.compile("决定")).first.click()
    me.look("faq")
    me.page.get_by_role("textbox", name=me.t("faq.search")).fill("停车")
    me.see("faq.none")
    me.tap("faq.ask")
    expect(me.page.get_by_role("textbox", name=me.t("help.words"))).to_have_value("停车")
    me.page.go_back()


def sign_out(me: Candidate) -> None:
    """Not one's own device: the list is empty afterwards, and the links are still there for whoever has a code."""
    me.page.goto("about:blank")
    me.page.goto(f"{me.journey.places.api_url}/m/#/")
    me.tap("home.leave_ask")
    me.tap("home.leave_now")
    me.see("home.none")
    me.tap("home.hiring")
    expect(me.page).to_have_url(re.compile("/hr/sign-in/"))
    me.page.get_by_role("button", name="受邀参加面试").click()
    me.see("home.none")


def mailed_codes(journey: Journey) -> list[str]:
    """Six-digit codes in the mail of the person invited, oldest first."""
    bodies = [m["body"] for m in journey.phone.inbox() if m["channel"] == "email"]
    return [found for body in bodies for found in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]


@pytest.mark.full
@pytest.mark.parametrize(("language", "width"), [("zh-CN", 320), ("en", 375)])
def test_my_pages_on_small_and_dark_screens(invite: Invite, phone: Phone, language: str, width: int) -> None:
    """Inside WeChat (the sandbox's): every page that is about me fits, is named, and comes back to the same place."""
    journey = invite(language)
    size = {"width": width, "height": 700}
    me = phone(journey, language, viewport=size, color_scheme="dark")
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent(face=True)
    me.allow_messages()
    me.see("overview.start")
    journey.hr.put(
        "/faq",
        {"entries": [{"question": {"zh-CN": "可以停车吗？"}, "answer": {"zh-CN": "可以，请走南门。"}}]},
    )
    for name, seen in (
        ("profile", "profile.heading"),
        ("consents", "consents.lead"),
        ("messages", "messages.title"),
    ):
        me.link(name).click()
        me.see(seen)
        me.look(f"my-{name}")
        me.page.go_back()
    me.link("faq").click()
    me.see("faq.of_company")
    me.page.get_by_role("button", name=re.compile("停车")).click()
    expect(me.page.get_by_text("可以，请走南门。")).to_be_visible()
    me.look("my-faq")
    me.page.go_back()
    me.link("home").click()
    expect(card(me, journey)).to_have_attribute("data-step", "start")
    me.look("my-home")
    me.context.clear_cookies()
    me.page.evaluate("localStorage.clear()")  # another device of the same WeChat: nothing is asked again
    me.page.reload()
    card(me, journey).click()
    me.see("overview.start")
    assert me.complaints == []
