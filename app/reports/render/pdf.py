"""The report as a PDF: the page's own parts with a style for paper, laid out by WeasyPrint (docs/adr/0017)."""

from __future__ import annotations

import threading
from typing import Any

import structlog

from app.core.errors import Conflict, Unavailable
from app.reports.render.documents import ReportDocument
from app.reports.render.html import render_printed_html

log = structlog.get_logger("reports")
WAIT_SECONDS = 20
MAX_CHARACTERS = 60_000
"""Four hours of speech. Laying out takes about 0.3 s of one core for each thousand characters (docs/adr/0017)."""
_one_at_a_time = threading.Lock()
"""Laying out takes a second or two of one core: a process makes one PDF at a time and goes on serving meanwhile."""


def render_report_pdf(document: ReportDocument, *, reader: str) -> bytes:
    """The report as PDF; the same document and reader give the same bytes.

    Raises Unavailable ``pdf_unavailable`` where the system lacks Pango, ``pdf_busy`` when others are being made, Conflict
    ``pdf_too_long``.
    """
    length = sum(
        len(run.text) for answer in document.answers for line in answer.sentences for run in line.runs
    )
    if length > MAX_CHARACTERS:
        raise Conflict("pdf_too_long", length=length, most=MAX_CHARACTERS)
    weasyprint = _library()
    page = render_printed_html(document, reader=reader)
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("pdf_busy")
    try:
        made: bytes = weasyprint.HTML(string=page, url_fetcher=_fetch_nothing).write_pdf()
    finally:
        _one_at_a_time.release()
    return made


def report_file_name(document: ReportDocument) -> str:
    """What the file is called: nobody's name, the end of the interview's id."""
    return f"report-{document.header.interview_id[-8:]}-{document.language}.pdf"


def _library() -> Any:
    """WeasyPrint, loaded when first needed. It looks for Pango at import, which is an OSError where there is none."""
    try:
        import weasyprint
    except OSError as error:
        log.warning("pdf_unavailable", detail=str(error)[:200])
        raise Unavailable("pdf_unavailable") from error
    return weasyprint


def _fetch_nothing(*_address: Any, **_how: Any) -> Any:
    """The page is whole in itself; nothing a person typed may make the server fetch an address."""
    raise ValueError("a printed report loads nothing")
