"""One interview shown to one person outside the hiring team: who holds the link proves a phone, sees this interview and
nothing else until the link ends, and says what they think (H1, ADR 28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from app.alerts import service as alerts
from app.audits.service import Actor, record
from app.candidates.phones import mask_phone, normalise_phone
from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, Gone
from app.core.ids import new_id, new_token
from app.interviews.finding import get_interview, lock_interview
from app.interviews.models import Interview
from app.reviews.service import may_read_others
from app.shares import queries
from app.shares.models import Share
from app.users.service import names_of
from app.users.sessions import end_sessions_of
from tenants.keys import candidate_key
from tenants.tenancy import get_tenant

MOST_SHARES = 50
PAGE = "hr/lead/index"


@dataclass(frozen=True)
class Person:
    """Whom an interview is shared with."""

    name: str
    phone: str
    note: str

    @property
    def masked_phone(self) -> str:
        """Enough of the phone for its owner to know it."""
        return mask_phone(self.phone)


@dataclass(frozen=True)
class LeadOpinion:
    """What somebody answered, opened."""

    share_id: str
    name: str
    recommendation: str
    words: str
    answered_at: datetime


def share(actor: Actor, interview_id: str, *, name: str, phone: str, days: int, note: str = "") -> Share:
    """Make a link to a finished interview for the owner of a phone, good for some days.

    Raises NotFound ``interview_unknown``, Conflict ``share_too_early`` | ``share_decided`` | ``shares_full``, InvalidInput
    ``phone_invalid``, Gone ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    if interview.finished_at is None:
        raise Conflict("share_too_early")
    if interview.status == "decided":
        raise Conflict("share_decided")
    if queries.count_shares(interview_id) >= MOST_SHARES:
        raise Conflict("shares_full")
    share_id = new_id()
    person = {"name": name, "phone": normalise_phone(phone), "note": note}
    made = Share(
        id=share_id,
        interview_id=interview.id,
        candidate_id=interview.candidate_id,
        token=get_tenant(current_tenant_id()).link_key + new_token(22),
        person=seal_json(key, person, _context(share_id, "person")),
        created_by=actor.id,
        expires_at=utcnow() + timedelta(days=days),
    )
    db.session.add(made)
    db.session.flush()
    record(actor, "interview.shared", "interview", interview.id, share=made.id, days=days)
    return made


def revoke(actor: Actor, share_id: str) -> Share:
    """End a link and every session it opened, now; repeating it changes nothing. NotFound ``share_unknown``."""
    made = queries.get_share(share_id, lock=True)
    if made.revoked_at is None:
        made.revoked_at = utcnow()
        end_sessions_of(made.id)
        record(actor, "share.revoked", "interview", made.interview_id, share=made.id)
    return made


def end_shares_of(candidate_id: str) -> None:
    """The candidate is erased: nobody looks at their interviews any more."""
    for made in queries.shares_of_candidate(candidate_id):
        end_sessions_of(made.id)


def get_share(share_id: str) -> Share:
    """A share of the company. Raises NotFound ``share_unknown``."""
    return queries.get_share(share_id)


def shares_of(interview_id: str) -> Select[tuple[Share]]:
    """The shares of an interview, to be paged. Raises NotFound ``interview_unknown``."""
    return queries.shares_of(get_interview(interview_id).id)


def check_usable(made: Share) -> None:
    """Refuse a link that is over: Gone ``share_revoked``, ``share_expired``, ``candidate_erased``."""
    if made.revoked_at is not None:
        raise Gone("share_revoked")
    if made.expires_at <= utcnow():
        raise Gone("share_expired")
    candidate_key(current_tenant_id(), made.candidate_id)


def status_of(made: Share) -> str:
    """sent -> opened -> answered; or revoked, or expired before there was an answer."""
    if made.revoked_at is not None:
        return "revoked"
    if made.answered_at is not None:
        return "answered"
    if made.expires_at <= utcnow():
        return "expired"
    return "opened" if made.opened_at is not None else "sent"


def answer(actor: Actor, made: Share, *, recommendation: str, words: str) -> Share:
    """The reader says what they think; they may change it until the interview is decided.

    Raises Conflict ``share_decided``, Gone as ``check_usable``.
    """
    interview = lock_interview(made.interview_id)
    check_usable(made)
    if interview.status == "decided":
        raise Conflict("share_decided")
    key = candidate_key(current_tenant_id(), made.candidate_id)
    made.recommendation, made.answered_at = recommendation, utcnow()
    made.opinion = seal_json(key, {"words": words}, _context(made.id, "opinion"))
    db.session.flush()
    alerts.opinion_given(interview)
    record(actor, "share.answered", "interview", made.interview_id, share=made.id)
    return made


def opinions_of(interview: Interview) -> list[LeadOpinion]:
    """Every answer about an interview, oldest first. Raises Gone ``candidate_erased``."""
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    return [_opinion(made, key) for made in queries.answered_of(interview.id)]


def read_opinions(reader_id: str, interview_id: str) -> tuple[list[LeadOpinion], int]:
    """(answers that this person may see, how many they may not see yet), as with reviews."""
    opinions = opinions_of(get_interview(interview_id))
    return (opinions, 0) if may_read_opinions(reader_id, interview_id) else ([], len(opinions))


def may_read_opinions(reader_id: str, interview_id: str) -> bool:
    """Whether this person may see what was answered: as with reviews, where blind not before their own is in."""
    return may_read_others(reader_id, get_interview(interview_id))


def shown_for_copy(interview: Interview) -> list[dict[str, Any]]:
    """When an interview was shown to somebody, for a candidate's own copy: no names, no words of the reader."""
    return [
        {
            "shared_at": made.created_at.isoformat(),
            "until": (made.revoked_at or made.expires_at).isoformat(),
            "opened_at": made.opened_at and made.opened_at.isoformat(),
            "recommendation": made.recommendation,
        }
        for made in queries.all_shares(interview.id)
    ]


def person_of(made: Share, key: bytes) -> Person:
    """Whom it is shared with. ``key`` is the candidate's."""
    return Person(**unseal_json(key, made.person, _context(made.id, "person")))


def words_of(made: Share, key: bytes) -> str:
    """What the reader answered in words; empty before they did."""
    if made.opinion is None:
        return ""
    return str(unseal_json(key, made.opinion, _context(made.id, "opinion"))["words"])


def sharers_of(found: Sequence[Share]) -> dict[str, str]:
    """Names of who shared, by user id."""
    return names_of(made.created_by for made in found)


def link_of(made: Share) -> str:
    """The address that opens a share in a browser."""
    return f"{settings().public_base_url.rstrip('/')}/s/{made.token}"


def mini_program_path(made: Share) -> str:
    """The page that opens a share inside WeChat."""
    return f"{PAGE}?token={made.token}"


def _opinion(made: Share, key: bytes) -> LeadOpinion:
    assert made.recommendation is not None and made.answered_at is not None
    return LeadOpinion(
        share_id=made.id,
        name=person_of(made, key).name,
        recommendation=made.recommendation,
        words=words_of(made, key),
        answered_at=made.answered_at,
    )


def _context(share_id: str, column: str) -> str:
    return f"share:{share_id}:{column}"
