"""What goes wrong while somebody answers: nothing recorded is lost, everything has words and a way on (ADR 23)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from samples.client import Api, wait_for
from samples.journey import Journey
from tests.e2e.miniprogram.candidate import Candidate
from tests.e2e.miniprogram.conftest import Invite

pytestmark = pytest.mark.stack
Phone = Callable[..., Candidate]
STORY = "我当时负责一个项目，团队遇到困难，我分析了数据，提出了方案，最后转化率提高了百分之二十。"
SHIFTED_CLOCK = """
  const Real = Date, shift = 3 * 3600 * 1000
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + shift) }
    static now() { return Real.now() + shift }
  }
"""
# Chromium says ten gigabytes more than are used, whatever is true.
SAID_ROOM = """
  window.room = 1e9
  navigator.storage.estimate = async () => ({ quota: window.room, usage: 0 })
"""
COUNTED_BYTES = """
  const Real = MediaRecorder
  window.recorded = 0
  window.MediaRecorder = class extends Real {
    constructor(...given) {
      super(...given)
      this.addEventListener('dataavailable', (event) => { window.recorded += event.data.size })
    }
  }
"""
MORE_THAN_A_CHUNK = 300_000  # bytes: an upload goes in requests of 256 KiB at first
# Taps the button of this name the moment it can be tapped, however late the test would come to do so.
SLIP = """
  (name) => {
    const look = () => {
      const able = [...document.querySelectorAll('[role=button][aria-disabled=false]')]
      const found = able.find((one) => one.textContent.trim() === name)
      found ? found.click() : requestAnimationFrame(look)
    }
    look()
  }
"""
NO_CAMERA = """
  const devices = navigator.mediaDevices, real = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async (wanted) => {
    if (wanted.video) throw new DOMException('none', 'NotFoundError')
    return real(wanted)
  }
"""


def enter(me: Candidate, session: dict[str, str] | None = None, page: str = "answer") -> dict[str, str]:
    """Open a page as somebody who proved the phone and agreed; the session may be that of another device."""
    journey = me.journey
    token, url = journey.seen["invitation"]["token"], journey.places.api_url
    session = session or prove_by_api(journey, token)
    me.page.goto(f"{url}/m/config.json")
    kept = {"access": session["access_token"], "refresh": session["refresh_token"]}
    keep(me, f"session:{token}", kept)
    me.page.goto(f"{url}/m/#/pages/{page}/index?token={token}")
    return session


def prove_by_api(journey: Journey, token: str) -> dict[str, str]:
    url = journey.places.api_url
    visitor = Api(url, Api(url).post(f"/invitation-links/{token}/visits")["access_token"])
    visitor.post(f"/invitation-links/{token}/codes")

    def codes() -> list[str]:
        bodies = [m["body"] for m in journey.phone.inbox() if m["channel"] == "sms"]
        return [found for body in bodies for found in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]

    session: dict[str, str] = visitor.post(
        f"/invitation-links/{token}/bindings", {"code": wait_for("the code", codes)[-1]}
    )
    mine = Api(url, session["access_token"])
    version = mine.get("/candidate/invitation")["privacy"]["text_version"]
    for modality in ("recording", "voice"):
        mine.post("/candidate/consents", {"modality": modality, "granted": True, "text_version": version})
    return session


def keep(me: Candidate, key: str, value: dict[str, Any]) -> None:
    """As uni-app keeps it in a browser."""
    stored = json.dumps({"type": "object", "data": value})
    me.page.evaluate("([key, value]) => localStorage.setItem(key, value)", [key, stored])


def record(me: Candidate, ms: int = 3000) -> None:
    me.tap("answer.record")
    me.see("answer.live")
    me.page.wait_for_timeout(ms)


def look_again(me: Candidate) -> None:
    """The page comes back into sight."""
    me.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def answer_of(journey: Journey, number: int = 0) -> Any:
    """An answer as HR sees it."""
    found = journey.hr.get("/interviews?limit=100")["items"]
    mine = next(one for one in found if one["candidate_id"] == journey.seen["candidate_id"])
    return journey.hr.get(f"/interviews/{mine['id']}")["questions"][number]["answer"]


def counting(answer: Any) -> Any:
    """The take that is the answer."""
    return next(take for take in answer["takes"] if take["id"] == answer["take_id"])


def handed_in(journey: Journey, number: int = 0) -> Any:
    return wait_for("the answer", lambda: (a := answer_of(journey, number))["take_id"] and a)


def test_the_window_ends_while_one_records(invite: Invite, phone: Phone) -> None:
    """HR moves the end: the answer is finished and counts, nothing new is begun, and more time lets it go on."""
    journey = invite()
    me = phone(journey)
    enter(me)
    me.at_question(1)
    record(me, 500)
    journey.reschedule(datetime.now(UTC) + timedelta(seconds=2.5))
    look_again(me)
    expect(me.page.locator("[data-notice=time-up]")).to_be_visible(timeout=10_000)
    me.look("time-up")
    me.tap("answer.stop")
    me.see("answer.review")
    expect(me.page.get_by_role("button", name=re.compile("重录"))).to_have_count(0)
    me.tap("answer.hand_in")
    me.see("over.title")
    assert handed_in(journey)["late"]
    me.see("over.words", done=1, all=3)
    me.look("over")
    journey.reschedule(datetime.now(UTC) + timedelta(days=1))
    me.tap("over.look")
    me.at_question(2)
    expect(me.page.locator("[data-notice=changes]")).to_be_visible()
    me.look("changes")
    assert me.complaints == []


def test_two_devices_at_once(invite: Invite, phone: Phone) -> None:
    """The first one handed in counts; the other recording stays where it is until its owner has chosen."""
    journey = invite()
    first, second = phone(journey), phone(journey)
    sent: list[str] = []

    def cut_after_the_first(route: Any) -> None:
        patch = route.request.headers.get("x-http-method-override") == "PATCH"
        if patch:
            sent.append(route.request.url)
        route.abort() if patch and len(sent) > 1 else route.continue_()

    first.page.route("**/api/v1/uploads/*", cut_after_the_first)
    first.page.add_init_script(COUNTED_BYTES)
    session = enter(first)
    first.at_question(1)
    record(first)
    # How soon is up to the machine: a busy one gives few pictures a second.
    wait_for(
        "more than one request's bytes", lambda: first.page.evaluate("window.recorded") > MORE_THAN_A_CHUNK
    )
    first.tap("answer.stop")
    first.see("answer.review")
    expect(first.page.get_by_text(first.t("uploads.away", left="")[:8]).first).to_be_visible(timeout=10_000)
    first.tap("answer.hand_in")
    first.at_question(2)

    enter(second, session)
    second.at_question(1)
    half = second.page.locator("[data-notice=half]")
    expect(half).to_be_visible()
    assert 0 < int(re.findall(r"(\d+)%", half.inner_text())[0]) < 100
    second.look("half")
    second.write(STORY)
    second.at_question(2)
    assert counting(handed_in(journey))["medium"] == "text"

    first.page.unroute("**/api/v1/uploads/*")
    look_again(first)
    choice = first.page.locator("[data-choice=elsewhere]")
    expect(choice).to_be_visible(timeout=40_000)
    first.look("elsewhere")
    first.tap("elsewhere.use_this")
    expect(choice).to_have_count(0)
    wait_for("the video", lambda: counting(answer_of(journey))["medium"] == "video")


def test_the_session_ends_while_a_recording_is_uploaded(invite: Invite, phone: Phone) -> None:
    """An access token that is refused is renewed unseen; a session that is over is opened again, and the upload goes on."""
    journey = invite()
    me = phone(journey)
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent()
    me.allow_messages()
    me.tap("overview.start")
    me.allow_messages()
    me.tap("check.open_video")
    me.look("privacy")
    me.tap("gate.refuse")
    expect(me.page.locator("[data-code=device_privacy]")).to_be_visible()
    me.look("privacy-refused")
    me.tap("check.text")
    me.at_question(1)
    key = next(one for one in me.page.evaluate("Object.keys(localStorage)") if "session:" in one)
    kept = json.loads(me.page.evaluate("(key) => localStorage.getItem(key)", key))["data"]
    keep(me, key, {**kept, "access": "not.a.token"})
    me.tap("answer.record")
    me.tap("gate.agree")
    me.see("answer.live")
    me.page.wait_for_timeout(2_500)
    me.tap("answer.stop")
    me.tap("answer.hand_in")
    me.at_question(2)
    handed_in(journey)

    record(me, 2_000)
    keep(me, key, {"access": "not.a.token", "refresh": "neither.is.this"})
    me.tap("answer.stop")
    me.tap("answer.hand_in")
    expect(me.button("uploads.sign_in")).to_be_visible(timeout=20_000)
    me.look("session-ended")
    me.tap("uploads.sign_in")
    me.see("overview.go_on")
    handed_in(journey, 1)


def test_a_clock_that_is_wrong_changes_nothing(invite: Invite, phone: Phone) -> None:
    journey = invite("en")
    me = phone(journey, "en", color_scheme="dark")
    me.page.add_init_script(SHIFTED_CLOCK)
    enter(me, page="overview")
    note = me.page.locator("[data-code=clock_wrong]")
    expect(note).to_contain_text(me.t("clock.hours", count=3))
    expect(me.button("overview.start")).to_be_visible()
    me.look("clock")
    me.tap("overview.start")
    me.tap("check.text")
    me.at_question(1)
    me.write(STORY)
    me.at_question(2)
    assert not handed_in(journey)["late"]


@pytest.mark.full
def test_a_full_device_keeps_what_fitted(invite: Invite, phone: Phone) -> None:
    """No room: nothing is begun, with other ways. Room that ends while one records: what fitted is kept and handed in."""
    journey = invite()
    me = phone(journey)
    me.page.add_init_script(SAID_ROOM)
    enter(me)
    me.at_question(1)
    me.page.evaluate("room = 1e6")
    me.tap("answer.record")
    expect(me.page.locator("[data-code=device_storage]")).to_be_visible()
    me.look("no-room")
    expect(me.button("ways.text")).to_be_visible()
    me.page.evaluate("room = 9e6")
    quota = {"origin": journey.places.api_url, "quotaSize": 450_000}  # three seconds and a bit
    me.context.new_cdp_session(me.page).send("Storage.overrideQuotaForOrigin", quota)
    record(me, 1_000)
    expect(me.page.locator("[data-code=device_storage]")).to_be_visible(timeout=60_000)
    me.see("answer.interrupted")
    me.look("storage-full")
    me.tap("answer.hand_in")
    me.at_question(2)
    assert counting(handed_in(journey))["segments"][0]["status"] == "complete"


def test_no_camera_and_a_slip_of_the_finger(invite: Invite, phone: Phone) -> None:
    """A missing camera leaves the microphone; a recording of no length costs nothing and says so."""
    journey = invite("en")
    me = phone(journey, "en", viewport={"width": 320, "height": 640})
    me.page.add_init_script(NO_CAMERA)
    enter(me)
    me.at_question(1)
    me.tap("answer.record")
    expect(me.page.locator("[data-code=device_missing]")).to_be_visible()
    me.look("missing")
    me.tap("ways.voice")
    me.page.evaluate(SLIP, me.t("answer.stop"))
    me.tap("answer.record")
    expect(me.page.locator("[data-code=device_short]")).to_be_visible()
    me.look("short")
    me.see("answer.rules_now", answer="2:00", takes=2)


def test_the_server_is_away(invite: Invite, phone: Phone) -> None:
    """What was written and recorded waits on the device, over a reload too, and arrives by itself."""
    journey = invite()
    me = phone(journey)
    enter(me)
    me.at_question(1)
    me.context.route("**/api/**", lambda route: route.abort())
    record(me, 1_500)
    me.tap("answer.stop")
    me.tap("answer.hand_in")
    me.at_question(2)
    expect(me.page.get_by_text(me.t("uploads.away", left="")[:8]).first).to_be_visible()
    me.look("server-away")
    me.write(STORY)
    expect(me.page.locator("[data-code=network]")).to_be_visible()
    me.page.reload()
    expect(me.page.locator("[data-code=network]")).to_be_visible()
    me.look("server-away-reload")
    me.context.unroute("**/api/**")
    me.tap("common.retry")
    me.at_question(2)
    me.choose("text")
    me.tap("answer.begin_text")
    expect(me.page.get_by_role("textbox", name=me.t("answer.write"))).to_have_value(STORY)
    me.tap("answer.hand_in")
    me.at_question(3)
    for number in (0, 1):
        handed_in(journey, number)


def test_a_forwarded_link_lets_nobody_in(invite: Invite, phone: Phone) -> None:
    """The code goes to the invited phone only; a wrong one says how many tries are left."""
    journey = invite()
    other = phone(journey)
    other.open_link_in_browser()
    other.tap("invitation.go_on")
    other.tap("code.send")
    other.page.get_by_role("textbox", name=other.t("code.field")).fill("000000")
    other.tap("code.enter")
    expect(other.page.locator("[data-code=binding_code_wrong]")).to_be_visible()
    other.look("wrong-code")
    assert len(wait_for("the code", other.codes)) == 1


def test_a_warm_up_may_be_skipped(invite: Invite, phone: Phone) -> None:
    journey = invite(warm_up="请用三个词形容自己。")
    me = phone(journey, color_scheme="dark")
    enter(me)
    me.see("warmup.note")
    me.look("warm-up")
    me.write("好奇、踏实、幽默")
    me.at_question(1)
    assert handed_in(journey)["status"] == "analysed"


@pytest.mark.full
def test_a_warm_up_that_was_skipped_stays_skipped(invite: Invite, phone: Phone) -> None:
    journey = invite(warm_up="请用三个词形容自己。")
    me = phone(journey)
    enter(me)
    me.tap("warmup.skip")
    me.at_question(1)
    me.page.reload()
    me.at_question(1)


@pytest.mark.full
def test_a_cancelled_interview_takes_its_recordings_with_it_and_says_so(invite: Invite, phone: Phone) -> None:
    journey = invite()
    me = phone(journey)
    enter(me)
    me.at_question(1)
    me.context.route("**/api/v1/**", lambda route: route.abort())
    record(me, 1_500)
    me.tap("answer.stop")
    me.tap("answer.hand_in")
    me.at_question(2)
    journey.hr.post(f"/invitations/{journey.seen['invitation']['id']}/cancel", {"reason": "岗位已满"})
    me.context.unroute("**/api/v1/**")
    look_again(me)
    expect(me.page.locator("[data-notice=gone]")).to_be_visible(timeout=40_000)
    expect(me.page.locator("[data-code=invitation_cancelled]")).to_be_visible(timeout=30_000)
    me.look("removed")
    me.tap("notices.read")
    expect(me.page.locator("[data-notice=gone]")).to_have_count(0)


@pytest.mark.full
def test_words_handed_in_on_another_device_first(invite: Invite, phone: Phone) -> None:
    journey = invite()
    first, second = phone(journey), phone(journey)
    session = enter(first)
    enter(second, session)
    for me in (first, second):
        me.at_question(1)
        me.choose("text")
        me.tap("answer.begin_text")
        me.page.get_by_role("textbox", name=me.t("answer.write")).fill(STORY)
    second.tap("answer.hand_in")
    second.at_question(2)
    first.tap("answer.hand_in")
    expect(first.page.locator("[data-code=answered_elsewhere]")).to_be_visible()
    first.look("words-elsewhere")
    first.tap("ways.keep")
    first.at_question(2)
    assert len(answer_of(journey)["takes"]) == 1
