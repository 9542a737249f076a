"""The shared interview as its reader sees it. Which one it is comes from their session and from nothing else."""

from __future__ import annotations

from dataclasses import replace

from apiflask import APIBlueprint

from app.candidates.service import profiles_by_id
from app.core.catalogue import best_language
from app.core.database import current_tenant_id
from app.core.errors import NotFound
from app.http.actors import actor
from app.http.callers import allow
from app.http.idempotency import repeatable
from app.http.problems import language
from app.interviews.finding import get_interview
from app.interviews.showing import shown_questions
from app.positions.service import titles_of
from app.recordings.playback import open_playback
from app.recordings.schemas import PlaybackIn, PlaybackOut
from app.recordings.showing import shown_playback
from app.reports.render import ReportDocument
from app.reports.schemas import LanguageQuery
from app.reports.showing import report_for_hr
from app.shares import service
from app.shares.access import current_share
from app.shares.models import Share
from app.shares.schemas import OpinionIn, OwnOpinionOut, SharedOut
from tenants.keys import candidate_key
from tenants.tenancy import get_tenant

blueprint = APIBlueprint("shared", __name__, url_prefix="/api/v1/shared", tag="Shared interview")


@blueprint.get("")
@allow("guest")
@blueprint.output(SharedOut)
def get_shared() -> SharedOut:
    """The interview that was shared with me: its questions, answers and what I said about it."""
    return _shown(current_share())


@blueprint.get("/report")
@allow("guest", on_record=True)
@blueprint.input(LanguageQuery, location="query")
@blueprint.output(ReportDocument)
def get_shared_report(query_data: LanguageQuery) -> ReportDocument:
    """Its report, without what the company decided and what other candidates said of the company.

    409 ``report_not_ready`` before there is one.
    """
    tongue = best_language(query_data.lang or language())
    report = report_for_hr(actor(), current_share().interview_id, tongue)
    return report.model_copy(update={"decision": None, "survey": None})


@blueprint.post("/takes/<take_id>/playback-tickets")
@allow("guest")
@repeatable("each ticket is an audited permission of a few minutes")
@blueprint.input(PlaybackIn)
@blueprint.output(PlaybackOut, status_code=201)
def watch_shared_take(take_id: str, json_data: PlaybackIn) -> PlaybackOut:
    """Short-lived addresses to watch one of its takes, marked with my name; the view is in the audit log."""
    made = current_share()
    questions = shown_questions(get_interview(made.interview_id), "hr", language())
    if take_id not in {take.id for question in questions for take in question.answer.takes}:
        raise NotFound("take_unknown")
    found = open_playback(actor(), take_id, renews=json_data.renews)
    key = candidate_key(current_tenant_id(), made.candidate_id)
    mark = f"{service.person_of(made, key).name}{found.watermark or ''}"
    return shown_playback(replace(found, watermark=mark), language())


@blueprint.put("/opinion")
@allow("guest")
@blueprint.input(OpinionIn)
@blueprint.output(SharedOut)
def give_opinion(json_data: OpinionIn) -> SharedOut:
    """Say whether I recommend hiring, with a word why; until the interview is decided I may change it."""
    made = service.answer(actor(), current_share(lock=True), **json_data.model_dump())
    return _shown(made)


def _shown(made: Share) -> SharedOut:
    interview = get_interview(made.interview_id)
    key = candidate_key(current_tenant_id(), made.candidate_id)
    person = service.person_of(made, key)
    opinion = None
    if made.answered_at is not None:
        opinion = OwnOpinionOut.model_validate(
            {
                "recommendation": made.recommendation,
                "words": service.words_of(made, key),
                "answered_at": made.answered_at,
            }
        )
    return SharedOut(
        interview_id=interview.id,
        company=get_tenant(current_tenant_id()).name,
        position=titles_of([interview.position_id])[interview.position_id],
        candidate_name=profiles_by_id([made.candidate_id])[made.candidate_id].name,
        reader_name=person.name,
        shared_by_name=service.sharers_of([made]).get(made.created_by, ""),
        note=person.note,
        expires_at=made.expires_at,
        finished_at=interview.finished_at,
        decided=interview.status == "decided",
        questions=shown_questions(interview, "hr", language()),
        opinion=opinion,
    )
