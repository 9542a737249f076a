"""HR's pages on a phone: in by the front door, and still something to see when the network is away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Route, expect

from app.core.ids import new_id
from samples.client import Phone
from samples.demo import SHARED
from samples.journey import PASSWORD, load_company, sign_in
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import HR_LOCALES, Staff

pytestmark = pytest.mark.stack
Colleague = Callable[..., Staff]
HR_PAGES = HR_LOCALES.parent


@pytest.mark.parametrize(
    ("language", "scheme"), [("zh-CN", "light"), pytest.param("en", "dark", marks=pytest.mark.full)]
)
def test_from_sign_in_to_the_board_and_out_again(
    invite: Invite, staff: Colleague, language: str, scheme: str
) -> None:
    journey = invite()
    journey.open_link()
    journey.consent()
    journey.start()
    unopened = invite(position=journey.seen["invitation"]["position_id"])

    me = staff(language, color_scheme=scheme)
    me.open("me")
    me.see("hr.session.heading")
    me.password, right = "not-my-password", me.password
    me.enter_password()
    expect(me.page.locator("[data-code=sign_in_refused]")).to_be_visible()
    me.look("hr-sign-in")
    me.password = right
    me.enter_password()
    me.see("hr.session.sign_out")  # back where one wanted to be
    me.look("hr-me")
    me.field("hr.session.password").fill("not-my-password")
    me.tap("hr.session.make_code")
    expect(me.page.locator("[data-code=password_wrong]")).to_be_visible()
    me.field("hr.session.password").fill(right)
    me.tap("hr.session.make_code")
    expect(me.page.locator("[data-code-shown]")).to_be_visible()
    me.look("hr-me-code")
    me.go_to("board")
    me.page.locator("[data-choice=in_progress]").click()
    expect(me.page.locator("[data-interview]").first).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-board")
    held: list[Route] = []
    me.page.route("**/api/v1/board?*", lambda route: held.append(route), times=1)  # noqa: PLW0108 - a builtin cannot be marked
    me.page.locator("[data-choice=decided]").click()
    while not held:
        me.page.wait_for_timeout(20)
    me.page.locator("[data-choice=not_begun]").click()  # before the first list came: the last choice counts
    held[0].continue_()
    card = me.page.locator(f"[data-invitation='{unopened.seen['invitation']['id']}']")
    expect(card.get_by_role("link")).to_have_count(2)  # write to them, or help them on
    me.look("hr-board-not-begun")

    me.context.set_offline(True)
    me.go_to("me")
    me.go_to("board")
    me.page.locator("[data-choice=in_progress]").click()
    expect(me.page.locator("[data-interview]").first).to_contain_text(journey.candidate_profile["name"])
    expect(me.page.locator(".stale")).to_be_visible()
    me.look("hr-board-offline")
    me.context.set_offline(False)

    me.go_to("me")
    me.tap("hr.session.sign_out")
    me.see("hr.session.heading")
    me.open("board")
    me.see("hr.session.heading")  # nothing of before is left
    assert me.complaints == []


def test_a_code_binds_wechat_which_then_lets_in_until_it_is_unbound(invite: Invite, staff: Colleague) -> None:
    journey = invite()
    places = journey.places
    phone = Phone.of(
        places.sandbox_url, "招聘专员", f"+86137{int(new_id()[-7:], 36) % 10**8:08d}", SHARED.app_id
    )
    me = staff(person=phone.person_id)
    me.open("me")
    me.enter_code("ABCDEFGH")
    expect(me.page.locator("[data-code=phone_code_wrong]")).to_be_visible()
    me.look("hr-bind")
    me.enter_code(journey.hr.post("/me/phone-codes", {"password": PASSWORD})["code"])
    me.see("hr.session.unbind")  # on the page that was asked for
    me.look("hr-me-bound")

    me.page.evaluate("localStorage.clear()")  # a new day on this phone: WeChat's word is enough
    me.open("board")
    me.page.reload()
    expect(me.page.locator("[data-tab=board].here")).to_be_visible()

    me.go_to("me")
    me.tap("hr.session.unbind")
    me.look("hr-unbind")
    me.tap("hr.session.unbind_now")
    me.see("hr.session.bind_note")
    me.page.reload()
    me.see("hr.session.bind_note")  # nobody is let in any more
    assert me.complaints == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_who_sees_a_position_is_kept_on_the_phone(
    invite: Invite, staff: Colleague, language: str, scheme: str
) -> None:
    journey = invite()
    email = f"{new_id()}@sunrise.example"
    owner = sign_in(journey.places, "sunrise", load_company()["owner"]["email"])
    owner.post("/users", {"email": email, "name": "面试官甲", "role": "interviewer", "password": PASSWORD})
    position = journey.seen["invitation"]["position_id"]
    theirs = sign_in(journey.places, "sunrise", email)
    assert theirs.get("/positions")["items"] == []
    me = staff(language, color_scheme=scheme, viewport={"width": 320, "height": 640})
    me.sign_in("me")
    me.page.locator("[data-page=access]").click()
    me.page.locator(f"[data-position='{position}']").click()
    me.button("hr.session.add_named", name="面试官甲").first.click()
    expect(me.button("hr.session.remove_named", name="面试官甲")).to_be_visible()
    me.look("hr-access")
    assert [one["id"] for one in theirs.get("/positions")["items"]] == [position]
    me.tap("hr.session.restrict")
    me.see("hr.session.restricted_note")
    me.button("hr.session.remove_named", name="面试官甲").click()
    expect(me.button("hr.session.remove_named", name="面试官甲")).to_have_count(0)
    assert theirs.get("/positions")["items"] == []
    assert me.complaints == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme", "width"), [("zh-CN", "light", 375), ("en", "dark", 320)])
def test_an_owner_keeps_the_companys_settings_on_the_phone(
    invite: Invite, staff: Colleague, language: str, scheme: str, width: int
) -> None:
    places = invite().places
    email = load_company()["owner"]["email"]
    owner = sign_in(places, "sunrise", email)
    before = owner.get("/policy")
    me = staff(language, email=email, color_scheme=scheme, viewport={"width": width, "height": 780})
    me.sign_in("me")
    me.page.locator("[data-page=settings]").click()
    me.look("hr-settings")
    try:
        me.page.locator("[data-setting=blind] [data-choice=on]").click()
        me.see("hr.settings.saved")
        me.page.locator("[data-setting=report] [data-choice=off]").click()
        expect(me.page.locator("[data-setting=report] [data-choice=off]")).to_have_attribute(
            "aria-checked", "true"
        )
        me.page.locator("[data-setting=answer] [data-choice='72']").click()
        expect(me.page.locator("[data-setting=answer] [data-choice='72']")).to_have_attribute(
            "aria-checked", "true"
        )
        now = owner.get("/policy")
        assert (now["blind_review"], now["candidate_sees_report"], now["answer_within_hours"]) == (
            True,
            False,
            72,
        )
    finally:
        kept = ("blind_review", "candidate_sees_report", "answer_within_hours")
        owner.patch("/policy", {name: before[name] for name in kept})

    me.field("hr.settings.url").fill("http://elsewhere.example/robot")
    me.tap("hr.settings.set")
    expect(me.page.locator("[data-code=robot_address_refused]")).to_be_visible()
    key = f"phone-{new_id()}"
    path = requests.post(
        f"{places.sandbox_url}/sandbox/robots", json={"service": "wecom", "key": key}, timeout=5
    ).json()["path"]
    me.field("hr.settings.url").fill(places.sandbox_url + path)
    me.tap("hr.settings.set")
    expect(me.page.locator("[data-robot]")).to_contain_text("127.0.0.1")
    assert key not in me.page.content()
    me.tap("hr.settings.trial")
    me.see("hr.settings.tried")
    assert requests.get(f"{places.sandbox_url}/sandbox/robots/{key}", timeout=5).json()
    me.look("hr-settings-robot")
    me.tap("hr.settings.remove")
    me.tap("hr.settings.remove_now")
    expect(me.page.locator("[data-robot]")).to_have_count(0)
    assert owner.get("/alert-webhook")["configured"] is False
    assert me.complaints == []


PAGES: dict[str, tuple[str, ...]] = {
    "board": (),
    "inbox": (),
    "due": (),
    "me": (),
    "settings": (),
    "access": ("position",),
    "shortlist": ("position",),
    "candidate": ("interview",),
    "compare": ("interviews",),
    "receipt": ("interview",),
    "review": ("interview",),
    "share": ("interview",),
    "decide": ("interview",),
    "appeal": ("interview",),
    "thread": ("invitation",),
    "help-actions": ("invitation",),
}
"""HR's pages and what their address names; ``lead`` is opened by its link, ``sign-in`` by nobody in particular."""


@pytest.mark.full
@pytest.mark.parametrize("role", ["owner", "recruiter", "interviewer", "lead"])
def test_every_page_shows_only_what_the_role_may_see(invite: Invite, staff: Colleague, role: str) -> None:
    assert {one.parent.name for one in HR_PAGES.glob("*/index.vue")} == {*PAGES, "lead", "sign-in"}
    journey = invite()
    journey.open_link()
    journey.consent()
    journey.start()
    owner = sign_in(journey.places, "sunrise", load_company()["owner"]["email"])
    email = f"{new_id()}@sunrise.example"
    person = owner.post("/users", {"email": email, "name": "同事", "role": role, "password": PASSWORD})["id"]
    position = journey.seen["invitation"]["position_id"]
    interview = next(
        one for one in owner.get("/interviews?limit=100")["items"] if one["position_id"] == position
    )["id"]
    named = {
        "position": position,
        "interview": interview,
        "interviews": interview,
        "invitation": journey.seen["invitation"]["id"],
    }
    owner.put(f"/positions/{position}/access", {"restricted": True})
    me = staff(email=email)
    me.sign_in()
    sees_all = role == "owner"
    for is_member in (False, True):
        if is_member:
            owner.put(f"/positions/{position}/members/{person}", {})
        for page, names in PAGES.items():
            me.page.goto("about:blank")
            me.open(page, **{name: named[name] for name in names})
            expect(me.page.locator(".app-page [role=status].waiting"), page).to_have_count(0, timeout=30_000)
            me.page.wait_for_load_state("networkidle")
            hidden = me.page.locator("[data-code=position_not_visible]")
            refused = me.page.locator("[data-code=position_not_visible], [data-code=role_not_allowed]")
            where = f"{role} {'inside' if is_member else 'outside'} {page}"
            if is_member or sees_all:
                assert hidden.count() == 0, where
            elif names:
                expect(refused, where).to_have_count(1)
                assert journey.candidate_profile["name"] not in me.page.inner_text("body"), where
            expect(me.page.locator("[data-tab=me]")).to_have_count(
                1 if page in {"board", "inbox", "me"} else 0
            )
            if page == "me":
                expect(me.page.locator("[data-page=access]")).to_have_count(
                    1 if role in {"owner", "recruiter"} else 0
                )
                expect(me.page.locator("[data-page=settings]")).to_have_count(1 if role == "owner" else 0)
            if page == "settings":
                expect(me.page.locator("[data-owners-only]")).to_have_count(0 if role == "owner" else 1)
