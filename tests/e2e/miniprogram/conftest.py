"""The candidate's pages in Chromium with a prepared camera and microphone, against all the real processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from app.clients.files import is_built
from app.core.ids import new_id
from samples.demo import OPERATOR_EMAIL, SHARED
from samples.journey import PASSWORD, RECORDINGS, Journey, Places, Platform, load_company, open_recruiting
from tests.e2e.conftest import CHROMIUM
from tests.e2e.miniprogram.candidate import Candidate
from tests.e2e.miniprogram.devices import camera_file, microphone_file
from tests.e2e.miniprogram.staff import Staff
from workers.supervisor import Stack

SENTENCES = 2  # of the sample recording: long enough for a transcript, short enough for a test
Invite = Callable[..., Journey]


@pytest.fixture(scope="session")
def spoken() -> str:
    """What the prepared microphone says, without punctuation."""
    return (
        "".join(one["text"] for one in _sample()["sentences"][:SENTENCES]).replace("。", "").replace("，", "")
    )


def _sample() -> dict[str, Any]:
    return json.loads((RECORDINGS / "growth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if not is_built():
        pytest.skip("the candidate's pages are not built: clients/miniprogram/build/make")
    environment = {
        "PROFILE": "embedded",
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    with Stack(environment, with_sandbox=True, await_models=False) as stack:
        yield stack


@pytest.fixture(scope="session")
def invite(stack: Stack) -> Invite:
    """Invite a fresh person; ``think`` and ``media`` change every question, ``warm_up`` is another first one.

    They get a position of their own, or the one that ``position`` names.
    """
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    platform, company = Platform(places), load_company()
    platform.register(SHARED)
    _, slug = platform.open_company(company)
    recruiter = open_recruiting(places, company, slug)

    def make(
        language: str = "zh-CN",
        *,
        think: int = 0,
        media: tuple[str, ...] | None = None,
        warm_up: str | None = None,
        questions: int | None = None,
        position: str | None = None,
        **more: str,
    ) -> Journey:
        profile = {**company["candidate"], "phone": f"+86139{int(new_id()[-7:], 36) % 10**8:08d}", **more}
        journey = Journey(places, SHARED, recruiter, company, {**profile, "language": language})
        rubric = json.loads(json.dumps(company["position"]["rubric"]))
        if questions is not None:  # the first ones, which ask for everything then
            del rubric["questions"][questions:]
            rubric["questions"][0]["competencies"] = [one["key"] for one in rubric["competencies"]]
        for question in rubric["questions"]:
            question |= {"think_seconds": think, **({"media": list(media)} if media else {})}
        if warm_up is not None:
            rubric["questions"].insert(
                0, {"id": "warm-up", "text": warm_up, "warm_up": True, "think_seconds": 0}
            )
        ends_at = datetime.now(UTC) + timedelta(days=2)
        journey.invite(position or journey.create_position(rubric), ends_at)
        return journey

    return make


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("devices")
    until = _sample()["sentences"][SENTENCES - 1]["end_ms"] / 1000 + 0.3
    microphone_file(RECORDINGS / "growth.mp4", folder / "microphone.wav", until)
    camera_file(RECORDINGS / "growth.mp4", folder / "camera.y4m")
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={folder / 'microphone.wav'}",
            f"--use-file-for-fake-video-capture={folder / 'camera.y4m'}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., Candidate]]:
    """Open a phone-sized browser for somebody who is invited."""
    opened: list[Candidate] = []

    def make(journey: Journey, language: str = "zh-CN", **options: Any) -> Candidate:
        shots = os.environ.get("WEIMIAN_SHOTS")
        opened.append(Candidate(browser, journey, language, Path(shots) if shots else None, **options))
        return opened[-1]

    yield make
    for candidate in opened:
        candidate.close()


@pytest.fixture
def staff(browser: Browser, stack: Stack, invite: Invite) -> Iterator[Callable[..., Staff]]:
    """Open a phone-sized browser for somebody of the company, by default the recruiter; nobody is signed in yet."""
    company = load_company()
    opened: list[Staff] = []

    def make(language: str = "zh-CN", email: str = company["recruiter"]["email"], **options: Any) -> Staff:
        shots = Path(os.environ["WEIMIAN_SHOTS"]) if "WEIMIAN_SHOTS" in os.environ else None
        person = {"company": company["slug"], "email": email}
        opened.append(Staff(browser, stack.url, language, shots, **person, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
