"""What a page puts around a report: playable recordings, the decision form, the way back."""

from __future__ import annotations

from contextlib import suppress

from flask import request

from app.audits.service import Actor
from app.candidates import service as candidates
from app.candidates.models import Candidate
from app.core import catalogue
from app.core.errors import Conflict
from app.http.actors import actor
from app.http.callers import DECIDERS, caller
from app.interviews.finding import get_interview
from app.pages import sessions
from app.pages.rendering import HOME, local, other_language_url, page_language, sample_notice, words
from app.recordings.playback import open_playback, watermark_for
from app.reports.render import DecisionForm, FormOption, PageFrame, PageLink, ReportDocument
from app.reports.render.documents import Fact, Section
from app.resumes.service import has_resume
from app.reviews.service import read_reviews
from app.shares.service import read_opinions

RECORDINGS = "/hr/recordings"
COMPARERS = ("owner", "recruiter")
OUTCOMES = ("advance", "offer", "pool", "reject")


def tickets(viewer: Actor, report: ReportDocument) -> dict[str, list[tuple[str, int]]]:
    """Addresses of each answer's recording and where its parts begin (ms), good for minutes."""
    found: dict[str, list[tuple[str, int]]] = {}
    shown = [answer.take_id for answer in report.answers if answer.medium != "text"]
    for take_id in [*shown, report.warm_up.take_id] if report.warm_up else shown:
        with suppress(Conflict):  # written, or nothing was uploaded: the page says so
            playback = open_playback(viewer, take_id)
            found[take_id] = [(part.ticket.path, part.starts_at_ms) for part in playback.parts]
    return found


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
        recordings=RECORDINGS,
        versions=[
            PageLink(label=version.text, href=f"{here}/score-diff?version={version.number}")
            for version in versions
        ],
        links=[
            PageLink(label=f"← {words('back')}", href=HOME),
            *_resume_link(report, here),
            PageLink(label=words("other_language"), href=other_language_url()),
        ],
        notice=sample_notice(),
        message=words("decided") if request.args.get("decided") else _changed(report),
        watermark=watermark_for(actor()),
        judged=_judged(report.header.interview_id),
    )


def _judged(interview_id: str) -> Section | None:
    """Reviews and the opinions of people asked to look, as far as the caller may see them; written on the phone."""
    tongue, who = page_language(), caller().subject
    reviews = read_reviews(who, interview_id)
    opinions, hidden = read_opinions(who, interview_id)
    rows = [
        _judgement(one.reviewer_name, "recommendations", one.newest.recommendation, one.newest.summary)
        for one in [*([reviews.own] if reviews.own else []), *reviews.others]
    ]
    rows += [_judgement(one.name, "opinions", one.recommendation, one.words) for one in opinions]
    hidden += reviews.hidden
    if not rows and not hidden:
        return None
    note = catalogue.text(tongue, "reviews.hidden", number=str(hidden)) if hidden else None
    return Section(rows=rows, note=note)


def _judgement(name: str, kind: str, recommendation: str, summary: str) -> Fact:
    told = catalogue.text(page_language(), f"reviews.{kind}.{recommendation}")
    return Fact(label=name, value=" · ".join(part for part in (told, summary) if part))


def _resume_link(report: ReportDocument, here: str) -> list[PageLink]:
    if caller().role not in COMPARERS:
        return []
    given = has_resume(_candidate(report).id)
    return [PageLink(label=words("resume_given" if given else "resume"), href=f"{here}/resume")]


def _changed(report: ReportDocument) -> str | None:
    """That the candidate changed their own profile, and who they were invited as (C10)."""
    candidate = _candidate(report)
    if candidate.changed_at is None or caller().role not in COMPARERS:
        return None
    at, name = local(candidate.changed_at), candidates.get_profile(candidate).given_name
    return words("profile_renamed", at=at, name=name) if name else words("profile_changed", at=at)


def _candidate(report: ReportDocument) -> Candidate:
    return candidates.get_candidate(get_interview(report.header.interview_id).candidate_id)
