"""The candidate's whole way in a browser, from the inbox to the survey; the network is cut twice, the page killed once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from samples.client import wait_for
from samples.journey import Journey, character_error_rate
from tests.e2e.miniprogram.candidate import Candidate
from tests.e2e.miniprogram.conftest import Invite

pytestmark = pytest.mark.stack
Phone = Callable[..., Candidate]
STORY = "我当时负责一个项目，团队遇到困难，我分析了数据，提出了方案，最后转化率提高了百分之二十。"


def test_from_the_inbox_to_the_survey(invite: Invite, phone: Phone, spoken: str) -> None:
    journey = invite()
    me = phone(journey)
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent()
    me.allow_messages()
    expect(me.button("overview.start")).to_be_in_viewport()
    me.look("overview")

    me.link("slot").click()
    me.see("slot.lead")
    me.page.get_by_role("radiogroup", name=me.t("slot.time")).get_by_role("radio").last.click()
    me.look("slot")
    me.tap("slot.book")
    expect(me.button("slot.give_back")).to_be_visible()
    me.tap("slot.back")
    me.see("overview.booked")

    me.tap("overview.start")
    me.allow_messages()
    me.tap("check.open_video")
    me.page.get_by_role("link", name=me.t("gate.read")).click()
    me.see("sandbox.notice")
    me.page.locator("dialog button").click()
    assert not me.page.locator(".working.shown").count(), "it is the candidate who is waited for"
    me.tap("gate.agree")
    for check in ("camera", "microphone", "network"):
        expect(me.page.locator(f"[data-check={check}][data-state=good]")).to_be_visible(timeout=20_000)
    me.look("check")
    me.tap("check.go_on")

    record_while_the_network_is_away(me)
    record_and_kill_the_page(me)
    me.at_question(3)
    me.page.get_by_text(me.t("answer.explain")).click()
    me.write(STORY)
    me.see("answer.all_done")
    me.look("all-done")
    expect(me.button("answer.finish")).to_have_attribute("aria-disabled", "false", timeout=30_000)
    me.tap("answer.finish")
    me.see("overview.finished")
    me.look("finished")

    me.answer_survey()
    me.page.go_back()
    me.link("messages").click()
    expect(me.page.get_by_text("用户增长经理").first).to_be_visible()
    me.look("messages")
    me.page.go_back()
    ask_for_help(me, journey)
    heard = hear(journey)
    assert character_error_rate(heard[0], spoken) <= 0.1, heard
    assert character_error_rate(heard[2], STORY) == 0
    me.link("report").click()
    expect(me.page.locator("[role=img]")).to_be_visible(timeout=20_000)
    me.look("report")
    me.page.go_back()
    erase(me, journey)
    assert me.complaints == []


def ask_for_help(me: Candidate, journey: Journey) -> None:
    """A problem reaches the company with where it happened; the answer is on the same page."""
    me.link("help").click()
    me.page.get_by_role("textbox", name=me.t("help.words")).fill("刚才网络断了一次。")
    me.tap("help.send")
    me.see("help.waiting")
    thread = f"/invitations/{journey.seen['invitation']['id']}/thread"
    posts = journey.hr.get(thread)["posts"]
    assert posts[0]["body"] == "刚才网络断了一次。" and posts[0]["context"]["network"] == "online"
    journey.hr.post(thread, {"body": "没有关系，已收到您的回答。"})
    me.tap("help.look_again")
    expect(me.page.get_by_text("没有关系，已收到您的回答。")).to_be_visible()
    me.look("help")
    me.page.go_back()


def erase(me: Candidate, journey: Journey) -> None:
    """Take a copy, then have everything erased: HR sees nobody any more."""
    me.link("data").click()
    with me.page.expect_download() as download:
        me.tap("data.save")
    assert "晨光科技" in download.value.path().read_text(encoding="utf-8")
    me.tap("data.erase_ask")
    me.look("data")
    me.tap("data.erase_now")
    me.see("data.erased")
    expect(me.button("home.title")).to_be_visible()
    me.look("erased")
    assert journey.hr.get(f"/invitations/{journey.seen['invitation']['id']}")["candidate"]["name"] is None


def record_while_the_network_is_away(me: Candidate) -> None:
    """The first answer, spoken to the end; the network goes before it can leave, and comes back after the next question."""
    me.at_question(1)
    me.look("reading")
    me.page.get_by_text(me.t("answer.explain")).click()
    me.tap("answer.record")
    me.see("answer.live")
    expect(me.page.locator(".plainer")).to_be_visible()  # what was explained stays while it is answered
    me.page.wait_for_timeout(5_000)
    me.look("recording")
    me.context.set_offline(True)
    me.page.wait_for_timeout(6_500)
    me.tap("answer.stop")
    me.see("answer.review")
    expect(me.page.get_by_text(me.t("uploads.offline", left="")[:4]).first).to_be_visible()
    me.look("review")
    me.tap("answer.hand_in")
    me.at_question(2)  # nobody waits for an upload
    me.context.set_offline(False)


def record_and_kill_the_page(me: Candidate) -> None:
    """The second answer: the page goes while it is recorded, and what was recorded until then is handed in."""
    me.choose("voice")
    me.tap("answer.record")
    me.page.wait_for_timeout(4_500)
    me.look("voice")
    me.page.reload()
    me.see("answer.interrupted")
    me.look("interrupted")
    expect(me.button("answer.continue")).to_be_visible()
    me.context.set_offline(True)  # the second cut: what was handed in waits here
    me.tap("answer.hand_in")
    me.at_question(3)
    expect(me.page.get_by_text(me.t("uploads.offline", left="")[:4]).first).to_be_visible()
    me.context.set_offline(False)


def hear(journey: Journey) -> list[str]:
    """The report's words, answer by answer, once it is ready."""
    found = journey.hr.get("/interviews?limit=100")["items"]
    candidate = journey.seen["candidate_id"]
    journey.seen["interview"] = next(one for one in found if one["candidate_id"] == candidate)
    report = journey.await_report()
    return [
        "".join(run["text"] for s in answer["sentences"] for run in s["runs"]) for answer in report["answers"]
    ]


SMALL, USUAL = {"width": 320, "height": 640}, {"width": 375, "height": 780}


@pytest.mark.parametrize(
    ("language", "size"),
    [
        ("en", SMALL),
        pytest.param("zh-CN", SMALL, marks=pytest.mark.full),
        pytest.param("en", USUAL, marks=pytest.mark.full),
        pytest.param("zh-CN", USUAL, marks=pytest.mark.full),
    ],
)
def test_in_writing_in_a_browser_without_wechat(
    invite: Invite, phone: Phone, language: str, size: dict[str, int]
) -> None:
    journey = invite(language)
    me = phone(journey, language, viewport=size, color_scheme="dark" if size["width"] == 320 else "light")
    me.open_link_in_browser()
    me.prove_phone()
    me.consent(face=False, voice=False)
    me.tap("overview.start")  # a browser has no pop-up to answer
    me.see("check.heading")
    me.look("check-closed")
    me.tap("check.text")
    for number in (1, 2, 3):
        me.at_question(number)
        me.write(STORY)
    me.tap("answer.finish")
    me.see("overview.finished")
    me.answer_survey()
    assert [one.split("。")[0] for one in hear(journey)] == [STORY.split("。", maxsplit=1)[0]] * 3
    me.page.go_back()
    me.link("report").click()
    expect(me.page.locator("[role=img]")).to_be_visible(timeout=20_000)
    me.look("report-written")
    me.page.get_by_text(me.t("report.how_total")).click()
    expect(me.page.get_by_text(me.t("report.total_sum"), exact=True)).to_be_visible()
    me.look("report-open")
    read_the_result(me, journey)
    assert me.complaints == []


def read_the_result(me: Candidate, journey: Journey) -> None:
    """Once the decision was told, the interview's own page says it, who made it and what comes next."""
    words = {"outcome": "advance", "reason": "内部的理由", "next_steps": "周五电话联系您。"}
    journey.hr.post(f"/interviews/{journey.seen['interview']['id']}/decision", words)
    journey.await_message("result")
    me.open_link_in_browser_again()
    decided = me.page.locator("[data-decision]")
    expect(decided).to_contain_text("周五电话联系您。")
    expect(me.page.get_by_text("内部的理由")).to_have_count(0)
    me.look("decided")
    me.tap("overview.to_appeal")
    me.see("appeal.heading")


def test_by_voice_only(invite: Invite, phone: Phone, spoken: str) -> None:
    journey = invite(media=("voice",), questions=1)
    me = phone(journey)
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent(face=False)
    me.allow_messages()
    me.tap("overview.start")
    me.allow_messages()
    me.tap("check.open_voice")
    me.tap("gate.agree")
    expect(me.page.locator("[data-check=microphone][data-state=good]")).to_be_visible(timeout=20_000)
    me.tap("check.go_on")
    me.see("answer.number", number=1, all=1)
    me.tap("answer.record")
    me.page.wait_for_timeout(11_500)
    me.tap("answer.stop")
    me.tap("answer.hand_in")
    expect(me.button("answer.finish")).to_have_attribute("aria-disabled", "false", timeout=30_000)
    me.tap("answer.finish")
    me.see("overview.finished")
    assert all(character_error_rate(words, spoken) <= 0.1 for words in hear(journey))
    journey.decide()
    me.link("appeal").click()
    me.page.get_by_role("textbox", name=me.t("appeal.reason")).fill("第二题被误解了。")
    me.look("appeal")
    me.tap("appeal.ask")
    me.see("appeal.open")
    me.look("appeal-open")
    assert me.complaints == []


def test_a_link_that_is_over_or_wrong_says_what_to_do(invite: Invite, phone: Phone) -> None:
    journey = invite()
    me = phone(journey)
    token = journey.seen["invitation"]["token"]
    url = f"{journey.places.api_url}/m/#/pages/invitation/index?token="
    journey.hr.post(f"/invitations/{journey.seen['invitation']['id']}/cancel", {"reason": "岗位已满"})
    for link, code in ((token, "invitation_cancelled"), ("x" * 28, "invitation_unknown")):
        me.page.goto(url + link)  # the second one in the same tab: only what comes after the # changes
        expect(me.page.locator(f"[data-code={code}]")).to_be_visible()
        expect(me.button("home.title")).to_be_visible()
        me.look(f"trouble-{code}")
    me.page.goto(url)  # no link at all: my interviews, and where to put one
    me.see("home.none")
    me.tap("common.other_language")
    expect(me.page.get_by_text("No interviews here yet")).to_be_visible()


def test_a_declined_invitation_tells_the_company_why(invite: Invite, phone: Phone) -> None:
    journey = invite()
    me = phone(journey)
    me.open_link_in_browser()
    me.prove_phone()
    me.consent()
    me.link("decline").click()
    me.see("decline.heading")
    me.page.get_by_role("textbox", name=me.t("decline.reason")).fill("已接受其他机会")
    me.look("decline")
    me.tap("decline.confirm")
    me.see("decline.done")
    shown = journey.hr.get(f"/invitations/{journey.seen['invitation']['id']}")
    assert (shown["status"], shown["closing_reason"]) == ("declined", "已接受其他机会")


def test_a_refused_camera_leaves_other_ways(invite: Invite, phone: Phone) -> None:
    journey = invite()
    me = phone(journey)
    me.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError') }"
    )
    me.open_link_in_browser()
    me.prove_phone()
    me.consent()
    me.tap("overview.start")
    me.tap("check.open_video")
    expect(me.page.locator("[data-code=device_refused]")).to_be_visible()
    me.look("refused")
    me.tap("check.text")
    me.at_question(1)
    me.tap("answer.record")
    expect(me.page.locator("[data-code=device_refused]")).to_be_visible()
    me.write(STORY)
    me.at_question(2)
    wait_for("the answer", lambda: journey.hr.get("/interviews")["items"])
