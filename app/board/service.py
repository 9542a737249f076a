"""The board: how every position stands, who waits for a decision, longest first, and all a decision needs to be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_

from app.board import queries
from app.candidates.models import not_erased
from app.candidates.service import profiles_by_id
from app.core.clock import utcnow
from app.decisions.service import DecisionFacts, find_decision
from app.interviews.finding import get_interview, recording_withdrawn
from app.interviews.models import Interview
from app.interviews.service import rubric_of
from app.positions.models import Position
from app.positions.service import titles_of
from app.positions.visibility import Viewer, visible_positions, visible_rows
from app.shortlists.service import RuleFacts, reason, shortlisted

WAITING = queries.WAITING
SOON = timedelta(days=1)
STATES: Mapping[str, Sequence[str]] = {
    "waiting": WAITING,
    "in_progress": ("in_progress",),
    "decided": ("decided",),
    "all": (),
}


@dataclass(frozen=True)
class DueCounts:
    """Candidates who wait for a result: overdue, due within a day, or later."""

    overdue: int
    soon: int
    later: int


@dataclass
class PositionRow:
    """How a position stands. ``done`` are finished interviews, ``high`` of them those of 8.00 points or more."""

    position: Position
    invited: int = 0
    in_progress: int = 0
    analysing: int = 0
    waiting: int = 0
    decided: int = 0
    done: int = 0
    high: int = 0
    shortlisted: int = 0
    abstained: int = 0
    overdue: int = 0
    missed: int = 0
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class Counted:
    """Interviews of one position in one status: how many, and how many of them stand out in which way."""

    status: str
    number: int
    high: int
    shortlisted: int
    abstained: int
    overdue: int
    since: datetime | None


@dataclass(frozen=True)
class InterviewRow:
    """One interview on the board. ``total`` in hundredths of a point; None before a score and where there is none."""

    interview: Interview
    candidate_name: str | None
    position_title: str
    scored: bool
    total: int | None
    waits_since: datetime | None
    overdue: bool
    outcome: str | None
    decided_by_name: str | None
    flags: Sequence[str]
    shortlisted_by: RuleFacts | None


@dataclass(frozen=True)
class Missing:
    """What of an answer could not be looked at, and why; ``modality`` is None when it concerns the whole answer."""

    question_id: str
    question_number: int | None
    modality: str | None
    reason: str


@dataclass(frozen=True)
class DecisionSheet:
    """All somebody needs who decides about an interview on a phone."""

    row: InterviewRow
    decision: DecisionFacts | None
    analysing: int
    missing: Sequence[Missing]
    consent_withdrawn: bool
    erased: bool
    next_interview_id: str | None
    next_candidate_name: str | None
    others_waiting: int


def positions(viewer: Viewer) -> Select[tuple[Position]]:
    """Positions that somebody may see, with whom they interview or may."""
    return queries.positions(visible_positions(viewer, Position.id))


def standing(viewer: Viewer, found: Sequence[Position]) -> list[PositionRow]:
    """How these positions stand, in two queries."""
    rows = {position.id: PositionRow(position) for position in found}
    for position_id, status, number, high, marked, abstained, overdue, since in queries.counts(
        list(rows), _seen(viewer), utcnow()
    ):
        _add(rows[position_id], Counted(status, number, high, marked, abstained, overdue, since))
    for position_id, status, number in queries.invited(list(rows)):
        if status in ("sent", "bound", "started"):
            rows[position_id].invited += number
        elif status != "finished":
            rows[position_id].missed += number
    return list(rows.values())


def interviews(
    viewer: Viewer,
    *,
    state: str,
    position_id: str | None = None,
    min_total: int | None = None,
    shortlisted: bool = False,
    waiting_since: datetime | None = None,
    overdue: bool = False,
    phone_index: str | None = None,
) -> Select[tuple[Interview]]:
    """Interviews that somebody may see, narrowed; ``phone_index`` as app.candidates makes it."""
    return queries.interviews(
        _seen(viewer),
        position_id=position_id,
        statuses=WAITING if overdue or waiting_since is not None else STATES[state],
        min_total=min_total,
        shortlisted=shortlisted,
        waiting_since=waiting_since,
        overdue_at=utcnow() if overdue else None,
        phone_index=phone_index,
    )


def due_counts(viewer: Viewer) -> DueCounts:
    """How many results are due, of the interviews that somebody may see."""
    now = utcnow()
    return DueCounts(*queries.due_counts(_seen(viewer), now, now + SOON))


def listed(found: Sequence[Interview]) -> list[InterviewRow]:
    """Rows for a list, in a bounded number of queries."""
    ids = [interview.id for interview in found]
    profiles = profiles_by_id(interview.candidate_id for interview in found)
    titles = titles_of(interview.position_id for interview in found)
    totals, decisions = queries.totals(ids), queries.decisions(ids)
    flags: dict[str, list[str]] = defaultdict(list)
    for interview_id, kind in queries.open_alerts(ids):
        if kind == "potential":
            flags[interview_id or ""].append("high_potential")
    for interview_id in queries.appealed(ids):
        flags[interview_id].append("appeal")
    marked = shortlisted(found, totals)
    for interview_id in marked:
        flags[interview_id].append("shortlisted")
    writing = queries.writing([interview.invitation_id for interview in found])
    now = utcnow()
    return [
        InterviewRow(
            interview=interview,
            candidate_name=profiles[interview.candidate_id].name
            if interview.candidate_id in profiles
            else None,
            position_title=titles[interview.position_id],
            scored=interview.id in totals,
            total=totals.get(interview.id),
            waits_since=interview.finished_at if interview.status in WAITING else None,
            overdue=_is_overdue(interview, now),
            outcome=decisions[interview.id][0] if interview.id in decisions else None,
            decided_by_name=decisions[interview.id][1] if interview.id in decisions else None,
            flags=[*flags[interview.id], *(["thread"] if interview.invitation_id in writing else [])],
            shortlisted_by=marked.get(interview.id),
        )
        for interview in found
    ]


def why_shortlisted(interview_ids: Sequence[str], language: str) -> dict[str, str]:
    """Why the rule of its position marks an interview, in words, for those that it marks."""
    totals = queries.totals(interview_ids)
    return {
        interview_id: reason(language, rule, totals[interview_id] or 0)
        for interview_id, rule in shortlisted(queries.by_ids(interview_ids), totals).items()
    }


def decision_sheet(viewer: Viewer, interview_id: str, position_id: str | None) -> DecisionSheet:
    """All about one decision; who is next is looked for in one position when it is given.

    Raises NotFound ``interview_unknown``.
    """
    interview = get_interview(interview_id)
    row = listed([interview])[0]
    following, others = queries.next_waiting(_seen(viewer), interview, position_id)
    names = profiles_by_id([following.candidate_id] if following else [])
    analysing, missing = _missing(interview)
    erased = row.candidate_name is None
    return DecisionSheet(
        row=row,
        decision=None if erased else find_decision(interview),
        analysing=analysing,
        missing=missing,
        consent_withdrawn=recording_withdrawn(interview.id),
        erased=erased,
        next_interview_id=following.id if following else None,
        next_candidate_name=names[following.candidate_id].name
        if following and following.candidate_id in names
        else None,
        others_waiting=others,
    )


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    """The interviews somebody may see; those of erased candidates are no work any more and no number counts them."""
    visible = visible_rows(viewer, Interview.position_id, Interview.invitation_id)
    return and_(visible, not_erased(Interview.candidate_id))


def _add(row: PositionRow, counted: Counted) -> None:
    if counted.status == "in_progress":
        row.in_progress += counted.number
        return
    row.done += counted.number
    row.high += int(counted.high)
    row.shortlisted += int(counted.shortlisted)
    row.abstained += int(counted.abstained)
    row.overdue += int(counted.overdue)
    if counted.status == "decided":
        row.decided += counted.number
        return
    row.waiting += counted.number
    if counted.status == "finished":
        row.analysing += counted.number
    if counted.since is not None and (row.waiting_since is None or counted.since < row.waiting_since):
        row.waiting_since = counted.since


def _is_overdue(interview: Interview, now: datetime) -> bool:
    due_at = interview.result_due_at
    return interview.status in WAITING and due_at is not None and due_at < now


def _missing(interview: Interview) -> tuple[int, list[Missing]]:
    """How many answers are still looked at, and what of the others could not be."""
    pairs = queries.takes_that_count(interview.id)
    numbers = {question.id: at for at, question in enumerate(rubric_of(interview).asked, start=1)}
    analysing = sum(take is not None and take.status in ("recording", "submitted") for _, take in pairs)
    unusable = [
        Missing(answer.question_id, numbers.get(answer.question_id), None, take.reason or "not_a_recording")
        for answer, take in pairs
        if take is not None and take.status == "unusable"
    ]
    questions = {
        take.id: answer.question_id
        for answer, take in pairs
        if take is not None and take.status != "unusable"  # said above, as a whole
    }
    modalities = [
        Missing(questions[take_id], numbers.get(questions[take_id]), modality, reason or "")
        for take_id, modality, reason in queries.not_measured(list(questions))
    ]
    return analysing, [*unusable, *modalities]
