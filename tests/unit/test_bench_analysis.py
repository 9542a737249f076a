"""The parts of ``bin/bench analysis``: what it compares and when a goal counts as met. Nothing is timed here."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import bench_analysis, full_size, naive
from samples.bench_analysis import LENGTHS, PARTS, apart, figures_of, overlap, table

GOOD: dict[str, dict[str, Any]] = {
    "cost": {
        "whole_seconds": 7.0,
        "floor_seconds": 6.0,
        "naive_seconds": 400.0,
        "same_words": True,
        "smiles_agree": 0.9,
        "expressions_apart": 0.1,
    },
    "length": {
        "seconds": {str(m): 7.0 * m for m in LENGTHS},
        "megabytes": {str(m): 200.0 for m in LENGTHS},
        "idle_megabytes": 1500.0,
    },
    "workers": {"alone_seconds": 10.0, "together_seconds": 11.0},
    "next": {"gap_ms": 4.0},
}
SPANS = st.lists(st.integers(0, 60_000), max_size=12, unique=True).map(
    lambda places: list(zip(sorted(places)[::2], sorted(places)[1::2], strict=False))
)


def test_every_part_has_figures_with_goals() -> None:
    assert set(GOOD) == set(PARTS)
    for part, found in GOOD.items():
        figures = list(figures_of(part, found))
        assert figures and all(figure.holds for figure in figures), part
        assert all(figure.figure in table(figures) for figure in figures)
        assert "MISS" not in table(figures)


@pytest.mark.parametrize(
    ("part", "name", "value", "figure"),
    [
        ("cost", "whole_seconds", 7.3, "analysis.beside_floor"),
        ("cost", "naive_seconds", 200.0, "analysis.faster_than_naive"),
        ("cost", "same_words", False, "analysis.same_words"),
        ("cost", "smiles_agree", 0.7, "analysis.smiles_agree"),
        ("cost", "expressions_apart", 0.2, "analysis.expressions_apart"),
        ("length", "seconds", {"1": 7.0, "4": 28.0, "10": 90.0}, "analysis.cost_a_minute_at_10_min"),
        ("length", "seconds", {"1": 7.0, "4": 20.0, "10": 70.0}, "analysis.cost_a_minute_at_4_min"),
        ("length", "megabytes", {"1": 100.0, "4": 150.0, "10": 301.0}, "analysis.memory_at_10_min"),
        ("workers", "together_seconds", 13.0, "analysis.two_workers"),
        ("next", "gap_ms", 51.0, "analysis.next_job_starts_after"),
    ],
)
def test_a_goal_that_is_missed_is_named(part: str, name: str, value: object, figure: str) -> None:
    figures = list(figures_of(part, {**GOOD[part], name: value}))
    assert [one.figure for one in figures if not one.holds] == [figure]
    assert "MISS" in table(figures)


@given(SPANS, SPANS)
def test_overlap_is_a_share_and_symmetric(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == 1


def test_overlap_and_difference_by_hand() -> None:
    assert overlap([(0, 1000)], [(500, 1500)]) == pytest.approx(1 / 3)
    assert overlap([(0, 1000)], []) == 0
    assert apart({"happy": 0.9, "sad": 0.1}, {"happy": 1.0}) == pytest.approx(0.1)
    assert apart({}, {}) == 0


def test_naive_episodes_are_runs_of_marked_frames() -> None:
    marks = [(0, True), (500, False), (1000, True), (1500, True), (2000, False), (2500, True), (3000, True)]
    assert naive.episodes(marks) == [(1000, 2000), (2500, 3000)]
    assert naive.episodes([]) == []


def test_a_recording_of_any_length_is_made_once(tmp_path: Path) -> None:
    """640 x 480 at 25 pictures a second, as long as asked, and what is said ends with a whole sentence."""
    place = full_size.record(tmp_path / "short.mp4", 3)
    with av.open(str(place)) as made:
        video, sound = made.streams.video[0], made.streams.audio[0]
        assert (video.codec_context.width, video.codec_context.height) == (640, 480)
        assert video.average_rate == 25 and video.frames == 75
        assert float((sound.duration or 0) * (sound.time_base or 0)) == pytest.approx(3, abs=0.1)
    written = place.stat().st_mtime_ns
    assert full_size.record(place, 3).stat().st_mtime_ns == written
    assert full_size.said(3) == ""
    assert full_size.said(60).startswith(full_size.said(20)) and full_size.said(20).endswith("。")


def test_memory_is_that_of_the_process_and_its_peak_is_seen() -> None:
    with bench_analysis._Peak() as peak:
        before = bench_analysis._megabytes()
        held = bytearray(64 * 1024 * 1024)
        held[:: os.sysconf("SC_PAGE_SIZE")] = b"x" * len(held[:: os.sysconf("SC_PAGE_SIZE")])
        threading.Event().wait(0.1)
    assert peak.megabytes - before > 50
