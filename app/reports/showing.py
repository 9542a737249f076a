"""Reports as shown: to HR with the comparison and the receipt, to the candidate in plain words (R3, R5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.audits.service import Actor, record
from app.candidates.service import get_profile
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.database import current_tenant_id
from app.core.errors import Forbidden
from app.decisions.service import DecisionFacts, find_decision, find_told, promised_date
from app.interviews.finding import get_interview, recording_withdrawn
from app.interviews.models import Interview
from app.policies.service import get_policy
from app.reports import queries
from app.reports.render import CompanyFacts, ReportDocument, ReportHeader, build_report
from app.reports.render.html import local_time
from app.reports.service import NEWEST_COMPARED, get_scored, warm_up_of
from app.scoring.comparison import compare
from app.surveys.service import survey_summary
from app.surveys.showing import summary_facts
from tenants.tenancy import get_tenant

Form = Literal["page", "pdf"]


def report_for_hr(viewer: Actor, interview_id: str, language: str, *, form: Form = "page") -> ReportDocument:
    """The report of an interview; the view is audited (P3).

    Raises Conflict ``report_not_ready`` | ``decided_without_score``, NotFound ``interview_unknown``.
    """
    interview = get_interview(interview_id)
    scored = get_scored(interview)
    decision = find_decision(interview)
    summary = survey_summary(interview.position_id, language)
    report = build_report(
        scored.score,
        scored.rubric,
        scored.answers,
        audience="hr",
        language=language,
        warm_up=warm_up_of(interview),
        header=_header(interview, get_policy().time_zone, scored.row.created_at),
        decision=_decision_for_hr(decision, language, get_policy().time_zone),
        company=CompanyFacts(
            comparison=compare(queries.newest_points(scored.row, NEWEST_COMPARED)),
            receipt=scored.receipt,
            survey=summary_facts(summary, language),
            newer_versions=queries.newer_versions(interview),
            late_answers=queries.late_answers(interview),
            recording_withdrawn=recording_withdrawn(interview.id),
        ),
    )
    # Last, as everywhere: it holds up every other writer of the company until the commit.
    record(viewer, "report.viewed", "interview", interview.id, audience="hr", form=form)
    return report


def report_for_candidate(
    viewer: Actor, interview: Interview, language: str, *, form: Form = "page"
) -> ReportDocument:
    """A candidate's own report, audited. Forbidden ``report_not_shared`` where the policy keeps it inside."""
    policy, zone = get_policy(), queries.get_candidate(interview).time_zone
    if not policy.candidate_sees_report:
        usual = (interview.finished_at or utcnow()) + timedelta(hours=policy.answer_within_hours)
        answered_by = promised_date(interview) or usual
        raise Forbidden("report_not_shared", date=_local(answered_by, zone))
    scored = get_scored(interview)
    decision = find_told(interview)
    report = build_report(
        scored.score,
        scored.rubric,
        scored.answers,
        audience="candidate",
        language=language,
        warm_up=warm_up_of(interview),
        header=_header(interview, zone, scored.row.created_at),
        decision=_decision_for_candidate(decision, language, zone),
    )
    record(viewer, "report.viewed", "interview", interview.id, audience="candidate", form=form)
    return report


def _header(interview: Interview, zone: str, made_at: datetime) -> ReportHeader:
    """Who, for what and when; ``made_at`` is when the score was made, which is what the report says."""
    finished, candidate = interview.finished_at, queries.get_candidate(interview)
    return ReportHeader(
        company_name=get_tenant(current_tenant_id()).name,
        position_title=queries.get_position(interview).title,
        candidate_name=get_profile(candidate).name,
        interview_id=interview.id,
        position_version=queries.get_rubric_version(interview).number,
        finished_at=finished and finished.astimezone(ZoneInfo(zone)),
        generated_at=made_at.astimezone(ZoneInfo(zone)),
    )


def decision_section(interview_id: str, language: str) -> dict[str, Any] | None:
    """The decision about an interview as rows of words, for the company's people."""
    decision = find_decision(get_interview(interview_id))
    return _decision_for_hr(decision, language, get_policy().time_zone)


def _decision_for_hr(decision: DecisionFacts | None, language: str, zone: str) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "rows": [
            *_decision_rows(decision, language, zone),
            _row(language, "reason", decision.reason),
            _row(language, "next_steps", decision.next_steps),
        ]
    }


def _decision_for_candidate(
    decision: DecisionFacts | None, language: str, zone: str
) -> dict[str, Any] | None:
    """What was decided, by whom and what comes next; the reason stays inside the company."""
    if decision is None:
        return None
    return {
        "rows": [
            *_decision_rows(decision, language, zone),
            _row(language, "next_steps", decision.next_steps),
        ],
        "note": text(language, "decisions.note_candidate"),
    }


def _decision_rows(decision: DecisionFacts, language: str, zone: str) -> list[dict[str, str]]:
    return [
        _row(language, "outcome", text(language, f"decisions.outcomes.{decision.outcome}")),
        _row(language, "decided_by", decision.decided_by_name),
        _row(language, "decided_at", _local(decision.decided_at, zone)),
    ]


def _row(language: str, label: str, value: str) -> dict[str, str]:
    return {"label": text(language, f"decisions.labels.{label}"), "value": value}


def _local(moment: datetime, zone: str) -> str:
    return local_time(moment.astimezone(ZoneInfo(zone)))


def reader_of(viewer: Actor, report: ReportDocument) -> str:
    """The name that a printed report carries at the foot of every page."""
    return report.header.candidate_name if viewer.kind == "candidate" else queries.name_of_user(viewer.id)
