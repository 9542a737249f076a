"""Routes of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from apiflask import APIBlueprint

from app.alerts import digests, showing, telling
from app.alerts.models import Alert
from app.alerts.schemas import (
    AlertCountsOut,
    AlertKind,
    AlertOut,
    AlertPage,
    AlertState,
    DigestIn,
    DigestOut,
    SeenIn,
    WebhookIn,
    WebhookOut,
)
from app.alerts.showing import ShownAlert
from app.board.service import why_shortlisted
from app.core.catalogue import text
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller, viewer
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page_by
from app.http.problems import language
from app.positions.visibility import Viewer
from tenants.tenancy import tenant_scope

blueprint = APIBlueprint("alerts", __name__, url_prefix="/api/v1", tag="Alerts")


class AlertsQuery(PageQuery):
    """Which alerts; open ones by default."""

    state: AlertState = "open"
    kind: AlertKind | None = None
    unseen: bool = False


@blueprint.get("/alerts")
@allow(*STAFF)
@blueprint.input(AlertsQuery, location="query")
@blueprint.output(AlertPage)
def list_alerts(query_data: AlertsQuery) -> AlertPage:
    """What needs somebody in the caller's role, of positions they may see.

    Of the open ones the one due first comes first; one without a clock stands by when it began to wait. Others newest first.
    """
    who = viewer()
    wanted = showing.alerts(who, state=query_data.state, kind=query_data.kind, unseen=query_data.unseen)
    if query_data.state == "open":
        rows, cursor = fetch_page_by(
            wanted, showing.WAITS_FOR, Alert.id, query_data, oldest_first=True, moment_of=showing.waits_for
        )
    else:
        rows, cursor = fetch_page_by(wanted, Alert.raised_at, Alert.id, query_data, oldest_first=False)
    marked = why_shortlisted([row.interview_id for row in rows if row.interview_id], language())
    items = [_shown(row, marked) for row in showing.listed(who, rows)]
    return AlertPage(items=items, next_cursor=cursor, counts=_counts(who))


@blueprint.get("/alerts/counts")
@allow(*STAFF)
@blueprint.output(AlertCountsOut)
def count_alerts() -> AlertCountsOut:
    """How many alerts are open for the caller: the number on the badge."""
    return _counts(viewer())


@blueprint.post("/alerts/seen")
@allow(*STAFF)
@blueprint.input(SeenIn)
@blueprint.output(AlertCountsOut)
def see_alerts(json_data: SeenIn) -> AlertCountsOut:
    """Mark alerts as seen by the caller; they stay open until somebody has done what they ask for."""
    showing.see(viewer(), json_data.ids)
    return _counts(viewer())


@blueprint.get("/me/alert-digest")
@allow(*STAFF)
@blueprint.output(DigestOut)
def get_digest() -> DigestOut:
    """Whether and when the caller gets a daily e-mail of what waits."""
    return DigestOut.model_validate(asdict(digests.digest_of(viewer().user_id)))


@blueprint.put("/me/alert-digest")
@allow(*STAFF)
@blueprint.input(DigestIn)
@blueprint.output(DigestOut)
def set_digest(json_data: DigestIn) -> DigestOut:
    """Ask for a daily e-mail of what waits, or end it."""
    hour = json_data.hour if json_data.digest == "daily" else None
    digests.set_digest(viewer().user_id, hour=hour, language=json_data.language or language())
    return DigestOut.model_validate(asdict(digests.digest_of(viewer().user_id)))


@blueprint.get("/alert-webhook")
@allow("owner", "recruiter")
@blueprint.output(WebhookOut)
def get_webhook() -> WebhookOut:
    """Where the company's group is told that something waits."""
    return WebhookOut.model_validate(asdict(telling.webhook_facts()))


@blueprint.put("/alert-webhook")
@allow("owner")
@blueprint.input(WebhookIn)
@blueprint.output(WebhookOut)
def set_webhook(json_data: WebhookIn) -> WebhookOut:
    """Tell a group robot, or an address of one's own, that something waits: how many of which position, and a link."""
    telling.set_webhook(
        actor(),
        form=json_data.format,
        url=json_data.url,
        secret=json_data.secret,
        language=json_data.language or language(),
    )
    return WebhookOut.model_validate(asdict(telling.webhook_facts()))


@blueprint.delete("/alert-webhook")
@allow("owner")
@blueprint.output({}, status_code=204)
def remove_webhook() -> str:
    """Tell no group any more."""
    telling.remove_webhook(actor())
    return ""


@blueprint.post("/alert-webhook/trial")
@allow("owner", transaction=False)
@limiter.limit("6/minute", key_func=person_key)
@blueprint.output(WebhookOut)
def try_webhook() -> WebhookOut:
    """Send a greeting to the group now and say what came of it."""
    tenant_id = caller().tenant_id or ""
    with tenant_scope(tenant_id, read_only=True):
        parcel = telling.pack_trial()
    telling.post(parcel)
    with tenant_scope(tenant_id, read_only=True):
        return WebhookOut.model_validate(asdict(telling.webhook_facts()))


def _counts(who: Viewer) -> AlertCountsOut:
    return AlertCountsOut.model_validate(asdict(showing.counts(who)))


def _shown(row: ShownAlert, marked: Mapping[str, str]) -> AlertOut:
    alert = row.alert
    words = f"{alert.kind}_overdue" if alert.level == "overdue" else alert.kind
    return AlertOut.model_validate(
        {
            **{name: getattr(alert, name) for name in AlertOut.model_fields if hasattr(alert, name)},
            "title": text(language(), f"alerts.titles.{words}"),
            "candidate_name": row.candidate_name,
            "position_title": row.position_title,
            "seen": row.seen,
            "shortlisted": marked.get(alert.interview_id or ""),
        }
    )
