"""What can be done with positions."""

from __future__ import annotations

from collections.abc import Iterable

from app.audits.service import Actor, record
from app.core.context import settings
from app.core.database import db
from app.core.errors import InvalidInput
from app.positions.models import Position, PositionMember, PositionVersion
from app.positions.queries import get_position, get_version, title_rows
from app.scoring.rubric import Rubric, rubric_hash

__all__ = ["create_position", "get_position", "revise_rubric", "titles_of", "version_of"]


def create_position(actor: Actor, *, title: str, description: str, rubric: Rubric) -> Position:
    """Open a position with version 1 of its rubric (F1). Raises InvalidInput ``answer_limit_too_long``."""
    position = Position(title=title, description=description, created_by=actor.id)
    db.session.add(position)
    db.session.flush()
    # Its maker keeps seeing it when it is restricted later.
    db.session.add(PositionMember(position_id=position.id, user_id=actor.id, added_by=actor.id))
    _add_version(actor, position, 1, rubric.described(position.description))
    record(actor, "position.created", "position", position.id)
    return position


def revise_rubric(actor: Actor, position_id: str, rubric: Rubric) -> Position:
    """Add the next version. Interviews already started keep theirs; an equal rubric adds nothing.

    Raises InvalidInput ``answer_limit_too_long``.
    """
    position = get_position(position_id)
    current, rubric = version_of(position), rubric.described(position.description)
    if current.rubric_hash != rubric_hash(rubric):
        position.current_version += 1
        _add_version(actor, position, position.current_version, rubric)
        record(actor, "position.revised", "position", position.id, version=position.current_version)
    return position


def version_of(position: Position) -> PositionVersion:
    """The version that new interviews start with."""
    return get_version(position.id, position.current_version)


def titles_of(position_ids: Iterable[str]) -> dict[str, str]:
    """Titles of positions by id."""
    return {row.id: row.title for row in title_rows(position_ids)}


def _add_version(actor: Actor, position: Position, number: int, rubric: Rubric) -> None:
    # A candidate must never be allowed more time than the workers would analyse.
    most = settings().answer_max_seconds
    for question in rubric.questions:
        if question.max_seconds > most:
            raise InvalidInput("answer_limit_too_long", question=question.id, seconds=most)
    db.session.add(
        PositionVersion(
            position_id=position.id,
            number=number,
            rubric=rubric.model_dump(mode="json"),
            rubric_hash=rubric_hash(rubric),
            created_by=actor.id,
        )
    )
    db.session.flush()
