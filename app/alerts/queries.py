"""Reads and marks of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from app.alerts.models import WEBHOOK_ID, Alert, AlertDigest, AlertSeen, AlertWebhook
from app.core.database import db
from app.core.ids import new_id
from app.positions.models import Position


def find_alert(dedupe_key: str) -> Alert | None:
    """The alert of a key, locked until the transaction ends."""
    statement = select(Alert).where(Alert.dedupe_key == dedupe_key).with_for_update()
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def get_locked(alert_id: str) -> Alert | None:
    """An alert, locked until the transaction ends."""
    statement = select(Alert).where(Alert.id == alert_id).with_for_update()
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def open_alerts_of(candidate_id: str) -> list[Alert]:
    """What about a candidate needs somebody."""
    statement = select(Alert).where(Alert.candidate_id == candidate_id, Alert.resolved_at.is_(None))
    return list(db.session.scalars(statement))


def alerts(
    user_id: str, visible: ColumnElement[bool], *, state: str, kinds: Sequence[str], unseen: bool
) -> Select[tuple[Alert]]:
    """Alerts that a person may see; ``state`` open, resolved or all."""
    statement = select(Alert).where(visible, Alert.kind.in_(kinds))
    if state != "all":
        is_open = Alert.resolved_at.is_(None)
        statement = statement.where(is_open if state == "open" else ~is_open)
    if unseen:
        statement = statement.where(Alert.id.not_in(_seen(user_id)))
    return statement


def counts(
    user_id: str, visible: ColumnElement[bool], kinds: Sequence[str]
) -> Sequence[Row[str, str, int, int]]:
    """Open alerts by kind and level: (kind, level, how many, how many of them unseen)."""
    seen = _seen(user_id).subquery()
    unseen = func.count(Alert.id) - func.count(seen.c.alert_id)
    statement = (
        select(Alert.kind, Alert.level, func.count(Alert.id), unseen)
        .outerjoin(seen, seen.c.alert_id == Alert.id)
        .where(visible, Alert.resolved_at.is_(None), Alert.kind.in_(kinds))
        .group_by(Alert.kind, Alert.level)
    )
    return db.session.execute(statement).all()


def counts_by_position(
    visible: ColumnElement[bool], kinds: Sequence[str]
) -> Sequence[Row[str, str, str, int]]:
    """Open alerts as (position id, kind, level, how many)."""
    statement = (
        select(Alert.position_id, Alert.kind, Alert.level, func.count(Alert.id))
        .where(visible, Alert.resolved_at.is_(None), Alert.kind.in_(kinds))
        .group_by(Alert.position_id, Alert.kind, Alert.level)
        .order_by(Alert.position_id, Alert.kind, Alert.level)
    )
    return db.session.execute(statement).all()


def seen_among(user_id: str, alert_ids: Sequence[str]) -> set[str]:
    """Which of these alerts a person saw since they were raised last."""
    return set(db.session.scalars(_seen(user_id).where(Alert.id.in_(alert_ids))))


def mark_seen(user_id: str, alert_ids: Sequence[str], now: datetime) -> None:
    """Note that a person looked at these alerts."""
    known = select(AlertSeen).where(AlertSeen.user_id == user_id, AlertSeen.alert_id.in_(alert_ids))
    marks = {mark.alert_id: mark for mark in db.session.scalars(known)}
    for alert_id in dict.fromkeys(alert_ids):
        if alert_id in marks:
            marks[alert_id].seen_at = now
        else:
            db.session.add(AlertSeen(id=new_id(), user_id=user_id, alert_id=alert_id, seen_at=now))
    db.session.flush()


def unposted(most: int) -> list[Alert]:
    """Open alerts that the company's webhook was not told of, oldest first."""
    statement = (
        select(Alert)
        .where(Alert.resolved_at.is_(None), Alert.posted_at.is_(None))
        .order_by(Alert.raised_at, Alert.id)
        .limit(most)
    )
    return list(db.session.scalars(statement))


def restricted_among(position_ids: Sequence[str]) -> set[str]:
    """Which of these positions only their members may see."""
    statement = select(Position.id).where(Position.id.in_(position_ids), Position.restricted.is_(True))
    return set(db.session.scalars(statement))


def has_webhook() -> bool:
    """Whether the company has a webhook."""
    return db.session.execute(select(AlertWebhook.id)).first() is not None


def find_webhook() -> AlertWebhook | None:
    """The company's webhook."""
    return db.session.get(AlertWebhook, WEBHOOK_ID)


def find_digest(user_id: str) -> AlertDigest | None:
    """Somebody's wish for a digest."""
    return db.session.get(AlertDigest, user_id)


def _seen(user_id: str) -> Select[str]:
    """Ids of the alerts that a person saw since they were raised last."""
    return (
        select(AlertSeen.alert_id)
        .join(Alert, Alert.id == AlertSeen.alert_id)
        .where(AlertSeen.user_id == user_id, or_(AlertSeen.seen_at >= Alert.raised_at))
    )
