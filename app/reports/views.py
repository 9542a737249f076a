"""Routes of reports. Views are audited, so even reading a report writes."""

from __future__ import annotations

from apiflask import APIBlueprint
from apiflask.schemas import FileSchema
from flask import Response

from app.core.catalogue import best_language
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.files import pdf_response
from app.http.limits import limiter, person_key
from app.http.problems import language
from app.interviews.finding import get_interview, get_interview_of
from app.invitations.access import current_invitation
from app.reports import service, showing, versions
from app.reports.render import ReportDocument, VersionReport, render_report_pdf, report_file_name
from app.reports.schemas import LanguageQuery, VersionQuery
from app.scoring.receipt import Receipt
from tenants.tenancy import tenant_transaction

blueprint = APIBlueprint("reports", __name__, url_prefix="/api/v1", tag="Reports")
PDF = FileSchema(type="string", format="binary")


@blueprint.get("/interviews/<interview_id>/report")
@allow(*STAFF, on_record=True)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(ReportDocument)
def get_report(interview_id: str, query_data: LanguageQuery) -> ReportDocument:
    """The explained score of an interview, for the company's people. 409 ``report_not_ready`` before there is one."""
    return showing.report_for_hr(actor(), interview_id, _language(query_data))


@blueprint.get("/interviews/<interview_id>/report.pdf")
@allow(*STAFF, transaction=False)  # printing takes a moment
@limiter.limit("20/minute", key_func=person_key)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(PDF, content_type="application/pdf")
def get_printed_report(interview_id: str, query_data: LanguageQuery) -> Response:
    """The report as a PDF, its reader named on every page. 503 ``pdf_unavailable`` where the system cannot make one."""
    with tenant_transaction(caller().tenant_id or ""):
        report = showing.report_for_hr(actor(), interview_id, _language(query_data), form="pdf")
        reader = showing.reader_of(actor(), report)
    return pdf_response(render_report_pdf(report, reader=reader), report_file_name(report))


@blueprint.get("/interviews/<interview_id>/receipt")
@allow(*STAFF)
@blueprint.output(Receipt)
def get_receipt(interview_id: str) -> Receipt:
    """Hashes of everything the score was made from, and of the score (R4)."""
    return service.get_receipt(get_interview(interview_id))


@blueprint.get("/interviews/<interview_id>/score-diff")
@allow("owner", "recruiter", on_record=True)
@blueprint.input(VersionQuery, location="query")
@blueprint.output(VersionReport)
def get_score_diff(interview_id: str, query_data: VersionQuery) -> VersionReport:
    """What the stored answers would score by another version of the position, rule by rule. It changes nothing."""
    return versions.score_by_version(actor(), interview_id, query_data.version, _language(query_data))


@blueprint.get("/candidate/report")
@allow("candidate", on_record=True)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(ReportDocument)
def get_own_report(query_data: LanguageQuery) -> ReportDocument:
    """The caller's own report: plain words, no comparison. 403 ``report_not_shared`` where the company keeps it."""
    interview = get_interview_of(current_invitation(even_closed=True).id)
    return showing.report_for_candidate(actor(), interview, _language(query_data))


@blueprint.get("/candidate/report.pdf")
@allow("candidate", transaction=False)  # printing takes a moment
@limiter.limit("6/minute", key_func=person_key)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(PDF, content_type="application/pdf")
def get_own_printed_report(query_data: LanguageQuery) -> Response:
    """The caller's own report as a PDF; refused as the report itself is."""
    with tenant_transaction(caller().tenant_id or ""):
        interview = get_interview_of(current_invitation(even_closed=True).id)
        report = showing.report_for_candidate(actor(), interview, _language(query_data), form="pdf")
        reader = showing.reader_of(actor(), report)
    return pdf_response(render_report_pdf(report, reader=reader), report_file_name(report))


def _language(query: LanguageQuery) -> str:
    return best_language(query.lang or language())
