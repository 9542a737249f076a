"""``bin/bench NAME`` measures and prints one JSON line per figure; without a name it lists the names.

A speed is always a ratio to a named reference of the same run on the same machine: absolute seconds of a shared machine
say nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from samples import load
from samples.bench_quality import bench_quality
from samples.figures import Figure


def bench_load(arguments: list[str]) -> Iterator[Figure]:
    """100 candidates answer at once: nothing fails, nothing is lost, everybody is analysed."""
    parser = argparse.ArgumentParser(prog="bin/bench load")
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument(
        "--database-url", default="", help="a MariaDB/MySQL server; default: the embedded SQLite"
    )
    options = parser.parse_args(arguments)
    outcome = load.run(options.candidates, options.database_url)
    everybody = f"{options.candidates} candidates at once"
    yield Figure.of("load.requests_failed", outcome.failed, "requests", f"{outcome.requests} requests", "= 0")
    yield Figure.of("load.recordings_lost", outcome.lost, "recordings", everybody, "= 0")
    yield Figure.of("load.interviews_scored", outcome.scored / options.candidates, "ratio", everybody, "= 1")
    yield Figure.of(
        "load.upload_throughput",
        outcome.upload_speed_together / outcome.upload_speed_alone,
        "ratio",
        "one candidate uploading alone",
        ">= 0.5",
    )
    yield Figure.of(
        "load.analysis_rate",
        outcome.analysis_rate_together / outcome.analysis_rate_alone,
        "ratio",
        "one interview analysed alone",
        ">= 0.8",
    )


def bench_sealing(_arguments: list[str]) -> Iterator[Figure]:
    """What sealing costs beside writing the same bytes with the same fsyncs."""
    from app.adapters.local_recordings import LocalRecordingStore
    from app.core.encryption import CHUNK_BYTES, SEALED_CHUNK_BYTES, ChunkCipher, new_key

    chunks = 200
    data = [os.urandom(CHUNK_BYTES) for _ in range(chunks)]
    with tempfile.TemporaryDirectory() as folder:
        store = LocalRecordingStore(Path(folder), floor_bytes=0)
        cipher = ChunkCipher(new_key(), "bench")

        def plain() -> None:
            for index, chunk in enumerate(data):
                store.append("plain/file", index * CHUNK_BYTES, chunk)
                store.sync("plain/file", 0)

        def sealed() -> None:
            for index, chunk in enumerate(data):
                whole = cipher.seal_chunk(index, chunk, last=index == chunks - 1)
                store.append("sealed/file", index * SEALED_CHUNK_BYTES, whole)
                store.sync("sealed/file", 0)

        ratio = _seconds(sealed) / _seconds(plain)
    yield Figure.of("sealing.write_time", ratio, "ratio", "the same bytes and fsyncs unsealed", "<= 1.5")


def bench_analysis(arguments: list[str]) -> Iterator[Figure]:
    """What analysing costs: beside decoding and speech alone, the naive way, over length, in several workers."""
    from samples import bench_analysis

    yield from bench_analysis.run(arguments)


def bench_client(arguments: list[str]) -> Iterator[Figure]:
    """How soon the candidate's pages are useful on a slow phone line."""
    from samples import bench_client

    yield from bench_client.run(arguments)


def bench_upload(arguments: list[str]) -> Iterator[Figure]:
    """Our upload server beside the official Node tus server: speed, memory, twenty clients at 8 Mbit/s."""
    from samples import bench_upload

    yield from bench_upload.run(arguments)


def bench_playback(arguments: list[str]) -> Iterator[Figure]:
    """How soon a sealed recording of 100 MB starts and how fast it jumps, watched by HR in Chromium."""
    from samples import bench_playback

    yield from bench_playback.run(arguments)


def _seconds(work: Callable[[], None], rounds: int = 5) -> float:
    """The best of some rounds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


BENCHES: dict[str, Callable[[list[str]], Iterator[Figure]]] = {
    "analysis": bench_analysis,
    "client": bench_client,
    "load": bench_load,
    "playback": bench_playback,
    "quality": bench_quality,
    "sealing": bench_sealing,
    "upload": bench_upload,
}
FINDINGS = frozenset({"quality"})
"""Benches that describe what is: a goal missed there is a finding to read, not a failed run."""


def main() -> int:
    """Run one bench; the exit code says whether every goal holds (always 0 for findings)."""
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        for name, bench in BENCHES.items():
            print(f"{name:10} {bench.__doc__}")
        return 0 if len(sys.argv) < 2 else 2
    holds = True
    for figure in BENCHES[sys.argv[1]](sys.argv[2:]):
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
        holds = holds and figure.holds
    return 0 if holds or sys.argv[1] in FINDINGS else 1


if __name__ == "__main__":
    sys.exit(main())
