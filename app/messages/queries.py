"""Reads of messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.core.database import db
from app.core.errors import NotFound
from app.messages.models import Message, MessageAttempt

REMINDERS = ("reminder_day", "reminder_hour")
_SHOWN_TO_CANDIDATE = ("sending", "sent", "delivered", "uncertain", "failed")


def messages(
    *, candidate_id: str | None = None, invitation_id: str | None = None, status: str | None = None
) -> Select[tuple[Message]]:
    """Messages, narrowed by what is given."""
    wanted = {"candidate_id": candidate_id, "invitation_id": invitation_id, "status": status}
    return select(Message).where(
        *(getattr(Message, name) == value for name, value in wanted.items() if value is not None)
    )


def messages_to_candidate(invitation_id: str) -> Select[tuple[Message]]:
    """What one candidate was told about one invitation, whatever way it went. Codes are not kept for show."""
    return select(Message).where(
        Message.invitation_id == invitation_id,
        Message.status.in_(_SHOWN_TO_CANDIDATE),
        Message.kind != "binding_code",
    )


def told_results(invitation_ids: Iterable[str]) -> set[str]:
    """Those of these invitations whose candidate can read their result: its notice went out, whatever way it went."""
    sent = select(Message.invitation_id).where(
        Message.invitation_id.in_(tuple(invitation_ids)),
        Message.kind == "result",
        Message.status.in_(_SHOWN_TO_CANDIDATE),
    )
    return set(db.session.scalars(sent))


def find_message(message_id: str, *, lock: bool = False) -> Message | None:
    """A message, read afresh and locked until the transaction ends when asked; None when there is none."""
    statement = select(Message).where(Message.id == message_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def get_message(message_id: str, *, lock: bool = False) -> Message:
    """As ``find_message``. Raises NotFound ``message_unknown``."""
    message = find_message(message_id, lock=lock)
    if message is None:
        raise NotFound("message_unknown")
    return message


def find_by_key(dedupe_key: str) -> Message | None:
    """The message that this key made, if it was made."""
    return db.session.execute(select(Message).where(Message.dedupe_key == dedupe_key)).scalar_one_or_none()


def queued(invitation_id: str, kinds: Sequence[str]) -> list[Message]:
    """Messages of an invitation that have not been given to anybody yet, locked so that nobody begins to send them."""
    waiting = select(Message).where(
        Message.invitation_id == invitation_id, Message.kind.in_(kinds), Message.status == "queued"
    )
    return list(db.session.scalars(waiting.with_for_update().execution_options(populate_existing=True)))


def planned_reminders(invitation_id: str) -> list[datetime]:
    """When the reminders of an invitation that have not gone out are due, the first one first."""
    waiting = select(Message.due_at).where(
        Message.invitation_id == invitation_id, Message.kind.in_(REMINDERS), Message.status == "queued"
    )
    return list(db.session.scalars(waiting.order_by(Message.due_at)))


def uncertain(most: int, seen: Select[str]) -> list[Message]:
    """The oldest messages of the invitations of these ids whose outcome nobody knows."""
    wanted = select(Message).where(Message.status == "uncertain", Message.invitation_id.in_(seen))
    return list(db.session.scalars(wanted.order_by(Message.id).limit(most)))


def attempts_of(message_ids: Sequence[str]) -> dict[str, list[MessageAttempt]]:
    """Attempts by message, oldest first."""
    found: dict[str, list[MessageAttempt]] = {message_id: [] for message_id in message_ids}
    rows = (
        select(MessageAttempt)
        .where(MessageAttempt.message_id.in_(message_ids))
        .order_by(MessageAttempt.started_at)
    )
    for attempt in db.session.scalars(rows):
        found[attempt.message_id].append(attempt)
    return found


def open_attempt(message_id: str) -> MessageAttempt | None:
    """The attempt whose outcome nobody knows, if there is one."""
    return db.session.execute(
        select(MessageAttempt)
        .where(
            MessageAttempt.message_id == message_id,
            MessageAttempt.outcome.is_(None) | (MessageAttempt.outcome == "uncertain"),
        )
        .order_by(MessageAttempt.started_at.desc())
        .limit(1)
    ).scalar_one_or_none()
