"""Points for how it was said: communication competencies only, at most 2.00 up or down (R2).

Three measures share the 2.00 points: pauses 40 parts, rate 30, fillers 30. Each runs in a straight line
from its best value (all its points up) to its worst (all down), so an ordinary delivery stands near
zero. Spoken answers of a competency are pooled as one: durations, tokens, pauses and fillers are summed.
Written answers, and speech of less than eight seconds, count zero.

Where a tenant gives the face weight, it takes that weight out of the 2.00 points, again up or down: the
share of frames with a face in them, the only visual fact that says nothing about expression. No consent
counts zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.signals import DeliverySignals, FaceSignals
from app.scoring.answers import Transcript
from app.scoring.documents import Contribution, Evidence, Gap
from app.scoring.policy import ScoringPolicy
from app.scoring.shares import largest_remainder

MAX_DELIVERY_HUNDREDTHS = 200
MIN_SPEAKING_MS = 8_000
PARTS = {"pauses": 40, "rate": 30, "fillers": 30}

# Best and worst values, set by judgement and not by measurement: ordinary interview speech (about 13 pauses of half
# a second in a minute of speech, 200 to 280 characters of Mandarin or 120 to 170 words of English) should come out
# near or above zero. Whether they predict anything is for calibration with later outcomes to find out.
PAUSES_PER_MINUTE_HUNDREDTHS = (500, 2100)
FILLERS_PER_HUNDRED_TOKENS_HUNDREDTHS = (150, 1000)
RATE_HAN = (180, 300, 90, 420)
RATE_LATIN = (110, 175, 60, 250)

Spoken = tuple[Transcript, DeliverySignals]
Outcome = tuple[list[Contribution], list[Gap]]


def ramp(value: int, best: int, worst: int, most: int) -> int:
    """``most`` at ``best`` or better, ``-most`` at ``worst`` or worse, a straight line between.

    ``best`` and ``worst`` differ. Whole numbers only: the same on every machine.
    """
    distance = (value - best) if worst > best else (best - value)
    whole = abs(worst - best)
    return most - 2 * most * min(max(distance, 0), whole) // whole


def _spoken(transcripts: Sequence[Transcript]) -> list[Spoken]:
    found = []
    for transcript in transcripts:
        result = transcript.answer.modalities.get("delivery")
        if transcript.tokens and result is not None and result.status == "done":
            signals = result.document()
            if signals is not None and signals.speaking_ms > 0:
                found.append((transcript, signals))
    return found


def _span_evidence(transcript: Transcript, start_ms: int, end_ms: int, quote: str = "") -> Evidence:
    answer = transcript.answer
    return Evidence(
        answer_id=answer.answer_id, take_id=answer.take_id, start_ms=start_ms, end_ms=end_ms, quote=quote
    )


def _from_first_to_last(transcript: Transcript) -> Evidence:
    tokens = transcript.tokens
    return _span_evidence(transcript, min(t.start_ms for t in tokens), max(t.end_ms for t in tokens))


def _whole_speech(spoken: Sequence[Spoken]) -> list[Evidence]:
    return [_from_first_to_last(transcript) for transcript, _ in spoken]


def _contribution(key: str, points: int, evidence: list[Evidence], **params: int | str) -> list[Contribution]:
    if points == 0:
        return []
    return [Contribution(key=key, points_hundredths=points, evidence=evidence, params=dict(params))]


def _pauses(spoken: Sequence[Spoken], speaking_ms: int, most: int) -> Outcome:
    count = sum(len(signals.pauses) for _, signals in spoken)
    per_minute = count * 60_000 * 100 // speaking_ms
    points = ramp(per_minute, *PAUSES_PER_MINUTE_HUNDREDTHS, most)
    places = [
        _span_evidence(t, pause.start_ms, pause.end_ms) for t, signals in spoken for pause in signals.pauses
    ]
    params: dict[str, int | str] = {"count": count, "per_minute": f"{per_minute / 100:.1f}"}
    if points < 0:
        return _contribution("pauses_many", points, places, **params), [
            Gap(key="pauses", params={"count": count})
        ]
    return _contribution("pauses_few", points, _whole_speech(spoken), **params), []


def _fillers(spoken: Sequence[Spoken], tokens: int, most: int) -> Outcome:
    count = sum(len(signals.fillers) for _, signals in spoken)
    points = ramp(count * 100 * 100 // tokens, *FILLERS_PER_HUNDRED_TOKENS_HUNDREDTHS, most)
    places = [
        _span_evidence(t, filler.start_ms, filler.end_ms, filler.text)
        for t, signals in spoken
        for filler in signals.fillers
    ]
    if points < 0:
        gaps = [Gap(key="fillers", params={"count": count})]
        return _contribution("fillers_many", points, places, count=count), gaps
    return _contribution("fillers_few", points, _whole_speech(spoken), count=count), []


def _rate(spoken: Sequence[Spoken], tokens: int, speaking_ms: int, most: int) -> Outcome:
    latin = sum(token.text.isascii() for t, _ in spoken for token in t.tokens) * 2 > tokens
    slow, fast, too_slow, too_fast = RATE_LATIN if latin else RATE_HAN
    rate = tokens * 60_000 // speaking_ms
    points = min(ramp(rate, slow, too_slow, most), ramp(rate, fast, too_fast, most))
    params: dict[str, int | str] = {"rate": rate, "low": slow, "high": fast}
    evidence = _whole_speech(spoken)
    if points >= 0:
        return _contribution("rate_steady", points, evidence, **params), []
    key = "rate_slow" if rate < slow else "rate_fast"
    return _contribution(key, points, evidence, **params), [Gap(key=key, params=dict(params))]


def _face(transcripts: Sequence[Transcript], policy: ScoringPolicy) -> list[Contribution]:
    seen: list[tuple[Transcript, FaceSignals]] = []
    for transcript in transcripts:
        result = transcript.answer.modalities.get("face")
        if (
            transcript.tokens
            and result is not None
            and result.status == "done"
            and (signals := result.document()) is not None
        ):
            seen.append((transcript, signals))
    frames = sum(signals.sampled_frames for _, signals in seen)
    if not frames:
        return []
    present = sum(round(signals.face_present * signals.sampled_frames) for _, signals in seen)
    points = ramp(frames - present, 0, frames, policy.face_weight_hundredths)
    evidence = [_from_first_to_last(transcript) for transcript, _ in seen]
    params: dict[str, int | str] = {"percent": 100 * present // frames, "reason": str(policy.face_reason)}
    return _contribution("face_present", points, evidence, **params)


def delivery_contributions(transcripts: Sequence[Transcript], policy: ScoringPolicy) -> Outcome:
    """Contributions between -2.00 and +2.00 in sum, and gaps, of a communication competency's answers."""
    contributions: list[Contribution] = []
    gaps: list[Gap] = []
    spoken = _spoken(transcripts)
    speaking_ms = sum(signals.speaking_ms for _, signals in spoken)
    tokens = sum(len(t.tokens) for t, _ in spoken)
    if speaking_ms >= MIN_SPEAKING_MS and tokens:
        whole = MAX_DELIVERY_HUNDREDTHS - policy.face_weight_hundredths
        room = dict(zip(PARTS, largest_remainder(whole, list(PARTS.values())), strict=True))
        for made, missing in (
            _pauses(spoken, speaking_ms, room["pauses"]),
            _rate(spoken, tokens, speaking_ms, room["rate"]),
            _fillers(spoken, tokens, room["fillers"]),
        ):
            contributions += made
            gaps += missing
    if policy.face_weight_hundredths:
        contributions += _face(transcripts, policy)
    return contributions, gaps
