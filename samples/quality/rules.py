"""What the rules of ``app/scoring`` find in the labelled answers, beside what is there.

Everything goes through the public doors: an answer is analysed as a written one and scored by a rubric of its own
competency; what the score shows as evidence is what was found.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.ports import TakeAnalyser, TakeSource
from app.scoring.answers import AnswerSignals
from app.scoring.documents import CompetencyScore, Contribution
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import STAR_PARTS, WHOLE_BASIS_POINTS, Competency, Keyword, Question, Rubric
from app.scoring.score import score_interview
from app.scoring.text.motivation import find_motives
from app.scoring.text.passages import fold
from app.scoring.text.reading import read
from app.scoring.text.scope import is_hypothetical
from app.scoring.text.vague import find_vague
from samples.quality.answers import Band, LabelledAnswer, Range, ShortAnswer

BAND_ORDER: dict[Band, int] = {"weak": 0, "middle": 1, "strong": 2}


@dataclass
class Counts:
    """How often something was found, is there, and both. ``missed`` and ``wrong`` say where."""

    found: int = 0
    right: int = 0
    labelled: int = 0
    got: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of what was found, the share that is there. 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what is there, the share that was found. 1 when nothing is there."""
        return self.got / self.labelled if self.labelled else 1.0

    def intervals(self) -> tuple[str, str]:
        """95 % intervals of precision and recall."""
        return wilson(self.right, self.found), wilson(self.got, self.labelled)

    def note(self, answer: str, found: set[str], labelled: set[str]) -> None:
        """One answer's distinct findings and labels."""
        self.found += len(found)
        self.labelled += len(labelled)
        self.right += len(found & labelled)
        self.got += len(found & labelled)
        self.missed += [f"{answer} {name}" for name in sorted(labelled - found)]
        self.wrong += [f"{answer} {name}" for name in sorted(found - labelled)]


def wilson(right: int, of: int) -> str:
    """The 95 % score interval of a share (Wilson 1927), as text; ``-`` of nothing."""
    if not of:
        return "-"
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{middle - half:.2f}..{middle + half:.2f}"


@dataclass
class RuleQuality:
    """The figures of one half of the labelled answers."""

    answers: int = 0
    mentions: Counts = field(default_factory=Counts)
    wrong_mentions: Counter[str] = field(default_factory=Counter)
    keywords: Counts = field(default_factory=Counts)
    star: Counts = field(default_factory=Counts)
    star_placed: Counts = field(default_factory=Counts)
    vague: Counts = field(default_factory=Counts)
    motives: Counts = field(default_factory=Counts)
    recited_points: list[int] = field(default_factory=list)
    points: dict[str, tuple[Band, int]] = field(default_factory=dict)

    def named(self) -> dict[str, Counts]:
        """The counted measures by name."""
        return {
            "keyword_mentions": self.mentions,
            "keywords": self.keywords,
            "star": self.star,
            "star_in_place": self.star_placed,
            "vague": self.vague,
            "motivation": self.motives,
        }

    def agreement(self) -> float:
        """Of two answers of different bands, how often the better has more points (equal points: half)."""
        pairs = [
            (first, second) if BAND_ORDER[first[0]] < BAND_ORDER[second[0]] else (second, first)
            for first, second in combinations(self.points.values(), 2)
            if first[0] != second[0]
        ]
        won = sum((lower[1] < higher[1]) + 0.5 * (lower[1] == higher[1]) for lower, higher in pairs)
        return won / len(pairs) if pairs else 1.0

    def rank_correlation(self) -> float:
        """Spearman's rho of points with bands, with mean ranks for ties."""
        import numpy as np

        bands = _ranks([BAND_ORDER[band] for band, _ in self.points.values()])
        points = _ranks([earned for _, earned in self.points.values()])
        return float(np.corrcoef(bands, points)[0, 1])

    def mean_points(self, band: Band) -> float:
        """Mean points (of 10) of one band."""
        earned = [points for its_band, points in self.points.values() if its_band == band]
        return sum(earned) / len(earned) / 100


def _ranks(values: Sequence[int]) -> list[float]:
    """Rank of each value from 0; equal values share their mean rank."""
    return [sum(v < value for v in values) + (sum(v == value for v in values) - 1) / 2 for value in values]


def rubric_of(keywords: Sequence[Keyword], competency: str, question: str) -> Rubric:
    """A rubric that scores one written answer for one competency."""
    return Rubric(
        competencies=[
            Competency(
                key=competency,
                name={"zh-CN": competency},
                weight=WHOLE_BASIS_POINTS,
                keywords=list(keywords),
            )
        ],
        questions=[Question(id="asked", text=question, competencies=[competency])],
    )


def written_answer(analyser: TakeAnalyser, question_id: str, question: str, text: str) -> AnswerSignals:
    """A written answer with all its signals."""
    take = TakeSource(segments=[], medium="text", question_text=question, written_text=text)
    return AnswerSignals(
        answer_id=f"answer-{question_id}",
        take_id=f"take-{question_id}",
        question_id=question_id,
        medium="text",
        written_text=text,
        modalities={result.modality: result for result in analyser.analyse(take)},
    )


def score_of(analyser: TakeAnalyser, answer: LabelledAnswer, text: str | None = None) -> CompetencyScore:
    """The answer's score for its competency; with other words when ``text`` is given."""
    rubric = rubric_of(answer.keywords, answer.competency, answer.question)
    signals = written_answer(analyser, "asked", answer.question, answer.text if text is None else text)
    return score_interview(rubric, [signals], ScoringPolicy()).competency(answer.competency)


def measure_rules(analyser: TakeAnalyser, answers: Iterable[LabelledAnswer]) -> RuleQuality:
    """Every figure over some labelled answers."""
    quality = RuleQuality()
    for answer in answers:
        score = score_of(analyser, answer)
        by_key = {contribution.key: contribution for contribution in score.contributions}
        quality.answers += 1
        quality.points[answer.id] = (answer.labels.band, score.points_hundredths or 0)
        if answer.labels.recited:
            quality.recited_points.append(score.points_hundredths or 0)
        _note_keywords(quality, answer, by_key.get("keywords"))
        _note_star(quality, answer, by_key)
        quality.vague.note(answer.id, {"vague"} & by_key.keys(), {"vague"} if answer.labels.vague else set())
        quality.motives.note(
            answer.id,
            {hit.key for hit in find_motives(answer.text)},
            {motive.tendency for motive in answer.labels.motivation},
        )
    return quality


def measure_generalities(answers: Iterable[ShortAnswer]) -> Counts:
    """Vague answers found by the rule alone: these have no keywords to be scored by."""
    counts = Counts()
    for answer in answers:
        reading = read(answer.text, situational=is_hypothetical(fold(answer.question)))
        found = {"vague"} if find_vague(reading) else set()
        counts.note(answer.id, found, {"vague"} if answer.kind == "vague" else set())
    return counts


def _note_keywords(quality: RuleQuality, answer: LabelledAnswer, found: Contribution | None) -> None:
    """By place (mentions) and by word, as points are counted (keywords)."""
    places = _places(found)
    credited = [mention for mention in answer.labels.mentions if mention.credited]
    quality.mentions.found += len(places)
    quality.mentions.labelled += len(credited)
    for place in places:
        touched = [mention for mention in answer.labels.mentions if _overlap(place, mention)]
        if any(mention.credited for mention in touched):
            quality.mentions.right += 1
        else:
            reason = str(touched[0].reason) if touched else "unlabelled"
            quality.wrong_mentions[reason] += 1
            quality.mentions.wrong.append(f"{answer.id} {answer.text[slice(*place)]} ({reason})")
    for mention in credited:
        if any(_overlap(place, mention) for place in places):
            quality.mentions.got += 1
        else:
            quality.mentions.missed.append(f"{answer.id} {mention.text}")
    touched_words = {m.word for m in answer.labels.mentions if any(_overlap(place, m) for place in places)}
    quality.keywords.note(answer.id, touched_words, {mention.word for mention in credited})


def _note_star(quality: RuleQuality, answer: LabelledAnswer, by_key: dict[str, Contribution]) -> None:
    """By part, and by whether a found part stands where the labels say."""
    labelled = {part: getattr(answer.labels.star, part) for part in STAR_PARTS}
    found = {part: _places(by_key.get(f"star_{part}")) for part in STAR_PARTS}
    quality.star.note(
        answer.id,
        {part for part in STAR_PARTS if found[part]},
        {part for part in STAR_PARTS if labelled[part]},
    )
    placed = {
        part for part in STAR_PARTS if any(_overlap(p, span) for p in found[part] for span in labelled[part])
    }
    claimed = {part for part in STAR_PARTS if found[part]}
    quality.star_placed.found += len(claimed)
    quality.star_placed.right += len(placed)
    quality.star_placed.labelled += sum(bool(spans) for spans in labelled.values())
    quality.star_placed.got += len(placed)


def _places(contribution: Contribution | None) -> list[tuple[int, int]]:
    """Character ranges of the evidence."""
    if contribution is None:
        return []
    return [
        (place.char_start, place.char_end)
        for place in contribution.evidence
        if place.char_start is not None and place.char_end is not None
    ]


def _overlap(place: tuple[int, int], labelled: Range) -> bool:
    return place[0] < labelled.end and labelled.start < place[1]
