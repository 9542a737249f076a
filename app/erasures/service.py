"""Erasing a candidate for good: recordings, personal data and, with their key, everything it sealed (P1, P2)."""

from __future__ import annotations

from datetime import datetime

from app.alerts.service import candidate_forgotten
from app.appeals.service import end_appeals_of
from app.audits.service import Actor, record
from app.candidates.models import Candidate
from app.candidates.service import forget, get_candidate
from app.core.database import current_tenant_id
from app.interviews.service import forget_devices, last_interview_at
from app.invitations.windows import answerable_until, last_window_end
from app.policies.service import retention
from app.recordings.service import delete_recordings_of
from app.resumes.service import remove_file_of
from app.shares.service import end_shares_of
from app.shortlists.service import forget_checks_of
from app.threads.service import end_waiting_of, remove_pictures_of
from app.users.sessions import end_sessions_of
from tenants.keys import erase_candidate_key
from tenants.wechat.identities import remove_memberships


def due_at(candidate_id: str) -> datetime | None:
    """When the company's retention of a candidate ends; None for somebody who was never invited.

    It counts from their last interview, else from the end of the last window they were given; nobody is erased while they
    may still answer.
    """
    last = last_interview_at(candidate_id) or last_window_end(candidate_id)
    return None if last is None else max(last + retention(), answerable_until(candidate_id) or last)


def erase_candidate(actor: Actor, candidate_id: str) -> Candidate:
    """Erase somebody; the row stays as a receipt with its time. Repeating it finishes what a crash left.

    Sealed files are removed from the store, and the key goes last: transcripts, scores, messages and decisions about
    this person can then be read by nobody, in no backup. Raises NotFound ``candidate_unknown``.
    """
    candidate = get_candidate(candidate_id, lock=True)
    removed = delete_recordings_of(candidate.id)
    remove_pictures_of(candidate.id)
    end_appeals_of(candidate.id)
    end_waiting_of(candidate.id)
    remove_file_of(candidate.id)
    forget_devices(candidate.id)
    forget_checks_of(candidate.id)
    if candidate.erased_at is None:
        forget(candidate)
        candidate_forgotten(candidate.id)
        record(actor, "candidate.erased", "candidate", candidate.id, recordings=removed)
    end_sessions_of(candidate.id)
    end_shares_of(candidate.id)
    remove_memberships(current_tenant_id(), "candidate", candidate.id)
    erase_candidate_key(current_tenant_id(), candidate.id)
    return candidate
