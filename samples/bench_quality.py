"""``bin/bench quality``: how true the transcript, the text rules, the smiles and the scores are.

    bin/bench quality                      everything (a few minutes)
    bin/bench quality --only rules         one part: speech, rules, smiles, invariance
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
    from workers.analysis.analyser import Analyser

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
    from samples.quality.answers import HALVES, read_answers
    from samples.quality.rules import measure_rules
    from samples.quality.tables import show

    for half in HALVES:
        quality = measure_rules(analyser, read_answers(half))
        reference = f"{quality.answers} labelled answers, {half}"
        rows = []
        for name, counts in quality.named().items():
            yield stated(f"quality.{half}.{name}.precision", counts.precision, "ratio", reference)
            yield stated(f"quality.{half}.{name}.recall", counts.recall, "ratio", reference)
            rows.append((name, counts.precision, counts.recall, counts.found, counts.labelled, counts.right))
            if options.show and half == "tuning":
                show(f"{name}: wrong", ["answer"], [[line] for line in counts.wrong])
                show(f"{name}: missed", ["answer"], [[line] for line in counts.missed])
        show(f"Rules on {reference}", ["what", "precision", "recall", "found", "labelled", "right"], rows)
        show("Wrongly credited keywords", ["reason", "places"], sorted(quality.wrong_mentions.items()))
        yield stated(f"quality.{half}.band_rank_correlation", quality.rank_correlation(), "rho", reference)
        yield stated(f"quality.{half}.band_pairs_in_order", quality.agreement(), "ratio", reference)
        means = [(band, quality.mean_points(band)) for band in ("weak", "middle", "strong")]
        for band, points in means:
            yield stated(f"quality.{half}.points.{band}", points, "points", reference)
        show("Points by band", ["band", "mean points"], means)


Part = Callable[["Analyser", argparse.Namespace], Iterator[Figure]]
PARTS: dict[str, Part] = {"rules": bench_rules}
