"""Résumé files as the API tells of them."""

from __future__ import annotations

from app.resumes.schemas import ResumeFileOut
from app.resumes.service import GivenFile


def shown_file(given: GivenFile) -> ResumeFileOut:
    """A file without its bytes and words."""
    about = {part: getattr(given, part) for part in ("name", "kind", "size", "given_at")}
    return ResumeFileOut.model_validate(about | {"readable": bool(given.text)})
