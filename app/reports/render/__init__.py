"""The report as people see it: a document built from a score (``build_report``) and its HTML page (``render_report_html``).

Pure functions of documents: no database, no request, no clock. The PDF prints the same page.
"""

from app.reports.render.build import build_report
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

__all__ = [
    "DecisionForm",
    "FormOption",
    "PageFrame",
    "PageLink",
    "ReportDocument",
    "ReportHeader",
    "Section",
    "build_report",
    "render_report_html",
]
