"""A candidate gives the company a résumé file; the company opens it, and every opening is on record (C10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.audits.service import Actor, record
from app.candidates.service import GivenResume, find_resume, get_candidate
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal, seal_json, unseal, unseal_json
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.tickets import Tickets
from app.resumes import queries
from app.resumes.models import ResumeFile
from app.resumes.reading import ReadFile
from tenants.keys import candidate_key

_TICKETS = Tickets("/api/v1/resume-files/", "weimian resume file 1")
_LONGEST_NAME = 120
read_file_ticket = _TICKETS.read


@dataclass(frozen=True)
class GivenFile:
    """A résumé file without its bytes. ``name`` ends in its kind; ``text`` is what could be read of it."""

    id: str
    name: str
    kind: str
    size: int
    text: str
    given_at: datetime


@dataclass(frozen=True)
class FileAddress:
    """Where a file can be fetched for some minutes."""

    url: str
    name: str
    kind: str
    expires_at: datetime


def give_file(actor: Actor, candidate_id: str, name: str, sent: bytes, read: ReadFile) -> GivenFile:
    """Keep a file that was read; it replaces the one before. The audit never holds its words or name.

    Raises NotFound ``candidate_unknown``, Gone ``candidate_erased``.
    """
    candidate = get_candidate(candidate_id, lock=True)
    key = candidate_key(current_tenant_id(), candidate.id)
    queries.remove_file_of(candidate.id)
    row = ResumeFile(
        id=(file_id := new_id()),
        candidate_id=candidate.id,
        kind=read.kind,
        size=len(sent),
        about=seal_json(key, {"name": _named(name, read.kind), "text": read.text}, _about(file_id)),
        content=seal(key, sent, _content(file_id)),
    )
    db.session.add(row)
    candidate.changed_at = utcnow()
    db.session.flush()
    record(actor, "candidate.changed_own_profile", "candidate", candidate.id, changed=["resume_file"])
    return _opened(row)


def take_file_back(actor: Actor, candidate_id: str) -> None:
    """The candidate wants it back: the company has it no more. Nothing happens when there is none."""
    candidate = get_candidate(candidate_id, lock=True)
    if queries.find_file_row(candidate.id) is None:
        return
    queries.remove_file_of(candidate.id)
    candidate.changed_at = utcnow()
    record(actor, "candidate.changed_own_profile", "candidate", candidate.id, changed=["resume_file"])


def find_file(candidate_id: str) -> GivenFile | None:
    """The file a candidate gave. Raises Gone ``candidate_erased``."""
    row = queries.find_file_row(candidate_id)
    return None if row is None else _opened(row)


def readable_resume(candidate_id: str) -> GivenResume | None:
    """What the candidate typed, else what could be read of the file; None when there is neither."""
    typed = find_resume(candidate_id)
    if typed is not None:
        return typed
    given = find_file(candidate_id)
    return GivenResume(given.text, given.given_at) if given is not None and given.text else None


def read_resume(viewer: Actor, candidate_id: str) -> GivenResume | None:
    """As ``readable_resume``, for somebody of the company who reads it: the view is audited (P3)."""
    found = readable_resume(candidate_id)
    if found is not None:
        record(viewer, "resume.viewed", "candidate", candidate_id)
    return found


def has_resume(candidate_id: str) -> bool:
    """Whether the candidate gave words or a file."""
    return find_resume(candidate_id) is not None or queries.find_file_row(candidate_id) is not None


def open_file(viewer: Actor, candidate_id: str) -> FileAddress:
    """An address of the file, good for minutes; that it was opened is recorded. Raises NotFound ``resume_file_unknown``."""
    given = find_file(candidate_id)
    if given is None:
        raise NotFound("resume_file_unknown")
    record(viewer, "resume.opened", "candidate", candidate_id)
    url = _TICKETS.address(current_tenant_id(), given.id, viewer.kind, viewer.id)
    return FileAddress(url, given.name, given.kind, _TICKETS.expires_at())


def file_bytes(file_id: str) -> tuple[GivenFile, bytes]:
    """A file and its bytes. Raises NotFound ``resume_file_unknown``, Gone ``candidate_erased``."""
    row = queries.get_file_row(file_id)
    key = candidate_key(current_tenant_id(), row.candidate_id)
    return _opened(row), unseal(key, row.content, _content(row.id))


def remove_file_of(candidate_id: str) -> None:
    """Remove the file of somebody who is erased. Safe to repeat."""
    queries.remove_file_of(candidate_id)


def _opened(row: ResumeFile) -> GivenFile:
    key = candidate_key(current_tenant_id(), row.candidate_id)
    about = unseal_json(key, row.about, _about(row.id))
    return GivenFile(row.id, about["name"], row.kind, row.size, about["text"], row.created_at)


def _named(name: str, kind: str) -> str:
    """A name to show and to save by: no folders, nothing invisible, the ending of what it is."""
    last = "".join(
        letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable()
    ).strip()
    stem = last[: -len(kind) - 1] if last.lower().endswith(f".{kind}") else last
    return f"{stem.strip('. ')[:_LONGEST_NAME] or 'resume'}.{kind}"


def _about(file_id: str) -> str:
    return f"resume_file:{file_id}:about"


def _content(file_id: str) -> str:
    return f"resume_file:{file_id}:content"
