"""How the answers were given, as facts over the whole interview. Descriptions, not findings about a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.core.catalogue import text
from app.core.signals import DeliverySignals, FaceSignals, Modality, Span, TextSignals
from app.reports.render.documents import Audience, Fact
from app.scoring.answers import AnswerSignals


def _documents(answers: Sequence[AnswerSignals], modality: Modality) -> list[Any]:
    results = [answer.modalities.get(modality) for answer in answers]
    found = [r.document() for r in results if r is not None and r.status == "done"]
    return [document for document in found if document is not None]


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f}"


def _span_ms(spans: Sequence[Span]) -> int:
    return sum(span.end_ms - span.start_ms for span in spans)


def _delivery(found: Sequence[DeliverySignals], language: str) -> list[tuple[str, str]]:
    speaking = sum(d.speaking_ms for d in found)
    pauses = [pause for d in found for pause in d.pauses]
    fillers = [filler.text for d in found for filler in d.fillers]
    spoken = round(sum(d.characters_per_minute * d.speaking_ms for d in found) / speaking) if speaking else 0
    rows = [
        (
            "answer_length",
            text(language, "report.units.seconds", value=_seconds(sum(d.answer_ms for d in found))),
        ),
        ("speaking_time", text(language, "report.units.seconds", value=_seconds(speaking))),
        (
            "thinking_time",
            text(language, "report.units.seconds", value=_seconds(sum(d.thinking_ms for d in found))),
        ),
        ("rate", text(language, "report.units.per_minute", value=spoken)),
        ("pauses", _with_longest(pauses, language)),
        ("fillers", _kinds(fillers, language)),
    ]
    pitch = [d.pitch_sd_semitones for d in found if d.pitch_sd_semitones is not None]
    if pitch:
        mean = f"{sum(pitch) / len(pitch):.1f}"
        rows.append(("pitch_variation", text(language, "report.units.semitones", value=mean)))
    return rows


def _with_longest(spans: Sequence[Span], language: str) -> str:
    if not spans:
        return text(language, "report.units.times", value=0)
    longest = max(span.end_ms - span.start_ms for span in spans)
    total = _seconds(_span_ms(spans))
    return text(
        language, "report.units.times_total_longest", value=len(spans), total=total, longest=_seconds(longest)
    )


def _kinds(words: Sequence[str], language: str) -> str:
    count = text(language, "report.units.times", value=len(words))
    if not words:
        return count
    listed = text(language, "scoring.list_separator").join(sorted(set(words)))
    return text(language, "report.units.with_list", value=count, list=listed)


def _face(found: Sequence[FaceSignals], language: str) -> list[tuple[str, str]]:
    frames = sum(f.sampled_frames for f in found)
    if not frames:
        return []
    present = sum(f.face_present * f.sampled_frames for f in found) / frames
    rows = [("face_present", f"{present * 100:.0f}%")]
    for key, spans in (
        ("smiles", [s for f in found for s in f.smiles]),
        ("frowns", [s for f in found for s in f.frowns]),
        ("several_faces", [s for f in found for s in f.several_faces]),
    ):
        words = "times_total" if spans else "times"
        params = {"value": len(spans), "total": _seconds(_span_ms(spans))}
        rows.append((key, text(language, f"report.units.{words}", **params)))
    away = [span for f in found for span in f.looking_away or []]
    if any(f.looking_away is not None for f in found):
        words = "times_total" if away else "times"
        params = {"value": len(away), "total": _seconds(_span_ms(away))}
        rows.append(("looking_away", text(language, f"report.units.{words}", **params)))
    moved = [(f.movement, f.sampled_frames) for f in found if f.movement is not None]
    if moved:
        mean = sum(value * count for value, count in moved) / sum(count for _, count in moved)
        rows.append(("movement", text(language, "report.units.face_widths", value=f"{mean:.2f}")))
    return [*rows, *_expressions(found, language)]


def _expressions(found: Sequence[FaceSignals], language: str) -> list[tuple[str, str]]:
    """How often the pictures look like what, by the movement of the face: nothing here names a feeling."""
    shares: dict[str, float] = defaultdict(float)
    for signals in found:
        for expression in signals.expressions:
            shares[expression.label] += expression.share * signals.face_present * signals.sampled_frames
    whole = sum(shares.values())
    if not whole:
        return []
    listed = text(language, "scoring.list_separator").join(
        text(
            language,
            "report.units.share",
            label=text(language, f"report.expressions.{label}"),
            percent=percent,
        )
        for label, share in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        if (percent := round(100 * share / whole))
    )
    return [("expressions", listed)]


def _wording(found: Sequence[TextSignals], language: str) -> list[tuple[str, str]]:
    rows = []
    closeness = [t.relevance for t in found if t.relevance is not None]
    if closeness:
        rows.append(("relevance", f"{100 * sum(closeness) / len(closeness):.0f}%"))
    tones = [tone.positive for t in found for tone in t.tones]
    if tones:
        params = {"value": sum(tone >= 0.5 for tone in tones), "of": len(tones)}
        rows.append(("tone", text(language, "report.units.sentences_of", **params)))
    return rows


def behaviour_summary(answers: Sequence[AnswerSignals], language: str, audience: Audience) -> list[Fact]:
    """Facts pooled over the answers. How close the wording is to the question, and its tone, go to HR only."""
    rows: list[tuple[str, str]] = []
    if delivery := _documents(answers, "delivery"):
        rows += _delivery(delivery, language)
    rows += _face(_documents(answers, "face"), language)
    if audience == "hr":
        rows += _wording(_documents(answers, "text"), language)
    return [Fact(label=text(language, f"report.behaviour.{key}"), value=value) for key, value in rows]
