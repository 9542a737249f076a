"""No code path reads another tenant's row; and the check itself can fail (its mutant does)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import delete, func, literal_column, select, text, union, update
from sqlalchemy.orm import aliased

from app.core import database
from app.core.database import db
from app.core.errors import Forbidden, TenantMixed, TenantNotSelected
from app.core.ids import new_id
from app.core.work import Work, schedule_work
from app.positions.models import Position
from tenants import provisioning
from tenants.tenancy import control_scope, hub_scopes, tenancy, tenant_scope, tenant_transaction

ROWS = 5
in_hand: list[object] = []  # a request holds what it read: that is what keeps an identity map alive


def fill(tenant_id: str, ids: list[str]) -> None:
    with tenant_transaction(tenant_id):
        for row_id in ids:
            db.session.add(Position(id=row_id, title=tenant_id, created_by=new_id()))


def read_one(rng: random.Random, ids: list[str]) -> list[str]:
    found = db.session.get(Position, rng.choice(ids))
    in_hand.append(found)
    return [found.title] if found else []


def read_all(rng: random.Random, ids: list[str]) -> list[str]:
    rows = db.session.scalars(select(Position)).all()
    in_hand.extend(rows)
    return [row.title for row in rows]


def read_union(rng: random.Random, ids: list[str]) -> list[str]:
    both = union(select(Position.title).where(Position.id == ids[0]), select(Position.title))
    return list(db.session.scalars(both))


def read_subselect(rng: random.Random, ids: list[str]) -> list[str]:
    other = aliased(Position)
    newest = select(func.max(other.id)).scalar_subquery()
    return list(db.session.scalars(select(Position.title).where(Position.id == newest)))


def change(rng: random.Random, ids: list[str]) -> list[str]:
    db.session.execute(update(Position).where(Position.id == rng.choice(ids)).values(description="changed"))
    db.session.commit()
    return read_all(rng, ids)


def remove_and_restore(rng: random.Random, ids: list[str]) -> list[str]:
    scope = database.current_scope()
    victim = rng.choice(ids)
    db.session.execute(delete(Position).where(Position.id == victim))
    db.session.expunge_all()
    db.session.add(Position(id=victim, title=str(scope.tenant_id), created_by=new_id()))
    db.session.commit()
    return read_all(rng, ids)


READS = [read_one, read_all, read_union, read_subselect]
WRITES = [change, remove_and_restore]
Action = Callable[[random.Random, list[str]], list[str]]


def count_leaks(tenants: tuple[str, str], ids: list[str], rounds: int, seed: int) -> int:
    """Walk randomly over scopes, nested up to three deep, and count titles that belong to the other tenant.

    Outer scopes only read (their transactions stay open, their rows stay in the identity map); the innermost one
    reads or writes.
    """
    rng, leaks = random.Random(seed), 0
    for _ in range(rounds):
        in_hand.clear()
        with ExitStack() as nested:
            depth = rng.randint(1, 3)
            for level in range(depth):
                tenant_id, innermost = rng.choice(tenants), level == depth - 1
                writes = innermost and rng.random() < 0.5
                nested.enter_context(tenant_scope(tenant_id, read_only=not writes))
                actions: list[Action] = WRITES if writes else READS
                for _step in range(rng.randint(1, 3)):
                    leaks += sum(title != tenant_id for title in rng.choice(actions)(rng, ids))
    return leaks


def test_no_leak_between_two_tenants_with_equal_ids(two_tenants: tuple[str, str]) -> None:
    ids = [new_id() for _ in range(ROWS)]
    for tenant_id in two_tenants:
        fill(tenant_id, ids)
    assert count_leaks(two_tenants, ids, rounds=150, seed=1) == 0


def test_the_check_finds_the_leak_when_the_guards_are_gone(
    two_tenants: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: one session for everybody, routed by whatever scope is open, and no last look."""
    ids = [new_id() for _ in range(ROWS)]
    for tenant_id in two_tenants:
        fill(tenant_id, ids)
    tenancy().close()
    shared: dict[int, object] = {}

    def unguarded(self: database.ScopedToOneSession, *args: object, **kwargs: object) -> object:
        scope = database.current_scope()
        return shared.setdefault(hash(scope.tenant_id), database.route(scope))

    monkeypatch.setattr(database.ScopedToOneSession, "get_bind", unguarded)
    monkeypatch.setattr(database, "_check_scope", lambda *_: None)
    monkeypatch.setattr(db.session.registry, "scopefunc", lambda: "everybody")
    monkeypatch.setattr(db.session, "remove", lambda: None)
    try:
        leaks = count_leaks(two_tenants, ids, rounds=60, seed=1)
    finally:
        db.session.registry().close()
        db.session.registry.clear()
        tenancy().close()
    assert leaks > 0


def test_without_a_tenant_everything_fails_closed(platform: Flask) -> None:
    with pytest.raises(TenantNotSelected):
        db.session.scalars(select(Position)).all()
    db.session.add(Position(title="nobody's", created_by=new_id()))
    with pytest.raises(TenantNotSelected):
        db.session.flush()
    db.session.remove()
    with pytest.raises(TenantNotSelected):
        schedule_work("deliver_message", new_id())


def test_control_and_hub_scopes_see_no_tenant_table(two_tenants: tuple[str, str]) -> None:
    with control_scope(), pytest.raises(Exception, match=r"tenant\.position|Unknown database|no such table"):
        db.session.scalars(select(Position)).all()
    for scope in hub_scopes():
        with (
            database.open_scope(scope),
            pytest.raises(Exception, match=r"tenant\.position|Unknown database|no such table"),
        ):
            db.session.scalars(select(Position)).all()


def test_a_session_carried_into_another_scope_is_refused(two_tenants: tuple[str, str]) -> None:
    first, second = two_tenants
    with tenant_scope(first):
        carried = db.session()
        with tenant_scope(second), pytest.raises(TenantMixed):
            carried.scalars(select(Position)).all()


def test_sql_text_is_refused(two_tenants: tuple[str, str]) -> None:
    with tenant_scope(two_tenants[0]):
        with pytest.raises(TenantMixed):
            db.session.execute(text("SELECT 1"))
        with pytest.raises(TenantMixed):
            db.session.connection().execute(text("SELECT 1"))
        with pytest.raises(TenantMixed):
            db.session.connection().exec_driver_sql("SELECT 1")
        assert db.session.execute(select(literal_column("1"))).scalar_one() == 1


def test_an_inactive_tenant_lets_nobody_in(two_tenants: tuple[str, str]) -> None:
    provisioning.set_tenant_status(two_tenants[0], "suspended")
    with pytest.raises(Forbidden), tenant_scope(two_tenants[0]):
        raise AssertionError("a suspended tenant opened")
    with pytest.raises(Forbidden), tenant_scope(new_id()):
        raise AssertionError("an unknown tenant opened")


def test_work_commits_and_rolls_back_with_the_tenants_change(two_tenants: tuple[str, str]) -> None:
    first, entity = two_tenants[0], new_id()
    with tenant_scope(first):
        db.session.add(Position(id=entity, title="rolled back", created_by=new_id()))
        schedule_work("score_interview", entity)
        db.session.rollback()
    assert works_everywhere(entity) == []
    with tenant_transaction(first):
        db.session.add(Position(id=entity, title="kept", created_by=new_id()))
        schedule_work("score_interview", entity)
    assert works_everywhere(entity) == [first]


def works_everywhere(entity_id: str) -> list[str]:
    found = []
    for scope in hub_scopes():
        with database.open_scope(scope):
            found += db.session.scalars(select(Work.tenant_id).where(Work.entity_id == entity_id)).all()
    return found
