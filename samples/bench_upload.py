"""``bin/bench upload``: our server beside the official Node tus server, under the same client, in one run.

Ours checks who calls, seals, makes durable and verifies what it was given; theirs writes plain files and leaves them to the
system. Both are one process tree on the loopback, fed in turn by the same client; only the ratio of a pair counts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit

from config.settings import ROOT
from samples.client import Api
from samples.figures import Figure
from samples.journey import PASSWORD, Journey, MiniProgram, Places, Platform, load_company, open_recruiting
from samples.uploading import Place, Sent, send
from workers.supervisor import Stack

MANY = 20
MIB = 1024 * 1024
HELD_BYTES_PER_SECOND = 8e6 / 8
OPERATOR_EMAIL = "operator@bench.example"
_PEER = ROOT / "samples" / "upload_peer"
_RUN = ROOT / "clients" / "miniprogram" / "build" / "run"
_LOOK_SECONDS = 0.2


class Server(Protocol):
    """A tus server to measure."""

    def places(self, count: int) -> list[Place]:
        """A place to upload to for each of ``count`` clients, fit for one upload."""

    def pids(self) -> list[int]:
        """Its processes."""


class Ours:
    """The product's web server with a company and candidates in the middle of an interview."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.candidates = [_enter(journey) for journey in _journeys(stack)]
        self._takes = [
            str(one.me.post("/candidate/answers/growth/takes", {"medium": "video"})["id"])
            for one in self.candidates
        ]
        self._number = 0

    def places(self, count: int) -> list[Place]:
        """Every upload is another segment of its candidate's take."""
        self._number += 1
        at = urlsplit(self._stack.url)
        return [
            Place(
                str(at.hostname),
                at.port or 80,
                "/api/v1/uploads",
                {"Authorization": f"Bearer {one.me.token}"},
                {"take_id": take, "number": str(self._number), "starts_at_ms": "0", "filetype": "video/mp4"},
            )
            for one, take in zip(self.candidates[:count], self._takes, strict=False)
        ]

    def pids(self) -> list[int]:
        """The web server's."""
        return _family(self._stack.pids()["web"])


class Theirs:
    """@tus/server over @tus/file-store in Node."""

    def __init__(self, folder: Path) -> None:
        if not (_PEER / "node_modules" / "@tus" / "server").is_dir():
            say("installing the Node server, once")
            subprocess.run(
                [_RUN, "npm", "--prefix", str(_PEER), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                check=True,
                stdout=sys.stderr,
            )
        folder.mkdir()
        self._process = subprocess.Popen(
            [_RUN, "node", str(_PEER / "server.mjs"), str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def places(self, count: int) -> list[Place]:
        """It knows nobody: one place for all."""
        return [Place("127.0.0.1", self._port, "/files", {}, {"filetype": "video/mp4"})] * count

    def pids(self) -> list[int]:
        """Node's."""
        return _family(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(10)


@dataclass(frozen=True)
class Speeds:
    """Bytes a second of each round, ours and theirs side by side."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours over theirs, pair by pair, smallest first."""
        return sorted(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))

    def figure(self, clients: int) -> Figure:
        """The median ratio, with everything a reader needs to judge it in the reference."""
        noise = (max(self.theirs) - min(self.theirs)) / statistics.median(self.theirs)
        reference = (
            f"@tus/server in {len(self.ours)} alternating rounds: ratios {self.ratios[0]:.2f} to "
            f"{self.ratios[-1]:.2f}, medians {statistics.median(self.ours) / MIB:.0f} and "
            f"{statistics.median(self.theirs) / MIB:.0f} MiB/s, its own rounds differ by {noise:.0%}"
        )
        name = "upload.throughput_1_client" if clients == 1 else f"upload.throughput_{clients}_clients"
        return Figure.of(name, statistics.median(self.ratios), "ratio", reference, ">= 1")


def run(arguments: list[str]) -> Iterator[Figure]:
    """Measure both; see the module."""
    parser = argparse.ArgumentParser(prog="bin/bench upload")
    parser.add_argument("--rounds", type=int, default=7, help="pairs of rounds for each number of clients")
    parser.add_argument("--alone-mib", type=int, default=32, help="what one client sends in a round")
    parser.add_argument(
        "--each-mib", type=int, default=8, help=f"what each of {MANY} clients sends in a round"
    )
    parser.add_argument("--held-seconds", type=float, default=15.0)
    parser.add_argument("--database-url", default="", help="a MariaDB/MySQL server; default: SQLite")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="weimian-upload-"))
    environment = {
        "DATA_DIR": str(folder / "ours"),
        "PROFILE": "embedded",
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    if options.database_url:
        environment["DATABASE_URL"] = options.database_url
    try:
        # Nothing is handed in, so nothing has to be analysed.
        stack = Stack(environment, with_sandbox=True, workers={"analysis": 0}, await_models=False)
        with stack, Theirs(folder / "theirs") as theirs:
            yield from _measure(Ours(stack), theirs, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(ours: Ours, theirs: Theirs, options: argparse.Namespace) -> Iterator[Figure]:
    memory: dict[str, int] = {}
    for clients, mib in ((1, options.alone_mib), (MANY, options.each_mib)):
        content = memoryview(os.urandom(mib * MIB))
        for server in (ours, theirs):  # the first requests of a process are never its fastest
            _together(server.places(clients), content[: 2 * MIB])
            _forget_peaks(server.pids())
        speeds = Speeds([], [])
        for number in range(options.rounds):
            # Who goes first changes, so that neither always finds the disk's cache as the other left it.
            pair: list[tuple[Server, list[float]]] = [(ours, speeds.ours), (theirs, speeds.theirs)]
            for turn, measured in pair if number % 2 == 0 else reversed(pair):
                seconds, _ = _together(turn.places(clients), content)
                measured.append(clients * len(content) / seconds)
            say(
                f"{clients} clients: ours {speeds.ours[-1] / MIB:.0f}, theirs {speeds.theirs[-1] / MIB:.0f} MiB/s"
            )
        memory = {"ours": _peak(ours.pids()), "theirs": _peak(theirs.pids())}
        yield speeds.figure(clients)
    yield Figure.of(
        "upload.peak_memory",
        memory["ours"] / MIB,
        "MiB",
        f"@tus/server {memory['theirs'] / MIB:.0f} MiB, {MANY} clients, resident memory of all processes",
        "<= 512",
    )
    yield from _hold(ours, theirs, options.held_seconds)


def _hold(ours: Ours, theirs: Theirs, seconds: float) -> Iterator[Figure]:
    """Every client at 8 Mbit/s, and somebody who only wants to read meanwhile."""
    content = memoryview(os.urandom(int(seconds * HELD_BYTES_PER_SECOND)))
    api = ours.candidates[0].me
    left = iter(range(20))
    quiet = _waits(api, lambda: next(left, None) is not None)
    busy: list[float] = []

    def read_meanwhile(going: Callable[[], bool]) -> None:
        busy.extend(_waits(api, going))

    _, mine = _together(ours.places(MANY), content, HELD_BYTES_PER_SECOND, beside=read_meanwhile)
    _, other = _together(theirs.places(MANY), content, HELD_BYTES_PER_SECOND)
    stalls = [max(one.stall(HELD_BYTES_PER_SECOND) for one in sent) for sent in (mine, other)]
    reached = min(len(content) / one.seconds for one in mine) / HELD_BYTES_PER_SECOND
    held = f"{MANY} clients held at 8 Mbit/s for {seconds:.0f} s"
    yield Figure.of(
        "upload.held_stall",
        stalls[0],
        "s",
        f"{held}: longest pause between acknowledged offsets beyond the bytes' own time; @tus/server {stalls[1]:.2f} s",
        "<= 1",
    )
    yield Figure.of("upload.held_rate", reached, "ratio", f"{held}: the slowest one's speed", ">= 0.9")
    yield Figure.of(
        "upload.held_other_request",
        statistics.median(busy) * 1000,
        "ms",
        f"{held}: another request takes {statistics.median(quiet) * 1000:.0f} ms alone; slowest {max(busy) * 1000:.0f} ms",
        "<= 300",
    )


def _together(
    places: list[Place],
    content: memoryview,
    bytes_per_second: float | None = None,
    *,
    beside: Callable[[Callable[[], bool]], None] | None = None,
) -> tuple[float, list[Sent]]:
    """Everybody sends at once; seconds until all is acknowledged. ``beside`` runs meanwhile, told if they still do."""
    gate = threading.Barrier(len(places) + 1)

    def go(place: Place) -> Sent:
        gate.wait()
        return send(place, content, bytes_per_second)

    with ThreadPoolExecutor(len(places)) as pool:
        going = [pool.submit(go, place) for place in places]
        gate.wait()
        began = time.perf_counter()
        if beside is not None:
            beside(lambda: not all(one.done() for one in going))
        sent = [one.result() for one in going]
        return time.perf_counter() - began, sent


def _waits(api: Api, going: Callable[[], bool]) -> list[float]:
    """How long a candidate waited for a page's facts, in seconds, asked again and again."""
    waits = []
    while going():
        began = time.perf_counter()
        api.get("/candidate/interview")
        waits.append(time.perf_counter() - began)
        time.sleep(_LOOK_SECONDS)
    return waits


def _journeys(stack: Stack) -> list[Journey]:
    """Invited candidates of a new company."""
    places = Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)
    company, program = load_company(), MiniProgram("wx-upload", "上传测试")
    platform = Platform(places)
    platform.register(program)
    _, slug = platform.open_company(company)
    hr = open_recruiting(places, company, slug)
    position_id = Journey(places, program, hr, company, company["candidate"]).create_position()
    journeys = []
    for number in range(MANY):
        profile = {"name": f"候选人{number}", "phone": f"+86139{number:08d}"}
        journeys.append(Journey(places, program, hr, company, profile))
        journeys[-1].invite(position_id, datetime.now(UTC) + timedelta(days=2))
    return journeys


def _enter(journey: Journey) -> Journey:
    journey.open_link()
    journey.consent()
    journey.start()
    return journey


def _family(pid: int) -> list[int]:
    """A process and everything it started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    family = [pid]
    for one in family:
        family += children.get(one, [])
    return family


def _peak(pids: list[int]) -> int:
    """The processes' largest resident memory, summed, in bytes; pages that they share count each time. 0 outside Linux."""
    kib = 0
    for pid in pids:
        status = Path(f"/proc/{pid}/status")
        if status.exists():
            kib += sum(
                int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")
            )
    return kib * 1024


def _forget_peaks(pids: list[int]) -> None:
    """Let the largest resident memory count from now on (Linux: 5 in clear_refs)."""
    for pid in pids:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)
