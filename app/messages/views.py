"""Routes of messages."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from pydantic import Field

from app.http.actors import actor
from app.http.callers import STAFF, allow, caller, viewer
from app.http.pagination import PageQuery, fetch_page
from app.http.problems import language
from app.messages import queries, service
from app.messages.models import Message, MessageAttempt
from app.messages.schemas import (
    AttemptOut,
    CandidateMessageOut,
    CandidateMessagePage,
    MessageOut,
    MessagePage,
    ReasonOut,
    ResolutionIn,
    Status,
)
from app.messages.words import reason_words
from app.positions.visibility import visible_invitations

blueprint = APIBlueprint("messages", __name__, url_prefix="/api/v1", tag="Messages")


class MessageQuery(PageQuery):
    """Which messages to list."""

    candidate_id: str | None = Field(default=None, max_length=32)
    invitation_id: str | None = Field(default=None, max_length=32)
    status: Status | None = None


@blueprint.get("/messages")
@allow(*STAFF)
@blueprint.input(MessageQuery, location="query")
@blueprint.output(MessagePage)
def list_messages(query_data: MessageQuery) -> MessagePage:
    """Messages to candidates, newest first, with every attempt and the reasons in words."""
    wanted = queries.messages(
        candidate_id=query_data.candidate_id,
        invitation_id=query_data.invitation_id,
        status=query_data.status,
    )
    wanted = wanted.where(Message.invitation_id.in_(visible_invitations(viewer())))
    rows, cursor = fetch_page(wanted, Message.id, query_data)
    return MessagePage(items=_shown(rows), next_cursor=cursor)


@blueprint.get("/messages/<message_id>")
@allow(*STAFF)
@blueprint.output(MessageOut)
def get_message(message_id: str) -> MessageOut:
    """One message."""
    return _shown([queries.get_message(message_id)])[0]


@blueprint.post("/messages/<message_id>/resolve")
@allow("owner", "recruiter")
@blueprint.input(ResolutionIn)
@blueprint.output(MessageOut)
def resolve_message(message_id: str, json_data: ResolutionIn) -> MessageOut:
    """Settle a message whose outcome nobody knows: it was sent, or it was not and is queued again."""
    message = service.resolve_message(actor(), message_id, was_sent=json_data.outcome == "sent")
    return _shown([message])[0]


@blueprint.get("/candidate/messages")
@allow("candidate")
@blueprint.input(PageQuery, location="query")
@blueprint.output(CandidateMessagePage)
def list_candidate_messages(query_data: PageQuery) -> CandidateMessagePage:
    """What the caller was told about this invitation, newest first, whichever way it went out."""
    invitation_id = caller().invitation_id
    assert invitation_id is not None
    rows, cursor = fetch_page(queries.messages_to_candidate(invitation_id), Message.id, query_data)
    words = service.contents_of(rows)
    items = [
        CandidateMessageOut(
            id=row.id,
            kind=row.kind,
            title=words[row.id]["title"],
            body=words[row.id]["body"],
            page=words[row.id]["page"],
            at=row.sent_at or row.due_at,
        )
        for row in rows
        if row.id in words
    ]
    return CandidateMessagePage(items=items, next_cursor=cursor)


def _shown(rows: list[Message]) -> list[MessageOut]:
    words = service.contents_of(rows)
    attempts = queries.attempts_of([row.id for row in rows])
    return [_described(row, words.get(row.id), attempts[row.id]) for row in rows]


def _described(row: Message, words: dict[str, Any] | None, attempts: list[MessageAttempt]) -> MessageOut:
    shown = words if row.kind != "binding_code" else None
    return MessageOut(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        status=row.status,  # type: ignore[arg-type]
        reason=_reason(row.reason),
        candidate_id=row.candidate_id,
        invitation_id=row.invitation_id,
        title=words["title"] if words else None,
        body=shown["body"] if shown else None,
        fallback_id=row.fallback_id,
        due_at=row.due_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
        attempts=[
            AttemptOut(
                id=attempt.id,
                channel=attempt.channel,
                outcome=attempt.outcome,
                reason=_reason(attempt.reason),
                started_at=attempt.started_at,
                finished_at=attempt.finished_at,
            )
            for attempt in attempts
        ],
    )


def _reason(code: str | None) -> ReasonOut | None:
    if code is None:
        return None
    title, following = reason_words(language(), code)
    return ReasonOut(code=code, title=title, next=following)
