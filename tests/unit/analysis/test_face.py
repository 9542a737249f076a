"""Facts over looks at pictures: episodes have hysteresis and a least length, and a hole in the recording ends one."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.signals import Span
from workers.analysis.face import count, follow
from workers.analysis.face_facts import (
    ABSENT,
    SMILES,
    STEP_MS,
    Rule,
    Seen,
    episodes,
    looking_away,
    most_faces,
    movement,
    recorded,
    summarise,
)
from workers.analysis.face_nets import Face

FACE = Face(x=160, y=120, width=80, tilt=0, turn=0, nod=5, mouth_open=0.05, mouth_width=0.55, lids_open=0.1)
LABELS = ["happy", "sad", "angry", "neutral"]
LOOKS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(LABELS)), max_size=40)
VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=60)
RULES = st.builds(
    lambda enter, down, shortest, merge: Rule(enter, enter * down, shortest, merge),
    st.floats(0.3, 0.9),
    st.floats(0.3, 1.0),
    st.integers(0, 3000),
    st.integers(0, 2000),
)


def seen(looks: list[tuple[int, str]], start: int = 0) -> list[Seen]:
    return [
        Seen(
            start + i * STEP_MS,
            True,
            faces,
            FACE if faces else None,
            {label: 0.9, "fear": 0.1} if faces else {},
        )
        for i, (faces, label) in enumerate(looks)
    ]


def posed(turns: list[float], nod: float = 0.0) -> list[Seen]:
    return [Seen(i * STEP_MS, True, 1, replace(FACE, turn=turn, nod=nod), {}) for i, turn in enumerate(turns)]


def total(spans: list[Span]) -> int:
    return sum(span.end_ms - span.start_ms for span in spans)


@given(VALUES, RULES)
def test_episodes_are_in_order_apart_and_long_enough(values: list[float], rule: Rule) -> None:
    samples = [(i * STEP_MS, value) for i, value in enumerate(values)]
    found = episodes(samples, rule)
    at = dict(samples)
    for span in found:
        assert span.end_ms - span.start_ms >= max(rule.shortest_ms, STEP_MS + 1)
        assert at[span.start_ms] >= rule.enter
        assert at[span.end_ms] < rule.leave or span.end_ms == samples[-1][0]
    assert all(b.start_ms - a.end_ms > rule.merge_ms for a, b in itertools.pairwise(found))


@given(VALUES, RULES, st.data())
def test_more_of_it_never_shows_less(values: list[float], rule: Rule, data: st.DataObject) -> None:
    """Raising what is measured anywhere shortens no episode time."""
    more = [min(1.0, value + data.draw(st.floats(0, 0.5))) for value in values]
    spans = [episodes([(i * STEP_MS, v) for i, v in enumerate(given)], rule) for given in (values, more)]
    assert total(spans[1]) >= total(spans[0])


@given(VALUES, RULES)
def test_between_enter_and_leave_nothing_changes(values: list[float], rule: Rule) -> None:
    """Hysteresis: a value that wavers under ``enter`` and over ``leave`` neither begins nor ends an episode."""
    middle = (rule.enter + rule.leave) / 2
    if not rule.leave <= middle < rule.enter:
        return
    wavering = [(i * STEP_MS, middle) for i in range(len(values))]
    assert episodes(wavering, rule) == []
    begun = [(-STEP_MS, 1.0), *wavering, (len(values) * STEP_MS, middle)]
    whole = episodes(begun, replace(rule, shortest_ms=0))
    assert [(s.start_ms, s.end_ms) for s in whole] == [(-STEP_MS, len(values) * STEP_MS)]


def test_a_short_gap_is_merged_and_a_single_picture_is_no_episode() -> None:
    smiling = [(i * STEP_MS, float(mark)) for i, mark in enumerate([0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0])]
    assert [(s.start_ms, s.end_ms) for s in episodes(smiling, SMILES)] == [(500, 3000)]


def test_pictures_between_make_the_ends_finer() -> None:
    """The same smile, known to half a second by the steady pictures and to a sixth with those between."""
    steady = [(0, 0.0), (500, 0.0), (1000, 0.9), (1500, 0.9), (2000, 0.9), (2500, 0.0)]
    finer = sorted([*steady, (667, 0.1), (833, 0.8), (2167, 0.9), (2333, 0.2)])
    assert [(s.start_ms, s.end_ms) for s in episodes(steady, SMILES)] == [(1000, 2500)]
    assert [(s.start_ms, s.end_ms) for s in episodes(finer, SMILES)] == [(833, 2333)]


def test_a_hole_in_the_recording_ends_an_episode() -> None:
    smiling = [(1, "happy")] * 4
    facts = summarise([*seen(smiling), *seen(smiling, start=60_000)])
    assert [(span.start_ms, span.end_ms) for span in facts.smiles] == [(0, 1500), (60_000, 61_500)]


def test_rare_pictures_are_no_holes() -> None:
    """Where only key frames could be decoded, two of them still make an episode and one does not."""
    rare = [(i * 4000, float(mark)) for i, mark in enumerate([0, 1, 1, 0, 1, 0])]
    assert [(s.start_ms, s.end_ms) for s in episodes(rare, ABSENT)] == [(4000, 12_000)]


@given(LOOKS)
def test_shares_are_shares_of_the_steady_pictures(looks: list[tuple[int, str]]) -> None:
    steady = seen(looks)
    between = [replace(look, at_ms=look.at_ms + 167, steady=False) for look in steady[:-1]]
    facts = summarise(sorted([*steady, *between], key=lambda look: look.at_ms))
    with_face = [label for faces, label in looks if faces]
    assert (facts.sampled_frames, facts.finer_frames) == (len(steady), len(between))
    assert facts.face_present == (round(len(with_face) / len(looks), 4) if looks else 0)
    assert {e.label for e in facts.expressions} == set(with_face)
    assert abs(sum(e.share for e in facts.expressions) - bool(with_face)) < 1e-3
    shares = [e.share for e in facts.expressions]
    assert shares == sorted(shares, reverse=True)


def test_an_unsure_expression_is_no_smile() -> None:
    unsure = [
        Seen(i * STEP_MS, True, 1, FACE, {"happy": 0.45, "neutral": 0.4, "sad": 0.15}) for i in range(6)
    ]
    facts = summarise(unsure)
    assert facts.smiles == [] and facts.expressions[0].label == "happy"


def test_nobody_for_a_while_is_told_with_its_place() -> None:
    looks = seen([(1, "neutral")] * 4 + [(0, "")] * 8 + [(1, "neutral")] * 4)
    assert [(s.start_ms, s.end_ms) for s in summarise(looks).absent or []] == [(2000, 6000)]


@given(st.lists(st.integers(0, 4), max_size=20))
def test_one_picture_alone_adds_no_person(counts: list[int]) -> None:
    most = most_faces(counts)
    assert 0 <= most <= max(counts, default=0)
    if len(counts) > 1:
        assert any(one >= most <= other for one, other in itertools.pairwise(counts))


@given(st.lists(st.floats(-15, 15), min_size=10, max_size=40), st.floats(-30, 30))
def test_an_offset_of_the_whole_person_changes_nothing(turns: list[float], offset: float) -> None:
    """A camera at the side, or a face whose mesh nods: everybody is compared with themselves."""
    one = looking_away(posed(turns))
    moved = [round(turn, 3) + round(offset, 3) for turn in turns]
    still = [round(turn, 3) for turn in turns]
    assert looking_away(posed(moved, nod=offset)) == looking_away(posed(still))
    spread = max(abs(turn - statistics.median(turns)) for turn in turns)
    assert one == [] or spread >= 14


@given(st.lists(st.floats(-60, 60), min_size=10, max_size=40))
def test_a_mirror_changes_nothing(turns: list[float]) -> None:
    assert looking_away(posed(turns)) == looking_away(posed([-turn for turn in turns]))


def test_looking_away_is_a_stretch_and_needs_a_median() -> None:
    looks = posed([2.0] * 10 + [35.0] * 5 + [0.0] * 10 + [40.0] + [0.0] * 4)
    assert [(s.start_ms, s.end_ms) for s in looking_away(looks) or []] == [(5000, 7500)]
    assert looking_away(posed([0.0] * 4 + [50.0] * 5)) is None


def test_movement_is_in_face_widths() -> None:
    def at(places: list[float], width: float = 80) -> list[Seen]:
        return [Seen(i * STEP_MS, True, 1, replace(FACE, x=x, width=width), {}) for i, x in enumerate(places)]

    assert movement(at([100, 140, 100, 140])) == pytest.approx(1.0)
    assert movement(at([50, 70, 50, 70], width=40)) == pytest.approx(1.0), "twice as far from the camera"
    assert movement(at([100])) is None
    assert movement([*at([0, 0]), *at([500], width=200)][:2]) == 0


def test_of_two_people_the_same_one_is_followed() -> None:
    left, right = replace(FACE, x=80, width=80), replace(FACE, x=240, width=82)
    assert follow([right, left], None) == right
    assert follow([right, left], replace(left, x=90)) == left
    far = replace(FACE, x=90, width=30)
    assert follow([right, far], left) == right, "a much smaller face is somebody behind"
    assert follow([], left) is None


def test_a_small_picture_on_the_wall_is_nobody() -> None:
    near, behind, poster = FACE, replace(FACE, width=30), replace(FACE, width=15)
    assert [count(faces) for faces in ([], [near], [near, behind], [near, behind, poster])] == [0, 1, 2, 2]
    assert count([poster]) == 1, "far away and alone is somebody"


@given(LOOKS, st.integers(0, 20_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_pictures_of_a_lost_segment_are_no_facts(
    looks: list[tuple[int, str]], duration: int, start: int, length: int
) -> None:
    """Its pictures come before its sound turns out to be unreadable: they lie in a gap, or after the end."""
    gap = Span(start_ms=start, end_ms=start + length)
    kept = recorded(seen(looks), duration, [gap])
    assert [look for look in seen(looks) if look not in kept] == [
        look for look in seen(looks) if look.at_ms > duration or start < look.at_ms < start + length
    ]
    facts = summarise(kept)
    assert all(s.end_ms <= duration for s in [*facts.smiles, *facts.several_faces, *(facts.absent or [])])
