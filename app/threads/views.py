"""Routes of threads."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.candidates.service import profiles_by_id
from app.core.database import current_tenant_id
from app.core.errors import InvalidInput
from app.http.actors import actor
from app.http.callers import STAFF, allow, viewer
from app.http.idempotency import idempotent, repeatable
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.interviews.finding import find_interview
from app.invitations.access import current_invitation
from app.invitations.models import Invitation
from app.invitations.service import invitation_by_id
from app.positions.service import titles_of
from app.threads import pictures, service
from app.threads.models import Picture, Thread
from app.threads.schemas import (
    PictureOut,
    PostOut,
    PostsOut,
    ProblemContext,
    ProblemIn,
    ReplyIn,
    ThreadOut,
    ThreadsOut,
    ThreadStatus,
)
from app.threads.tickets import picture_address, read_picture_ticket
from app.wording.access import words_pass
from tenants.tenancy import tenant_scope

blueprint = APIBlueprint("threads", __name__, url_prefix="/api/v1", tag="Threads")
_FORM_BYTES = 64 * 1024


class ThreadsQuery(PageQuery):
    """Which threads; ``status=waiting`` are those that wait for the company."""

    status: ThreadStatus | None = None


@blueprint.post("/candidate/thread")
@allow("candidate", before=words_pass("body"))
@idempotent
@limiter.limit("20/minute", key_func=person_key)
@blueprint.input(ProblemIn)
@blueprint.output(PostsOut, status_code=201)
def report_problem(json_data: ProblemIn) -> PostsOut:
    """Say what goes wrong; the company sees it at once, with where in the interview it happened."""
    invitation = current_invitation(even_closed=True)
    context = None if json_data.context is None else json_data.context.model_dump(exclude_none=True)
    service.report_problem(invitation, json_data.body, context, json_data.pictures)
    return _shown(invitation, to_company=False)


@blueprint.get("/candidate/thread")
@allow("candidate")
@blueprint.output(PostsOut)
def get_own_thread() -> PostsOut:
    """What the caller and the company wrote to each other."""
    return _shown(current_invitation(even_closed=True), to_company=False)


@blueprint.post("/candidate/thread/pictures")
@allow("candidate")
@repeatable("a picture that no post names is removed after a day")
@limiter.limit("20/minute", key_func=person_key)
@blueprint.output(PictureOut, status_code=201)
def send_picture() -> PictureOut:
    """Send a picture (multipart, ``file``: JPEG, PNG or WebP) for a post about to be written; kept without its metadata."""
    return _picture(service.add_picture(actor(), current_invitation(even_closed=True), _sent_file()))


@blueprint.post("/invitations/<invitation_id>/thread/pictures")
@allow("owner", "recruiter")
@repeatable("a picture that no post names is removed after a day")
@limiter.limit("20/minute", key_func=person_key)
@blueprint.output(PictureOut, status_code=201)
def send_company_picture(invitation_id: str) -> PictureOut:
    """Send a picture (multipart, ``file``: JPEG, PNG or WebP) for an answer about to be written."""
    return _picture(service.add_picture(actor(), invitation_by_id(invitation_id), _sent_file()))


@blueprint.get("/pictures/<ticket>")
@allow("public")
@blueprint.doc(summary="A picture of a thread", responses=[200, 404, 410])
def show_picture(ticket: str) -> Response:
    """The JPEG. The ticket is the credential, for minutes."""
    tenant_id, picture_id = read_picture_ticket(ticket)
    with tenant_scope(tenant_id, read_only=True):
        response = Response(service.picture_bytes(picture_id), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.get("/threads")
@allow(*STAFF)
@blueprint.input(ThreadsQuery, location="query")
@blueprint.output(ThreadsOut)
def list_threads(query_data: ThreadsQuery) -> ThreadsOut:
    """The threads I may see, newest first."""
    rows, cursor = fetch_page(service.threads(viewer(), query_data.status), Thread.id, query_data)
    items = [ThreadOut.model_validate(asdict(row)) for row in service.listed(rows)]
    return ThreadsOut(items=items, next_cursor=cursor, waiting=service.count_waiting(viewer()))


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
    service.reply(actor(), invitation, json_data.body, json_data.pictures)
    return _shown(invitation, to_company=True)


def _sent_file() -> bytes:
    """The file of a multipart form, no longer than a picture may be. Raises InvalidInput ``picture_missing``."""
    request.max_content_length = pictures.MOST_BYTES + _FORM_BYTES
    try:
        sent = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise InvalidInput("picture_too_large", megabytes=pictures.MOST_BYTES >> 20) from error
    if sent is None:
        raise InvalidInput("picture_missing")
    return sent.stream.read(pictures.MOST_BYTES + 1)


def _picture(picture: Picture) -> PictureOut:
    url = picture_address(current_tenant_id(), picture.id, actor())
    return PictureOut(id=picture.id, url=url, width=picture.width, height=picture.height)


def _about(invitation: Invitation) -> dict[str, str | None]:
    """Whom and what a thread is about, for the company."""
    profile = profiles_by_id([invitation.candidate_id]).get(invitation.candidate_id)
    interview = find_interview(invitation.id)
    return {
        "candidate_name": profile.name if profile else None,
        "position_title": titles_of([invitation.position_id])[invitation.position_id],
        "interview_id": interview.id if interview else None,
    }


def _shown(invitation: Invitation, *, to_company: bool) -> PostsOut:
    thread, posts = service.read_thread(invitation)
    return PostsOut.model_validate(
        {
            "invitation_id": invitation.id,
            **(_about(invitation) if to_company else {}),
            "status": thread.status if thread else None,
            "posts": [
                PostOut(
                    id=post.id,
                    author="candidate" if post.author_kind == "candidate" else "company",
                    author_name=post.author_name,
                    body=post.body,
                    context=ProblemContext(**post.context) if to_company and post.context else None,
                    pictures=[_picture(picture) for picture in post.pictures],
                    created_at=post.created_at,
                )
                for post in posts
            ],
        }
    )
