"""What waits for an answer of the company's people: appeals by their clock, candidates' threads by who waits longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import ValidationError

from app.appeals import service as appeals
from app.appeals.schemas import AnswerIn
from app.core.catalogue import has, text
from app.core.database import current_tenant_id
from app.core.errors import InvalidInput
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow, caller, viewer
from app.interviews.finding import find_interview, get_interview
from app.interviews.showing import shown_questions
from app.invitations.service import invitation_by_id
from app.pages.around import OUTCOMES
from app.pages.blueprint import blueprint, person, see
from app.pages.people import MANAGERS
from app.pages.rendering import page_language, render_page, words, zone_name
from app.policies.service import get_policy
from app.threads import service as threads
from app.threads.schemas import ReplyIn
from app.threads.tickets import picture_address

WAITING = "/hr/waiting"
REPLIERS = ("owner", "recruiter")
_MOST = 50
_WORDS = {
    "page": ("pages.waiting.places.{}",),
    "network": ("pages.waiting.networks.{}",),
    "error": ("pages.waiting.errors.{}", "errors.{}.title"),
}


class Sent(NamedTuple):
    """A picture at an address that works for minutes."""

    url: str
    width: int
    height: int


class Said(NamedTuple):
    """A post as the page shows it: when, where in the interview it was written as (what, words), and its pictures."""

    post: threads.Words
    at: datetime
    facts: list[tuple[str, str]]
    pictures: list[Sent]


@dataclass(frozen=True)
class Waiting:
    """A thread that waits, with everything written in it; times on the company's clock."""

    row: threads.ListedThread
    since: datetime | None
    posts: list[Said]


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
    invitation = invitation_by_id(row.invitation_id)
    posts = threads.read_thread(invitation)[1] if row.last_words else []
    questions = _questions(invitation.id) if any(post.context for post in posts) else {}
    return Waiting(
        row=row,
        since=row.waiting_since and row.waiting_since.astimezone(zone),
        posts=[_said(post, zone, questions) for post in posts],
    )


def _said(post: threads.Words, zone: ZoneInfo, questions: Mapping[str, str]) -> Said:
    return Said(
        post,
        post.created_at.astimezone(zone),
        [(name, _worded(name, value, questions)) for name, value in (post.context or {}).items()],
        [
            Sent(urlsplit(picture_address(current_tenant_id(), one.id, actor())).path, one.width, one.height)
            for one in post.pictures
        ],
    )


def _questions(invitation_id: str) -> dict[str, str]:
    """The questions as the phone numbers them, by id."""
    interview = find_interview(invitation_id)
    shown = shown_questions(interview, "hr", page_language()) if interview else []
    return {
        one.id: words("waiting.question_at", number=at, text=one.text)
        for at, one in enumerate(shown, start=1)
    }


def _worded(name: str, value: str, questions: Mapping[str, str]) -> str:
    """What the client named by a code; a code without words is what whoever operates the product can look up."""
    if name == "question_id":
        return questions.get(value, value)
    is_code = value.replace("_", "").isalnum()  # it came from a phone: anything else is no key
    known = [key.format(value) for key in _WORDS.get(name, ()) if is_code and has(key.format(value))]
    if known:
        return text(page_language(), known[0])
    return words("waiting.error_code", code=value) if name == "error" else value
