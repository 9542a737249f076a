"""What the API gives about résumés."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

FileKind = Literal["pdf", "docx"]


class ResumeFileOut(BaseModel):
    """A résumé file; ``size`` in bytes."""

    name: str
    kind: FileKind
    size: int
    readable: bool = Field(description="false when no words could be read of it, as of scanned pages")
    given_at: datetime


class ResumeOut(BaseModel):
    """The résumé a candidate gave the company themselves: words, a file, or both."""

    text: str = Field(description="what they typed, else what could be read of the file")
    text_from: Literal["candidate", "file"] | None
    file: ResumeFileOut | None
    updated_at: datetime


class FileAddressOut(BaseModel):
    """Where the file can be fetched for some minutes, without a header."""

    url: str
    name: str
    kind: FileKind
    expires_at: datetime
