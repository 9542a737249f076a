"""Cursor pagination: opaque cursors over ids, newest first (ids sort by creation time)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import Select

from app.core.database import db
from app.core.errors import InvalidInput

Row = TypeVar("Row")
_SCANNED_AT_ONCE = 100
_SCANNED_AT_MOST = 500


class PageQuery(BaseModel):
    """The query of every list."""

    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = None


def fetch_page(statement: Select[Any], id_column: Any, query: PageQuery) -> tuple[list[Any], str | None]:
    """One page of a statement's first entities and the cursor of the next page. InvalidInput ``cursor_invalid``."""
    if query.cursor is not None:
        statement = statement.where(id_column < _decode(query.cursor))
    rows = list(db.session.scalars(statement.order_by(id_column.desc()).limit(query.limit + 1)))
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    return rows, _encode(rows[-1].id) if more else None


def fetch_page_by(
    statement: Select[Any],
    moment: Any,
    id_column: Any,
    query: PageQuery,
    *,
    oldest_first: bool,
    moment_of: Callable[[Any], datetime] | None = None,
) -> tuple[list[Any], str | None]:
    """As ``fetch_page``, in the order of a moment and then of ids. The moment is a column that is never null here, or
    an expression, with ``moment_of`` to say the same of a row."""
    if query.cursor is not None:
        last, last_id = decode_moment(query.cursor)
        further = (moment > last) if oldest_first else (moment < last)
        beside = (id_column > last_id) if oldest_first else (id_column < last_id)
        statement = statement.where(further | ((moment == last) & beside))
    order = (moment.asc(), id_column.asc()) if oldest_first else (moment.desc(), id_column.desc())
    rows = list(db.session.scalars(statement.order_by(*order).limit(query.limit + 1)))
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    if not more:
        return rows, None
    last_moment = moment_of(rows[-1]) if moment_of else getattr(rows[-1], moment.key)
    return rows, moment_cursor(last_moment, rows[-1].id)


def fetch_matching(
    fetch: Callable[[PageQuery], tuple[list[Row], str | None]],
    matching: Callable[[Sequence[Row]], list[Row]],
    cursor_after: Callable[[Row], str],
    query: PageQuery,
) -> tuple[list[Row], str | None]:
    """Rows that only opening them can tell apart: pages of ``fetch`` until enough match or enough were looked at.

    The page may hold few and still have a next one, whose cursor goes on from there.
    """
    found: list[Row] = []
    cursor = query.cursor
    for _ in range(_SCANNED_AT_MOST // _SCANNED_AT_ONCE):
        rows, cursor = fetch(PageQuery(limit=_SCANNED_AT_ONCE, cursor=cursor))
        for row in matching(rows):
            found.append(row)
            if len(found) == query.limit:
                return found, cursor_after(row) if cursor or row is not rows[-1] else None
        if cursor is None:
            break
    return found, cursor


def id_cursor(last_id: str) -> str:
    """The cursor after a row in the order of ``fetch_page``."""
    return _encode(last_id)


def moment_cursor(moment: datetime, last_id: str) -> str:
    """The cursor after a row in the order of ``fetch_page_by``."""
    return base64.urlsafe_b64encode(f"2:{moment.isoformat()}/{last_id}".encode()).decode().rstrip("=")


def decode_moment(cursor: str) -> tuple[datetime, str]:
    """What ``moment_cursor`` made. InvalidInput ``cursor_invalid``."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        version, _, rest = raw.partition(":")
        moment, _, last_id = rest.partition("/")
        at = datetime.fromisoformat(moment)
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput("cursor_invalid") from error
    if version != "2" or len(last_id) != 32 or at.tzinfo is None:
        raise InvalidInput("cursor_invalid")
    return at, last_id


def _encode(last_id: str) -> str:
    return base64.urlsafe_b64encode(f"1:{last_id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        version, _, last_id = (
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        )
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput("cursor_invalid") from error
    if version != "1" or len(last_id) != 32:
        raise InvalidInput("cursor_invalid")
    return last_id
