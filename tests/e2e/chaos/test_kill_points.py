"""kill -9 at every named point of the path: nothing accepted is lost, nothing is said twice.

The points, and the process that dies there:

- ``delivery.attempt_stored``  worker-delivery   the attempt is stored, nothing was called
- ``delivery.sent``            worker-delivery   WeChat has the message, the outcome is not recorded
- ``binding.recorded``         web               the candidate is bound, not committed
- ``push.stored``              web               WeChat's event is stored, not committed
- ``push.handled``             worker-callbacks  the ledger counted a consent, the event is not marked
- ``relay.offered``            scheduler         work is leased, its job is not in the queue
- ``upload.chunk_stored``      web               a chunk is on disk, its offset is not recorded
- ``upload.complete``          web               every byte is on disk, the end is not recorded
- ``take.submitted``           web               the answer counts, not committed
- ``analysis.modality_stored`` worker-analysis   one modality of several is stored
- ``interview.finished``       web               finished, not committed
- ``score.recorded``           worker-maintenance the score is written, not committed
- ``decision.recorded``        web               decided, result planned, not committed
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app.core.ids import new_id
from samples.client import wait_for
from samples.journey import (
    PASSWORD,
    RECORDINGS,
    Journey,
    MiniProgram,
    Places,
    Platform,
    check_sums,
    load_company,
)
from samples.journey import sign_in as sign_in_once
from tests.e2e.chaos.patience import PatientApi, PatientJourney
from workers.supervisor import Stack

OPERATOR = "operator@chaos.example"
PROGRAM = MiniProgram("wx-chaos", "混沌测试")
pytestmark = pytest.mark.stack


class FaultPoints:
    """Arms a point; whichever process reaches it first dies there, once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def arm(self, name: str) -> None:
        (self.directory / name).touch()

    def await_kill(self, name: str, seconds: float = 60) -> None:
        wait_for(f"a process to die at {name}", lambda: not (self.directory / name).exists(), seconds)


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> FaultPoints:
    return FaultPoints(tmp_path_factory.mktemp("points"))


@pytest.fixture(scope="module")
def stack(points: FaultPoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    environment = {
        "PROFILE": "test",
        "DATA_DIR": str(tmp_path_factory.mktemp("chaos")),
        "FAULT_POINTS": str(points.directory),
        "OPERATOR_EMAIL": OPERATOR,
        "OPERATOR_PASSWORD": PASSWORD,
        "WORK_LEASE_SECONDS": "6",
    }
    # On a busy machine a web server that was killed is away longer than WeChat's three tries in ten seconds.
    with Stack(environment, with_sandbox=True, event_retry_seconds=15) as stack:
        yield stack


@pytest.fixture(scope="module")
def places(stack: Stack) -> Places:
    return Places(stack.url, stack.sandbox_url, OPERATOR, PASSWORD)


@pytest.fixture(scope="module")
def recruiter(places: Places) -> PatientApi:
    company = load_company()
    platform = Platform(places)
    platform.register(PROGRAM)
    _, slug = platform.open_company(company)
    return patient(places, sign_in_once(places, slug, company["owner"]["email"]).token)


def patient(places: Places, token: str | None) -> PatientApi:
    return PatientApi(places.api_url, token)


def journey(places: Places, hr: PatientApi, number: str) -> PatientJourney:
    company = load_company()
    profile = {**company["candidate"], "phone": number}
    return PatientJourney(places, PROGRAM, hr, company, profile)


def titles(one: Journey) -> Counter[str]:
    """How often each message is on the phone; an SMS by its reference's kind is told by its words."""
    return Counter(str(message.get("title") or message.get("body")) for message in one.phone.inbox())


def statuses(one: Journey) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in one.messages():
        found.setdefault(message["kind"], []).append(message["status"])
    return found


def test_killed_at_every_point_the_path_still_ends_well(
    places: Places, recruiter: PatientApi, points: FaultPoints
) -> None:
    one = journey(places, recruiter, "+8613700000001")
    question = {**one.company["position"]["rubric"]["questions"][0]}
    question["competencies"] = [c["key"] for c in one.company["position"]["rubric"]["competencies"]]
    rubric = {**one.company["position"]["rubric"], "questions": [question]}
    position_id = one.create_position(rubric)

    # An attempt is stored and its worker dies before the call: uncertain, never repeated by itself.
    points.arm("delivery.attempt_stored")
    one.invite(position_id, datetime.now(UTC) + timedelta(days=2))
    points.await_kill("delivery.attempt_stored")
    uncertain = wait_for("the uncertain invitation", lambda: _with_status(one, "invitation", "uncertain"))
    assert one.phone.inbox() == []
    recruiter.post(f"/messages/{uncertain['id']}/resolve", {"as": "not_sent"})
    one.await_message("invitation")
    assert len(one.phone.inbox()) == 1

    # The web server dies while it binds the candidate.
    points.arm("binding.recorded")
    _open_link(one)
    points.await_kill("binding.recorded", 1)

    # WeChat's event arrives while the web server dies, and is handled by a worker that dies: counted once.
    one.consent()
    points.arm("push.stored")
    points.arm("push.handled")
    allowed = one.subscribe()
    points.await_kill("push.stored")
    points.await_kill("push.handled")
    assert allowed == len(one.me.get("/candidate/subscriptions")["templates"])

    # The message is out, its worker dies before it can say so: the sent event settles it, nothing is sent again.
    points.arm("delivery.sent")
    one.reschedule(datetime.now(UTC) + timedelta(days=1, seconds=2))
    points.await_kill("delivery.sent")
    wait_for("the reminder's own event", lambda: _with_status(one, "reminder_day", "delivered"))
    assert [title for title in titles(one) if "提醒（前一天）" in title] != []

    # The scheduler dies with work leased and no job in the queue.
    points.arm("relay.offered")
    one.reschedule(datetime.now(UTC) + timedelta(hours=1, seconds=2))
    points.await_kill("relay.offered")
    one.await_message("reminder_hour")

    # The web server dies at each step of an upload and of the submission.
    one.start()
    for name in ("upload.chunk_stored", "upload.complete", "take.submitted"):
        points.arm(name)
    points.arm("analysis.modality_stored")
    take_id = one.answer(question["id"], RECORDINGS / "growth.mp4")
    for name in ("upload.chunk_stored", "upload.complete", "take.submitted"):
        points.await_kill(name, 1)
    points.arm("interview.finished")
    points.arm("score.recorded")
    one.finish()
    points.await_kill("interview.finished", 1)
    points.await_kill("analysis.modality_stored")
    report = one.await_report()
    points.await_kill("score.recorded", 1)
    check_sums(report)
    assert report["total"]["points_hundredths"] is not None
    assert recording_of(one, take_id) == digest(RECORDINGS / "growth.mp4")

    points.arm("decision.recorded")
    decision = one.decide()
    points.await_kill("decision.recorded", 1)
    assert decision["outcome"] == one.company["decision"]["outcome"]
    one.await_message("result")
    one.await_message("survey")
    assert one.answer_survey()["answers"]

    # Whatever reached the phone reached it once.
    repeated = {title: count for title, count in titles(one).items() if count > 1}
    assert repeated == {}, one.phone.inbox()
    assert sorted(statuses(one)["reminder_day"]) == ["cancelled", "delivered"]  # the window was moved once
    assert "uncertain" not in {status for kind in statuses(one).values() for status in kind}


def _open_link(one: PatientJourney) -> None:
    """As Journey.open_link, by somebody who repeats what was not answered."""
    token = one.seen["invitation"]["token"]
    visitor = patient(one.places, None).post(
        "/wechat/sessions", {"app_id": one.program.app_id, "code": one.phone.login_code()}
    )
    api = patient(one.places, visitor["access_token"])
    one.seen["link"] = api.get(f"/invitation-links/{token}")
    api.post(f"/invitation-links/{token}/codes")
    code = wait_for("the code on the phone", one._codes)[-1]
    session = api.post(f"/invitation-links/{token}/bindings", {"code": code})
    one.me = patient(one.places, session["access_token"])


def _with_status(one: Journey, kind: str, status: str) -> dict[str, Any] | None:
    found = [m for m in one.messages() if m["kind"] == kind and m["status"] == status]
    return found[0] if found else None


def recording_of(one: Journey, take_id: str) -> str:
    """SHA-256 of what HR plays of a take."""
    interview = one.hr.get(f"/interviews/{one.interview_id}")
    take = next(t for q in interview["questions"] for t in q["answer"]["takes"] if t["id"] == take_id)
    whole = hashlib.sha256()
    for segment in take["segments"]:
        url = one.hr.post(f"/segments/{segment['id']}/playback-tickets")["url"]
        answer = requests.get(url if url.startswith("http") else one.places.api_url + url, timeout=30)
        assert answer.status_code == 200
        whole.update(answer.content)
    return whole.hexdigest()


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.full
def test_random_kills_of_every_process_lose_nothing(
    stack: Stack, places: Places, recruiter: PatientApi
) -> None:
    """Each process dies in turn while candidates are at work; Valkey loses what it held."""
    import random
    import shutil
    import threading
    import time

    rng, over = random.Random(7), threading.Event()

    def kill_around() -> None:
        names = [name for name in stack.children if name != "sandbox"]
        while not over.is_set():
            name = rng.choice(names)
            stack.kill(name)
            if name == "valkey":
                shutil.rmtree(stack.settings.data_dir / "valkey", ignore_errors=True)
            time.sleep(rng.uniform(4, 9))

    template = journey(places, recruiter, f"+86136{rng.randrange(10**8):08d}")
    position_id = template.create_position()
    killer = threading.Thread(target=kill_around)
    killer.start()
    journeys = []
    try:
        for number in range(3):
            one = journey(places, recruiter, f"+8613500000{number:03d}")
            one.invite(position_id, datetime.now(UTC) + timedelta(days=3, seconds=int(new_id()[-2:], 16)))
            journeys.append(one)
            _settle_and_open(one)
            one.consent()
            one.start()
            for question_id, name in one.company["answers"].items():
                one.answer(question_id, RECORDINGS / name)
            one.finish()
    finally:
        over.set()
        killer.join()
    for one in journeys:
        check_sums(one.await_report(300))
        assert max(titles(one).values()) == 1


def _settle_and_open(one: PatientJourney) -> None:
    """Open the link even when a kill left the code's message uncertain: ask for another one."""
    try:
        _open_link(one)
    except TimeoutError:
        _open_link(one)
