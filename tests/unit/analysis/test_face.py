"""Facts over sampled frames: episodes are runs, and a hole in the recording ends one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from workers.analysis.face import EPISODE_FRAMES, STEP_MS, Seen, summarise

FRAMES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["happy", "sad", "angry", "neutral"])), max_size=40
)


def seen(frames: list[tuple[int, str]], start: int = 0) -> list[Seen]:
    return [
        Seen(start + i * STEP_MS, faces, {label: 0.9, "fear": 0.1} if faces else {})
        for i, (faces, label) in enumerate(frames)
    ]


@given(FRAMES)
def test_episodes_are_runs_of_marked_frames(frames: list[tuple[int, str]]) -> None:
    facts = summarise(seen(frames))
    for spans, marks in (
        (facts.several_faces, [faces > 1 for faces, _ in frames]),
        (facts.smiles, [faces > 0 and label == "happy" for faces, label in frames]),
        (facts.frowns, [faces > 0 and label in {"sad", "angry"} for faces, label in frames]),
    ):
        runs = [len(list(run)) for marked, run in itertools.groupby(marks) if marked]
        assert len(spans) == sum(length >= EPISODE_FRAMES for length in runs)
        assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(spans))
        assert all(span.end_ms <= (len(frames) - 1) * STEP_MS for span in spans)


@given(FRAMES)
def test_shares_are_shares(frames: list[tuple[int, str]]) -> None:
    facts = summarise(seen(frames))
    with_face = [label for faces, label in frames if faces]
    assert facts.face_present == (round(len(with_face) / len(frames), 4) if frames else 0)
    assert {e.label for e in facts.expressions} == set(with_face)
    assert abs(sum(e.share for e in facts.expressions) - bool(with_face)) < 1e-3
    shares = [e.share for e in facts.expressions]
    assert shares == sorted(shares, reverse=True)


def test_a_hole_in_the_recording_ends_an_episode() -> None:
    smiling = [(1, "happy")] * 4
    facts = summarise([*seen(smiling), *seen(smiling, start=60_000)])
    assert [(span.start_ms, span.end_ms) for span in facts.smiles] == [(0, 1500), (60_000, 61_500)]


def test_an_unsure_expression_is_no_smile() -> None:
    unsure = [Seen(i * STEP_MS, 1, {"happy": 0.45, "neutral": 0.4, "sad": 0.15}) for i in range(6)]
    facts = summarise(unsure)
    assert facts.smiles == [] and facts.expressions[0].label == "happy"
