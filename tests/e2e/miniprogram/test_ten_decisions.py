"""Ten candidates who wait are decided one after another on the phone, without a dead end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from samples.journey import RECORDINGS, Journey
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff

pytestmark = [pytest.mark.stack, pytest.mark.full]

WRITTEN = "在上一份工作里，我主动联系了三十位客户，最后签下了五个订单，销售额提高了百分之二十。"
FIRST_ANSWERS = ("growth.mp4", "difficulty.mp4", "vague.mp4", "unknown-words.m4a", "conflict.m4a")
OUTCOMES = ("advance", "pool", "reject", "offer")
PEOPLE = 10
TAPS_EACH = 10
SECONDS_FOR_THE_MACHINE = 120  # of the ten minutes; the rest is for people to watch, think and write
_COUNT_TAPS = (
    "window.taps = 0; addEventListener('click', (event) => { if (event.isTrusted) window.taps += 1 }, true)"
)
_DEPTH = "history.state.position"


def waiting(invite: Invite) -> list[Journey]:
    """Ten finished interviews for one position: on video, by voice, in writing, and one that nobody can understand."""
    found: list[Journey] = []
    for number in range(PEOPLE):
        position = found[0].seen["position_id"] if found else None
        journey = invite(media=("video", "voice", "text"), position=position, name=f"候选人{number + 1:02d}")
        journey.open_link()
        journey.consent(("recording", "voice"))
        journey.start()
        for at, question in enumerate(journey.seen["interview"]["questions"]):
            if at == 0 and number < len(FIRST_ANSWERS):
                journey.answer(question["id"], RECORDINGS / FIRST_ANSWERS[number])
            else:
                journey.write(question["id"], WRITTEN)
        journey.finish()
        found.append(journey)
    for journey in found:
        journey.await_report()
    return found


def watch_evidence(page: Page, report: dict[str, Any]) -> bool:
    """Tap a piece of evidence of the recording, where there is one, until the video or voice is there; whether."""
    takes = [one["take_id"] for one in report["answers"] if one["medium"] != "text"]
    pieces = page.locator(", ".join(f"[data-of='{take}'][data-evidence]" for take in takes or ["none"]))
    folded = page.locator("[data-competency] [aria-expanded=false]")
    if not takes or not (folded.count() or pieces.count()):
        return False
    if folded.count() and not pieces.first.is_visible():
        folded.first.click()
    if not pieces.count():
        return False
    at = int(pieces.first.get_attribute("data-evidence") or 0) / 1000
    pieces.first.click()
    page.wait_for_function(
        "at => [...document.querySelectorAll('video, audio')]"
        ".some((one) => one.readyState >= 2 && one.currentTime >= at - 0.15)",
        arg=at,
    )
    return True


def test_ten_who_wait_are_decided_in_a_row(
    invite: Invite, staff: Callable[..., Staff], record_property: Callable[[str, object], None]
) -> None:
    journeys = {one.interview_id: one for one in waiting(invite)}
    position = next(iter(journeys.values())).seen["position_id"]
    me = staff()
    me.sign_in()
    page = me.page
    page.evaluate(_COUNT_TAPS)
    began = time.monotonic()

    more = page.get_by_role("button").filter(
        has_text=re.compile(me.t("hr.board.more_positions", number=r"\d+"))
    )
    card = page.locator(f"[data-position='{position}']")
    expect(card.or_(more).first).to_be_visible()
    if not card.count():
        more.click()
    card.click()
    first = page.locator("[data-interview]").first
    expect(page.locator("[data-interview]")).to_have_count(PEOPLE)
    bottom = page.evaluate(_DEPTH)
    first.get_by_role("link", name=me.t("hr.board.decide")).click()
    order, deepest, watched, seconds = [], 0, 0, []
    for number in range(PEOPLE):
        step = time.monotonic()
        expect(page.locator("[data-choice=advance]")).to_be_visible()
        interview_id = page.evaluate("location.hash.match(/interview=([^&]+)/)[1]")
        order.append(interview_id)
        reason = f"第{number + 1}位：看过证据以后的判断。"
        me.field("hr.decision.reason").fill(reason)
        me.tap("hr.decision.watch")
        expect(page.locator("#watch")).to_be_visible()
        watched += watch_evidence(page, journeys[interview_id].await_report())
        deepest = max(deepest, page.evaluate(_DEPTH) - bottom)
        me.tap("hr.candidate.decide")
        expect(me.field("hr.decision.reason")).to_have_value(reason)  # as it was left
        page.locator(f"[data-choice={OUTCOMES[number % len(OUTCOMES)]}]").click()
        me.tap("hr.decision.preview")
        me.tap("hr.decision.confirm")
        expect(page.locator("[data-decided]")).to_be_visible()
        seconds.append(time.monotonic() - step)
        if number < PEOPLE - 1:
            page.get_by_role("button", name=me.t("hr.decision.next", name="")).click()
    me.see("hr.decision.nobody")
    took, taps = time.monotonic() - began, page.evaluate("window.taps")
    me.tap("hr.decision.to_board")
    expect(page.locator("[data-tab=board].here")).to_be_visible()

    for name, value in (("taps", taps), ("seconds", round(took, 1)), ("slowest", round(max(seconds), 1))):
        record_property(name, value)
    print(f"{PEOPLE} decisions, {watched} watched: {taps} taps, {took:.1f} s, slowest {max(seconds):.1f} s")
    assert order == list(journeys), "longest waiting first, each once"
    hr = next(iter(journeys.values())).hr
    for number, interview_id in enumerate(journeys):
        decision = hr.get(f"/interviews/{interview_id}/decision")
        assert decision["outcome"] == OUTCOMES[number % len(OUTCOMES)]
    assert watched >= 3
    assert taps <= PEOPLE * TAPS_EACH
    assert took < SECONDS_FOR_THE_MACHINE
    assert deepest == 2, "pages that pile up end at WeChat's tenth"
    assert me.complaints == []
