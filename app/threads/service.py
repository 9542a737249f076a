"""A candidate says what goes wrong, a person of the company answers; the candidate is told (C7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from app.alerts import service as alerts
from app.audits.service import Actor, record
from app.candidates.service import profiles_by_id
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal, seal_json, unseal, unseal_json
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.invitations.models import Invitation
from app.invitations.service import hold
from app.messages.service import plan_help, plan_reply
from app.positions.service import titles_of
from app.positions.visibility import Viewer, visible_invitations
from app.threads import queries
from app.threads.models import Picture, Post, Thread
from app.threads.pictures import plain_picture
from app.users.service import names_of
from tenants.keys import candidate_key, candidate_keys

MOST_POSTS = 500
MOST_PICTURES = 60
LOOSE_FOR = timedelta(days=1)
"""How long a picture waits for its post; then workers.tidying removes it."""


@dataclass(frozen=True)
class Words:
    """One post, opened. ``author_name`` is empty for the candidate."""

    id: str
    author_kind: str
    author_name: str
    body: str
    context: dict[str, Any] | None
    created_at: datetime
    pictures: list[Picture]


@dataclass(frozen=True)
class ListedThread:
    """A thread as the company's list shows it."""

    id: str
    invitation_id: str
    candidate_id: str
    candidate_name: str
    position_title: str
    status: str
    waiting_since: datetime | None
    last_words: str


def report_problem(
    invitation: Invitation, body: str, context: dict[str, Any] | None, pictures: Sequence[str] = ()
) -> Thread:
    """The candidate writes; from now on the thread waits for the company.

    Raises Conflict ``thread_full``, NotFound ``picture_unknown``.
    """
    thread = _open(invitation)
    author = Actor("candidate", invitation.candidate_id)
    _attach(_add(thread, author, body, context), author, invitation, pictures)
    if thread.status != "waiting" or thread.waiting_since is None:
        thread.status, thread.waiting_since = "waiting", utcnow()
    db.session.flush()
    alerts.thread_waits(thread.id, invitation)
    return thread


def reply(actor: Actor, invitation: Invitation, body: str, pictures: Sequence[str] = ()) -> Thread:
    """A person of the company answers, or writes first; the candidate is told.

    Raises Conflict ``thread_full``, NotFound ``picture_unknown``.
    """
    thread = _open(invitation)
    post = _add(thread, actor, body, None)
    _attach(post, actor, invitation, pictures)
    _answered(thread)
    plan_reply(invitation, post.id, body)
    record(actor, "thread.replied", "invitation", invitation.id)
    return thread


def tell(actor: Actor, invitation: Invitation, body: str, *, answers: bool) -> Thread:
    """Say in the thread, and by a message, what a person of the company has just done for the candidate.

    ``answers``: that is what they waited for.
    """
    thread = _open(invitation)
    post = _add(thread, actor, body, None)
    if answers:
        _answered(thread)
    plan_help(invitation, post.id, body, names_of([actor.id]).get(actor.id, ""))
    return thread


def add_picture(author: Actor, invitation: Invitation, sent: bytes) -> Picture:
    """Keep a picture for a post that its author is about to write; after a day without one it is removed.

    Raises InvalidInput ``picture_too_large`` | ``picture_unreadable``, Conflict ``pictures_full``.
    """
    key = candidate_key(current_tenant_id(), invitation.candidate_id)
    plain = plain_picture(sent)
    hold(invitation)
    if queries.count_pictures(invitation.id) >= MOST_PICTURES:
        raise Conflict("pictures_full", most=MOST_PICTURES)
    picture = Picture(
        id=(picture_id := new_id()),
        invitation_id=invitation.id,
        candidate_id=invitation.candidate_id,
        author_kind=author.kind,
        author_id=author.id,
        width=plain.width,
        height=plain.height,
        content=seal(key, plain.data, _picture_context(picture_id)),
    )
    db.session.add(picture)
    db.session.flush()
    return picture


def picture_bytes(picture_id: str) -> bytes:
    """The JPEG of a picture. Raises NotFound ``picture_unknown``, Gone ``candidate_erased``."""
    picture = queries.get_picture(picture_id)
    key = candidate_key(current_tenant_id(), picture.candidate_id)
    return unseal(key, picture.content, _picture_context(picture.id))


def remove_pictures_of(candidate_id: str) -> int:
    """Remove every picture of a candidate's threads; how many there were. Safe to repeat."""
    return queries.remove_pictures_of(candidate_id)


def end_waiting_of(candidate_id: str) -> None:
    """An erased candidate waits for nobody's answer. Safe to repeat."""
    for thread in queries.waiting_threads_of(candidate_id):
        thread.status, thread.waiting_since = "answered", None
    db.session.flush()


def read_thread(invitation: Invitation) -> tuple[Thread | None, list[Words]]:
    """Everything written about an invitation, oldest first. Raises Gone ``candidate_erased``."""
    thread = queries.find_thread(invitation.id)
    if thread is None:
        return None, []
    posts = queries.posts_of([thread.id])[thread.id]
    key = candidate_key(current_tenant_id(), thread.candidate_id)
    names = names_of(post.author_id for post in posts if post.author_kind == "user")
    pictures = queries.pictures_of([post.id for post in posts])
    return thread, [_words(post, key, names, pictures[post.id]) for post in posts]


def threads(viewer: Viewer, status: str | None) -> Select[tuple[Thread]]:
    """The threads somebody may see, perhaps of one status."""
    return queries.threads(status, visible_invitations(viewer))


def longest_waiting(viewer: Viewer, most: int) -> list[ListedThread]:
    """The threads somebody may see that wait for the company, longest first."""
    return listed(queries.longest_waiting(most, visible_invitations(viewer)))


def count_waiting(viewer: Viewer) -> int:
    """How many of the threads somebody may see wait for the company."""
    return queries.count_waiting(visible_invitations(viewer))


def listed(found: Sequence[Thread]) -> list[ListedThread]:
    """Rows for a list, in a bounded number of queries; an erased candidate has no name and no words."""
    profiles = profiles_by_id(thread.candidate_id for thread in found)
    keys = candidate_keys(current_tenant_id(), list(profiles)) if profiles else {}
    positions = queries.positions_of(thread.invitation_id for thread in found)
    titles = titles_of(positions.values())
    posts = queries.posts_of(thread.id for thread in found)
    return [
        ListedThread(
            id=thread.id,
            invitation_id=thread.invitation_id,
            candidate_id=thread.candidate_id,
            candidate_name=profiles[thread.candidate_id].name if thread.candidate_id in profiles else "",
            position_title=titles[positions[thread.invitation_id]],
            status=thread.status,
            waiting_since=thread.waiting_since,
            last_words=_words(posts[thread.id][-1], keys[thread.candidate_id], {}).body
            if thread.candidate_id in keys
            else "",
        )
        for thread in found
    ]


def _open(invitation: Invitation) -> Thread:
    """The thread of an invitation, made when there is none. Raises Conflict ``thread_full``."""
    hold(invitation)  # two who write at once write one after the other
    thread = queries.find_thread(invitation.id)
    if thread is None:
        thread = Thread(invitation_id=invitation.id, candidate_id=invitation.candidate_id, status="answered")
        db.session.add(thread)
        db.session.flush()
    if queries.count_posts(thread.id) >= MOST_POSTS:
        raise Conflict("thread_full")
    return thread


def _answered(thread: Thread) -> None:
    """Nobody waits here any more."""
    thread.status, thread.waiting_since = "answered", None
    db.session.flush()
    alerts.thread_answered(thread.id)


def _add(thread: Thread, author: Actor, body: str, context: dict[str, Any] | None) -> Post:
    post_id = new_id()
    key = candidate_key(current_tenant_id(), thread.candidate_id)
    content = seal_json(key, {"body": body, "context": context}, _context(post_id))
    post = Post(
        id=post_id, thread_id=thread.id, author_kind=author.kind, author_id=author.id, content=content
    )
    db.session.add(post)
    db.session.flush()
    return post


def _attach(post: Post, author: Actor, invitation: Invitation, picture_ids: Sequence[str]) -> None:
    """Only what its author sent for this thread and has not used yet. Raises NotFound ``picture_unknown``."""
    if not picture_ids:
        return
    loose = {picture.id: picture for picture in queries.loose_pictures(invitation.id, author.id)}
    if not set(picture_ids) <= loose.keys():
        raise NotFound("picture_unknown")
    for picture_id in picture_ids:
        loose[picture_id].post_id = post.id
    db.session.flush()


def _words(post: Post, key: bytes, names: dict[str, str], pictures: Sequence[Picture] = ()) -> Words:
    content = unseal_json(key, post.content, _context(post.id))
    return Words(
        id=post.id,
        author_kind=post.author_kind,
        author_name=names.get(post.author_id, ""),
        body=content["body"],
        context=content["context"],
        created_at=post.created_at,
        pictures=list(pictures),
    )


def _context(post_id: str) -> str:
    return f"post:{post_id}:content"


def _picture_context(picture_id: str) -> str:
    return f"post_picture:{picture_id}:content"
