"""From looks at single pictures to facts over a take: episodes, presence, looking away, movement. Pure functions.

Times are those of pictures: an episode begins with the first picture that shows it and ends with the first that does
not. Where the recording has a hole, every episode ends.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.signals import Expression, FaceSignals, Span
from workers.analysis.face_nets import Face

STEADY_PER_SECOND = 2.0
STEP_MS = round(1000 / STEADY_PER_SECOND)

SMILE, FROWN = ("happy",), ("angry", "disgust", "sad")
"""DeepFace's names of the classes that are summed. The words say what pictures look like, not what anybody feels."""

TURN_DEGREES, NOD_DEGREES = 20.0, 15.0
"""Further than this from a person's own median is looking away. The mesh shows about three quarters of a real turn."""

LEAST_LOOKS = 10
"""Fewer pictures with a face have no median worth comparing with."""

SAME_SIZE = 1.5
"""Two pictures whose widest faces differ more than this in width may show two people: no movement is read off them."""


@dataclass(frozen=True)
class Rule:
    """An episode begins at ``enter``, goes on down to ``leave``, may be interrupted for ``merge_ms``, and lasts."""

    enter: float
    leave: float
    shortest_ms: int
    merge_ms: int


SMILES = Rule(enter=0.6, leave=0.4, shortest_ms=700, merge_ms=700)
FROWNS = Rule(enter=0.7, leave=0.45, shortest_ms=700, merge_ms=700)
SEVERAL = Rule(enter=1, leave=1, shortest_ms=700, merge_ms=1000)
ABSENT = Rule(enter=1, leave=1, shortest_ms=3000, merge_ms=600)
AWAY = Rule(enter=1, leave=0.7, shortest_ms=1500, merge_ms=600)


@dataclass(frozen=True)
class Seen:
    """One picture: how many faces, the widest one's measures and its expression probabilities by label.

    ``steady`` pictures come at STEADY_PER_SECOND and are the ones counted; the others only tell when things changed.
    """

    at_ms: int
    steady: bool
    faces: int
    face: Face | None
    expressions: dict[str, float]


def parameters() -> dict[str, Any]:
    """What a signal must name to be measured again."""
    return {
        "steady_per_second": STEADY_PER_SECOND,
        "smile": f"{'+'.join(SMILE)} {_words(SMILES)}",
        "frown": f"{'+'.join(FROWN)} {_words(FROWNS)}",
        "several_faces": _words(SEVERAL),
        "absent": _words(ABSENT),
        "looking_away": f"turn {TURN_DEGREES:g} or nod {NOD_DEGREES:g} degrees from the median, {_words(AWAY)}",
    }


def _words(rule: Rule) -> str:
    return (
        f">= {rule.enter:g} until < {rule.leave:g}, >= {rule.shortest_ms} ms, merged over {rule.merge_ms} ms"
    )


def summarise(seen: Sequence[Seen]) -> FaceSignals:
    """Facts over all pictures, in time order. Shares count the steady ones only."""
    steady = [look for look in seen if look.steady]
    named = [look.expressions for look in steady if look.expressions]
    top = Counter(max(sorted(chances), key=lambda label: chances[label]) for chances in named)
    return FaceSignals(
        sampled_frames=len(steady),
        frames_per_second=STEADY_PER_SECOND,
        finer_frames=len(seen) - len(steady),
        face_present=round(sum(look.faces > 0 for look in steady) / len(steady), 4) if steady else 0.0,
        absent=_episodes(seen, ABSENT, lambda look: float(look.faces == 0)),
        several_faces=_episodes(seen, SEVERAL, lambda look: float(look.faces > 1)),
        most_faces=most_faces([look.faces for look in steady]),
        smiles=_episodes(seen, SMILES, lambda look: _chance(look, SMILE)),
        frowns=_episodes(seen, FROWNS, lambda look: _chance(look, FROWN)),
        looking_away=looking_away(seen),
        movement=movement(steady),
        expressions=[
            Expression(label=label, share=round(count / len(named), 4))
            for label, count in sorted(top.items(), key=lambda item: (-item[1], item[0]))
        ],
    )


def recorded(seen: Sequence[Seen], duration_ms: int, gaps: Sequence[Span]) -> list[Seen]:
    """The pictures of what was kept: those of a segment whose sound turned out to be lost lie in a gap or after the end."""
    return [
        look
        for look in seen
        if look.at_ms <= duration_ms and not any(gap.start_ms < look.at_ms < gap.end_ms for gap in gaps)
    ]


def most_faces(counts: Sequence[int]) -> int:
    """The most faces that two pictures after each other show; one alone may be a detector's slip."""
    return max((min(pair) for pair in itertools.pairwise(counts)), default=max(counts, default=0))


def looking_away(seen: Sequence[Seen]) -> list[Span] | None:
    """Where the head is turned away from the person's own median; None when too little was seen to have one."""
    faces = [look.face for look in seen if look.steady and look.face is not None]
    if len(faces) < LEAST_LOOKS:
        return None
    turn, nod = (statistics.median(values) for values in zip(*((f.turn, f.nod) for f in faces), strict=True))

    def away(look: Seen) -> float:
        if look.face is None:
            return 0.0
        return max(abs(look.face.turn - turn) / TURN_DEGREES, abs(look.face.nod - nod) / NOD_DEGREES)

    return _episodes(seen, AWAY, away)


def movement(steady: Sequence[Seen]) -> float | None:
    """How far the face travels: face widths a second, mean over the pictures that show it; None when none do."""
    travelled = seconds = 0.0
    for before, after in itertools.pairwise(steady):
        if before.face is None or after.face is None or after.at_ms - before.at_ms > 2 * STEP_MS:
            continue
        one, other = before.face, after.face
        if max(one.width, other.width) > SAME_SIZE * min(one.width, other.width):
            continue
        travelled += math.dist((one.x, one.y), (other.x, other.y)) * 2 / (one.width + other.width)
        seconds += (after.at_ms - before.at_ms) / 1000
    return round(travelled / seconds, 3) if seconds else None


def _chance(look: Seen, labels: tuple[str, ...]) -> float:
    return sum(look.expressions.get(label, 0.0) for label in labels)


def _episodes(seen: Sequence[Seen], rule: Rule, value: Callable[[Seen], float]) -> list[Span]:
    return episodes([(look.at_ms, value(look)) for look in seen], rule)


def episodes(samples: Sequence[tuple[int, float]], rule: Rule) -> list[Span]:
    """Stretches of (time, value) samples by a rule with hysteresis; at least two samples, none across a hole."""
    steps = [after - before for (before, _), (after, _) in itertools.pairwise(samples)]
    usual = statistics.median_low(steps) if steps else STEP_MS
    hole = 2 * max(usual, STEP_MS)
    shortest = max(rule.shortest_ms, usual + 1)
    found: list[Span] = []
    for part in _unbroken(samples, hole):
        runs: list[Span] = []
        for run in _runs(part, rule):
            if runs and run.start_ms - runs[-1].end_ms <= rule.merge_ms:
                runs[-1] = Span(start_ms=runs[-1].start_ms, end_ms=run.end_ms)
            else:
                runs.append(run)
        found += [run for run in runs if run.end_ms - run.start_ms >= shortest]
    return found


def _unbroken(samples: Sequence[tuple[int, float]], hole_ms: int) -> list[list[tuple[int, float]]]:
    parts: list[list[tuple[int, float]]] = []
    for sample in samples:
        if not parts or sample[0] - parts[-1][-1][0] > hole_ms:
            parts.append([])
        parts[-1].append(sample)
    return parts


def _runs(samples: Sequence[tuple[int, float]], rule: Rule) -> list[Span]:
    """From the first sample at ``enter`` to the first under ``leave``, or to the last one."""
    runs: list[Span] = []
    start: int | None = None
    for at_ms, value in samples:
        if start is None and value >= rule.enter:
            start = at_ms
        elif start is not None and value < rule.leave:
            runs.append(Span(start_ms=start, end_ms=at_ms))
            start = None
    if start is not None and samples[-1][0] > start:
        runs.append(Span(start_ms=start, end_ms=samples[-1][0]))
    return runs
