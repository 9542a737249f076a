"""``bin/bench quality``: how true the transcript, the text rules, the smiles and the scores are.

    bin/bench quality                      everything (a few minutes)
    bin/bench quality --only rules         one part: speech, rules, smiles, words, invariance
    bin/bench quality --only rules --show  also what was missed and wrongly found, on the tuning half alone

Figures go to standard output as JSON, tables for people to standard error. What they mean: docs/validity.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from samples.figures import Figure

if TYPE_CHECKING:
    from samples.quality.invariance import Change
    from workers.analysis.analyser import Analyser

RULE_COLUMNS = ("what", "precision", "recall", "precision, 95 %", "recall, 95 %", "found", "labelled")
NO_GOAL = ""
"""Measured and stated; no bound was promised."""


def bench_quality(arguments: list[str]) -> Iterator[Figure]:
    """How true transcript, text rules, smiles and scores are, with stability under changed recordings."""
    parser = argparse.ArgumentParser(prog="bin/bench quality")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="default: every part")
    parser.add_argument("--show", action="store_true", help="list misses and errors of the tuning half")
    options = parser.parse_args(arguments)
    from config.settings import load_settings
    from workers.analysis.analyser import build_analyser

    with tempfile.TemporaryDirectory(prefix="weimian-quality-") as folder:
        analyser = build_analyser(load_settings(profile="test", data_dir=Path(folder)))
        for name in options.only or PARTS:
            yield from PARTS[name](analyser, options)


def stated(figure: str, value: float, unit: str, reference: str) -> Figure:
    """A figure without a goal."""
    return Figure(figure, round(value, 4), unit, reference, NO_GOAL, True)


def bench_rules(analyser: Analyser, options: argparse.Namespace) -> Iterator[Figure]:
    """Keywords, STAR, vagueness, motives and points against the labelled answers, each half by itself."""
    from samples.quality.answers import HALVES, read_answers, read_generalities
    from samples.quality.rules import measure_generalities, measure_rules
    from samples.quality.tables import show

    rows: list[tuple[str, float, float, str, str, int, int]]
    rows = []
    for half in HALVES:
        short = read_generalities(half)
        counts = measure_generalities(short)
        reference = f"{len(short)} short answers, {half}"
        yield stated(f"quality.{half}.generalities.precision", counts.precision, "ratio", reference)
        yield stated(f"quality.{half}.generalities.recall", counts.recall, "ratio", reference)
        shares = (counts.precision, counts.recall, *counts.intervals())
        rows.append((half, *shares, counts.found, counts.labelled))
    show("Generalities in short answers", RULE_COLUMNS, rows)
    for half in HALVES:
        quality = measure_rules(analyser, read_answers(half))
        reference = f"{quality.answers} labelled answers, {half}"
        rows = []
        for name, counts in quality.named().items():
            yield stated(f"quality.{half}.{name}.precision", counts.precision, "ratio", reference)
            yield stated(f"quality.{half}.{name}.recall", counts.recall, "ratio", reference)
            shares = (counts.precision, counts.recall, *counts.intervals())
            rows.append((name, *shares, counts.found, counts.labelled))
            if options.show and half == "tuning":
                show(f"{name}: wrong", ["answer"], [[line] for line in counts.wrong])
                show(f"{name}: missed", ["answer"], [[line] for line in counts.missed])
        show(f"Rules on {reference}", RULE_COLUMNS, rows)
        show("Wrongly credited keywords", ["reason", "places"], sorted(quality.wrong_mentions.items()))
        yield stated(f"quality.{half}.band_rank_correlation", quality.rank_correlation(), "rho", reference)
        yield stated(f"quality.{half}.band_pairs_in_order", quality.agreement(), "ratio", reference)
        means = [(band, quality.mean_points(band)) for band in ("weak", "middle", "strong")]
        for band, points in means:
            yield stated(f"quality.{half}.points.{band}", points, "points", reference)
        recited = max(quality.recited_points) / 100
        yield stated(f"quality.{half}.points.recited_at_most", recited, "points", reference)
        show("Points by band", ["band", "mean points"], [*means, ("recited, at most", recited)])


def bench_speech(analyser: Analyser, _options: argparse.Namespace) -> Iterator[Figure]:
    """Character errors on the sample recordings. Where the product abstains, nobody's score rests on the errors."""
    from samples.quality.speech import measure_speech
    from samples.quality.tables import show

    with tempfile.TemporaryDirectory(prefix="weimian-spliced-") as folder:
        heard = measure_speech(analyser, Path(folder))
    show(
        "Speech: sample model on sample recordings",
        ["recording", "characters", "errors", "CER", "confidence", "outcome"],
        [(one.name, one.said, one.errors, one.error_rate, one.confidence, one.outcome) for one in heard],
    )
    used = [one for one in heard if one.outcome == "done"]
    said = sum(one.said for one in used)
    reference = f"{said} characters in {len(used)} recordings whose transcript is used"
    yield stated("quality.speech.cer", sum(one.errors for one in used) / max(said, 1), "ratio", reference)
    strange = [one for one in heard if one.outcome != "done"]
    yield stated(
        "quality.speech.abstained", len(strange) / len(heard), "ratio", f"{len(heard)} recordings with speech"
    )


def bench_smiles(analyser: Analyser, _options: argparse.Namespace) -> Iterator[Figure]:
    """Smile and frown episodes at known times in synthetic clips: drawn mouths on one portrait, no real faces."""
    from samples.quality import smiles
    from samples.quality.interviews import RECORDINGS, analysed
    from samples.quality.tables import show
    from samples.quality.variants import read_sound

    sound = read_sound(RECORDINGS / "growth.mp4")
    seen = []
    with tempfile.TemporaryDirectory(prefix="weimian-clips-") as folder:
        for number, clip in enumerate(smiles.CLIPS):
            path = Path(folder) / f"clip-{number}.mp4"
            smiles.write(clip, RECORDINGS / "growth.mp4", sound, path)
            seen.append((clip, analysed(analyser, path, "")["face"].document()))
    rows = []
    for kind, quality in smiles.compare(seen).items():
        reference = f"{quality.true} {kind} in {len(seen)} synthetic clips"
        precision = quality.matched / quality.found if quality.found else 1.0
        recall = quality.matched / quality.true if quality.true else 1.0
        off = max(quality.off_ms, default=0)
        yield stated(f"quality.{kind}.precision", precision, "ratio", reference)
        yield stated(f"quality.{kind}.recall", recall, "ratio", reference)
        yield stated(f"quality.{kind}.worst_boundary", off, "ms", reference)
        rows.append((kind, quality.true, quality.found, quality.matched, off))
    show("Episodes in synthetic clips", ["what", "there", "found", "matched", "worst boundary (ms)"], rows)


def bench_invariance(analyser: Analyser, _options: argparse.Namespace) -> Iterator[Figure]:
    """What compression, light, noise and tempo move."""
    from samples.quality import invariance
    from samples.quality.tables import show

    changes = list(invariance.measure_changes(analyser))
    rows: list[tuple[str, float, float, float, float]] = []
    for variant in dict.fromkeys(change.variant for change in changes):
        concerned = [change for change in changes if change.variant == variant]
        figures = summary(concerned)
        rows.append(
            (variant, figures["total"], figures["competency"], figures["abstained"], figures["unheard"])
        )
        name = variant.replace(",", "").replace(" ", "_").replace("%", "percent")
        reference = f"{len(concerned)} interviews, recorded and {variant}"
        goal = f"<= {invariance.MOST_CHANGE}"
        yield Figure.of(f"quality.invariance.{name}.total", figures["total"], "points", reference, goal)
        yield Figure.of(
            f"quality.invariance.{name}.competency", figures["competency"], "points", reference, goal
        )
        yield Figure.of(
            f"quality.invariance.{name}.abstained", figures["abstained"], "ratio", reference, "<= 0.1"
        )
    show(
        "Largest change of points under a variant, and how often it abstains",
        ["variant", "total", "competency", "competencies abstaining", "answers not heard"],
        rows,
    )


def bench_words(analyser: Analyser, _options: argparse.Namespace) -> Iterator[Figure]:
    """What recognition errors move, and what words that claim nothing gain, in the labelled answers."""
    from samples.quality import invariance
    from samples.quality.answers import HALVES, read_answers
    from samples.quality.tables import show

    answers = [answer for half in HALVES for answer in read_answers(half)]
    rows: list[tuple[str, int, float, float, float]] = []
    for rate in (0.02, 0.05, 0.1):
        moved = sorted(abs(one.points) for one in invariance.measure_misheard(analyser, answers, rate))
        worst_of_20 = moved[len(moved) * 19 // 20]
        steady = sum(change <= invariance.MOST_CHANGE for change in moved) / len(moved)
        reference = f"{len(moved)} Chinese answers, {rate:.0%} of the characters misheard"
        name = f"quality.misheard.{round(rate * 100)}_percent"
        yield stated(f"{name}.mean_change", sum(moved) / len(moved), "points", reference)
        yield stated(f"{name}.within_0_3", steady, "ratio", reference)
        rows.append((f"{rate:.0%}", len(moved), sum(moved) / len(moved), worst_of_20, steady))
    show(
        "Change of a competency's points when characters are misheard",
        ["misheard", "answers", "mean", "one in twenty beyond", "share within 0.3"],
        rows,
    )
    gains = [
        *invariance.measure_gains(analyser, answers),
        *invariance.measure_pasted(analyser, read_answers("tuning")),
        *invariance.measure_recited_rubric(analyser),
    ]
    gained: list[tuple[str, int, float, float, float, int]] = []
    for kind in dict.fromkeys(gain.kind for gain in gains):
        points = [gain.points for gain in gains if gain.kind == kind]
        beyond = sum(point > invariance.MOST_CHANGE for point in points)
        reference = f"{len(points)} answers with and without: {kind}"
        name = kind.replace(" ", "_")
        yield Figure.of(
            f"quality.gain.{name}", max(points), "points", reference, f"<= {invariance.MOST_CHANGE}"
        )
        gained.append((kind, len(points), max(points), min(points), sum(points) / len(points), beyond))
    show(
        "Points gained by empty words", ["kind", "answers", "most", "least", "mean", "more than 0.3"], gained
    )


def summary(changes: list[Change]) -> dict[str, float]:
    """Largest change of a total and of a competency, share of competencies abstaining, answers not heard."""
    counted = sum(len(change.competencies) for change in changes)
    return {
        "total": max((abs(c.total) for c in changes if c.total is not None), default=0.0),
        "competency": max(change.largest for change in changes),
        "abstained": sum(change.abstained for change in changes) / counted,
        "unheard": float(sum(change.unheard for change in changes)),
    }


Part = Callable[["Analyser", argparse.Namespace], Iterator[Figure]]
PARTS: dict[str, Part] = {
    "speech": bench_speech,
    "rules": bench_rules,
    "smiles": bench_smiles,
    "words": bench_words,
    "invariance": bench_invariance,
}
