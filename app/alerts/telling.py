"""Alerts told outside the product: the company's group robot or own address (N6).

Outside it is said only how many of what wait for which position, with a link: no names, no words, no scores. The title of
a position that not every recruiter may see stays inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.alerts import queries
from app.alerts.models import Alert, AlertWebhook
from app.audits.service import Actor, record
from app.core.catalogue import text
from app.core.clock import utcnow
from app.core.context import ports, settings
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import InvalidInput, NotFound, PermanentError
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.ports import RobotAddress, RobotNews
from app.positions.service import titles_of
from tenants.keys import tenant_key
from tenants.tenancy import get_tenant

MOST_AT_ONCE = 500
_CONTEXT = "alert_webhook:address"


@dataclass(frozen=True)
class WebhookFacts:
    """The company's webhook without what opens it."""

    configured: bool
    format: str | None = None
    host: str | None = None
    signed: bool = False
    language: str | None = None
    sent_at: object = None
    reason: str | None = None


@dataclass(frozen=True)
class RobotParcel:
    """All that a post needs, taken out of the database. ``alert_ids`` are those it tells of, by when they were raised."""

    address: RobotAddress
    news: RobotNews
    raised: dict[str, object]


def webhook_facts() -> WebhookFacts:
    """What is set up."""
    webhook = queries.find_webhook()
    if webhook is None:
        return WebhookFacts(configured=False)
    address = _address(webhook)
    return WebhookFacts(
        configured=True,
        format=webhook.format,
        host=urlsplit(address.url).hostname,
        signed=bool(address.secret),
        language=webhook.language,
        sent_at=webhook.sent_at,
        reason=webhook.reason,
    )


def set_webhook(actor: Actor, *, form: str, url: str, secret: str, language: str) -> None:
    """Tell this address from now on, beginning with what waits. Raises InvalidInput ``robot_address_refused``."""
    address = RobotAddress(form, url, secret)  # type: ignore[arg-type]
    try:
        ports().robots.check_address(address)
    except PermanentError as error:
        raise InvalidInput(error.reason) from error
    webhook = queries.find_webhook()
    if webhook is None:
        webhook = AlertWebhook(format=form, language=language, address=b"")
        db.session.add(webhook)
    sealed = seal_json(tenant_key(current_tenant_id()), {"url": url, "secret": secret}, _CONTEXT)
    webhook.format, webhook.language, webhook.address = form, language, sealed
    webhook.reason, webhook.updated_at = None, utcnow()
    db.session.flush()
    schedule_work("post_alerts", webhook.id)
    record(actor, "alert_webhook.set", "alert_webhook", webhook.id, format=form)


def remove_webhook(actor: Actor) -> None:
    """Tell nobody any more. Raises NotFound ``alert_webhook_unknown``."""
    webhook = _get_webhook()
    cancel_work("post_alerts", webhook.id)
    db.session.delete(webhook)
    db.session.flush()
    record(actor, "alert_webhook.removed", "alert_webhook", webhook.id)


def pack_trial() -> RobotParcel:
    """A greeting for the group. Raises NotFound ``alert_webhook_unknown``."""
    webhook = _get_webhook()
    tongue = webhook.language
    return RobotParcel(
        address=_address(webhook),
        news=RobotNews(
            id=new_id(),
            title=text(tongue, "alerts.robot.trial_title", company=get_tenant(current_tenant_id()).name),
            lines=[text(tongue, "alerts.robot.trial_line")],
            link=inbox_link(),
            link_text=text(tongue, "alerts.robot.open"),
        ),
        raised={},
    )


def pack() -> RobotParcel | None:
    """What the group has not been told yet; None when there is no group or no news."""
    webhook, found = queries.find_webhook(), queries.unposted(MOST_AT_ONCE)
    if webhook is None or not found:
        return None
    tongue = webhook.language
    return RobotParcel(
        address=_address(webhook),
        news=RobotNews(
            id=new_id(),
            title=text(tongue, "alerts.robot.title", company=get_tenant(current_tenant_id()).name),
            lines=_lines(tongue, found),
            link=inbox_link(),
            link_text=text(tongue, "alerts.robot.open"),
            facts={"items": _facts(found)},
        ),
        raised={alert.id: alert.raised_at for alert in found},
    )


def post(parcel: RobotParcel) -> None:
    """Call the outside; no transaction may be open. Raises OutsideError kinds as GroupRobots does."""
    ports().robots.post(parcel.address, parcel.news)


def record_posted(parcel: RobotParcel) -> None:
    """The group was told; an alert raised again meanwhile is still news. More to tell is asked for."""
    now = utcnow()
    for alert_id, raised_at in parcel.raised.items():
        alert = queries.get_locked(alert_id)
        if alert is not None and alert.raised_at == raised_at:
            alert.posted_at = now
    webhook = queries.find_webhook()
    if webhook is not None:
        webhook.sent_at, webhook.reason = now, None
    db.session.flush()


def has_more() -> bool:
    """Whether there is news the group was not told of."""
    return queries.find_webhook() is not None and bool(queries.unposted(1))


def record_failed(reason: str) -> None:
    """Tried long enough: people see why; the next alert tries again, with all that was not told."""
    webhook = queries.find_webhook()
    if webhook is not None:
        webhook.reason = reason[:60]
        db.session.flush()


def summary(language: str, rows: list[tuple[str, str, str, int]], hidden: Collection[str] = ()) -> list[str]:
    """Lines such as "销售代表: interviews to decide 1" for (position id, kind, level, how many), pressing ones first.

    The titles of ``hidden`` positions are left out.
    """
    titles = titles_of(position_id for position_id, *_ in rows)
    titles |= {position_id: text(language, "alerts.hidden_position") for position_id in hidden}
    order = {"overdue": 0, "urgent": 1, "normal": 2}
    rows = sorted(rows, key=lambda row: (order[row[2]], titles[row[0]], row[1]))
    return [
        text(
            language,
            f"alerts.counted.{kind}_overdue" if level == "overdue" else f"alerts.counted.{kind}",
            number=number,
            position=titles[position_id],
        )
        for position_id, kind, level, number in rows
    ]


def inbox_link() -> str:
    """The address of the list of alerts in a browser."""
    return f"{settings().public_base_url.rstrip('/')}/m/#/hr/inbox/index"


def _lines(language: str, found: list[Alert]) -> list[str]:
    hidden = queries.restricted_among([alert.position_id for alert in found])
    rows = [(*key, number) for key, number in _counted(found).items()]
    return summary(language, rows, hidden=hidden)


def _facts(found: list[Alert]) -> list[dict[str, object]]:
    titles = titles_of(alert.position_id for alert in found)
    hidden = queries.restricted_among([alert.position_id for alert in found])
    return [
        {
            "kind": kind,
            "level": level,
            "position_id": at,
            "position": None if at in hidden else titles[at],
            "count": number,
        }
        for (at, kind, level), number in _counted(found).items()
    ]


def _counted(found: list[Alert]) -> Counter[tuple[str, str, str]]:
    return Counter((alert.position_id, alert.kind, alert.level) for alert in found)


def _get_webhook() -> AlertWebhook:
    webhook = queries.find_webhook()
    if webhook is None:
        raise NotFound("alert_webhook_unknown")
    return webhook


def _address(webhook: AlertWebhook) -> RobotAddress:
    opened = unseal_json(tenant_key(current_tenant_id()), webhook.address, _CONTEXT)
    return RobotAddress(webhook.format, opened["url"], opened["secret"])  # type: ignore[arg-type]
