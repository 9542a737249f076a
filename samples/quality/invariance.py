"""How far scores move when a recording changes in ways that say nothing of the candidate, and when words are stuffed."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.ports import TakeAnalyser
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from config.settings import ROOT
from samples.quality.answers import LabelledAnswer
from samples.quality.interviews import (
    EVERYTHING,
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
DESCRIPTIONS = ROOT / "tests" / "data" / "job_descriptions"
POSTED = {
    "backend": ("zh-java",),
    "engineer": ("en-backend",),
    "finance": ("zh-accountant",),
    "growth": ("zh-operations", "zh-product"),
    "operator": ("zh-operator", "zh-supervisor"),
    "product": ("zh-product",),
    "project": ("en-product",),
    "sales": ("zh-sales",),
    "service": ("zh-service",),
    "success": ("en-support", "en-sales"),
    "teacher": ("zh-teacher",),
    "trainee": ("zh-hr", "zh-sales"),
    "warehouse": ("zh-purchasing", "zh-supervisor"),
}
"""Position of the labelled answers -> descriptions of the kind."""
HEARD = EVERYTHING - {"face"}
"""Scores look at no face unless a tenant gives it weight: where pictures do not change it is left out."""
FACE_COUNTS = ScoringPolicy(face_weight_hundredths=100, face_reason="measured here to see what it would move")


@dataclass(frozen=True)
class Change:
    """One interview under one variant. ``total`` and ``competencies`` are changes in points, None where it abstains.

    A total that says it is partial now and was complete before counts as abstaining. ``abstained``: competencies that
    had points and have none now. ``unheard``: answers whose words were used and are not now.
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
) -> Iterator[Change]:
    """Every interview under every variant (or those named), variant by variant; changed pictures also where faces count."""
    chosen = {name: INTERVIEWS[name] for name in interviews}
    rubric = sunrise_rubric()
    questions = {question.id: question.text for question in rubric.questions}
    asked = {name: questions[question] for one in chosen.values() for question, name in one.items()}
    with tempfile.TemporaryDirectory(prefix="weimian-variants-") as folder:
        paths = {name: path for name, path in recordings_used(Path(folder)).items() if name in asked}
        measured = {name: analysed(analyser, path, asked[name]) for name, path in paths.items()}
        for variant in _chosen(wanted):
            changed = _under(analyser, variant, paths, asked, Path(folder) / "variants")
            policies = {variant.name: ScoringPolicy()}
            if variant.changes_pictures:
                policies[f"{variant.name}, face counting"] = FACE_COUNTS
            for (label, policy), (name, one) in itertools.product(policies.items(), chosen.items()):
                before = scored(rubric, one, measured, policy)
                after = scored(rubric, one, changed, policy)
                unheard = sum(_heard(measured[r]) and not _heard(changed[r]) for r in one.values())
                yield _change(label, name, before, after, unheard)


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
        wanted = EVERYTHING if variant.changes_pictures else HEARD
        measured[name] = analysed(analyser, folder / name, asked[name], wanted)
    return measured


def _heard(signals: Signals) -> bool:
    return "speech" in signals and signals["speech"].status == "done"


def _change(variant: str, interview: str, before: Score, after: Score, unheard: int) -> Change:
    pairs = zip(before.competencies, after.competencies, strict=True)
    return Change(
        variant=variant,
        interview=interview,
        total=None
        if before.status != after.status
        else _points(before.total_hundredths, after.total_hundredths),
        competencies=tuple(
            _points(old.points_hundredths, new.points_hundredths)
            for old, new in pairs
            if old.points_hundredths is not None
        ),
        unheard=unheard,
    )


def _points(before: int | None, after: int | None) -> float | None:
    return None if before is None or after is None else (after - before) / 100


# --- Words misheard ---------------------------------------------------------------------------------------------------


def measure_misheard(
    analyser: TakeAnalyser, answers: Sequence[LabelledAnswer], error_rate: float
) -> Iterator[Gain]:
    """What random recognition errors move in Chinese answers: so many of a hundred characters replaced, lost, added."""
    concerned = [answer for answer in answers if answer.language == "zh-CN"]
    alphabet = sorted({character for answer in concerned for character in answer.text if character.isalpha()})
    chance = random.Random(20261122)
    for answer in concerned:
        before = score_of(analyser, answer).points_hundredths
        after = score_of(
            analyser, answer, misheard(answer.text, alphabet, error_rate, chance)
        ).points_hundredths
        if before is not None and after is not None:
            yield Gain(f"{error_rate:.0%} misheard", answer.id, (after - before) / 100)


def misheard(text: str, alphabet: Sequence[str], error_rate: float, chance: random.Random) -> str:
    """Two thirds of the errors replace a character, a sixth loses one, a sixth adds one. Punctuation stays."""
    heard = []
    for character in text:
        kind = chance.choice("rrrrla") if character.isalnum() and chance.random() < error_rate else ""
        heard.append({"": character, "r": chance.choice(alphabet), "l": ""}.get(kind, character))
        if kind == "a":
            heard.append(chance.choice(alphabet))
    return "".join(heard)


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
    ended = text if text[-1] in "。！？.!?" else f"{text}." if text[-1].isascii() else f"{text}。"
    return f"{ended} " if ended[-1].isascii() else ended


def measure_pasted(analyser: TakeAnalyser, answers: Iterable[LabelledAnswer]) -> Iterator[Gain]:
    """What another company's whole posted description adds to an answer that is not recited itself."""
    for answer in answers:
        if answer.labels.recited:
            continue
        before = score_of(analyser, answer).points_hundredths
        for name in POSTED[answer.id.rpartition("-")[0]]:
            posted = (DESCRIPTIONS / f"{name}.txt").read_text("utf-8")
            after = score_of(analyser, answer, f"{_ended(answer.text)}\n{posted}").points_hundredths
            gained = (after or 0) - (300 if before is None else before)
            yield Gain("posted description pasted", answer.id, gained / 100)


def measure_recited_rubric(analyser: TakeAnalyser) -> Iterator[Gain]:
    """The sample answers, written, with the sunrise rubric's own words said after them."""
    description = str(sunrise_position()["description"])
    rubric = sunrise_rubric().described(description)  # as a position's rubric is kept
    levels = [level.text for competency in rubric.competencies for level in competency.levels]
    words = {"rubric levels recited": "".join(levels), "position recited": description}
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
