"""Reads of threads."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select

from app.core.database import db
from app.invitations.models import Invitation
from app.threads.models import Post, Thread


def threads(status: str | None) -> Select[tuple[Thread]]:
    """Threads, perhaps of one status."""
    statement = select(Thread)
    return statement if status is None else statement.where(Thread.status == status)


def longest_waiting(most: int) -> list[Thread]:
    """The threads that wait for the company, longest first."""
    waiting = threads("waiting").order_by(Thread.waiting_since, Thread.id).limit(most)
    return list(db.session.scalars(waiting))


def count_waiting() -> int:
    """How many threads wait for the company."""
    return db.session.execute(select(func.count(Thread.id)).where(Thread.status == "waiting")).scalar_one()


def find_thread(invitation_id: str) -> Thread | None:
    """The thread of an invitation."""
    found = select(Thread).where(Thread.invitation_id == invitation_id)
    return db.session.execute(found).scalar_one_or_none()


def posts_of(thread_ids: Iterable[str]) -> dict[str, list[Post]]:
    """The words of threads by thread, oldest first."""
    wanted = list(thread_ids)
    found: dict[str, list[Post]] = {thread_id: [] for thread_id in wanted}
    for post in db.session.scalars(select(Post).where(Post.thread_id.in_(wanted)).order_by(Post.id)):
        found[post.thread_id].append(post)
    return found


def count_posts(thread_id: str) -> int:
    """How much was written in a thread."""
    return db.session.execute(select(func.count(Post.id)).where(Post.thread_id == thread_id)).scalar_one()


def positions_of(invitation_ids: Iterable[str]) -> dict[str, str]:
    """Position ids by invitation id."""
    statement = select(Invitation.id, Invitation.position_id).where(Invitation.id.in_(set(invitation_ids)))
    return {row.id: row.position_id for row in db.session.execute(statement)}
