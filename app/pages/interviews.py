"""HR's pages: the list of interviews, a report on a page and on paper, what another version would score, decisions."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, jsonify, make_response, request
from pydantic import ValidationError

from app.core.errors import Conflict, InvalidInput, NotFound
from app.decisions.schemas import DecisionIn
from app.decisions.service import decide
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow, caller, viewer
from app.http.files import pdf_response
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.interviews.models import Interview
from app.messages.service import resolve_message
from app.pages.around import COMPARERS, RECORDINGS, decision_form, page_frame, tickets
from app.pages.blueprint import blueprint, person, see
from app.pages.rendering import HOME, nonce, page_language, render_page, words, zone_name
from app.pages.unsure import RESOLVERS, unsure_messages
from app.policies.service import get_policy
from app.recordings.playback import open_playback
from app.reports.listing import STATUSES, count_erased, counts, interviews_in, listed, one
from app.reports.render import render_report_html, render_report_pdf, report_file_name
from app.reports.service import progress
from app.reports.showing import decision_section, reader_of, report_for_hr
from app.reports.versions import score_by_version
from tenants.tenancy import tenant_transaction


@blueprint.get("/hr/")
@allow(*STAFF)
def list_interviews() -> Response:
    """Interviews, newest first, perhaps of one status."""
    status = request.args.get("status", "")
    status = status if status in STATUSES else ""
    query = PageQuery(cursor=request.args.get("cursor"))
    rows, cursor = fetch_page(interviews_in(viewer(), status or None), Interview.id, query)
    following = urlencode({**({"status": status} if status else {}), "cursor": cursor or ""})
    return render_page(
        "interviews.html",
        person=person(),
        rows=listed(rows),
        counts=counts(viewer()),
        erased=count_erased(viewer()),
        chosen=status,
        zone=zone_name(get_policy().time_zone, page_language()),
        first_page=query.cursor is None,
        unsure=unsure_messages(viewer(), page_language()),
        may_resolve=caller().role in RESOLVERS,
        next_url=f"/hr/?{following}" if cursor else None,
    )


@blueprint.get("/hr/interviews/<interview_id>")
@allow(*STAFF, on_record=True)
def show_interview(interview_id: str) -> Response:
    """The report of an interview; looking at it, and being able to play its recordings, is audited (P3)."""
    try:
        report = report_for_hr(actor(), interview_id, page_language())
    except Conflict as error:
        if error.code == "decided_without_score":
            return _decided(interview_id)
        if error.code != "report_not_ready":
            raise
        return _pending(interview_id)
    return make_response(
        render_report_html(
            report,
            media_urls=tickets(actor(), report),
            decision_form=decision_form(report),
            frame=page_frame(report),
            nonce=nonce(),
        )
    )


@blueprint.get(f"{RECORDINGS}/<take_id>/parts")
@allow(*STAFF, on_record=True)
def renew_parts(take_id: str) -> Response:
    """New addresses for a recording; with an old one in the header ``Renews`` the same view goes on, noted as that."""
    playback = open_playback(actor(), take_id, renews=request.headers.get("Renews"))
    return jsonify([(part.ticket.path, part.starts_at_ms) for part in playback.parts])


@blueprint.get("/hr/interviews/<interview_id>/report.pdf")
@allow(*STAFF, transaction=False)  # printing takes a moment
@limiter.limit("20/minute", key_func=person_key)
def show_printed(interview_id: str) -> Response:
    """The report on paper, audited like the page."""
    with tenant_transaction(caller().tenant_id or ""):
        report = report_for_hr(actor(), interview_id, page_language(), form="pdf")
        reader = reader_of(actor(), report)
    return pdf_response(render_report_pdf(report, reader=reader), report_file_name(report))


@blueprint.get("/hr/interviews/<interview_id>/score-diff")
@allow(*COMPARERS, on_record=True)
def show_version(interview_id: str) -> Response:
    """What another version of the position's rubric would score; it changes nothing."""
    number = request.args.get("version", "")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise NotFound("version_unknown")
    compared = score_by_version(actor(), interview_id, int(number), page_language())
    return render_page("versions.html", person=person(), row=one(interview_id), compared=compared)


@blueprint.post("/hr/interviews/<interview_id>/decision")
@allow(*DECIDERS)
def decide_interview(interview_id: str) -> Response:
    """Decide in one's own name, then show the report with the decision."""
    try:
        given = DecisionIn.model_validate(
            {name: request.form.get(name, "") for name in ("outcome", "reason", "next_steps")}
        )
    except ValidationError as error:
        raise InvalidInput("form_incomplete") from error
    decide(actor(), interview_id, **given.model_dump())
    return see(f"/hr/interviews/{interview_id}?decided=1")


@blueprint.post("/hr/messages/<message_id>/resolve")
@allow(*RESOLVERS)
def resolve(message_id: str) -> Response:
    """Say what became of a message whose outcome nobody knew, then show what is left."""
    outcome = request.form.get("as", "")
    if outcome not in {"sent", "not_sent"}:
        raise InvalidInput("form_incomplete")
    resolve_message(actor(), message_id, was_sent=outcome == "sent")
    return see(HOME)


def _pending(interview_id: str) -> Response:
    row, pending = one(interview_id), progress(interview_id)
    if row.status == "in_progress":
        why = words("pending.in_progress", unsubmitted=pending.unsubmitted)
    elif pending.analysing:
        why = words("pending.finished", analysing=pending.analysing)
    else:
        why = words("pending.scoring")
    reloads = row.status != "in_progress"
    return render_page("pending.html", person=person(), row=row, why=why, reloads=reloads, decision=None)


def _decided(interview_id: str) -> Response:
    """Somebody decided before there was a score, so there will be none: say so, and what was decided."""
    row, pending = one(interview_id), progress(interview_id)
    key = "decided_analysing" if pending.analysing else "decided"
    why = words(f"pending.{key}", analysing=pending.analysing)
    decision = decision_section(interview_id, page_language())
    return render_page("pending.html", person=person(), row=row, why=why, reloads=False, decision=decision)
