"""Reads of résumé files."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.core.database import db
from app.core.errors import NotFound
from app.resumes.models import ResumeFile


def find_file_row(candidate_id: str) -> ResumeFile | None:
    """The file a candidate gave; its bytes are not loaded."""
    found = select(ResumeFile).where(ResumeFile.candidate_id == candidate_id)
    return db.session.execute(found).scalar_one_or_none()


def get_file_row(file_id: str) -> ResumeFile:
    """A file by its id. Raises NotFound ``resume_file_unknown``."""
    row = db.session.get(ResumeFile, file_id)
    if row is None:
        raise NotFound("resume_file_unknown")
    return row


def remove_file_of(candidate_id: str) -> None:
    """Remove a candidate's file. Safe to repeat."""
    gone = delete(ResumeFile).where(ResumeFile.candidate_id == candidate_id)
    db.session.execute(gone.execution_options(synchronize_session="fetch"))
