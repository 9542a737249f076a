"""``bin/bench playback``: how soon a large sealed recording starts and how fast it jumps, as HR watches it in Chromium."""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samples.figures import Figure
from samples.journey import PASSWORD, Journey, MiniProgram, Places, Platform, load_company, open_recruiting
from workers.supervisor import Stack

if TYPE_CHECKING:
    from playwright.sync_api import Page

OPERATOR_EMAIL = "operator@bench.example"
CLIP_SECONDS = 10
# When the tap came, and when the first picture after it was drawn.
_WATCH = """
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-play]')) window.tapped = performance.now()
}, true)
document.addEventListener('playing', (event) => {
  event.target.requestVideoFrameCallback(() => { window.started ??= performance.now() })
}, true)
"""
_JUMP = """
(second) => new Promise((done) => {
  const video = document.querySelector('video')
  const began = performance.now()
  video.addEventListener('seeked', () => done(performance.now() - began), { once: true })
  video.currentTime = second
})
"""


def run(arguments: list[str]) -> Iterator[Figure]:
    """Upload it as a candidate, watch it as HR; see the module."""
    parser = argparse.ArgumentParser(prog="bin/bench playback")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jumps", type=int, default=20, help="in each round")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="weimian-playback-"))
    environment = {
        "DATA_DIR": str(folder / "data"),
        "PROFILE": "embedded",
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    try:
        recording = folder / "recording.mp4"
        make_recording(recording, options.megabytes << 20)
        workers = {"analysis": 0}
        with Stack(environment, with_sandbox=True, workers=workers, await_models=False) as stack:
            yield from _measure(stack, recording, options.rounds, options.jumps)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_recording(path: Path, least_bytes: int) -> None:
    """An MP4 with its index in front of at least so many bytes: noise over a moving bar, encoded once, repeated."""
    import av
    import numpy as np

    source = path.with_name("clip.mp4")
    rate, generator = 15, np.random.default_rng(7)
    with av.open(str(source), "w") as out:
        video: Any = out.add_stream(
            "libx264", rate=rate, options={"preset": "ultrafast", "g": "30", "bf": "0"}
        )
        video.width, video.height, video.pix_fmt, video.bit_rate = 1280, 720, "yuv420p", 3_000_000
        audio: Any = out.add_stream("aac", rate=16_000, layout="mono")
        for number in range(CLIP_SECONDS * rate):
            image = generator.integers(90, 130, (720, 1280, 3), np.uint8)
            image[:, number * 8 : number * 8 + 60] = 220
            out.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for start in range(0, CLIP_SECONDS * 16_000, 1600):
            wave = np.sin(np.arange(start, start + 1600) / 20).astype(np.float32).reshape(1, -1) * 0.2
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, start
            out.mux(audio.encode(frame))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    _repeat(source, path, -(-least_bytes // source.stat().st_size))


def _repeat(source: Path, path: Path, times: int) -> None:
    import av

    with (
        av.open(str(source)) as clip,
        av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        streams: dict[int, Any] = {one.index: out.add_stream_from_template(one) for one in clip.streams}
        packets: list[Any] = [packet for packet in clip.demux() if packet.size]
        kept = [
            (p.stream_index, bytes(p), p.pts, p.dts, p.duration, p.time_base, p.is_keyframe) for p in packets
        ]
        last: dict[int, int] = {}
        for turn in range(times):
            for index, body, pts, dts, duration, base, key in kept:
                shift = round(turn * CLIP_SECONDS / base)
                if dts + shift <= last.get(index, dts + shift - 1):
                    continue  # the sound is a little longer than the pictures
                last[index] = dts + shift
                packet = av.Packet(body)
                packet.stream, packet.time_base, packet.duration = streams[index], base, duration
                packet.pts, packet.dts, packet.is_keyframe = pts + shift, dts + shift, key
                out.mux(packet)


def _measure(stack: Stack, recording: Path, rounds: int, jumps: int) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("bench: Chromium is not installed")
    interview_id, company = _answered(stack, recording)
    starts, seeks = [], []
    chance = random.Random(11)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        for number in range(rounds):
            context = browser.new_context(locale="zh-CN", viewport={"width": 375, "height": 780})
            page = context.new_page()
            starts.append(_start(page, stack.url, company, interview_id))
            seeks += _jump(page, jumps, chance)
            context.close()
            print(
                f"{number + 1}: starts after {starts[-1]:.2f} s, jumps in {statistics.median(seeks[-jumps:]):.0f} ms",
                file=sys.stderr,
                flush=True,
            )
        browser.close()
    size = f"{recording.stat().st_size / 2**20:.0f} MB sealed, 1280 x 720"
    yield Figure.of(
        "playback.start", statistics.median(starts), "s", f"{size}; worst {max(starts):.2f} s", "<= 1"
    )
    slow = sorted(seeks)[int(len(seeks) * 0.95) - 1]
    reference = f"{size}; 95 % within {slow:.0f} ms, worst {max(seeks):.0f} ms of {len(seeks)}"
    yield Figure.of("playback.seek", statistics.median(seeks), "ms", reference, "<= 300")
    yield Figure.of("playback.seek_95", slow, "ms", size, "<= 300")


def _start(page: Page, url: str, company: dict[str, Any], interview_id: str) -> float:
    """Seconds from the tap on "play" to the first picture."""
    page.add_init_script(_WATCH)
    page.goto(f"{url}/m/#/hr/candidate/index?interview={interview_id}")
    fields = page.get_by_role("textbox")
    fields.nth(2).wait_for()
    for field, value in zip(
        fields.all(), (company["slug"], company["recruiter"]["email"], PASSWORD), strict=True
    ):
        field.fill(value)
    page.locator(".app-button").click()
    page.locator("[data-play]").click()
    page.wait_for_function("() => window.started")
    return float(page.evaluate("() => (window.started - window.tapped) / 1000"))


def _jump(page: Page, jumps: int, chance: random.Random) -> list[float]:
    """Milliseconds of each jump to a moment anywhere, until its picture is there; some watching in between."""
    length = float(page.evaluate("() => document.querySelector('video').duration"))
    found = []
    for _ in range(jumps):
        found.append(float(page.evaluate(_JUMP, chance.uniform(0, length - 5))))
        page.wait_for_timeout(300)
    return found


def _answered(stack: Stack, recording: Path) -> tuple[str, dict[str, Any]]:
    """An interview with this recording as its first answer."""
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company, program = load_company(), MiniProgram("wx-playback", "播放测试")
    platform = Platform(places)
    platform.register(program)
    _, slug = platform.open_company(company)
    journey = Journey(places, program, open_recruiting(places, company, slug), company, company["candidate"])
    journey.invite(journey.create_position(), datetime.now(UTC) + timedelta(days=2))
    journey.open_link()
    journey.consent()
    journey.start()
    journey.answer("growth", recording)
    return journey.interview_id, {**company, "slug": slug}
