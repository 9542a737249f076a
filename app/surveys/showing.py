"""The survey's summary as rows of words, for a report or a page."""

from __future__ import annotations

from app.core.catalogue import text
from app.surveys.questions import GROUP
from app.surveys.schemas import QuestionSummary, SummaryOut


def summary_facts(summary: SummaryOut, language: str) -> dict[str, object]:
    """``{"rows": [{"label", "value"}], "note"}`` for app.reports.render; free words are left to the API."""
    if summary.withheld:
        return {"rows": [], "note": summary.reason}
    rows = [
        {"label": question.text, "value": _value(question, language)}
        for question in summary.questions
        if question.kind != "text"
    ]
    note = text(
        language, "surveys.counted", least=GROUP, counted=summary.counted, responses=summary.responses
    )
    return {"rows": rows, "note": note}


def _value(question: QuestionSummary, language: str) -> str:
    if question.withheld or question.counts is None:
        return text(language, "surveys.too_few")
    if question.mean is not None:
        most = question.counts[-1].value
        return text(language, "surveys.mean", mean=question.mean, most=most, answered=question.answered)
    chosen = [count for count in question.counts if count.count]
    return text(language, "surveys.separator").join(
        text(language, "surveys.count", text=count.text, count=count.count) for count in chosen
    )
