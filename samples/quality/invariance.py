"""How far scores move when a recording changes in ways that say nothing of the candidate, and when words are stuffed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.ports import TakeAnalyser
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from samples.quality.answers import LabelledAnswer
from samples.quality.interviews import (
    INTERVIEWS,
    RECORDINGS,
    Signals,
    analysed,
    recordings_used,
    scored,
    sunrise_position,
    sunrise_rubric,
    truth,
)
from samples.quality.rules import score_of, written_answer
from samples.quality.variants import Variant, make, read_sound, variants

MOST_CHANGE = 0.3
"""Points of 10."""
BABBLE = ("vague.mp4", "english.m4a", "unknown-words.m4a")
FACE_COUNTS = ScoringPolicy(face_weight_hundredths=100, face_reason="measured here to see what it would move")


@dataclass(frozen=True)
class Change:
    """One interview under one variant. ``total`` and ``competencies`` are changes in points, None where it abstains.

    ``abstained``: competencies that had points and have none now. ``unheard``: answers whose words were used and are
    not now.
    """

    variant: str
    interview: str
    total: float | None
    competencies: tuple[float | None, ...]
    unheard: int

    @property
    def abstained(self) -> int:
        """Competencies without points now."""
        return sum(change is None for change in self.competencies)

    @property
    def largest(self) -> float:
        """Largest change of a competency that still has points."""
        return max((abs(change) for change in self.competencies if change is not None), default=0.0)


@dataclass(frozen=True)
class Gain:
    """What words that claim nothing added to an answer, in points."""

    kind: str
    answer: str
    points: float


def measure_changes(
    analyser: TakeAnalyser,
    wanted: Iterable[str] | None = None,
    interviews: Iterable[str] = tuple(INTERVIEWS),
    policy: ScoringPolicy = ScoringPolicy(),
) -> Iterator[Change]:
    """Every interview under every variant (or those named), variant by variant."""
    chosen = {name: INTERVIEWS[name] for name in interviews}
    rubric = sunrise_rubric()
    questions = {question.id: question.text for question in rubric.questions}
    asked = {name: questions[question] for one in chosen.values() for question, name in one.items()}
    with tempfile.TemporaryDirectory(prefix="weimian-variants-") as folder:
        paths = {name: path for name, path in recordings_used(Path(folder)).items() if name in asked}
        measured = {name: analysed(analyser, path, asked[name]) for name, path in paths.items()}
        before = {name: scored(rubric, one, measured, policy) for name, one in chosen.items()}
        for variant in _chosen(wanted):
            changed = _under(analyser, variant, paths, asked, Path(folder) / "variants")
            for name, one in chosen.items():
                after = scored(rubric, one, changed, policy)
                unheard = sum(_heard(measured[r]) and not _heard(changed[r]) for r in one.values())
                yield _change(variant.name, name, before[name], after, unheard)


def _chosen(wanted: Iterable[str] | None) -> list[Variant]:
    every = variants([read_sound(RECORDINGS / name) for name in BABBLE])
    names = {variant.name for variant in every} if wanted is None else set(wanted)
    return [variant for variant in every if variant.name in names]


def _under(
    analyser: TakeAnalyser, variant: Variant, paths: dict[str, Path], asked: dict[str, str], folder: Path
) -> dict[str, Signals]:
    folder.mkdir(exist_ok=True)
    measured = {}
    for name, path in paths.items():
        make(variant, path, folder / name)
        measured[name] = analysed(analyser, folder / name, asked[name])
    return measured


def _heard(signals: Signals) -> bool:
    return "speech" in signals and signals["speech"].status == "done"


def _change(variant: str, interview: str, before: Score, after: Score, unheard: int) -> Change:
    pairs = zip(before.competencies, after.competencies, strict=True)
    return Change(
        variant=variant,
        interview=interview,
        total=_points(before.total_hundredths, after.total_hundredths),
        competencies=tuple(
            _points(old.points_hundredths, new.points_hundredths)
            for old, new in pairs
            if old.points_hundredths is not None
        ),
        unheard=unheard,
    )


def _points(before: int | None, after: int | None) -> float | None:
    return None if before is None or after is None else (after - before) / 100


# --- Words that claim nothing -----------------------------------------------------------------------------------------


def measure_gains(analyser: TakeAnalyser, answers: Sequence[LabelledAnswer]) -> Iterator[Gain]:
    """What stuffing, reciting and repeating the question add to labelled answers that are not recited themselves."""
    recited = {answer.position: answer.text for answer in answers if answer.labels.recited}
    for answer in answers:
        if answer.labels.recited:
            continue
        before = score_of(analyser, answer).points_hundredths
        for kind, words in _empty_words(answer, recited.get(answer.position)):
            after = score_of(analyser, answer, f"{_ended(answer.text)}{words}").points_hundredths
            # An answer too short to score has nothing to gain from: what it gains, it gains over the baseline.
            yield Gain(kind, answer.id, ((after or 0) - (300 if before is None else before)) / 100)


def _empty_words(answer: LabelledAnswer, recited: str | None) -> Iterator[tuple[str, str]]:
    spellings = [spelling for word in answer.keywords for spelling in (word.word, *word.synonyms)]
    chinese = answer.language == "zh-CN"
    comma, stop = ("，", "。") if chinese else (", ", ".")
    listed = ("、" if chinese else ", ").join(spellings)
    yield "keywords listed", comma.join(spellings) + stop
    yield "keywords listed three times", (comma.join(spellings) + stop) * 3
    yield (
        "keywords claimed in one breath",
        (f"我精通{listed}。" if chinese else f"I am an expert in {listed}."),
    )
    if recited is not None:
        yield "job description recited", recited
    yield "question repeated", answer.question


def _ended(text: str) -> str:
    """The answer with an end to its last sentence, so that what follows is a sentence of its own."""
    return text if text[-1] in "。！？.!?" else text + ("。" if not text[-1].isascii() else ". ")


def measure_recited_rubric(analyser: TakeAnalyser) -> Iterator[Gain]:
    """The sample answers, written, with the sunrise rubric's own words said after them."""
    rubric, position = sunrise_rubric(), sunrise_position()
    levels = [level.text for competency in rubric.competencies for level in competency.levels]
    words = {"rubric levels recited": "".join(levels), "position recited": str(position["description"])}
    for kind, recited in words.items():
        for name, interview in INTERVIEWS.items():
            if any(recording.startswith("spliced") for recording in interview.values()):
                continue
            texts = {question: str(truth(recording)["text"]) for question, recording in interview.items()}
            before = _written_total(analyser, rubric, texts)
            after = _written_total(
                analyser, rubric, {question: text + recited for question, text in texts.items()}
            )
            yield Gain(kind, name, (after - before) / 100)


def _written_total(analyser: TakeAnalyser, rubric: Rubric, texts: dict[str, str]) -> int:
    asked = {question.id: question.text for question in rubric.questions}
    answers = [written_answer(analyser, question, asked[question], text) for question, text in texts.items()]
    total = score_interview(rubric, answers, ScoringPolicy()).total_hundredths
    return total or 0
