"""The score of an interview: baseline plus named contributions, exactly (R1, R2, A8).

Every competency starts at 3.00: an answer was given, and nothing the rubric looks for has been found in it
yet. What was said can bring up to 7.00 and vagueness take up to 1.00; on a communication competency what
was said brings up to 5.00 and delivery moves it by up to 2.00 either way. So 0 <= 3.00 - 1.00 - 2.00 and
3.00 + 5.00 + 2.00 <= 10 by design, and no score is ever clamped. Relevance and sentiment are described in
the report and never counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.scoring.answers import (
    AbstentionReason,
    AnswerSignals,
    Transcript,
    display_transcript,
    read_transcript,
)
from app.scoring.content import content_contributions
from app.scoring.delivery import MAX_DELIVERY_HUNDREDTHS, delivery_contributions
from app.scoring.documents import Abstention, CompetencyScore, Contribution, Score, TotalContribution
from app.scoring.policy import ScoringPolicy
from app.scoring.reader import Reader
from app.scoring.rubric import WHOLE_BASIS_POINTS, Competency, Rubric, rubric_hash
from app.scoring.shares import largest_remainder, round_half_up

ALGORITHM = "weimian.lexical"
ALGORITHM_VERSION = "2"
BASELINE_HUNDREDTHS = 300
MAX_HUNDREDTHS = 1000
MIN_CHARACTERS = 12
"""Fewer letters and digits than this in all answers of a competency are too little to score."""
MAX_ABSTAINED_WEIGHT = 4_000
MAX_UNCLEAR_HUNDREDTHS = 30
"""Where words that were not heard clearly would move a competency by more, they decide it, and there is no score."""

_UNCLEAR = frozenset({"low_confidence", "confidence_unknown"})


def _in_order(rubric: Rubric, answers: Sequence[AnswerSignals]) -> list[AnswerSignals]:
    """Answers to scored questions in the rubric's order; the order they are handed in does not matter."""
    place = {question.id: number for number, question in enumerate(rubric.questions)}
    known = [answer for answer in answers if answer.question_id in place]
    return sorted(known, key=lambda a: (place[a.question_id], a.answer_id, a.take_id))


def _abstain(
    competency: Competency,
    answers: Sequence[AnswerSignals],
    questions: list[str],
    reason: AbstentionReason | None = None,
) -> CompetencyScore:
    """No points, and the reason given, else that of the first answer that could not be used."""
    detail = None
    for answer in answers if reason is None else []:
        outcome = read_transcript(answer)
        if isinstance(outcome, Transcript):
            reason, detail = ("low_confidence" if _mostly_unclear(answer, outcome) else "too_little"), None
        else:
            reason, detail = outcome
        if reason != "too_little":
            break
    return CompetencyScore(
        competency=competency.key,
        weight=competency.weight,
        abstention=Abstention(reason=reason or "not_answered", detail=detail, questions=questions),
    )


def _letters(transcripts: Iterable[Transcript]) -> int:
    return sum(c.isalnum() for transcript in transcripts for c in transcript.text)


def _mostly_unclear(answer: AnswerSignals, heard: Transcript) -> bool:
    """Whether an answer that leaves too little to score was long enough, had it been heard clearly."""
    shown = display_transcript(answer) if heard.uncertain else None
    return shown is not None and _letters([heard]) < MIN_CHARACTERS <= _letters([shown])


def content_most(competency: Competency) -> int:
    """Most points (hundredths) that what was said can bring to this competency."""
    room = MAX_HUNDREDTHS - BASELINE_HUNDREDTHS
    return room - MAX_DELIVERY_HUNDREDTHS if competency.communication else room


def _score_competency(
    rubric: Rubric,
    competency: Competency,
    answers: Sequence[AnswerSignals],
    policy: ScoringPolicy,
    reader: Reader,
) -> CompetencyScore:
    questions = [question.id for question in rubric.questions_for(competency.key)]
    concerned = [answer for answer in answers if answer.question_id in questions]
    transcripts = [t for t in map(read_transcript, concerned) if isinstance(t, Transcript)]
    if _letters(transcripts) < MIN_CHARACTERS:
        return _abstain(competency, concerned, questions)
    room = content_most(competency)
    contributions, gaps = content_contributions(competency, transcripts, room, reader)
    if (unclear := _with_unclear_words(concerned)) is not None:
        if_clear, _ = content_contributions(competency, unclear, room, reader)
        if abs(_points(if_clear) - _points(contributions)) > MAX_UNCLEAR_HUNDREDTHS:
            return _abstain(competency, concerned, questions, reason="low_confidence")
    if competency.communication:
        delivery, delivery_gaps = delivery_contributions(transcripts, policy)
        _check_limits(delivery, policy)
        contributions, gaps = contributions + delivery, gaps + delivery_gaps
    return CompetencyScore(
        competency=competency.key,
        weight=competency.weight,
        baseline_hundredths=BASELINE_HUNDREDTHS,
        points_hundredths=BASELINE_HUNDREDTHS + _points(contributions),
        contributions=contributions,
        gaps=gaps,
        answers=[t.answer.answer_id for t in transcripts],
    )


def _points(contributions: Sequence[Contribution]) -> int:
    return sum(contribution.points_hundredths for contribution in contributions)


def _with_unclear_words(answers: Sequence[AnswerSignals]) -> list[Transcript] | None:
    """The answers as if all that was recognised had been heard clearly, or None when it was."""
    transcripts: list[Transcript] = []
    unclear = False
    for answer in answers:
        outcome = read_transcript(answer)
        unsure = outcome.uncertain if isinstance(outcome, Transcript) else outcome[0] in _UNCLEAR
        shown = display_transcript(answer) if unsure else outcome
        if isinstance(shown, Transcript):
            transcripts.append(shown)
            unclear = unclear or bool(unsure)
    return transcripts if unclear else None


def _check_limits(delivery: Sequence[Contribution], policy: ScoringPolicy) -> None:
    """R2, whatever the rules of delivery become: at most 2.00 points, and of them the face its stated weight."""
    face = sum(c.points_hundredths for c in delivery if c.key == "face_present")
    whole = sum(c.points_hundredths for c in delivery)
    if abs(whole) > MAX_DELIVERY_HUNDREDTHS or abs(face) > policy.face_weight_hundredths:
        raise ValueError(f"delivery brings {whole} and the face {face} hundredths, beyond what may count")


def _total(scores: Sequence[CompetencyScore]) -> tuple[int | None, list[TotalContribution]]:
    """The weighted mean of the scored competencies, and each one's part of it by largest remainder.

    Up to 40 % of the weight may have abstained: its weight is shared out in proportion and the score says
    "partial", since most of what the position asks for was heard. Beyond that a number would describe a
    different position from the one applied for, so there is none.
    """
    scored = [
        (s.competency, s.weight, s.points_hundredths) for s in scores if s.points_hundredths is not None
    ]
    whole = sum(weight for _, weight, _ in scored)
    if WHOLE_BASIS_POINTS - whole > MAX_ABSTAINED_WEIGHT or not whole:
        return None, []
    products = [weight * points for _, weight, points in scored]
    total = round_half_up(sum(products), whole)
    weights = largest_remainder(WHOLE_BASIS_POINTS, [weight for _, weight, _ in scored])
    shares = largest_remainder(total, products) if total else [0] * len(products)
    return total, [
        TotalContribution(competency=key, weight=weight, points_hundredths=points)
        for (key, _, _), weight, points in zip(scored, weights, shares, strict=True)
    ]


def score_interview(rubric: Rubric, answers: Sequence[AnswerSignals], policy: ScoringPolicy) -> Score:
    """Score an interview's answers (one final take each) by a rubric.

    Answers to questions the rubric does not have, or scores for nothing, change nothing. ValueError when
    an answer is handed in twice.
    """
    ids = [answer.answer_id for answer in answers]
    if len(set(ids)) != len(ids):
        raise ValueError("an answer is handed in twice")
    ordered = _in_order(rubric, answers)
    reader = Reader(rubric)
    scores = [
        _score_competency(rubric, competency, ordered, policy, reader) for competency in rubric.competencies
    ]
    abstained = sum(score.weight for score in scores if score.abstention is not None)
    total, contributions = _total(scores)
    return Score(
        algorithm=ALGORITHM,
        algorithm_version=ALGORITHM_VERSION,
        rubric_hash=rubric_hash(rubric),
        policy=policy,
        status="abstained" if total is None else "partial" if abstained else "complete",
        total_hundredths=total,
        contributions=contributions,
        abstained_weight=abstained,
        competencies=scores,
    )
