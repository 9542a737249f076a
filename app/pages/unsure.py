"""Messages of which nobody knows whether they went out: only a person can find out, so the pages show them first."""

from __future__ import annotations

from dataclasses import dataclass

from app.candidates.models import Candidate
from app.candidates.service import profiles_of
from app.core.database import db
from app.messages.service import contents_of, uncertain_messages
from app.messages.words import reason_words
from app.positions.visibility import Viewer, visible_invitations

RESOLVERS = ("owner", "recruiter")
_MOST = 20


@dataclass(frozen=True)
class Unsure:
    """One such message. An erased candidate has no name, and the message no title."""

    id: str
    candidate: str | None
    title: str | None
    why: str
    next: str


def unsure_messages(viewer: Viewer, language: str) -> list[Unsure]:
    """The oldest that somebody may see, with the reason in words."""
    rows = uncertain_messages(_MOST, visible_invitations(viewer))
    candidates = (db.session.get_one(Candidate, one) for one in {row.candidate_id for row in rows})
    profiles, contents = profiles_of(candidates), contents_of(rows)
    found = []
    for row in rows:
        why, following = reason_words(language, row.reason or "no_answer")
        name = profiles[row.candidate_id].name if row.candidate_id in profiles else None
        title = contents[row.id]["title"] if row.id in contents else None
        found.append(Unsure(row.id, name, title, why, following))
    return found
