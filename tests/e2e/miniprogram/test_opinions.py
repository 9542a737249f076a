"""On HR's phone: a problem with a picture, a review, a share answered by a lead, a human review in time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from samples.client import Phone, wait_for
from samples.demo import SHARED
from samples.journey import RECORDINGS, Journey, load_company
from tests.e2e.miniprogram.candidate import Candidate, Screen
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff

pytestmark = pytest.mark.stack
OpenPhone = Callable[..., Candidate]
OpenStaff = Callable[..., Staff]
STORY = "我当时负责一个项目，团队遇到困难，我分析了数据，提出了方案，最后转化率提高了百分之二十。"


def picture() -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (900, 1600), (40, 90, 160)).save(out, "PNG")
    return {"name": "screen.png", "mimeType": "image/png", "buffer": out.getvalue()}


def attach(screen: Screen) -> None:
    """Choose a picture, and wait until it was sent."""
    with screen.page.expect_file_chooser() as chooser:
        screen.tap("pictures.add")
    chooser.value.set_files(picture())
    expect(screen.button("pictures.leave_short")).to_have_count(0)
    expect(screen.page.get_by_role("button", name=screen.t("pictures.leave", number=1))).to_be_visible()


def test_a_problem_with_a_picture_is_answered_with_more_time(
    invite: Invite, phone: OpenPhone, staff: OpenStaff
) -> None:
    journey = invite(media=("text",))
    me = phone(journey)
    me.open_sms_in_wechat()
    me.prove_phone()
    me.consent()
    me.allow_messages()
    me.link("help").click()
    me.page.get_by_role("textbox", name=me.t("help.words")).fill("公司断网了，今晚恐怕来不及。")
    attach(me)
    me.look("help-picture")
    me.tap("help.send")
    me.see("help.waiting")

    invitation = journey.seen["invitation"]["id"]
    hr = staff()
    hr.sign_in("thread", invitation=invitation)
    expect(hr.page.get_by_text("公司断网了，今晚恐怕来不及。")).to_be_visible()
    shown = hr.page.locator(".picture-file img").first
    wait_for("the picture", lambda: shown.evaluate("one => one.naturalWidth") or None)
    hr.look("hr-thread")
    hr.tap("hr.help.open")
    before = datetime.fromisoformat(journey.hr.get(f"/invitations/{invitation}")["window_ends_at"])
    hr.tap("hr.help.hours", hours=24)
    expect(hr.page.locator("[data-help=extend] [role=status]")).to_contain_text("延长 24 小时")
    expect(hr.page.locator("[data-help=extend] [role=status]")).to_be_in_viewport()
    hr.look("hr-help")
    after = datetime.fromisoformat(journey.hr.get(f"/invitations/{invitation}")["window_ends_at"])
    assert after - before == timedelta(hours=24)
    hr.field("hr.help.answer").fill("没关系，已为您延长，明晚前完成即可。")
    hr.tap("hr.help.send")
    expect(hr.page.locator(".card.soft .pre")).to_have_count(2)
    expect(hr.page.get_by_text(hr.t("hr.help.sent"))).to_be_in_viewport()
    hr.open("help-actions", invitation=invitation)
    hr.see("hr.help.given")
    hr.look("hr-help-actions")

    me.tap("help.look_again")
    expect(me.page.get_by_text("没关系，已为您延长，明晚前完成即可。")).to_be_visible()
    name = load_company()["recruiter"]["name"]
    assert me.page.get_by_text(f"{name} · ").count() == 2
    me.look("help-answered")
    told = wait_for("the news", lambda: [m for m in journey.phone.inbox() if "延长 24 小时" in str(m)])
    assert name in str(told[0])

    hr.tap("hr.help.cancel_choose")
    hr.field("hr.help.cancel_reason").fill("岗位已经招满，很抱歉。")
    hr.look("hr-help-cancel")
    hr.tap("hr.help.cancel_now")
    expect(hr.page.locator("[data-help=cancel] [role=status]")).to_contain_text("取消了邀请")
    hr.look("hr-help-cancelled")
    told = wait_for("the end", lambda: [m for m in journey.phone.inbox() if "岗位已经招满" in str(m)])
    assert name in str(told[0])
    me.page.goto(f"{journey.places.api_url}/i/{journey.seen['invitation']['token']}")
    expect(me.page.locator("body")).to_contain_text("邀请已取消")
    assert me.complaints == [] and hr.complaints == []


def test_a_review_a_leads_answer_and_a_human_review(invite: Invite, staff: OpenStaff) -> None:
    journey = invite(media=("text",))
    finish(journey)
    hr = staff()
    review(hr, journey)
    lead, link = share(hr, journey)
    watch_and_answer(hr, lead, link)
    refuse_another(hr, journey, link)
    hr.page.reload()
    hr.see("hr.share.status_answered")
    expect(hr.page.get_by_text("表达清楚，可以聊聊。")).to_be_visible()
    hr.look("hr-shares")

    journey.decide()
    journey.me.post("/candidate/appeal", {"reason": "第二题网络不好，请人工复核。"})
    hr.open("appeal", interview=journey.interview_id)
    expect(hr.button("hr.appeal.hand_over")).to_be_visible()  # whoever decided does not review it
    owner = staff(email=load_company()["owner"]["email"])
    owner.sign_in("appeal", interview=journey.interview_id)
    expect(owner.page.get_by_text("第二题网络不好，请人工复核。")).to_be_visible()
    owner.page.get_by_role("radio", name=owner.t("hr.appeal.confirmed")).click()
    owner.field("hr.appeal.answer").fill("我重新看了您的回答，维持原结果。")
    owner.look("hr-appeal")
    owner.tap("hr.appeal.send")
    expect(owner.page.get_by_text("我重新看了您的回答，维持原结果。")).to_be_visible()
    owner.look("hr-appeal-answered")
    answered = journey.me.get("/candidate/appeal")["appeal"]
    assert answered["outcome"] == "confirmed" and not answered["overdue"] and not answered["same_person"]
    hr.open("review", interview=journey.interview_id)
    hr.see("hr.review.closed")
    assert hr.complaints == [] and owner.complaints == []


def finish(journey: Journey) -> None:
    journey.open_link()
    journey.consent()
    for question in journey.start()["questions"]:
        journey.write(question["id"], STORY)
    journey.finish()
    journey.await_report()


def review(hr: Staff, journey: Journey) -> None:
    hr.sign_in("review", interview=journey.interview_id)
    hr.page.get_by_role("radio", name=hr.t("hr.review.yes"), exact=True).click()
    for group in hr.page.locator("[data-competency] [role=radiogroup]").all():
        group.get_by_role("radio").last.click()
    hr.field("hr.review.summary").fill("思路清楚，数据扎实。")
    hr.look("hr-review")
    hr.tap("hr.review.save")
    hr.see("hr.review.saved", number=1)
    own = journey.hr.get(f"/interviews/{journey.interview_id}/reviews")["own"]
    assert own["recommendation"] == "yes" and own["ratings"]


def share(hr: Staff, journey: Journey) -> tuple[Phone, str]:
    """HR shares with somebody by their phone; (that person, the link)."""
    number = f"+86137{journey.candidate_profile['phone'][-8:]}"
    lead = Phone.of(journey.places.sandbox_url, "赵经理", number, SHARED.app_id)
    hr.open("share", interview=journey.interview_id)
    hr.field("hr.share.name").fill("赵经理")
    hr.field("hr.share.phone").fill(number)
    hr.field("hr.share.note").fill("请重点看第二题。")
    hr.tap("hr.share.make")
    link = hr.page.locator("[data-link]")
    expect(link).to_have_count(1)
    hr.look("hr-share")
    return lead, link.inner_text()


def open_share(screen: Screen, person: Phone, link: str) -> None:
    """The link as this person's WeChat opens it."""
    base, token = link.rsplit("/s/", 1)
    screen.page.goto(f"{base}/m/?person={person.person_id}#/hr/lead/index?token={token}")


def watch_and_answer(hr: Staff, lead: Phone, link: str) -> None:
    browser = hr.context.browser
    assert browser is not None
    reader = Staff(browser, hr.url, "zh-CN", hr._shots, company="", email="")
    open_share(reader, lead, link)
    reader.tap("code.send")
    codes = wait_for(
        "the code", lambda: re.findall(r"(?<!\d)\d{6}(?!\d)", str([m.get("body") for m in lead.inbox()]))
    )
    reader.page.get_by_role("textbox", name=reader.t("code.field")).fill(codes[-1])
    reader.look("lead-code")
    reader.tap("code.enter")
    expect(reader.page.get_by_text("请重点看第二题。")).to_be_visible()
    reader.page.get_by_role("radio", name=reader.t("hr.share.opinion_yes"), exact=True).click()
    reader.field("hr.share.words").fill("表达清楚，可以聊聊。")
    reader.look("lead")
    reader.tap("hr.share.answer")
    reader.see("hr.share.thanks")
    reader.page.reload()  # the same person needs no code again
    expect(reader.page.get_by_text("请重点看第二题。")).to_be_visible()
    assert reader.complaints == []
    reader.close()


def refuse_another(hr: Staff, journey: Journey, link: str) -> None:
    browser = hr.context.browser
    assert browser is not None
    stranger = Staff(browser, hr.url, "zh-CN", hr._shots, company="", email="")
    open_share(stranger, journey.phone, link)
    expect(stranger.page.locator("[data-code=share_opened_elsewhere]")).to_be_visible()
    stranger.look("lead-refused")
    stranger.close()


@pytest.mark.full
def test_in_english_dark_and_narrow(invite: Invite, staff: OpenStaff) -> None:
    journey = invite("en", media=("text",))
    finish(journey)
    journey.me.post("/candidate/thread", {"body": "The page closed once.", "context": {"network": "online"}})
    interview, invitation = journey.interview_id, journey.seen["invitation"]["id"]
    journey.hr.post(f"/interviews/{interview}/shares", {"name": "Ms Zhao", "phone": "13700000000"})
    hr = staff("en", color_scheme="dark", viewport={"width": 320, "height": 640})
    hr.sign_in("review", interview=interview)
    hr.see("hr.review.heading")
    hr.look("hr-review")
    hr.open("share", interview=interview)
    hr.see("hr.share.status_sent")
    hr.look("hr-share")
    hr.open("thread", invitation=invitation)
    hr.see("hr.help.waits")
    hr.look("hr-thread")
    [lead, *_] = [one for one in journey.hr.get("/colleagues")["items"] if one["role"] != "recruiter"]
    journey.hr.post(f"/invitations/{invitation}/help", {"kind": "hand_over", "user_id": lead["id"]})
    hr.open("help-actions", invitation=invitation)
    hr.see("hr.help.hand_over_note")
    hr.look("hr-help-actions")
    hr.page.locator("[data-viewers] .app-button").click()
    hr.see("hr.help.taken_back")
    expect(hr.page.locator("[data-viewers] .app-button")).to_have_count(0)
    hr.open("candidate", interview=interview)
    expect(hr.page.locator("[data-judging]")).to_be_visible()
    expect(hr.button("hr.review.open")).to_have_count(1)
    hr.look("hr-candidate-judging")
    assert hr.complaints == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme", "width"), [("zh-CN", "light", 375), ("en", "dark", 320)])
def test_somebody_asked_to_look_watches_by_evidence(
    invite: Invite, staff: OpenStaff, language: str, scheme: str, width: int
) -> None:
    journey = invite(language, questions=2)
    journey.open_link()
    journey.consent()
    journey.start()
    journey.answer("growth", RECORDINGS / "growth.mp4")
    journey.answer("difficulty", RECORDINGS / "difficulty.mp4")
    journey.finish()
    report = journey.await_report()
    number = f"+86137{journey.candidate_profile['phone'][-8:]}"
    lead = Phone.of(journey.places.sandbox_url, "赵经理", number, SHARED.app_id)
    given = {"name": "赵经理", "phone": number, "note": "请看第一题。"}
    link = journey.hr.post(f"/interviews/{journey.interview_id}/shares", given)["link"]
    reader = staff(language, color_scheme=scheme, viewport={"width": width, "height": 780})
    open_share(reader, lead, link)
    prove(reader, lead)
    expect(reader.page.locator(".big-number")).to_have_text(report["total"]["points"] or "–")

    first, second = (one["take_id"] for one in report["answers"])
    for folded in reader.page.locator("[data-competency] [aria-expanded=false]").all()[::-1]:
        folded.click()
    piece = reader.page.locator(f"[data-of='{first}'][data-evidence]").last
    piece.click()
    plays_from(reader, first, int(piece.get_attribute("data-evidence") or 0))
    mark = reader.page.locator("[data-watermark]").first
    assert "赵经理" in (mark.get_attribute("data-watermark") or "")
    reader.look("lead-playing")
    sentence = report["answers"][0]["sentences"][-1]
    reader.page.locator(f".shared-question [data-sentence='{sentence['start_ms']}']").first.click()
    plays_from(reader, first, sentence["start_ms"])

    other = reader.page.locator(f"[data-of='{second}'][data-evidence]").first
    other.click()
    plays_from(reader, second, int(other.get_attribute("data-evidence") or 0))
    assert reader.page.locator(f"video[data-take='{first}']").evaluate("one => one.paused"), "one at a time"

    journey.decide()
    journey.me.post("/candidate/appeal", {"reason": "第二题网络不好，请人工复核。"})
    owner = staff(
        language,
        email=load_company()["owner"]["email"],
        color_scheme=scheme,
        viewport={"width": width, "height": 780},
    )
    owner.sign_in("appeal", interview=journey.interview_id)
    owner.page.get_by_role("radio", name=owner.t("hr.appeal.revised")).click()
    owner.look("hr-appeal-revised")
    assert reader.complaints == [] and owner.complaints == []


def plays_from(screen: Screen, take: str, ms: int) -> None:
    """The recording of a take arrived at a moment and goes on from there."""
    screen.page.wait_for_function(
        "([take, at]) => { const v = document.querySelector(`video[data-take='${take}']`); return v && !v.seeking"
        " && !v.paused && v.currentTime >= at - 0.15 && v.currentTime < at + 2.5 && v.readyState >= 2 }",
        arg=[take, ms / 1000],
    )


def prove(reader: Staff, lead: Phone) -> None:
    """The code that arrives on that person's phone."""
    reader.tap("code.send")
    codes = wait_for(
        "the code", lambda: re.findall(r"(?<!\d)\d{6}(?!\d)", str([m.get("body") for m in lead.inbox()]))
    )
    reader.page.get_by_role("textbox", name=reader.t("code.field")).fill(codes[-1])
    reader.tap("code.enter")
