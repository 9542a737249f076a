"""Routes of the board."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import Select

from app.board import service
from app.board.queries import longest_waiting
from app.board.schemas import (
    BoardInterviewOut,
    BoardInterviewPage,
    BoardPage,
    BoardPositionOut,
    DecisionSheetOut,
    DueCountsOut,
    InterviewFilter,
    MissingOut,
    SheetFilter,
)
from app.board.service import InterviewRow, Missing, PositionRow
from app.candidates.service import named_like, phone_index_of
from app.core.catalogue import has, text
from app.core.clock import utcnow
from app.core.database import db
from app.decisions.schemas import DecisionOut
from app.http.callers import DECIDERS, STAFF, allow, caller, viewer
from app.http.pagination import PageQuery, decode_moment, fetch_matching, fetch_page_by, moment_cursor
from app.http.problems import language
from app.interviews.models import Interview
from app.positions.models import Position
from app.shortlists.service import reason

blueprint = APIBlueprint("board", __name__, url_prefix="/api/v1", tag="Board")
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class InterviewsQuery(PageQuery, InterviewFilter):
    """Which interviews of the board."""


@blueprint.get("/board")
@allow(*STAFF)
@blueprint.input(PageQuery, location="query")
@blueprint.output(BoardPage)
def get_board(query_data: PageQuery) -> BoardPage:
    """How every position stands that the caller may see; the one where somebody waits longest first."""
    who = viewer()
    found, cursor = _positions_page(service.positions(who), query_data)
    items = [_position(row) for row in service.standing(who, found)]
    return BoardPage(items=items, next_cursor=cursor, as_of=utcnow())


@blueprint.get("/board/interviews")
@allow(*STAFF)
@blueprint.input(InterviewsQuery, location="query")
@blueprint.output(BoardInterviewPage)
def list_board_interviews(query_data: InterviewsQuery) -> BoardInterviewPage:
    """Interviews that the caller may see: by default those that wait for a decision, longest first.

    A name is searched among some hundreds at a time: a page may then hold few and still have a next one.
    """
    wanted = query_data
    phone = phone_index_of(wanted.q) if wanted.q else None
    statement = service.interviews(
        viewer(),
        state=wanted.state,
        position_id=wanted.position_id,
        min_total=None if wanted.min_score is None else round(wanted.min_score * 100),
        shortlisted=wanted.shortlisted,
        waiting_since=wanted.waiting_since,
        overdue=wanted.overdue,
        phone_index=phone,
    )
    waiting = wanted.state == "waiting" or wanted.overdue or wanted.waiting_since is not None
    if wanted.q and phone is None:
        found, cursor = _searched(statement, wanted, wanted.q, waiting=waiting)
    else:
        found, cursor = _page(statement, wanted, waiting=waiting)
    items = [_interview(row) for row in service.listed(found)]
    return BoardInterviewPage(items=items, next_cursor=cursor, as_of=utcnow())


@blueprint.get("/board/due-counts")
@allow(*STAFF)
@blueprint.output(DueCountsOut)
def count_due() -> DueCountsOut:
    """How many of the interviews that the caller may see wait for a result, by when it was promised."""
    return DueCountsOut.model_validate(asdict(service.due_counts(viewer())))


@blueprint.get("/interviews/<interview_id>/decision-sheet")
@allow(*STAFF)
@blueprint.input(SheetFilter, location="query")
@blueprint.output(DecisionSheetOut)
def get_decision_sheet(interview_id: str, query_data: SheetFilter) -> DecisionSheetOut:
    """What a decision about an interview needs on a phone: how it stands, what is missing and why, who comes next."""
    sheet = service.decision_sheet(viewer(), interview_id, query_data.position_id)
    return DecisionSheetOut(
        interview=_interview(sheet.row),
        may_decide=caller().role in DECIDERS,
        decision=DecisionOut(**asdict(sheet.decision)) if sheet.decision else None,
        analysing=sheet.analysing,
        missing=[_missing(one) for one in sheet.missing],
        consent_withdrawn=sheet.consent_withdrawn,
        erased=sheet.erased,
        next_interview_id=sheet.next_interview_id,
        next_candidate_name=sheet.next_candidate_name,
        others_waiting=sheet.others_waiting,
    )


def _positions_page(
    statement: Select[tuple[Position]], query: PageQuery
) -> tuple[list[Position], str | None]:
    """Positions by who waits longest; those where nobody waits come last, newest first."""
    since = longest_waiting()
    if query.cursor is not None:
        last, last_id = decode_moment(query.cursor)
        if last == _NEVER:
            statement = statement.where(since.is_(None), Position.id < last_id)
        else:
            beside = (since == last) & (Position.id < last_id)
            statement = statement.where(since.is_(None) | (since > last) | beside)
    ordered = statement.add_columns(since).order_by(since.is_(None), since, Position.id.desc())
    rows = [(row[0], row[1] or _NEVER) for row in db.session.execute(ordered.limit(query.limit + 1))]
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return [position for position, _ in page], moment_cursor(page[-1][1], page[-1][0].id) if more else None


def _page(
    statement: Select[tuple[Interview]], query: PageQuery, *, waiting: bool
) -> tuple[list[Interview], str | None]:
    moment = Interview.finished_at if waiting else Interview.started_at
    return fetch_page_by(statement, moment, Interview.id, query, oldest_first=waiting)


def _searched(
    statement: Select[tuple[Interview]], query: PageQuery, words: str, *, waiting: bool
) -> tuple[list[Interview], str | None]:
    """Those whose candidate's name contains the words."""

    def after(row: Interview) -> str:
        moment = row.finished_at if waiting else row.started_at
        assert moment is not None
        return moment_cursor(moment, row.id)

    return fetch_matching(
        lambda page: _page(statement, page, waiting=waiting),
        lambda rows: named_like(words, rows),
        after,
        query,
    )


def _position(row: PositionRow) -> BoardPositionOut:
    counted = {name: getattr(row, name) for name in BoardPositionOut.model_fields if hasattr(row, name)}
    position = row.position
    return BoardPositionOut.model_validate(
        {**counted, "id": position.id, "title": position.title, "status": position.status}
    )


def _interview(row: InterviewRow) -> BoardInterviewOut:
    interview = row.interview
    known: dict[str, Any] = {
        name: getattr(interview, name)
        for name in ("invitation_id", "candidate_id", "position_id", "status", "started_at", "finished_at")
    }
    return BoardInterviewOut(
        **known,
        interview_id=interview.id,
        candidate_name=row.candidate_name,
        position_title=row.position_title,
        scored=row.scored,
        total=None if row.total is None else f"{row.total / 100:.2f}",
        abstained=row.scored and row.total is None,
        waits_since=row.waits_since,
        due_at=interview.result_due_at,
        overdue=row.overdue,
        told_at=interview.status_told_at,
        expected_at=interview.result_expected_at,
        outcome=row.outcome,
        decided_by_name=row.decided_by_name,
        flags=list(row.flags),  # type: ignore[arg-type]
        shortlisted=None
        if row.shortlisted_by is None
        else reason(language(), row.shortlisted_by, row.total or 0),
    )


def _missing(one: Missing) -> MissingOut:
    base = f"analysis.reasons.{one.reason}"
    tongue = language()
    known = has(f"{base}.title")
    return MissingOut(
        question_id=one.question_id,
        question_number=one.question_number,
        modality=one.modality,
        modality_name=text(tongue, f"analysis.modalities.{one.modality}") if one.modality else None,
        reason=one.reason,
        title=text(tongue, f"{base}.title") if known else one.reason,
        detail=text(tongue, f"{base}.hr") if known else "",
    )
