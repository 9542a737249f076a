"""Reports as shown: to HR with the comparison and the receipt, to the candidate in plain words (R3, R5)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.audits.service import Actor, record
from app.candidates.service import get_profile
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.database import current_tenant_id
from app.core.encryption import unseal_json
from app.core.errors import Forbidden
from app.decisions.service import DecisionFacts, find_decision
from app.interviews.finding import get_interview
from app.interviews.models import Interview
from app.policies.service import get_policy
from app.recordings.models import Segment
from app.recordings.service import COMPLETE, segments_of
from app.reports import queries
from app.reports.models import ScoreRow
from app.reports.render import ReportDocument, ReportHeader, build_report
from app.reports.service import get_scored, score_context
from app.scoring.canonical import sha256_of
from app.scoring.documents import Score
from app.surveys.service import survey_summary
from app.surveys.showing import summary_facts
from tenants.keys import candidate_keys
from tenants.tenancy import get_tenant

LEAST_FOR_AVERAGE = 3
"""With fewer scored interviews an average of the position would be about one other person."""
NEWEST_FOR_AVERAGE = 200
"""Averages look at this many newest interviews of the position: the bar as it is now, at a bounded cost."""


def report_for_hr(viewer: Actor, interview_id: str, language: str) -> ReportDocument:
    """The report of an interview; the view is audited (P3). Conflict ``report_not_ready``, NotFound."""
    interview = get_interview(interview_id)
    scored = get_scored(interview)
    averages, total_average = _averages(scored.row, interview.position_id)
    record(viewer, "report.viewed", "interview", interview.id, audience="hr")
    decision = find_decision(interview)
    summary = survey_summary(interview.position_id, language)
    return build_report(
        scored.score,
        scored.rubric,
        scored.answers,
        audience="hr",
        language=language,
        header=_header(interview, get_policy().time_zone),
        averages=averages,
        total_average=total_average,
        decision=_decision_for_hr(decision, language, get_policy().time_zone),
        survey=summary_facts(summary, language),
        receipt_sha256=sha256_of(scored.receipt),
    )


def report_for_candidate(viewer: Actor, interview: Interview, language: str) -> ReportDocument:
    """A candidate's own report, audited. Forbidden ``report_not_shared`` where the policy keeps it inside."""
    policy, zone = get_policy(), queries.get_candidate(interview).time_zone
    if not policy.candidate_sees_report:
        answered_by = (interview.finished_at or utcnow()) + timedelta(hours=policy.answer_within_hours)
        raise Forbidden("report_not_shared", date=_local(answered_by, zone))
    scored = get_scored(interview)
    record(viewer, "report.viewed", "interview", interview.id, audience="candidate")
    decision = find_decision(interview)
    return build_report(
        scored.score,
        scored.rubric,
        scored.answers,
        audience="candidate",
        language=language,
        header=_header(interview, zone),
        decision=_decision_for_candidate(decision, language, zone),
    )


def playable_segments(take_ids: list[str]) -> dict[str, list[Segment]]:
    """The complete segments of takes, in order, by take; only those that have any."""
    found = {
        take_id: [segment for segment in segments if segment.status == COMPLETE]
        for take_id, segments in segments_of(take_ids).items()
    }
    return {take_id: segments for take_id, segments in found.items() if segments}


def _header(interview: Interview, zone: str) -> ReportHeader:
    finished, candidate = interview.finished_at, queries.get_candidate(interview)
    return ReportHeader(
        company_name=get_tenant(current_tenant_id()).name,
        position_title=queries.get_position(interview).title,
        candidate_name=get_profile(candidate).name,
        interview_id=interview.id,
        finished_at=finished and finished.astimezone(ZoneInfo(zone)),
        generated_at=utcnow().astimezone(ZoneInfo(zone)),
    )


def _averages(row: ScoreRow, position_id: str) -> tuple[dict[str, int], int | None]:
    """Averages in hundredths over the position's interviews: by competency, and of the total."""
    rows = queries.scores_of_position(position_id, row.algorithm, NEWEST_FOR_AVERAGE)
    keys = candidate_keys(current_tenant_id(), [candidate_id for _, candidate_id in rows])
    points: dict[str, list[int]] = defaultdict(list)
    for stored, candidate_id in rows:
        if candidate_id in keys:
            document = unseal_json(keys[candidate_id], stored.document, score_context(stored.id))
            for competency in Score.model_validate(document).competencies:
                if competency.points_hundredths is not None:
                    points[competency.competency].append(competency.points_hundredths)
    totals = [stored.total for stored, _ in rows if stored.total is not None]
    averages = {key: _mean(values) for key, values in points.items() if len(values) >= LEAST_FOR_AVERAGE}
    return averages, _mean(totals) if len(totals) >= LEAST_FOR_AVERAGE else None


def _mean(values: list[int]) -> int:
    return (2 * sum(values) + len(values)) // (2 * len(values))


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
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
