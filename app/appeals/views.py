"""Routes of appeals."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from app.appeals import service
from app.appeals.models import Appeal
from app.appeals.schemas import (
    AnswerIn,
    AppealForReviewOut,
    AppealIn,
    AppealOut,
    AppealsOut,
    AppealStatus,
    ListedAppealOut,
    OwnAppealOut,
)
from app.decisions.schemas import DecisionOut
from app.decisions.service import find_decision
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow, caller, viewer
from app.http.idempotency import idempotent
from app.http.pagination import PageQuery, fetch_page
from app.interviews.finding import find_interview, get_interview, get_interview_of
from app.invitations.access import current_invitation
from app.wording.access import words_pass

blueprint = APIBlueprint("appeals", __name__, url_prefix="/api/v1", tag="Appeals")


class AppealsQuery(PageQuery):
    """Which appeals."""

    status: AppealStatus | None = None


@blueprint.post("/candidate/appeal")
@allow("candidate", before=words_pass("reason"))
@idempotent
@blueprint.input(AppealIn)
@blueprint.output(AppealOut, status_code=201)
def make_appeal(json_data: AppealIn) -> AppealOut:
    """Ask that a person look at one's finished interview again; once. A named person answers by the date given."""
    interview = get_interview_of(current_invitation(even_closed=True).id)
    return _shown(service.appeal(actor(), interview, json_data.reason))


@blueprint.get("/candidate/appeal")
@allow("candidate")
@blueprint.output(OwnAppealOut)
def get_own_appeal() -> OwnAppealOut:
    """One's own appeal and what was answered; null before one asked."""
    interview = find_interview(current_invitation(even_closed=True).id)
    found = service.find_appeal(interview.id) if interview is not None else None
    return OwnAppealOut(appeal=None if found is None else _shown(found))


@blueprint.get("/appeals")
@allow(*STAFF)
@blueprint.input(AppealsQuery, location="query")
@blueprint.output(AppealsOut)
def list_appeals(query_data: AppealsQuery) -> AppealsOut:
    """The appeals I may see, newest first."""
    rows, cursor = fetch_page(service.appeals(viewer(), query_data.status), Appeal.id, query_data)
    waiting, overdue = service.counts(viewer())
    items = [
        ListedAppealOut(
            **_shown(row.facts).model_dump(),
            candidate_name=row.candidate_name,
            position_title=row.position_title,
        )
        for row in service.listed(rows)
    ]
    return AppealsOut(items=items, next_cursor=cursor, open=waiting, overdue=overdue)


@blueprint.get("/interviews/<interview_id>/appeal")
@allow(*STAFF)
@blueprint.output(AppealForReviewOut)
def get_appeal(interview_id: str) -> AppealForReviewOut:
    """The appeal of an interview with the decision it is about, and whether the caller may answer it."""
    interview = get_interview(interview_id)
    [row] = service.listed([service.appeal_of(interview_id)])
    decision, review = find_decision(interview), service.review_of(caller().subject, interview)
    return AppealForReviewOut(
        **_shown(row.facts).model_dump(),
        candidate_name=row.candidate_name,
        position_title=row.position_title,
        position_id=interview.position_id,
        may_answer=review.may,
        own_decision=review.own,
        others=list(review.others),
        decision=DecisionOut(**asdict(decision)) if decision else None,
    )


@blueprint.post("/interviews/<interview_id>/appeal/answer")
@allow(*DECIDERS)
@idempotent
@blueprint.input(AnswerIn)
@blueprint.output(AppealOut, status_code=201)
def answer_appeal(interview_id: str, json_data: AnswerIn) -> AppealOut:
    """Answer an appeal after a review in person, in the caller's own name; the candidate is told."""
    decision = json_data.decision.model_dump() if json_data.decision else None
    return _shown(
        service.answer(
            actor(), interview_id, outcome=json_data.outcome, words=json_data.answer, decision=decision
        )
    )


def _shown(facts: service.AppealFacts) -> AppealOut:
    known = {**asdict(facts), "reason": facts.reason or ""}
    return AppealOut.model_validate({name: known[name] for name in AppealOut.model_fields})
