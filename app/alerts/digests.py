"""The daily e-mail of what waits: each person's own wish, on the company's clock (N6).

It names how many of what wait for which position, never a candidate. Nothing waits: nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.alerts import queries
from app.alerts.models import AlertDigest
from app.alerts.showing import KINDS_OF_ROLE, visible
from app.alerts.telling import inbox_link, summary
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import current_tenant_id, db
from app.core.work import cancel_work, schedule_work
from app.policies.service import get_policy
from app.positions.visibility import Viewer
from app.users.models import User
from tenants.tenancy import get_tenant

USUAL_HOUR = 9


@dataclass(frozen=True)
class DigestFacts:
    """Somebody's digest."""

    digest: str
    hour: int
    language: str
    time_zone: str
    email: str
    possible: bool
    sent_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class Letter:
    """An e-mail, taken out of the database."""

    address: str
    subject: str
    body: str
    reference: str


def digest_of(user_id: str) -> DigestFacts:
    """What somebody asked for."""
    found, policy = queries.find_digest(user_id), get_policy()
    return DigestFacts(
        digest="off" if found is None else "daily",
        hour=USUAL_HOUR if found is None else found.hour,
        language=policy.language if found is None else found.language,
        time_zone=policy.time_zone,
        email=db.session.get_one(User, user_id).email,
        possible=ports().mails.is_configured,
        sent_at=None if found is None else found.sent_at,
        reason=None if found is None else found.reason,
    )


def set_digest(user_id: str, *, hour: int | None, language: str) -> None:
    """A daily e-mail at ``hour`` on the company's clock; None ends it."""
    found = queries.find_digest(user_id)
    if hour is None:
        if found is not None:
            db.session.delete(found)
        cancel_work("send_digest", user_id)
        db.session.flush()
        return
    if found is None:
        found = AlertDigest(user_id=user_id)
        db.session.add(found)
    found.hour, found.language = hour, language
    db.session.flush()
    schedule_work("send_digest", user_id, next_time(hour))


def next_time(hour: int) -> datetime:
    """The next moment at which the company's clock shows this hour."""
    zone = ZoneInfo(get_policy().time_zone)
    now = utcnow().astimezone(zone)
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    wanted = today if today > now else today + timedelta(days=1)
    return wanted.astimezone(utcnow().tzinfo)


def pack(user_id: str) -> Letter | None:
    """Today's e-mail; None when nothing waits for this person, or they cannot sign in any more."""
    wish, user = queries.find_digest(user_id), db.session.get(User, user_id)
    if wish is None or user is None or user.status != "active":
        return None
    viewer = Viewer(user.id, user.role)
    found = queries.counts_by_position(visible(viewer), KINDS_OF_ROLE[user.role])
    if not found:
        return None
    tongue = wish.language
    rows = [(row[0], row[1], row[2], row[3]) for row in found]
    lines = [f"- {line}" for line in summary(tongue, rows)]
    company = get_tenant(current_tenant_id()).name
    body = [
        text(tongue, "alerts.digest.greeting", name=user.name),
        "",
        *lines,
        "",
        text(tongue, "alerts.digest.foot", link=inbox_link()),
        "",
        text(tongue, "alerts.digest.settings"),
    ]
    number = sum(number for *_, number in rows)
    return Letter(
        address=user.email,
        subject=text(tongue, "alerts.digest.subject", number=number, company=company),
        body="\n".join(body) + "\n",
        reference=f"{user_id}-{utcnow():%Y%m%d}",
    )


def send(letter: Letter) -> None:
    """Call the outside; no transaction may be open. Raises OutsideError kinds as MailSender does."""
    ports().mails.send_mail(letter.address, letter.subject, letter.body, reference=letter.reference)


def record_outcome(user_id: str, reason: str | None) -> datetime | None:
    """Sent, or why not; when the next one is due, None when it is not wanted any more."""
    wish = queries.find_digest(user_id)
    if wish is None:
        return None
    wish.reason = reason and reason[:60]
    if reason is None:
        wish.sent_at = utcnow()
    db.session.flush()
    return next_time(wish.hour)


def next_of(user_id: str) -> datetime | None:
    """When the next one is due; None when it is not wanted any more."""
    wish = queries.find_digest(user_id)
    return None if wish is None else next_time(wish.hour)
