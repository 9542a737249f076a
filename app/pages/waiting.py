"""What waits for an answer of the company's people: appeals by their clock, candidates' threads by who waits longest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import ValidationError

from app.appeals import service as appeals
from app.appeals.schemas import AnswerIn
from app.core.catalogue import text
from app.core.errors import InvalidInput
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow, caller, viewer
from app.interviews.finding import get_interview
from app.invitations.service import invitation_by_id
from app.pages.around import OUTCOMES
from app.pages.blueprint import blueprint, person, see
from app.pages.people import MANAGERS
from app.pages.rendering import page_language, render_page, zone_name
from app.policies.service import get_policy
from app.threads import service as threads
from app.threads.schemas import ReplyIn

WAITING = "/hr/waiting"
REPLIERS = ("owner", "recruiter")
_MOST = 50


@dataclass(frozen=True)
class Waiting:
    """A thread that waits, with everything written in it; times on the company's clock."""

    row: threads.ListedThread
    since: datetime | None
    posts: list[tuple[threads.Words, datetime]]


@blueprint.get("/hr/waiting")
@allow(*STAFF)
def show_waiting() -> Response:
    """Appeals and threads that wait for an answer, the most urgent first."""
    zone = ZoneInfo(get_policy().time_zone)
    urgent = appeals.most_urgent(viewer(), _MOST)
    return render_page(
        "waiting.html",
        person=person(),
        appeals=[
            (one, one.facts.due_at.astimezone(zone), *_review(one.facts.interview_id)) for one in urgent
        ],
        threads=[_waiting(row, zone) for row in threads.longest_waiting(viewer(), _MOST)],
        outcomes={name: text(page_language(), f"decisions.outcomes.{name}") for name in OUTCOMES},
        may_hand_over=caller().role in MANAGERS,
        may_reply=caller().role in REPLIERS,
        zone=zone_name(get_policy().time_zone, page_language()),
    )


@blueprint.post("/hr/interviews/<interview_id>/appeal")
@allow(*DECIDERS)
def answer_appeal(interview_id: str) -> Response:
    """Answer an appeal in one's own name; another decision comes with it or the first one stands."""
    given = {name: request.form.get(name, "") for name in ("outcome", "answer")}
    decision = {name: request.form.get(name, "") for name in ("reason", "next_steps")}
    decided = request.form.get("decision", "")
    try:
        answer = AnswerIn.model_validate(
            {**given, "decision": {"outcome": decided, **decision} if given["outcome"] == "revised" else None}
        )
    except ValidationError as error:
        raise InvalidInput("form_incomplete") from error
    appeals.answer(
        actor(),
        interview_id,
        outcome=answer.outcome,
        words=answer.answer,
        decision=answer.decision.model_dump() if answer.decision else None,
    )
    return see(WAITING)


@blueprint.post("/hr/invitations/<invitation_id>/thread")
@allow(*REPLIERS)
def reply_to_thread(invitation_id: str) -> Response:
    """Answer a candidate in one's own name."""
    try:
        given = ReplyIn(body=request.form.get("body", ""))
    except ValidationError as error:
        raise InvalidInput("form_incomplete") from error
    threads.reply(actor(), invitation_by_id(invitation_id), given.body)
    return see(WAITING)


def _review(interview_id: str) -> tuple[appeals.Review, str]:
    """Whether the caller may answer, and the position whose people can be given sight of it."""
    interview = get_interview(interview_id)
    return appeals.review_of(caller().subject, interview), interview.position_id


def _waiting(row: threads.ListedThread, zone: ZoneInfo) -> Waiting:
    """A row with its posts; none when the candidate was erased."""
    posts = threads.read_thread(invitation_by_id(row.invitation_id))[1] if row.last_words else []
    return Waiting(
        row=row,
        since=row.waiting_since and row.waiting_since.astimezone(zone),
        posts=[(post, post.created_at.astimezone(zone)) for post in posts],
    )
