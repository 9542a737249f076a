"""HR watches on the phone: evidence moves the video, the words go along, candidates side by side, tickets run out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.core.ids import new_id
from samples.client import wait_for
from samples.corpus.material import sound_of
from samples.corpus.muxing import Picture, Sound, write
from samples.journey import RECORDINGS, Journey, sign_in
from tests.e2e.miniprogram.conftest import Invite
from tests.e2e.miniprogram.staff import Staff
from workers.supervisor import Stack

pytestmark = pytest.mark.stack
Colleague = Callable[..., Staff]
TEXT = "我和同事意见不同时，先分析数据，再单独聊，最后达成了一致。"


@dataclass
class Scene:
    """Two scored candidates of one position; the first one's first answer came as a browser records it."""

    first: Journey
    second: Journey
    report: dict[str, Any]
    data: Path

    def take(self, number: int) -> str:
        return str(self.report["answers"][number]["take_id"])

    def audited(self, action: str, entity: str) -> int:
        """Entries of the company's audit log."""
        count = 0
        for file in (self.data / "databases").glob("*.db*"):
            if file.suffix not in {".db", ".sqlite"}:
                continue
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
                tables = database.execute("select name from sqlite_master where name = 'audit_entry'")
                if tables.fetchone():
                    wanted = "select count(*) from audit_entry where action = ? and entity_id = ?"
                    count += database.execute(wanted, (action, entity)).fetchone()[0]
        return count


def as_a_browser_records(folder: Path, name: str) -> Path:
    """A sample as WebM with VP8 and Opus."""
    with av.open(str(RECORDINGS / name)) as container:
        frames = [
            frame.reformat(width=160, height=120, format="rgb24").to_ndarray()
            for number, frame in enumerate(container.decode(video=0))
            if number % 3 == 0
        ]
        rate = float(container.streams.video[0].average_rate or 15) / 3
    path = folder / "answer.webm"
    sound = Sound(sound_of(name), rate=16_000, codec="libopus")
    path.write_bytes(write(Picture(frames, rate=rate, codec="libvpx"), sound, container="webm"))
    return path


@pytest.fixture(scope="module")
def scene(invite: Invite, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    first = invite()
    profile = {
        **first.candidate_profile,
        "name": "王小雨",
        "phone": f"+86137{int(new_id()[-7:], 36) % 10**8:08d}",
    }
    second = Journey(first.places, first.program, first.hr, first.company, profile)
    second.invite(first.seen["position_id"], datetime.now(UTC) + timedelta(days=2))
    webm = as_a_browser_records(tmp_path_factory.mktemp("recorded"), "growth.mp4")
    for journey, growth in ((first, webm), (second, RECORDINGS / "growth.mp4")):
        journey.open_link()
        journey.consent()
        journey.start()
        journey.answer("growth", growth)
    first.answer("difficulty", RECORDINGS / "difficulty.mp4")
    second.write("difficulty", TEXT)
    for journey in (first, second):
        journey.write("conflict", TEXT)
        journey.finish()
    second.await_report()
    scene = Scene(first, second, first.await_report(), stack.settings.data_dir)
    wait_for("the rendition", lambda: _rendered(scene), 60)
    return scene


def _rendered(scene: Scene) -> bool:
    """Without watching: that would be in the audit log."""
    for file in (scene.data / "databases").glob("*.db"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            if database.execute("select 1 from sqlite_master where name = 'rendition'").fetchone():
                wanted = "select 1 from rendition where take_id = ? and status = 'ready'"
                if database.execute(wanted, (scene.take(0),)).fetchone():
                    return True
    return False


def video(page: Page) -> Locator:
    return page.locator("video").first


def second_of(page: Page) -> float:
    return float(video(page).evaluate("one => one.currentTime"))


def plays_from(page: Page, ms: int) -> None:
    """The video arrived at a moment and goes on from there."""
    page.wait_for_function(
        "at => { const v = document.querySelector('video'); return v && !v.seeking && v.currentTime >= at - 0.15"
        " && v.currentTime < at + 2.5 && v.readyState >= 2 }",
        arg=ms / 1000,
    )


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("zh-CN", "light", 375), pytest.param("en", "dark", 320, marks=pytest.mark.full)],
)
def test_watching_by_evidence(scene: Scene, staff: Colleague, language: str, scheme: str, width: int) -> None:
    me = staff(language, color_scheme=scheme, viewport={"width": width, "height": 780})
    viewed = scene.audited("report.viewed", scene.first.interview_id)
    watched = scene.audited("recording.viewed", scene.take(0))
    me.sign_in("candidate", interview=scene.first.interview_id)
    expect(me.page.locator(".big-number")).to_have_text(scene.report["total"]["points"] or "–")
    assert scene.audited("report.viewed", scene.first.interview_id) == viewed + 1
    me.look("hr-candidate")
    for folded in me.page.locator("[data-competency] [aria-expanded=false]").all()[::-1]:
        folded.click()
    for one in scene.report["competencies"]:
        if one["points"]:
            expect(me.page.locator(f"[data-sum={one['key']}]")).to_contain_text(f"= {one['points']}")

    # a piece of evidence of the first answer
    piece = me.page.locator(f"[data-of='{scene.take(0)}'][data-evidence]").last
    at = int(piece.get_attribute("data-evidence") or 0)
    piece.click()
    plays_from(me.page, at)
    assert video(me.page).get_attribute("data-take") == scene.take(0)
    mark = me.page.locator("[data-watermark]")
    assert (mark.get_attribute("data-watermark") or "").startswith(scene.first.company["recruiter"]["name"])
    me.look("hr-candidate-playing")

    # the words go along, and a sentence is where the video goes
    sentences = scene.report["answers"][0]["sentences"]
    middle = sentences[len(sentences) // 2]
    video(me.page).evaluate(
        "(one, at) => { one.pause(); one.currentTime = at }", middle["start_ms"] / 1000 + 0.2
    )
    expect(me.page.locator(".sentence.now")).to_have_attribute("data-sentence", str(middle["start_ms"]))
    me.page.locator(f"[data-sentence='{sentences[-1]['start_ms']}']").click()
    plays_from(me.page, sentences[-1]["start_ms"])

    # a ticket that runs out: the same place with a new one, and no second view in the log
    video(me.page).evaluate("one => one.pause()")
    before, old = second_of(me.page), str(video(me.page).evaluate("one => one.src"))
    me.page.route(f"{old}?late", _run_out)  # another address, or the browser plays what it still holds
    video(me.page).evaluate("(one, late) => { one.src = late }", f"{old}?late")
    # A ticket of the same second has the same address as the first one, so the change is that `late` is gone.
    me.page.wait_for_function("() => !document.querySelector('video').src.endsWith('?late')")
    me.page.wait_for_function(
        "() => { const v = document.querySelector('video'); return !v.seeking && v.readyState >= 2 && v.currentTime > 0 }"
    )
    assert second_of(me.page) >= before - 0.15, "where it was, not from the beginning"
    assert scene.audited("recording.viewed", scene.take(0)) == watched + 1
    assert scene.audited("recording.view_continued", scene.take(0)) >= 1

    # evidence of another answer
    other = me.page.locator(f"[data-of='{scene.take(1)}'][data-evidence]").first
    there = int(other.get_attribute("data-evidence") or 0)
    other.click()
    me.page.wait_for_function(
        "take => document.querySelector('video')?.dataset.take === take", arg=scene.take(1)
    )
    plays_from(me.page, there)
    expect(me.page.locator("[data-question='2']")).to_have_attribute("aria-selected", "true")
    me.page.locator("[data-question='3']").click()
    me.see("hr.candidate.written")

    me.tap("hr.candidate.receipt")
    me.see("hr.candidate.receipt_lead")
    me.look("hr-receipt")
    assert [one for one in me.complaints if "410" not in one] == []


def _run_out(route: Route) -> None:
    body = json.dumps({"code": "ticket_expired", "title": "Gone"})
    route.fulfill(status=410, content_type="application/problem+json", body=body)


SWIPE = """(one, across) => {
  const touch = (x) => new Touch({ identifier: 1, target: one, clientX: x, clientY: 300 })
  const send = (kind, x) => one.dispatchEvent(new TouchEvent(kind, {
    bubbles: true, cancelable: true, touches: kind === 'touchend' ? [] : [touch(x)], changedTouches: [touch(x)],
  }))
  send('touchstart', 200); send('touchmove', 200 + across); send('touchend', 200 + across)
}"""


def test_one_beside_another(scene: Scene, staff: Colleague) -> None:
    me = staff(has_touch=True)
    before = [scene.audited("report.viewed", one.interview_id) for one in (scene.first, scene.second)]
    me.sign_in("compare", interviews=scene.first.interview_id)
    me.page.locator(f"[data-other='{scene.second.interview_id}']").click()
    columns = me.page.locator("[data-column]")
    expect(columns.nth(1)).to_be_visible()  # who was added is shown
    expect(columns.nth(0)).to_be_hidden()
    me.see("hr.compare.same_version", version=1)
    me.look("hr-compare")
    me.page.locator("[data-sides]").evaluate(SWIPE, 120)
    expect(columns.nth(0)).to_be_visible()
    expect(columns.nth(1)).to_be_hidden()
    me.page.locator("[data-sides]").evaluate(SWIPE, -120)
    expect(columns.nth(1)).to_be_visible()
    me.page.locator("[data-sides]").evaluate(SWIPE, -120)  # nobody beyond the last
    expect(columns.nth(1)).to_be_visible()
    me.page.get_by_role("button", name=me.t("hr.compare.next")).click()
    expect(me.page.locator("[data-asked]")).to_contain_text(scene.report["answers"][1]["question"])
    expect(columns.nth(1)).to_contain_text(me.t("hr.candidate.written"))
    me.page.set_viewport_size({"width": 1200, "height": 800})
    expect(columns.nth(0)).to_be_visible()
    expect(columns.nth(1)).to_be_visible()
    me.look("hr-compare-wide")
    after = [scene.audited("report.viewed", one.interview_id) for one in (scene.first, scene.second)]
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert me.complaints == []


def test_somebody_erased_meanwhile(scene: Scene, staff: Colleague) -> None:
    me = staff()
    me.sign_in("candidate", interview=scene.second.interview_id)
    expect(me.page.locator(".big-number")).to_be_visible()
    owner = scene.second.company["owner"]["email"]
    sign_in(scene.second.places, scene.second.company["slug"], owner).put(
        f"/candidates/{scene.second.seen['candidate_id']}/erasure", {}
    )
    me.page.locator("[data-play]").click()
    expect(me.page.locator("[data-code=candidate_erased]")).to_be_visible()
    me.open("board")
    me.open("candidate", interview=scene.second.interview_id)
    expect(me.page.locator("[data-code=candidate_erased]")).to_be_visible()
    me.look("hr-candidate-erased")


@pytest.mark.full
@pytest.mark.parametrize(("language", "scheme", "width"), [("zh-CN", "light", 375), ("en", "dark", 320)])
def test_what_the_candidate_took_back_is_read_and_no_longer_watched(
    scene: Scene, staff: Colleague, language: str, scheme: str, width: int
) -> None:
    me = staff(language, color_scheme=scheme, viewport={"width": width, "height": 780})
    scene.first.consent(("voice",))
    try:
        me.sign_in("candidate", interview=scene.first.interview_id)
        for folded in me.page.locator("[data-competency] [aria-expanded=false]").all()[::-1]:
            folded.click()
        me.page.locator(f"[data-of='{scene.take(0)}'][data-evidence]").last.click()
        expect(me.page.locator("[data-code=recording_consent_withdrawn]")).to_be_visible()
        assert me.page.locator("video[src]").count() == 0
        me.look("hr-candidate-taken-back")
    finally:
        scene.first.consent(("recording", "voice"))
