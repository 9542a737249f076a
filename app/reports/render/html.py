"""The report's HTML page, for browser and phone, and the same parts for paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.core.catalogue import text
from app.reports.render.documents import DecisionForm, PageFrame, ReportDocument
from app.reports.render.radar import radar_svg

Media = str | Sequence[tuple[str, int]]
SHOWN_EVIDENCE = 6


def clock_time(milliseconds: int | None) -> str:
    """``65000`` as ``01:05``; nothing as an empty string."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes:02d}:{seconds:02d}"


def local_time(moment: datetime | None) -> str:
    """An aware time to the minute with its offset."""
    if moment is None:
        return ""
    offset = moment.strftime("%z")
    zone = "UTC" if offset in ("", "+0000") else f"UTC{offset[:3]}:{offset[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M} ({zone})"


def _parts(given: Media) -> list[tuple[str, int]]:
    return [(given, 0)] if isinstance(given, str) else [(address, start) for address, start in given]


@cache
def _environment() -> Environment:
    """Everything is escaped; an undefined name is an error, not an empty string."""
    environment = Environment(
        loader=PackageLoader("app.reports.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clock=clock_time, local_time=local_time, json=json.dumps)
    return environment


def render_report_html(
    document: ReportDocument,
    *,
    media_urls: Mapping[str, Media] | None = None,
    decision_form: DecisionForm | None = None,
    frame: PageFrame | None = None,
    nonce: str = "",
) -> str:
    """The whole page as text.

    ``media_urls`` maps take ids to an address a ``<video>`` can read by ranges, or to those of the take's segments with
    where each begins on its timeline (ms); a take without one says so.
    ``decision_form`` adds the form of the person who decides, ``frame`` what the site puts above the report. ``nonce``
    goes to the one inline style and the one inline script, so a page can be served with
    ``style-src 'nonce-…'; script-src 'nonce-…'``.
    """

    return _render(
        "report.html",
        document,
        media={take: _parts(given) for take, given in (media_urls or {}).items()},
        form=decision_form,
        frame=frame or PageFrame(),
        nonce=nonce,
    )


def render_printed_html(document: ReportDocument, *, reader: str) -> str:
    """The same report for paper: no players, no forms; ``reader`` stands at the foot of every page."""
    return _render("print.html", document, media={}, form=None, frame=PageFrame(), reader=reader)


def _render(template: str, document: ReportDocument, **values: Any) -> str:
    def words(key: str, **params: Any) -> str:
        return text(document.language, f"report.{key}", **params)

    return (
        _environment()
        .get_template(template)
        .render(
            report=document,
            numbers={answer.answer_id: answer.number for answer in document.answers},
            radar=radar_svg(document.radar, document.language),
            shown_evidence=SHOWN_EVIDENCE,
            t=words,
            **values,
        )
    )
