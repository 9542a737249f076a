"""Who the candidate is and what is theirs: every company's invitations in one place, the ways in, their own profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from samples.client import wait_for
from samples.demo import OPERATOR_EMAIL, SHARED
from samples.journey import PASSWORD, Journey, Places, Platform, load_company, open_recruiting
from tests.e2e.miniprogram.candidate import Candidate
from tests.e2e.miniprogram.conftest import Invite
from workers.supervisor import Stack

pytestmark = pytest.mark.stack
Phone = Callable[..., Candidate]


SECOND = "望山科技"


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
        card = me.page.locator(f"[data-token={one.seen['invitation']['token']}]")
        expect(card).to_have_attribute("data-step", "start")
    expect(me.page.get_by_text(SECOND)).to_be_visible()
    me.look("home")
    me.page.locator(f"[data-token={journey.seen['invitation']['token']}]").click()
    me.see("overview.start")
    assert me.complaints == []


def mailed_codes(journey: Journey) -> list[str]:
    """Six-digit codes in the mail of the person invited, oldest first."""
    bodies = [m["body"] for m in journey.phone.inbox() if m["channel"] == "email"]
    return [found for body in bodies for found in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]
