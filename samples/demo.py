"""``bin/demo``: the whole product on this machine, and one candidate's way through it.

``bin/demo`` starts every process with sample data, walks the main path, leaves the system running and fills it with a
working day of invented candidates (samples/day.py).
``bin/demo --once`` walks it, prints one JSON line and stops everything; ``--recording FILE`` answers with that file.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.clients.files import is_built
from config.settings import ROOT
from samples.client import ApiError
from samples.day import Day, Interrupted
from samples.journey import (
    PASSWORD,
    RECORDINGS,
    Journey,
    MiniProgram,
    Places,
    Platform,
    character_error_rate,
    check_sums,
    load_company,
    open_recruiting,
)
from workers.probes import StackFailed
from workers.stopping import stop_asked
from workers.supervisor import Stack

OPERATOR_EMAIL = "operator@weimian.example"
SHARED = MiniProgram("wx-weimian-demo", "微面小程序（演示）")
SOON = timedelta(seconds=8)
SECOND_CANDIDATE = {
    "name": "周舟",
    "phone": "+8613900139000",
    "language": "zh-CN",
    "time_zone": "Asia/Shanghai",
}
_began = time.monotonic()


def main() -> int:
    """Parse arguments, run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="bin/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="walk the path once, print one JSON line, stop")
    parser.add_argument("--recording", type=Path, help="answer with this recording instead of the samples")
    parser.add_argument(
        "--port", type=int, default=None, help="port of the product (default 8000; --once: free)"
    )
    parser.add_argument(
        "--sandbox-port", type=int, default=None, help="port of the sandbox (default 8100; --once: free)"
    )
    options = parser.parse_args()
    if options.recording is not None and not options.recording.is_file():
        parser.error(f"{options.recording} is not a file")
    data_dir = ROOT / "data" / ("once" if options.once else "demo")
    shutil.rmtree(data_dir, ignore_errors=True)
    stack = Stack(
        {
            "DATA_DIR": str(data_dir),
            "PROFILE": "embedded",
            "OPERATOR_EMAIL": OPERATOR_EMAIL,
            "OPERATOR_PASSWORD": PASSWORD,
        },
        port=_port(options.port, options.once, 8000),
        with_sandbox=True,
        sandbox_port=_port(options.sandbox_port, options.once, 8100),
        await_models=False,  # they load while the candidate is on the way
    )
    asked = stop_asked()
    say("starting: database, queue, web server, four workers, scheduler, WeChat sandbox")
    try:
        with stack:
            return _run(stack, options, asked)
    except StackFailed as failure:
        print(json.dumps({"ok": False, "problem": str(failure)}, ensure_ascii=False))
        return 1


def _port(given: int | None, once: bool, usual: int) -> int:
    return given if given is not None else 0 if once else usual


def _run(stack: Stack, options: argparse.Namespace, asked: threading.Event) -> int:
    say(f"running at {stack.url}, sandbox at {stack.sandbox_url}")
    try:
        result, journey = walk(stack, options.recording)
    except Exception as error:
        print(json.dumps({"ok": False, "problem": f"{type(error).__name__}: {error}"}, ensure_ascii=False))
        if options.once:
            return 1
        raise
    if options.once:
        print(json.dumps(result, ensure_ascii=False), flush=True)
        return 0
    _tell_where_to_look(stack, journey)
    _fill_day(stack, journey, asked)
    asked.wait()
    say("stopping")
    return 0


def walk(stack: Stack, recording: Path | None = None) -> tuple[dict[str, Any], Journey]:
    """The main path; what was read back, and the journey to look at."""
    began = time.monotonic()
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company = load_company()
    platform = Platform(places)
    platform.register(SHARED)
    _, slug = platform.open_company(company)
    say(f"the operator provisioned {company['name']}: its own schema, its data key, an owner")
    recruiter = open_recruiting(places, company, slug)
    journey = Journey(places, SHARED, recruiter, company, company["candidate"], say)
    answers = {question: RECORDINGS / name for question, name in company["answers"].items()}
    rubric = company["position"]["rubric"]
    if recording is not None:
        answers = {"growth": recording}
        every = [competency["key"] for competency in rubric["competencies"]]
        rubric = {
            **rubric,
            "questions": [{**rubric["questions"][0], "competencies": every, "max_seconds": 600}],
        }
    position_id = journey.create_position(rubric)
    journey.invite(position_id, datetime.now(UTC) + timedelta(days=1) + SOON)
    say("the recruiter designed a position and invited a candidate until tomorrow")
    _enter(journey)
    journey.await_message("reminder_day")
    say("the reminder of the day before reached the phone")
    journey.reschedule(datetime.now(UTC) + timedelta(hours=1) + SOON / 2)
    journey.await_message("reminder_hour")
    say("rescheduled to an hour from now: the reminder of the last hour reached the phone")
    _interview(journey, answers, lambda: stack.restart("web"))
    report = journey.await_report()
    check_sums(report)
    say(f"the report is ready: {report['total']['points'] or report['total']['status_text']}")
    decision = journey.decide()
    journey.await_message("result")
    journey.await_message("survey")
    say("a named person decided; the result and the survey reached the phone")
    survey = journey.answer_survey()
    own = journey.me.get("/candidate/report")
    check_sums(own)
    texts = [] if recording else [file.with_suffix(".json") for file in answers.values()]
    result = {
        "ok": True,
        **_transcript(report, [json.loads(text.read_text("utf-8"))["spoken"] for text in texts]),
        "score": _score(report),
        "decision": {
            key: decision[key] for key in ("outcome", "decided_by", "decided_at") if key in decision
        },
        "messages": [_received(message) for message in journey.phone.inbox()],
        "survey": survey,
        "seconds": round(time.monotonic() - began, 1),
    }
    return result, journey


def _enter(journey: Journey) -> None:
    journey.open_link()
    say("the candidate opened the link, proved the invited phone by a code and is bound to the invitation")
    journey.consent()
    allowed = journey.subscribe()
    say(f"consents given one by one; WeChat may send {allowed} messages")


def _interview(journey: Journey, answers: dict[str, Path], restart: Any) -> None:
    journey.start()
    for number, (question, file) in enumerate(answers.items()):
        journey.answer(question, file, disturb=restart if number == 0 else None)
        disturbed = ", through a dropped connection and a restarted server" if number == 0 else ""
        say(f"answered {question} with {file.name}{disturbed}")
    journey.finish()


def _transcript(report: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """What the report heard, and how far it is from what was spoken (None where nobody knows)."""
    heard = ["".join(_words(sentence) for sentence in answer["sentences"]) for answer in report["answers"]]
    rate = round(character_error_rate("".join(heard), "".join(wanted)), 4) if wanted else None
    return {"transcript": heard, "character_error_rate": rate}


def _score(report: dict[str, Any]) -> dict[str, Any]:
    """Total and competencies with the words of each contribution."""
    competencies = {
        one["name"]: {
            "points": one["points"],
            "baseline": one["baseline"],
            "contributions": [part["words"] for part in one["contributions"]],
            "abstains": one["abstention"] and one["abstention"]["why"],
        }
        for one in report["competencies"]
    }
    return {
        "total": report["total"]["points"],
        "status": report["total"]["status"],
        "competencies": competencies,
    }


def _received(message: dict[str, Any]) -> dict[str, Any]:
    """One message as the phone has it."""
    title = message.get("title") or message.get("body", "")[:40]
    return {"channel": message["channel"], "title": title, "received_at": message["received_at"]}


def _words(sentence: dict[str, Any]) -> str:
    return "".join(run["text"] for run in sentence["runs"])


def _tell_where_to_look(stack: Stack, journey: Journey) -> None:
    recruiter = journey.company["recruiter"]["email"]
    lines = [
        "",
        f"  be HR on the phone {stack.url}/m/#/hr/board/index",
        f"    sign in with     company {journey.company['slug']}, {recruiter}, {PASSWORD}",
        f"  report on a desk   {stack.url}/hr/interviews/{journey.interview_id} (the same account)",
        f"  phone inboxes      {stack.sandbox_url}/",
        *_candidate_lines(stack, journey),
        f"  API documentation  {stack.url}/docs",
        f"  data and logs      {stack.settings.data_dir}",
        "",
        "  The small sample models are active: they know a few synthetic sentences and no real candidate.",
        "  Ctrl-C stops everything.",
    ]
    print("\n".join(lines), flush=True)


def _fill_day(stack: Stack, journey: Journey, asked: threading.Event) -> None:
    """More candidates in every state; the demo goes on without them when something is in the way."""
    day = Day(journey, journey.company["slug"], say, asked)
    say(f"a working day fills in: {len(day.facts['people'])} more sample candidates; look around meanwhile")
    try:
        day.fill()
    except Interrupted:
        return
    except (ApiError, OSError, TimeoutError) as error:
        say(f"the day stays incomplete: {type(error).__name__}: {error}")
        return
    print(
        "\n".join(
            [
                "",
                "  The working day is complete: somebody to decide on, to answer, to remind, in every state.",
                f"  be HR on the phone {stack.url}/m/#/hr/board/index",
                f"  be the business lead, who was asked about 马十三: {day.share_link}",
                f"    the code for it arrives on that person's phone in {stack.sandbox_url}/",
            ]
        ),
        flush=True,
    )


def _candidate_lines(stack: Stack, journey: Journey) -> list[str]:
    """How to be a candidate: a second invitation, on its own phone; nothing where the client is not built."""
    if not is_built():
        return []
    second = Journey(journey.places, journey.program, journey.hr, journey.company, SECOND_CANDIDATE)
    second.invite(journey.seen["position_id"], datetime.now(UTC) + timedelta(days=2))
    return [
        f"  be the candidate   {stack.sandbox_url}/?person={second.phone.person_id}",
        "    tap the link in the text message; no WeChat, no camera needed (answers may be written)",
    ]


def say(line: str) -> None:
    """Progress, on standard error, with the seconds since the start."""
    print(f"{time.monotonic() - _began:6.1f} s  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
