"""Refusals of the upload protocol, which carry headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import DomainError


class UploadRefused(DomainError):
    """A refusal with tus headers, such as the offset that was reached. ``params`` fill the words."""

    def __init__(
        self, code: str, status: int, *, headers: Mapping[str, str] | None = None, **params: Any
    ) -> None:
        super().__init__(code, status=status, **params)
        self.headers = dict(headers or {})


def refused_at(code: str, status: int, offset: int, **params: Any) -> UploadRefused:
    """A refusal that says where to go on."""
    return UploadRefused(code, status, headers={"Upload-Offset": str(offset)}, **params)
