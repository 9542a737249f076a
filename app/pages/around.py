"""What a page puts around a report: playable recordings, the decision form, the way back."""

from __future__ import annotations

from flask import request

from app.audits.service import Actor
from app.core import catalogue
from app.http.callers import DECIDERS, caller
from app.pages import sessions
from app.pages.rendering import HOME, other_language_url, page_language, sample_notice, words
from app.recordings.service import issue_ticket
from app.reports.render import DecisionForm, FormOption, PageFrame, PageLink, ReportDocument
from app.reports.showing import playable_segments

COMPARERS = ("owner", "recruiter")
OUTCOMES = ("advance", "offer", "reject", "pool")


def tickets(viewer: Actor, report: ReportDocument) -> dict[str, list[tuple[str, int]]]:
    """Addresses of each answer's segments and where they begin (ms), good for minutes."""
    shown = [answer.take_id for answer in report.answers]
    takes = playable_segments([*shown, report.warm_up.take_id] if report.warm_up else shown)
    return {
        take_id: [(issue_ticket(viewer, segment.id).path, segment.starts_at_ms) for segment in segments]
        for take_id, segments in takes.items()
    }


def decision_form(report: ReportDocument) -> DecisionForm | None:
    """The decision form, for somebody who may decide an undecided interview."""
    if report.decision is not None or caller().role not in DECIDERS:
        return None
    tongue = page_language()
    options = [
        FormOption(value=outcome, label=catalogue.text(tongue, f"decisions.outcomes.{outcome}"))
        for outcome in OUTCOMES
    ]
    return DecisionForm(
        action=f"/hr/interviews/{report.header.interview_id}/decision",
        options=options,
        hidden={"csrf_token": sessions.csrf_token()},
    )


def page_frame(report: ReportDocument) -> PageFrame:
    """The site's own links and notices around a report."""
    here = f"/hr/interviews/{report.header.interview_id}"
    versions = report.newer_versions if caller().role in COMPARERS else []
    return PageFrame(
        pdf=f"{here}/report.pdf",
        versions=[
            PageLink(label=version.text, href=f"{here}/score-diff?version={version.number}")
            for version in versions
        ],
        links=[
            PageLink(label=f"← {words('back')}", href=HOME),
            *([PageLink(label=words("resume"), href=f"{here}/resume")] if caller().role in COMPARERS else []),
            PageLink(label=words("other_language"), href=other_language_url()),
        ],
        notice=sample_notice(),
        message=words("decided") if request.args.get("decided") else None,
    )
