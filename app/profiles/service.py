"""A candidate sees and changes what a company knows of them (C10); the company sees that it changed, and when."""

from __future__ import annotations

from app.audits.service import Actor, record
from app.candidates import service as candidates
from app.candidates.models import Candidate
from app.invitations.service import tell_anew


def change_own(
    actor: Actor,
    candidate_id: str,
    *,
    name: str,
    email: str | None,
    language: str,
    time_zone: str,
    resume: str,
) -> Candidate:
    """Make the profile so. The audit names what changed and never its words; waiting reminders are told anew.

    Raises NotFound ``candidate_unknown``, Gone ``candidate_erased``.
    """
    candidate = candidates.get_candidate(candidate_id, lock=True)
    changed = candidates.change_profile(
        candidate, name=name, email=email, language=language, time_zone=time_zone
    )
    if candidates.keep_resume(candidate, resume):
        changed.append("resume")
    if changed:
        record(actor, "candidate.changed_own_profile", "candidate", candidate.id, changed=changed)
    if {"name", "language", "time_zone"} & set(changed):
        tell_anew(candidate.id)
    return candidate
