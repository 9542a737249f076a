"""Portable column types: the same meaning on MySQL/MariaDB and on SQLite."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

ID_LENGTH = 32


def ascii_string(length: int) -> String:
    """Case-sensitive ASCII of up to ``length`` characters (ids, openids, hashes, codes)."""
    binary = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(binary, "mysql", "mariadb")


def id_type() -> String:
    """The type of every id: 32 hex digits (see app.core.ids)."""
    return ascii_string(ID_LENGTH)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes with microseconds. A naive value is a programming error and raises ValueError."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """DATETIME(6) on MySQL, the plain type elsewhere."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: use app.core.clock.utcnow()")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """Any JSON value, stored as text with sorted keys so that equal values are equal bytes."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """LONGTEXT on MySQL (TEXT ends at 64 KiB there)."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.LONGTEXT())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Serialise."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Parse."""
        return None if value is None else json.loads(value)


class Sealed(TypeDecorator[bytes]):
    """Bytes sealed by app.core.encryption: opaque to the database."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """LONGBLOB on MySQL (BLOB ends at 64 KiB there)."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.LONGBLOB())
        return dialect.type_descriptor(LargeBinary())
