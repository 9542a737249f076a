"""Integrity facts (A6) in words for HR: what was noticed, where to look, what it may also mean, what was not looked at.

They are never scored, and only a person can say what they mean. A candidate's report has none of them: shown without the
conversation that belongs to them they read as an accusation. What is noted is said before recording, in the consent, and
everything stored is in a candidate's copy of the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.catalogue import text
from app.core.signals import IntegritySignals, Span
from app.reports.render.documents import Check, Checks, Fact
from app.scoring.answers import AnswerSignals
from app.scoring.documents import Evidence

FACTS = ("several_faces", "nobody", "still_face", "other_voice", "even_speech", "left_page", "gaps")
OF_COURSE = frozenset({"written_answer", "no_video"})
"""Reasons that the answer's medium gives: nobody expects more of it."""

Seen = tuple[AnswerSignals, IntegritySignals]


def checks(
    answers: Sequence[AnswerSignals], language: str, numbers: Mapping[str, int] | None = None
) -> Checks | None:
    """All facts over the answers; ``numbers`` by question id tell of which.

    None when nothing was looked at (reports from before there were such facts).
    """
    seen = [(answer, signals) for answer in answers if (signals := _signals(answer)) is not None]
    if not seen:
        return None
    found = [check for fact in FACTS if (check := _check(fact, seen, language)) is not None]
    noticed = {check.key for check in found}
    clear = [
        fact for fact in FACTS if fact not in noticed and any(_spans(fact, s) is not None for _, s in seen)
    ]
    separator = text(language, "scoring.list_separator")
    return Checks(
        title=text(language, "integrity.title"),
        note=text(language, "integrity.note"),
        facts=found,
        clear=text(language, "integrity.clear", list=separator.join(_label(fact, language) for fact in clear))
        if clear
        else None,
        not_looked_at_title=text(language, "integrity.not_looked_at"),
        not_looked_at=[
            row for fact in FACTS if (row := _not_looked_at(fact, seen, language, numbers or {})) is not None
        ],
    )


def _signals(answer: AnswerSignals) -> IntegritySignals | None:
    result = answer.modalities.get("integrity")
    return None if result is None or result.status != "done" else result.document()


def _spans(fact: str, signals: IntegritySignals) -> list[Span] | None:
    spans: list[Span] | None = getattr(signals, fact)
    return spans


def _label(fact: str, language: str) -> str:
    return text(language, f"integrity.facts.{fact}.label")


def _check(fact: str, seen: Sequence[Seen], language: str) -> Check | None:
    places = [
        Evidence(
            answer_id=answer.answer_id,
            take_id=answer.take_id,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            quote="",
        )
        for answer, signals in seen
        for span in _spans(fact, signals) or []
    ]
    if not places:
        return None
    total = sum((place.end_ms or 0) - (place.start_ms or 0) for place in places)
    value = text(language, "report.units.times_total", value=len(places), total=f"{total / 1000:.1f}")
    if fact == "several_faces":
        most = max(signals.most_faces or 0 for _, signals in seen)
        value = text(language, "integrity.most_faces", value=value, most=max(most, 2))
    return Check(
        key=fact,
        label=_label(fact, language),
        value=value,
        meaning=text(language, f"integrity.facts.{fact}.meaning"),
        places=places,
    )


def _not_looked_at(fact: str, seen: Sequence[Seen], language: str, numbers: Mapping[str, int]) -> Fact | None:
    """Why this was not looked at, and where in some answers only; None when it was, or their medium has no such thing."""
    without = [(answer, s.not_looked_at.get(fact)) for answer, s in seen if _spans(fact, s) is None]
    named = [(answer, reason) for answer, reason in without if reason is not None and reason not in OF_COURSE]
    if not named:
        return None
    separator = text(language, "scoring.list_separator")
    reasons = sorted({reason for _, reason in named})
    words = separator.join(text(language, f"integrity.reasons.{reason}") for reason in reasons)
    if len(named) < len(seen):
        where = sorted({numbers[answer.question_id] for answer, _ in named if answer.question_id in numbers})
        short = [text(language, "report.question_short", number=number) for number in where]
        words = " · ".join([*([separator.join(short)] if short else []), words])
    return Fact(label=_label(fact, language), value=words)
