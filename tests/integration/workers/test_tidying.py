"""What has served its time is removed by the hour, and nothing else is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from app.core.clock import utcnow
from app.core.database import db
from app.core.ids import first_id, new_id
from app.http.idempotency import KEPT
from app.http.models import IdempotencyRecord
from app.invitations.models import BindingCode
from app.users.models import PhoneCode, RefreshToken
from tenants.models import MessageRoute, PushEvent
from tenants.tenancy import control_scope, control_transaction, tenant_transaction
from tests.factories import Company, World, ok
from tests.integration.answering import answerer, rows
from workers import tidying
from workers.tidying import ENDED, ROUTED, TOLD, tick


def made_at(moment: datetime) -> str:
    """An id of this moment."""
    return first_id(moment)[:12] + new_id()[12:]


def of_tenant(company: Company, invitation_id: str, moment: datetime) -> dict[type, Any]:
    """One row of each kind that expired, or was made, at a moment."""
    token = made_at(moment - timedelta(days=30))
    code, hashed = made_at(moment - timedelta(minutes=10)), new_id() + new_id()
    return {
        RefreshToken: RefreshToken(id=token, family=token, subject=token, claims={}, expires_at=moment),
        BindingCode: BindingCode(
            id=code, invitation_id=invitation_id, identity_id=code, code_hash=hashed, expires_at=moment
        ),
        PhoneCode: PhoneCode(
            id=code, user_id=company.owner_id, code_hash=hashed, made_by=code, expires_at=moment
        ),
    }


def of_control(moment: datetime) -> dict[type, Any]:
    made = made_at(moment)
    names = {"app_id": "wx", "openid": made, "template_id": "t", "tenant_id": made, "message_id": made}
    return {
        PushEvent: PushEvent(id=made, app_id="wx", dedupe_key=made, kind="SubscribeSent", body="{}"),
        MessageRoute: MessageRoute(attempt_id=made, **names),
    }


def in_control(world: World, table: Any) -> set[str]:
    with world.app.app_context(), control_scope(read_only=True):
        return set(db.session.scalars(db.select(table.__table__.primary_key.columns[0])))


def test_what_ended_long_ago_goes_and_the_rest_stays(either_world: World, valkey: Redis) -> None:
    world, person, now = either_world, answerer(either_world), utcnow()
    hour = timedelta(hours=1)
    session = world.staff(world.acme, "owner")
    before = {row.id for row in rows(world, world.acme, RefreshToken)}
    kept: list[Any] = []
    gone: list[Any] = []
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for moment, pile in ((now - ENDED + hour, kept), (now - ENDED - hour, gone)):
            pile.extend(of_tenant(world.acme, person.invitation_id, moment).values())
        for moment, pile in ((now - KEPT + hour, kept), (now - KEPT - hour, gone)):
            key = new_id() + new_id()
            pile.append(IdempotencyRecord(id=made_at(moment), key_hash=key, request_hash=key))
        wanted = {(type(row), row.id) for row in kept}
        db.session.add_all([*kept, *gone])
    with world.app.app_context(), control_transaction():
        for days, pile in ((-1, kept), (1, gone)):
            told, routed = (of_control(now - age - timedelta(days=days)) for age in (TOLD, ROUTED))
            pile.extend((told[PushEvent], routed[MessageRoute]))
            db.session.add_all(pile[-2:])
        of_wechat = {PushEvent: kept[-2].id, MessageRoute: kept[-1].attempt_id}
    with world.app.app_context():
        assert tick(valkey) == len(gone)
        assert tick(valkey) == 0
    for table in (RefreshToken, BindingCode, PhoneCode, IdempotencyRecord):
        left = {row.id for row in rows(world, world.acme, table)} - before
        assert left == {row_id for found, row_id in wanted if found is table}, table
    for table, row_id in of_wechat.items():
        assert in_control(world, table) == {row_id}
    ok(world.client.get("/api/v1/me", headers=session))


def test_many_go_in_batches_and_one_companys_trouble_stops_no_other(
    world: World, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, now = answerer(world), utcnow()
    monkeypatch.setattr(tidying, "_BATCH", 2)
    monkeypatch.setattr(tidying, "_MOST_BATCHES", 2)
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for _ in range(5):
            db.session.add(
                of_tenant(world.acme, person.invitation_id, now - ENDED - timedelta(hours=1))[PhoneCode]
            )
    monkeypatch.setattr(tidying, "active_tenant_ids", lambda: [new_id(), world.acme.id])
    with world.app.app_context():
        assert [tick(valkey) for _ in range(3)] == [4, 1, 0]
