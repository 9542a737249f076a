"""HR's pages on a phone: in by the front door, and still something to see when the network is away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

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
