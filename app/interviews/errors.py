"""Refusals that name what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.errors import Conflict


class Incomplete(Conflict):
    """Something has to be there first; ``missing`` lists it for programs, the words name it for people."""

    def __init__(self, code: str, missing: Iterable[object]) -> None:
        self.missing = list(missing)
        super().__init__(code, missing=", ".join(str(item) for item in self.missing))
