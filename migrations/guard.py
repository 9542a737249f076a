"""Guarded DDL: each step looks before it leaps, because MySQL's DDL is not transactional.

A migration killed half-way (kill -9) leaves some steps done; running it again finishes the rest.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def _inspector() -> sa.Inspector:
    return sa.inspect(op.get_bind())


def create_table(name: str, *parts: Any) -> None:
    """Create a table unless it is there."""
    if not _inspector().has_table(name):
        op.create_table(name, *parts)


def create_index(name: str, table: str, columns: list[str], *, unique: bool = False) -> None:
    """Create an index unless it is there."""
    if name not in {index["name"] for index in _inspector().get_indexes(table)}:
        op.create_index(name, table, columns, unique=unique)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column unless it is there."""
    if column.name not in {found["name"] for found in _inspector().get_columns(table)}:
        with op.batch_alter_table(table) as batch:
            batch.add_column(column)


def drop_column(table: str, name: str) -> None:
    """Drop a column if it is there."""
    if name in {found["name"] for found in _inspector().get_columns(table)}:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
