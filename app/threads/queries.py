"""Reads of threads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, delete, func, select
from sqlalchemy.engine import CursorResult

from app.core.database import db
from app.core.errors import NotFound
from app.invitations.models import Invitation
from app.threads.models import Picture, Post, Thread


def threads(status: str | None, seen: Select[str]) -> Select[tuple[Thread]]:
    """Threads of the invitations of these ids, perhaps of one status."""
    statement = select(Thread).where(Thread.invitation_id.in_(seen))
    return statement if status is None else statement.where(Thread.status == status)


def longest_waiting(most: int, seen: Select[str]) -> list[Thread]:
    """The threads of these invitations that wait for the company, longest first."""
    waiting = threads("waiting", seen).order_by(Thread.waiting_since, Thread.id).limit(most)
    return list(db.session.scalars(waiting))


def count_waiting(seen: Select[str]) -> int:
    """How many threads of these invitations wait for the company."""
    waiting = select(func.count(Thread.id)).where(Thread.status == "waiting", Thread.invitation_id.in_(seen))
    return db.session.execute(waiting).scalar_one()


def find_thread(invitation_id: str) -> Thread | None:
    """The thread of an invitation."""
    found = select(Thread).where(Thread.invitation_id == invitation_id)
    return db.session.execute(found).scalar_one_or_none()


def waiting_threads_of(candidate_id: str) -> list[Thread]:
    """The threads of a candidate that wait for the company."""
    waiting = select(Thread).where(Thread.candidate_id == candidate_id, Thread.status == "waiting")
    return list(db.session.scalars(waiting))


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


def pictures_of(post_ids: Sequence[str]) -> dict[str, list[Picture]]:
    """The pictures of posts by post, in the order they were sent; their bytes are not loaded."""
    found: dict[str, list[Picture]] = {post_id: [] for post_id in post_ids}
    rows = select(Picture).where(Picture.post_id.in_(post_ids)).order_by(Picture.id)
    for picture in db.session.scalars(rows):
        found[str(picture.post_id)].append(picture)
    return found


def loose_pictures(invitation_id: str, author_id: str) -> list[Picture]:
    """What somebody sent for a post that they have not written yet."""
    found = select(Picture).where(
        Picture.invitation_id == invitation_id, Picture.author_id == author_id, Picture.post_id.is_(None)
    )
    return list(db.session.scalars(found.order_by(Picture.id)))


def count_pictures(invitation_id: str) -> int:
    """How many pictures a thread has."""
    found = select(func.count(Picture.id)).where(Picture.invitation_id == invitation_id)
    return db.session.execute(found).scalar_one()


def get_picture(picture_id: str) -> Picture:
    """A picture. Raises NotFound ``picture_unknown``."""
    picture = db.session.get(Picture, picture_id)
    if picture is None:
        raise NotFound("picture_unknown")
    return picture


def remove_pictures_of(candidate_id: str) -> int:
    """Remove every picture in a candidate's threads; how many there were."""
    gone = delete(Picture).where(Picture.candidate_id == candidate_id)
    result = db.session.execute(gone.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
