"""Routes of interviews: the candidate's own, and HR's view of all."""

from __future__ import annotations

import re
from typing import Literal

from apiflask import APIBlueprint
from flask import Response, request

from app.core.database import db
from app.core.faults import fault_point
from app.http.callers import STAFF, allow, caller, viewer
from app.http.idempotency import idempotent
from app.http.pagination import PageQuery, fetch_page
from app.http.problems import language, problem
from app.interviews import queries, service, showing
from app.interviews.errors import Incomplete
from app.interviews.models import Answer, Consent, Interview, Take
from app.interviews.schemas import (
    CandidateInterviewOut,
    ConsentIn,
    ConsentOut,
    ConsentsOut,
    InterviewDetailOut,
    InterviewPage,
    SubmissionIn,
    TakeIn,
    TakeOut,
)
from app.invitations.access import current_invitation
from app.positions.visibility import visible_rows
from app.recordings.uploads import settle_take
from tenants.tenancy import tenant_transaction

_DEVICE = re.compile(r"[A-Za-z0-9_-]{8,40}")
blueprint = APIBlueprint("interviews", __name__, url_prefix="/api/v1", tag="Interviews")


class InterviewQuery(PageQuery):
    """Which interviews to list."""

    position_id: str | None = None
    status: Literal["in_progress", "finished", "scored", "decided"] | None = None


@blueprint.errorhandler(Incomplete)
def _incomplete(error: Incomplete) -> Response:
    return problem(error.code, error.status, params=error.params, missing=error.missing)


@blueprint.post("/candidate/consents")
@allow("candidate")
@idempotent
@blueprint.input(ConsentIn)
@blueprint.output(ConsentOut, status_code=201)
def record_consent(json_data: ConsentIn) -> ConsentOut:
    """Say yes or no to one modality; the latest statement counts. Withdrawing is possible at any time."""
    invitation = current_invitation(even_closed=not json_data.granted)
    consent = service.record_consent(
        invitation,
        modality=json_data.modality,
        granted=json_data.granted,
        text_version=json_data.text_version,
        language=language(),
    )
    return _consent(consent)


@blueprint.get("/candidate/consents")
@allow("candidate")
@blueprint.output(ConsentsOut)
def show_consents() -> ConsentsOut:
    """What I agreed to, now and before."""
    invitation_id = current_invitation(even_closed=True).id
    return ConsentsOut(
        granted=queries.latest_consents(invitation_id),
        history=[_consent(consent) for consent in queries.consents_of(invitation_id)],
    )


@blueprint.post("/candidate/interview")
@allow("candidate")
@idempotent
@blueprint.output(CandidateInterviewOut)
def start_interview() -> CandidateInterviewOut:
    """Start my interview; repeating it gives the same one."""
    invitation = current_invitation(lock=True)
    return showing.shown_to_candidate(service.start_interview(invitation), invitation, language(), device())


@blueprint.get("/candidate/interview")
@allow("candidate")
@blueprint.output(CandidateInterviewOut)
def show_own_interview() -> CandidateInterviewOut:
    """My questions, their limits and how far each answer is."""
    invitation = current_invitation(even_closed=True)
    return showing.shown_to_candidate(
        service.get_own_interview(invitation.id), invitation, language(), device()
    )


@blueprint.post("/candidate/answers/<question_id>/takes")
@allow("candidate")
@idempotent
@blueprint.input(TakeIn)
@blueprint.output(TakeOut, status_code=201)
def create_take(question_id: str, json_data: TakeIn) -> TakeOut:
    """Begin an attempt at an answer. Its segments are then uploaded by tus; a written one brings its words.

    The header ``Device-Id`` (8 to 40 letters, digits, - or _) names the phone or browser: what another device began and
    never handed in costs no attempt here.
    """
    _, take = service.create_take(
        current_invitation(late=True, lock=True),
        question_id,
        medium=json_data.medium,
        text=json_data.text,
        begun_at=json_data.begun_at,
        device=device(),
        instead=json_data.instead,
    )
    return showing.shown_take(take, question_id, device())


@blueprint.post("/candidate/takes/<take_id>/submit")
@allow("candidate", transaction=False)
@blueprint.input(SubmissionIn)
@blueprint.output(TakeOut)
def submit_take(take_id: str, json_data: SubmissionIn) -> TakeOut:
    """Hand in a take as the answer; all its segments must be complete. Repeating it changes nothing."""
    tenant_id = caller().tenant_id
    assert tenant_id is not None
    settle_take(tenant_id, take_id, caller().invitation_id)
    starts = None
    if json_data.segments is not None:
        starts = {place.number: place.starts_at_ms for place in json_data.segments}
    away = None if json_data.left_page is None else [(a.start_ms, a.end_ms) for a in json_data.left_page]
    with tenant_transaction(tenant_id):
        take = queries.get_owned_take(take_id, caller().invitation_id)
        repeated = take.status in {"submitted", "analysed", "unusable"}
        invitation = current_invitation(even_closed=repeated, late=True, lock=True)
        take = service.submit_take(invitation, take, starts, away, instead=json_data.instead)
        shown = showing.shown_take(take, _question_of(take), device())
        fault_point("take.submitted")
    return shown


@blueprint.post("/candidate/interview/finish")
@allow("candidate")
@blueprint.output(CandidateInterviewOut)
def finish_interview() -> CandidateInterviewOut:
    """All questions are answered: hand in the interview. Repeating it changes nothing."""
    finished = service.get_own_interview(caller().invitation_id).status != "in_progress"
    invitation = current_invitation(even_closed=finished, late=True, lock=True)
    shown = showing.shown_to_candidate(service.finish_interview(invitation), invitation, language(), device())
    fault_point("interview.finished")
    return shown


@blueprint.get("/interviews")
@allow(*STAFF)
@blueprint.input(InterviewQuery, location="query")
@blueprint.output(InterviewPage)
def list_interviews(query_data: InterviewQuery) -> InterviewPage:
    """The interviews I may see, newest first."""
    statement = queries.interviews(position_id=query_data.position_id, status=query_data.status)
    mine = statement.where(visible_rows(viewer(), Interview.position_id, Interview.invitation_id))
    rows, cursor = fetch_page(mine, Interview.id, query_data)
    return InterviewPage(items=showing.shown_list(rows), next_cursor=cursor)


@blueprint.get("/interviews/<interview_id>")
@allow(*STAFF)
@blueprint.output(InterviewDetailOut)
def get_interview(interview_id: str) -> InterviewDetailOut:
    """One interview with its answers, takes and segments."""
    return showing.shown_in_detail(queries.get_interview(interview_id), language())


def device() -> str | None:
    """The random name that the caller's phone or browser gave itself (header ``Device-Id``); None without a proper one."""
    given = request.headers.get("Device-Id", "")
    return given if _DEVICE.fullmatch(given) else None


def _question_of(take: Take) -> str:
    return db.session.get_one(Answer, take.answer_id).question_id


def _consent(consent: Consent) -> ConsentOut:
    return ConsentOut(**{name: getattr(consent, name) for name in ConsentOut.model_fields})
