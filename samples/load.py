"""Many candidates answering at once, each with a phone, a code, an upload and a report."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from samples.client import ApiError
from samples.journey import (
    PASSWORD,
    RECORDINGS,
    Journey,
    MiniProgram,
    Places,
    Platform,
    check_sums,
    load_company,
    open_recruiting,
)
from workers.supervisor import Stack

RECORDING = RECORDINGS / "growth.mp4"
OPERATOR_EMAIL = "operator@bench.example"
_PATIENCE_SECONDS = 1500.0


@dataclass
class Outcome:
    """What came of a run. Speeds are bytes a second, rates interviews a second."""

    requests: int
    failed: int
    lost: int
    scored: int
    upload_speed_alone: float
    upload_speed_together: float
    analysis_rate_alone: float
    analysis_rate_together: float


class Counter:
    """Counts every HTTP request of this process and those that failed."""

    def __init__(self) -> None:
        self.requests = self.failed = 0
        self._lock = threading.Lock()
        self._original = requests.Session.request

    def __enter__(self) -> Counter:
        counter = self

        def counted(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
            try:
                response = counter._original(session, method, url, **more)
            except requests.RequestException as error:
                counter.note(f"{method} {url}: {type(error).__name__}")
                raise
            counter.note(
                f"{method} {url}: {response.status_code} {response.text[:200]}" if _failed(response) else None
            )
            return response

        requests.Session.request = counted  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_: object) -> None:
        requests.Session.request = self._original  # type: ignore[method-assign]

    def note(self, problem: str | None) -> None:
        """One more request, and what was wrong with it."""
        with self._lock:
            self.requests += 1
            if problem:
                self.failed += 1
                say(problem)


def _failed(response: requests.Response) -> bool:
    """Waiting for a report is answered 409 on purpose; every other refusal is a failure here."""
    return response.status_code >= 400 and "report_not_ready" not in response.text


def run(candidates: int, database_url: str = "") -> Outcome:
    """Bring up the whole product, let one candidate answer alone, then all the others at once."""
    data_dir = Path(tempfile.mkdtemp(prefix="weimian-load-"))
    environment = {
        "DATA_DIR": str(data_dir),
        "PROFILE": "embedded",
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    if database_url:
        environment["DATABASE_URL"] = database_url
    try:
        with Stack(environment, with_sandbox=True) as stack, Counter() as counter:
            return _measure(stack, candidates, counter)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def _measure(stack: Stack, candidates: int, counter: Counter) -> Outcome:
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company, program = load_company(), MiniProgram("wx-load", "负载测试")
    platform = Platform(places)
    platform.register(program)
    _, slug = platform.open_company(company)
    hr = open_recruiting(places, company, slug)
    rubric = company["position"]["rubric"]
    every = [competency["key"] for competency in rubric["competencies"]]
    question = {**rubric["questions"][0], "competencies": every}
    position_id = Journey(places, program, hr, company, company["candidate"]).create_position(
        {**rubric, "questions": [question]}
    )

    def journey(number: int) -> Journey:
        profile = {"name": f"候选人{number}", "phone": f"+86139{number:08d}"}
        return Journey(places, program, hr, company, profile)

    def enter(one: Journey) -> None:
        one.invite(position_id, datetime.now(UTC) + timedelta(days=2))
        one.open_link()
        one.consent()
        one.start()

    alone = journey(0)
    enter(alone)
    upload_alone = _timed(lambda: _answer(alone))
    analysis_alone = _timed(lambda: alone.await_report(_PATIENCE_SECONDS))
    others = [journey(number) for number in range(1, candidates + 1)]
    say(f"{candidates} candidates enter at once")
    _together(others, enter)
    say("all of them answer at once")
    began = time.monotonic()
    _together(others, _answer)
    upload_together = time.monotonic() - began
    say(f"uploaded in {upload_together:.1f} s; waiting for the analysis")
    scored = _await_all(hr, others)
    analysis_together = time.monotonic() - began
    lost = sum(not _kept(one) for one in others)
    size = RECORDING.stat().st_size
    return Outcome(
        requests=counter.requests,
        failed=counter.failed,
        lost=lost,
        scored=scored,
        upload_speed_alone=size / upload_alone,
        upload_speed_together=candidates * size / upload_together,
        analysis_rate_alone=1 / analysis_alone,
        analysis_rate_together=candidates / analysis_together,
    )


def _answer(one: Journey) -> None:
    one.seen["take_id"] = one.answer("growth", RECORDING)
    one.finish()


def _together(journeys: list[Journey], step: Callable[[Journey], None]) -> None:
    """Every journey takes the step in a thread of its own, all released at the same moment; errors are raised."""
    gate = threading.Barrier(len(journeys))

    def go(one: Journey) -> None:
        gate.wait()
        step(one)

    with ThreadPoolExecutor(len(journeys)) as pool:
        for done in [pool.submit(go, one) for one in journeys]:
            try:
                done.result()
            except (requests.RequestException, ApiError, TimeoutError) as error:
                say(f"a candidate failed: {error}")


def _await_all(hr: Any, journeys: list[Journey]) -> int:
    """How many interviews were scored, once all are or patience ends; each report's sums are checked."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waiting = [one for one in journeys if "interview" in one.seen]
    scored = 0
    while waiting and time.monotonic() < deadline:
        time.sleep(2)
        still = []
        for one in waiting:
            state = hr.get(f"/interviews/{one.interview_id}")["status"]
            if state in ("scored", "decided"):
                check_sums(hr.get(f"/interviews/{one.interview_id}/report"))
                scored += 1
            else:
                still.append(one)
        waiting = still
    return scored


def _kept(one: Journey) -> bool:
    """Whether what HR can play is byte for byte what the candidate recorded."""
    wanted = hashlib.sha256(RECORDING.read_bytes()).hexdigest()
    interview = one.hr.get(f"/interviews/{one.interview_id}")
    segments = [s for q in interview["questions"] for t in q["answer"]["takes"] for s in t["segments"]]
    for segment in segments:
        ticket = one.hr.post(f"/segments/{segment['id']}/playback-tickets")
        played = requests.get(_absolute(one, ticket["url"]), timeout=60)
        if hashlib.sha256(played.content).hexdigest() == wanted:
            return True
    return False


def _absolute(one: Journey, url: str) -> str:
    return url if url.startswith("http") else one.places.api_url + url


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)
