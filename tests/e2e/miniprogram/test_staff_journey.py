"""From a finished interview to the candidate's notice, on the phone of the people who decide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Locator, expect
from weasyprint import HTML

from samples.client import Phone, wait_for
from samples.demo import SHARED
from samples.journey import RECORDINGS, Journey
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff

pytestmark = pytest.mark.stack
Colleague = Callable[..., Staff]
OPINION = "表达清楚，可以聊聊。"
STEPS = "我们周五前打电话给您。"
SAID = "在上一份工作里，我主动联系了三十位客户，最后签下了五个订单，销售额提高了百分之二十。"


def finished(invite: Invite, *, video: bool = True, **more: str) -> Journey:
    """A candidate who answered every question through the API: the first on video, the others in writing."""
    journey = invite(media=("video", "voice", "text"), **more)
    journey.open_link()
    journey.consent(("recording", "voice"))
    journey.subscribe()
    journey.start()
    for number, question in enumerate(journey.seen["interview"]["questions"]):
        if number == 0 and video:
            journey.answer(question["id"], RECORDINGS / "growth.mp4", medium="video")
        else:
            journey.write(question["id"], SAID)
    journey.finish()
    return journey


def card(me: Staff, journey: Journey) -> Locator:
    """This candidate on the board."""
    return me.page.locator(f"[data-interview='{journey.interview_id}']")


def give_resume(journey: Journey) -> bytes:
    """The candidate gives a file, as their page does."""
    made: bytes = HTML(string=f"<p>{SAID}</p>").write_pdf()
    answer = requests.post(
        f"{journey.places.api_url}/api/v1/candidate/resume-file",
        files={"file": made},
        data={"name": "简历.pdf"},
        headers={"Authorization": f"Bearer {journey.me.token}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return made


def open_resume(me: Staff, sent: bytes) -> None:
    """What the candidate gave, opened from their page."""
    given = me.page.locator("[data-given-resume]")
    expect(given).to_contain_text("简历.pdf")
    with me.page.expect_download() as download:
        given.get_by_role("button", name=me.t("hr.candidate.given_open")).click()
    assert download.value.suggested_filename == "简历.pdf"
    assert download.value.path().read_bytes() == sent


def fill_decision(me: Staff, outcome: str, reason: str) -> None:
    """Choose, say why, say what comes next, and look at the notice."""
    me.page.locator(f"[data-choice={outcome}]").click()
    me.see("common.missing", what=me.t("hr.decision.reason"))
    me.field("hr.decision.reason").fill(reason)
    me.field("hr.decision.steps").fill(STEPS)
    me.tap("hr.decision.preview")
    expect(me.page.locator("[data-notice]")).to_contain_text(STEPS)


def watch(me: Staff, journey: Journey) -> None:
    """Tap a piece of evidence in the recording: the video goes there."""
    take = next(answer for answer in journey.await_report()["answers"] if answer["medium"] == "video")[
        "take_id"
    ]
    for folded in me.page.locator("[data-competency] [aria-expanded=false]").all()[::-1]:
        folded.click()
    piece = me.page.locator(f"[data-of='{take}'][data-evidence]").last
    at = int(piece.get_attribute("data-evidence") or 0)
    piece.click()
    arrived = (
        "at => { const v = document.querySelector('video');"
        " return v && v.currentTime >= at - 0.15 && v.readyState >= 2 }"
    )
    me.page.wait_for_function(arrived, arg=at / 1000)
    video = me.page.locator("video").first
    assert video.get_attribute("data-take") == take
    video.evaluate("one => one.pause()")


def add_up(me: Staff, journey: Journey) -> None:
    """The total is said as a sum, of what each competency is said to add."""
    report = journey.await_report()
    parts = [one["to_total"].lstrip("+") for one in report["competencies"] if one["to_total"]]
    expect(me.page.locator("[data-total]")).to_have_text(f"{' + '.join(parts)} = {report['total']['points']}")
    for part in parts:
        expect(me.page.get_by_text(me.t("hr.candidate.to_total", points=part)).first).to_be_visible()


def review(me: Staff) -> None:
    """Rate every competency and recommend."""
    me.tap("hr.review.open")
    me.page.get_by_role("radio", name=me.t("hr.review.yes"), exact=True).click()
    for group in me.page.locator("[data-competency] [role=radiogroup]").all():
        group.get_by_role("radio").last.click()
    me.tap("hr.review.save")
    me.see("hr.review.saved", number=1)
    expect(me.page.get_by_text(me.t("hr.review.saved", number=1))).to_be_in_viewport()


def share_with_lead(me: Staff, journey: Journey) -> None:
    """A lead gets a link, proves their phone, watches and answers."""
    number = f"+86137{journey.candidate_profile['phone'][-8:]}"
    lead = Phone.of(journey.places.sandbox_url, "赵经理", number, SHARED.app_id)
    me.open("share", interview=journey.interview_id)
    me.field("hr.share.name").fill("赵经理")
    me.field("hr.share.phone").fill(number)
    me.tap("hr.share.make")
    link = me.page.locator("[data-link]").inner_text()
    browser = me.context.browser
    assert browser is not None
    reader = Staff(browser, me.url, me.language, me._shots, company="", email="")
    base, token = link.rsplit("/s/", 1)
    reader.page.goto(f"{base}/m/?person={lead.person_id}#/hr/lead/index?token={token}")
    reader.tap("code.send")
    code = wait_for(
        "the code", lambda: re.findall(r"(?<!\d)\d{6}(?!\d)", str([m.get("body") for m in lead.inbox()]))
    )[-1]
    reader.page.get_by_role("textbox", name=reader.t("code.field")).fill(code)
    reader.tap("code.enter")
    reader.page.get_by_role("radio", name=reader.t("hr.share.opinion_yes"), exact=True).click()
    reader.field("hr.share.words").fill(OPINION)
    reader.tap("hr.share.answer")
    reader.see("hr.share.thanks")
    assert reader.complaints == []
    reader.close()


@pytest.mark.parametrize(
    ("language", "scheme"), [("zh-CN", "light"), pytest.param("en", "dark", marks=pytest.mark.full)]
)
def test_from_finish_to_the_candidates_notice(
    invite: Invite, staff: Colleague, language: str, scheme: str
) -> None:
    journey = finished(invite)
    resume = give_resume(journey)
    journey.await_report()

    me = staff(language, color_scheme=scheme)
    me.sign_in("inbox")
    alert = me.page.locator(f"[data-alert=decision][data-about='{journey.interview_id}']")
    expect(alert).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-inbox")
    me.page.locator("[data-page=due]").click()
    expect(me.page.locator("[data-group=soon]")).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-due")

    later = me.page.locator(f"[data-later='{journey.interview_id}']")
    later.get_by_role("button").click()
    later.locator("[data-choice='3']").click()
    me.look("hr-due-later")
    me.tap("hr.board.later_tell")
    expect(me.page.locator("[data-group=later]")).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-due-told")
    journey.await_message("status")

    me.open("board")
    expect(card(me, journey)).to_contain_text(journey.candidate_profile["name"])
    me.look("hr-board")
    card(me, journey).get_by_text(me.t("hr.board.watch"), exact=True).click()
    watch(me, journey)
    add_up(me, journey)
    open_resume(me, resume)
    review(me)
    share_with_lead(me, journey)
    me.open("candidate", interview=journey.interview_id)
    expect(me.page.locator("[data-judging]")).to_contain_text(OPINION)

    me.page.get_by_role("button", name=me.t("hr.candidate.decide")).first.click()
    me.see("hr.decision.preview")
    me.look("hr-decide")
    fill_decision(me, "advance", "第一题讲得具体。")
    me.look("hr-decide-preview")
    shown = me.page.locator("[data-notice] .notice .pre").inner_text()
    me.tap("hr.decision.confirm")
    expect(me.page.locator("[data-decided]")).to_be_visible()
    me.look("hr-decided")

    told = journey.await_message("result")
    assert told["body"] == shown
    assert STEPS in json.dumps(wait_for("the notice on the phone", journey.phone.inbox), ensure_ascii=False)
    me.open("inbox")
    me.see("hr.board.due_results")
    expect(alert).to_have_count(0)
    assert [one for one in me.complaints if "410" not in one] == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme", "width"), [("zh-CN", "light", 375), ("en", "dark", 320)])
def test_a_rule_shortlists_and_says_why(
    invite: Invite, staff: Colleague, language: str, scheme: str, width: int
) -> None:
    journey = finished(invite, video=False)
    position = journey.seen["position_id"]
    points = journey.await_report()["total"]["points"]
    journey.hr.put(
        f"/positions/{position}/shortlist-rule", {"min_score": float(points), "needs_background_check": False}
    )
    me = staff(language, color_scheme=scheme, viewport={"width": width, "height": 780})
    me.sign_in("shortlist", position=position)
    rule = me.page.locator("[data-rule]")
    rule.get_by_role("radio", name=me.t("hr.shortlist.checked_yes"), exact=True).click()
    me.tap("hr.shortlist.save")
    me.see("hr.shortlist.saved")
    me.look("hr-shortlist")

    me.open("board", position=position)
    expect(card(me, journey)).to_be_visible()
    expect(card(me, journey).locator("[data-shortlisted]")).to_have_count(0)
    me.open("candidate", interview=journey.interview_id)
    check = me.page.locator("[data-check]")
    check.locator("[data-choice=passed]").click()
    expect(check.locator("[data-shortlisted]")).to_contain_text(points)
    me.look("hr-candidate-check")
    me.open("board", position=position)
    me.page.locator("[data-choice=shortlisted]").click()
    expect(card(me, journey).locator("[data-shortlisted]")).to_contain_text(points)
    me.look("hr-board-shortlist")
    me.go_to("inbox")
    alert = me.page.locator(f"[data-alert=decision][data-about='{journey.interview_id}']")
    expect(alert.locator("[data-shortlisted]")).to_contain_text(points)
    me.look("hr-inbox-shortlist")

    me.open("shortlist", position=position)
    me.tap("hr.shortlist.remove")
    me.see("hr.shortlist.removed")
    assert me.complaints == []


def test_a_colleague_was_faster_and_the_next_one_is_a_tap_away(invite: Invite, staff: Colleague) -> None:
    journey, other = finished(invite, video=False), finished(invite, video=False, name="王芳")
    me = staff()
    me.sign_in("decide", interview=journey.interview_id, position=other.seen["position_id"])
    fill_decision(me, "reject", "经验不够。")
    journey.decide()
    me.tap("hr.decision.confirm")
    expect(me.page.locator("[data-code=already_decided]")).to_be_visible()
    expect(me.page.locator("[data-already]")).to_contain_text(journey.company["decision"]["reason"])
    me.look("hr-decide-already")
    me.tap("hr.decision.next", name="王芳")
    expect(me.page).to_have_url(re.compile(other.interview_id))
    fill_decision(me, "pool", "以后可能合适。")
    me.tap("hr.decision.confirm")
    expect(me.page.locator("[data-decided]")).to_be_visible()
    me.see("hr.decision.nobody")
    assert me.complaints == []
