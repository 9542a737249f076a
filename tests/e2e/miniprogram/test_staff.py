"""HR's pages on a phone: in by the front door, and still something to see when the network is away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.core.ids import new_id
from samples.client import Phone
from samples.demo import SHARED
from samples.journey import PASSWORD, load_company, sign_in
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff

pytestmark = pytest.mark.stack
Colleague = Callable[..., Staff]


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
    me.go_to("board")
    me.page.locator("[data-choice=in_progress]").click()
    expect(me.page.locator("[data-interview]").first).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-board")

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
    me.enter_code(journey.hr.post("/me/phone-codes")["code"])
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
