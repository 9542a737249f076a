"""The rows of some MariaDB schemas, kept and put back: a clean database for each test without making it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.cursors import Cursor
from sqlalchemy import make_url


class Snapshot:
    """Every row of every schema whose name begins with ``prefix``, as it was when this was made.

    Schemas made later stay where they are; nothing in the kept ones refers to them once ``restore`` returns.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = make_url(url)
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE %s",
                (prefix.replace("_", "\\_") + "%",),
            )
            tables = [f"`{schema}`.`{table}`" for schema, table in cursor.fetchall()]
            self._rows: dict[str, tuple[tuple[Any, ...], ...]] = {}
            for table in tables:
                cursor.execute(f"SELECT * FROM {table}")
                self._rows[table] = cursor.fetchall()

    def restore(self) -> None:
        """Make the tables as they were."""
        with self._cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for table, rows in self._rows.items():
                cursor.execute(f"DELETE FROM {table}")
                if rows:
                    cursor.executemany(
                        f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows
                    )

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        url = self._url
        login = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
        with pymysql.connect(**login, charset="utf8mb4") as connection, connection.cursor() as cursor:
            yield cursor
            connection.commit()
