"""Routes of reports. Views are audited, so even reading a report writes."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.core.catalogue import best_language
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.problems import language
from app.interviews.finding import get_interview, get_interview_of
from app.invitations.access import current_invitation
from app.reports import service, showing
from app.reports.render import ReportDocument
from app.reports.schemas import LanguageQuery
from app.scoring.receipt import Receipt
from tenants.tenancy import tenant_transaction

blueprint = APIBlueprint("reports", __name__, url_prefix="/api/v1", tag="Reports")


@blueprint.get("/interviews/<interview_id>/report")
@allow(*STAFF, transaction=False)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(ReportDocument)
def get_report(interview_id: str, query_data: LanguageQuery) -> ReportDocument:
    """The explained score of an interview, for the company's people. 409 ``report_not_ready`` before there is one."""
    with tenant_transaction(caller().tenant_id or ""):
        return showing.report_for_hr(actor(), interview_id, best_language(query_data.lang or language()))


@blueprint.get("/interviews/<interview_id>/receipt")
@allow(*STAFF)
@blueprint.output(Receipt)
def get_receipt(interview_id: str) -> Receipt:
    """Hashes of everything the score was made from, and of the score (R4)."""
    return service.get_receipt(get_interview(interview_id))


@blueprint.get("/candidate/report")
@allow("candidate", transaction=False)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(ReportDocument)
def get_own_report(query_data: LanguageQuery) -> ReportDocument:
    """The caller's own report: plain words, no comparison. 403 ``report_not_shared`` where the company keeps it."""
    with tenant_transaction(caller().tenant_id or ""):
        interview = get_interview_of(current_invitation(even_closed=True).id)
        return showing.report_for_candidate(actor(), interview, best_language(query_data.lang or language()))
