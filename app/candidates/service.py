"""What can be done with candidates and their applications."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.candidates.models import Application, Candidate, Resume
from app.candidates.phones import mask_email, mask_phone, normalise_phone
from app.candidates.queries import (
    candidates_by_id,
    find_application,
    find_by_phone_index,
    find_resume_row,
    get_candidate,
)
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import blind_index, seal_json, unseal_json
from app.core.errors import Conflict, Gone, InvalidInput
from app.core.ids import new_id
from app.policies.service import get_policy
from tenants.keys import candidate_key, candidate_keys, create_candidate_key, tenant_key

__all__ = [
    "GivenResume",
    "Profile",
    "add_candidate",
    "change_profile",
    "ensure_application",
    "find_resume",
    "get_candidate",
    "get_profile",
    "keep_resume",
    "named_like",
    "phone_index_of",
    "profiles_of",
    "require_known",
    "withdraw_application",
]


@dataclass(frozen=True)
class Profile:
    """Who a candidate is. ``phone`` is E.164.

    ``given`` is the name and e-mail as the company gave them, once the candidate has changed either: a code that opens
    the invitation goes to no other address, or whoever held a session for a moment could open it for good.
    """

    name: str
    phone: str
    email: str | None
    given: dict[str, str | None] | None = None

    @property
    def masked_phone(self) -> str:
        """What of the phone may be shown to somebody who must not learn it."""
        return mask_phone(self.phone)

    @property
    def given_name(self) -> str | None:
        """The name as the company gave it, where it is another one."""
        name = self.given["name"] if self.given is not None else None
        return name if name != self.name else None

    @property
    def code_email(self) -> str | None:
        """Where a code may go by e-mail."""
        return self.given["email"] if self.given is not None else self.email

    @property
    def masked_email(self) -> str | None:
        """What of that address may be shown to somebody who must not learn it."""
        return mask_email(self.code_email) if self.code_email else None


@dataclass(frozen=True)
class GivenResume:
    """A résumé as its candidate gave it, and when."""

    text: str
    updated_at: datetime


def add_candidate(
    actor: Actor,
    *,
    name: str,
    phone: str,
    email: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
) -> tuple[Candidate, bool]:
    """The candidate with this phone, and whether they are new: one phone is one candidate of a company (C1).

    Somebody already known is left as they are. Raises InvalidInput ``phone_invalid``.
    """
    profile = Profile(name, normalise_phone(phone), email)
    index = blind_index(tenant_key(current_tenant_id()), profile.phone)
    known = find_by_phone_index(index)
    if known is not None:
        return known, False
    policy, candidate_id = get_policy(), new_id()
    key = create_candidate_key(current_tenant_id(), candidate_id)
    candidate = Candidate(
        id=candidate_id,
        phone_index=index,
        profile=seal_json(key, asdict(profile), _context(candidate_id)),
        language=language or policy.language,
        time_zone=time_zone or policy.time_zone,
    )
    try:
        with db.session.begin_nested():
            db.session.add(candidate)
    except IntegrityError as error:
        known = find_by_phone_index(index)  # added by another request at this moment
        if known is None:
            raise Conflict("try_again") from error
        return known, False
    record(actor, "candidate.added", "candidate", candidate.id)
    return candidate, True


def get_profile(candidate: Candidate) -> Profile:
    """Who a candidate is. Raises Gone ``candidate_erased``."""
    return _open(candidate, candidate_key(current_tenant_id(), candidate.id))


def profiles_of(candidates: Iterable[Candidate]) -> dict[str, Profile]:
    """Profiles by candidate id, their keys fetched in one query; erased candidates are absent."""
    wanted = {candidate.id: candidate for candidate in candidates}
    keys = candidate_keys(current_tenant_id(), list(wanted)) if wanted else {}
    return {candidate_id: _open(wanted[candidate_id], key) for candidate_id, key in keys.items()}


def profiles_by_id(candidate_ids: Iterable[str]) -> dict[str, Profile]:
    """What is known of these people; nobody who was erased."""
    return profiles_of(candidates_by_id(candidate_ids))


class OfCandidate(Protocol):
    """Whatever belongs to a candidate."""

    candidate_id: Any


Row = TypeVar("Row", bound=OfCandidate)


def named_like(words: str, found: Sequence[Row]) -> list[Row]:
    """Those whose candidate's name contains the words; names are sealed, so they are opened here, a page at a time."""
    profiles = profiles_by_id(row.candidate_id for row in found)
    wanted = "".join(words.split()).casefold()
    return [
        row
        for row in found
        if row.candidate_id in profiles
        and wanted in "".join(profiles[row.candidate_id].name.split()).casefold()
    ]


def phone_index_of(words: str) -> str | None:
    """Where the phone number that somebody typed is found; None when it is none."""
    try:
        return blind_index(tenant_key(current_tenant_id()), normalise_phone(words))
    except InvalidInput:
        return None


def change_profile(
    candidate: Candidate, *, name: str, email: str | None, language: str, time_zone: str
) -> list[str]:
    """The candidate's own changes; the names of what is different now. Raises Gone ``candidate_erased``."""
    key = candidate_key(current_tenant_id(), candidate.id)
    before = _open(candidate, key)
    given = before.given or {"name": before.name, "email": before.email}
    now = replace(before, name=name, email=email, given=given)
    changed = [part for part in ("name", "email") if getattr(before, part) != getattr(now, part)]
    if changed:
        candidate.profile = seal_json(key, asdict(now), _context(candidate.id))
    for part, value in (("language", language), ("time_zone", time_zone)):
        if getattr(candidate, part) != value:
            setattr(candidate, part, value)
            changed.append(part)
    if changed:
        candidate.changed_at = utcnow()
    db.session.flush()
    return changed


def keep_resume(candidate: Candidate, text: str) -> bool:
    """Keep the résumé a candidate gives, or take it back when empty. False when nothing is different."""
    known = find_resume(candidate.id)
    if text == (known.text if known else ""):
        return False
    row = find_resume_row(candidate.id)
    if row is None:
        row = Resume(id=new_id(), candidate_id=candidate.id)
        db.session.add(row)
    key = candidate_key(current_tenant_id(), candidate.id)
    row.content, row.updated_at = seal_json(key, text, _resume_context(row.id)), utcnow()
    candidate.changed_at = row.updated_at
    db.session.flush()
    return True


def find_resume(candidate_id: str) -> GivenResume | None:
    """The résumé a candidate gave; None when they gave none or took it back. Raises Gone ``candidate_erased``."""
    row = find_resume_row(candidate_id)
    if row is None:
        return None
    key = candidate_key(current_tenant_id(), candidate_id)
    text = str(unseal_json(key, row.content, _resume_context(row.id)))
    return GivenResume(text, row.updated_at) if text else None


def ensure_application(candidate_id: str, position_id: str) -> Application:
    """The candidate's application for a position, made when there is none; a withdrawn one opens again.

    The candidate stays locked until the transaction ends, so that two requests make one application and one invitation.
    Raises Conflict ``application_closed`` once it was decided.
    """
    get_candidate(candidate_id, lock=True)
    application = find_application(candidate_id, position_id)
    if application is None:
        application = Application(candidate_id=candidate_id, position_id=position_id, status="open")
        db.session.add(application)
        db.session.flush()
    if application.status not in {"open", "withdrawn"}:
        raise Conflict("application_closed")
    application.status = "open"
    return application


def withdraw_application(application_id: str) -> None:
    """The candidate does not want to go on; a decided application stays as it is."""
    application = db.session.get_one(Application, application_id)
    if application.status == "open":
        application.status = "withdrawn"


def forget(candidate: Candidate) -> None:
    """Empty the row of an erased person; their phone may be added again, as somebody new."""
    candidate.erased_at = utcnow()
    candidate.profile = b""
    candidate.changed_at = None
    resume = find_resume_row(candidate.id)
    if resume is not None:
        db.session.delete(resume)
    candidate.phone_index = hashlib.sha256(f"erased:{candidate.id}".encode()).hexdigest()
    db.session.flush()


def require_known(candidate: Candidate) -> Candidate:
    """The candidate again. Raises Gone ``candidate_erased``."""
    if candidate.erased_at is not None:
        raise Gone("candidate_erased")
    return candidate


def _open(candidate: Candidate, key: bytes) -> Profile:
    return Profile(**unseal_json(key, candidate.profile, _context(candidate.id)))


def _resume_context(resume_id: str) -> str:
    return f"resume:{resume_id}:content"


def _context(candidate_id: str) -> str:
    return f"candidate:{candidate_id}:profile"
