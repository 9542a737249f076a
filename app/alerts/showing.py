"""Alerts as a person of the company sees them: those of positions they may see, in their role, unseen ones marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func

from app.alerts import queries
from app.alerts.models import Alert
from app.candidates.service import profiles_by_id
from app.core.clock import utcnow
from app.core.database import db
from app.positions.service import titles_of
from app.positions.visibility import Viewer, visible_rows

KINDS = ("decision", "thread", "appeal", "invitation", "potential", "opinion")
KINDS_OF_ROLE: Mapping[str, Sequence[str]] = {
    "owner": KINDS,
    "recruiter": KINDS,
    "lead": ("decision", "appeal", "potential", "opinion"),
    "interviewer": ("decision", "potential"),
}
"""What somebody of a role can do something about, or should look at."""

WAITS_FOR: ColumnElement[datetime] = func.coalesce(Alert.due_at, Alert.raised_at)
"""In whose order open alerts are dealt with, as ``waits_for``."""


@dataclass(frozen=True)
class ShownAlert:
    """An alert with whom and what it is about; ``candidate_name`` is None once they were erased."""

    alert: Alert
    candidate_name: str | None
    position_title: str
    seen: bool


@dataclass(frozen=True)
class Counts:
    """Open alerts: in all, unseen, urgent or overdue, and by kind."""

    open: int = 0
    unseen: int = 0
    pressing: int = 0
    overdue: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)


def waits_for(alert: Alert) -> datetime:
    """When it is due; without a clock since when it waits."""
    return alert.due_at or alert.raised_at


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The alerts of positions, or single interviews, that somebody may see."""
    return visible_rows(viewer, Alert.position_id, Alert.invitation_id)


def alerts(
    viewer: Viewer, *, state: str = "open", kind: str | None = None, unseen: bool = False
) -> Select[tuple[Alert]]:
    """Alerts that somebody may see, narrowed."""
    kinds = [known for known in KINDS_OF_ROLE[viewer.role] if kind in (None, known)]
    return queries.alerts(viewer.user_id, visible(viewer), state=state, kinds=kinds, unseen=unseen)


def listed(viewer: Viewer, found: Sequence[Alert]) -> list[ShownAlert]:
    """Rows for a list, in a bounded number of queries."""
    profiles = profiles_by_id(alert.candidate_id for alert in found)
    titles = titles_of(alert.position_id for alert in found)
    seen = queries.seen_among(viewer.user_id, [alert.id for alert in found])
    return [
        ShownAlert(
            alert=alert,
            candidate_name=profiles[alert.candidate_id].name if alert.candidate_id in profiles else None,
            position_title=titles[alert.position_id],
            seen=alert.id in seen,
        )
        for alert in found
    ]


def counts(viewer: Viewer) -> Counts:
    """What the badge says."""
    rows = queries.counts(viewer.user_id, visible(viewer), KINDS_OF_ROLE[viewer.role])
    by_kind = dict.fromkeys(KINDS_OF_ROLE[viewer.role], 0)
    for kind, _, number, _ in rows:
        by_kind[kind] += number
    return Counts(
        open=sum(number for _, _, number, _ in rows),
        unseen=sum(unseen for _, _, _, unseen in rows),
        pressing=sum(number for _, level, number, _ in rows if level != "normal"),
        overdue=sum(number for _, level, number, _ in rows if level == "overdue"),
        by_kind=by_kind,
    )


def see(viewer: Viewer, alert_ids: Sequence[str]) -> None:
    """Mark these as seen by this person; ids that are not theirs to see are passed over."""
    wanted = alerts(viewer, state="all").where(Alert.id.in_(alert_ids)).with_only_columns(Alert.id)
    queries.mark_seen(viewer.user_id, list(db.session.scalars(wanted)), utcnow())
