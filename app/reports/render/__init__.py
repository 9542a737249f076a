"""The report as people see it: a document built from a score (``build_report``) and its HTML page (``render_report_html``).

Pure functions of documents: no database, no request, no clock.
"""

from app.reports.render.build import CompanyFacts, WarmUp, build_report
from app.reports.render.documents import (
    DecisionForm,
    FormOption,
    PageFrame,
    PageLink,
    ReportDocument,
    ReportHeader,
    Section,
)
from app.reports.render.html import render_report_html
from app.reports.render.pdf import render_report_pdf, report_file_name
from app.reports.render.versions import VersionReport, build_version_report

__all__ = [
    "CompanyFacts",
    "DecisionForm",
    "FormOption",
    "PageFrame",
    "PageLink",
    "ReportDocument",
    "ReportHeader",
    "Section",
    "VersionReport",
    "WarmUp",
    "build_report",
    "build_version_report",
    "render_report_html",
    "render_report_pdf",
    "report_file_name",
]
