"""Routes of threads."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.http.idempotency import idempotent
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.invitations.access import current_invitation
from app.invitations.models import Invitation
from app.invitations.service import invitation_by_id
from app.threads import service
from app.threads.models import Thread
from app.threads.schemas import (
    PostOut,
    PostsOut,
    ProblemContext,
    ProblemIn,
    ReplyIn,
    ThreadOut,
    ThreadsOut,
    ThreadStatus,
)

blueprint = APIBlueprint("threads", __name__, url_prefix="/api/v1", tag="Threads")


class ThreadsQuery(PageQuery):
    """Which threads; ``status=waiting`` are those that wait for the company."""

    status: ThreadStatus | None = None


@blueprint.post("/candidate/thread")
@allow("candidate")
@idempotent
@limiter.limit("20/minute", key_func=person_key)
@blueprint.input(ProblemIn)
@blueprint.output(PostsOut, status_code=201)
def report_problem(json_data: ProblemIn) -> PostsOut:
    """Say what goes wrong; the company sees it at once, with where in the interview it happened."""
    invitation = current_invitation(even_closed=True)
    context = None if json_data.context is None else json_data.context.model_dump(exclude_none=True)
    service.report_problem(invitation, json_data.body, context)
    return _shown(invitation, to_company=False)


@blueprint.get("/candidate/thread")
@allow("candidate")
@blueprint.output(PostsOut)
def get_own_thread() -> PostsOut:
    """What the caller and the company wrote to each other."""
    return _shown(current_invitation(even_closed=True), to_company=False)


@blueprint.get("/threads")
@allow(*STAFF)
@blueprint.input(ThreadsQuery, location="query")
@blueprint.output(ThreadsOut)
def list_threads(query_data: ThreadsQuery) -> ThreadsOut:
    """Threads of candidates, newest first."""
    rows, cursor = fetch_page(service.threads(query_data.status), Thread.id, query_data)
    items = [ThreadOut.model_validate(asdict(row)) for row in service.listed(rows)]
    return ThreadsOut(items=items, next_cursor=cursor, waiting=service.count_waiting())


@blueprint.get("/invitations/<invitation_id>/thread")
@allow(*STAFF)
@blueprint.output(PostsOut)
def get_thread(invitation_id: str) -> PostsOut:
    """What a candidate and the company wrote to each other."""
    return _shown(invitation_by_id(invitation_id), to_company=True)


@blueprint.post("/invitations/<invitation_id>/thread")
@allow("owner", "recruiter")
@idempotent
@blueprint.input(ReplyIn)
@blueprint.output(PostsOut, status_code=201)
def reply(invitation_id: str, json_data: ReplyIn) -> PostsOut:
    """Answer a candidate in the caller's own name; they are told in WeChat or by SMS."""
    invitation = invitation_by_id(invitation_id)
    service.reply(actor(), invitation, json_data.body)
    return _shown(invitation, to_company=True)


def _shown(invitation: Invitation, *, to_company: bool) -> PostsOut:
    thread, posts = service.read_thread(invitation)
    return PostsOut.model_validate(
        {
            "invitation_id": invitation.id,
            "status": thread.status if thread else None,
            "posts": [
                PostOut(
                    id=post.id,
                    author="candidate" if post.author_kind == "candidate" else "company",
                    author_name=post.author_name,
                    body=post.body,
                    context=ProblemContext(**post.context) if to_company and post.context else None,
                    created_at=post.created_at,
                )
                for post in posts
            ],
        }
    )
