"""The audit chain shows every tampering."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from app.audits.models import AuditEntry
from app.audits.service import SYSTEM, find_break, record
from app.core.database import db
from tenants.tenancy import tenant_transaction
from tests.factories import World


@pytest.fixture
def chained(world: World) -> World:
    return extend(world)


def extend(world: World) -> World:
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for n in range(5):
            record(SYSTEM, "test.happened", "thing", f"{n}", n=n)
    return world


def broken_at(world: World) -> int | None:
    with world.app.app_context(), tenant_transaction(world.acme.id):
        return find_break()


def numbers(world: World) -> list[int]:
    with world.app.app_context(), tenant_transaction(world.acme.id):
        return list(db.session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)))


def tamper(world: World, statement: object) -> None:
    with world.app.app_context(), tenant_transaction(world.acme.id):
        db.session.execute(statement)  # type: ignore[call-overload]


def test_an_untouched_chain_is_whole(either_world: World) -> None:
    extend(either_world)
    assert broken_at(either_world) is None
    assert numbers(either_world) == list(range(1, len(numbers(either_world)) + 1))


def test_a_changed_entry_is_found(chained: World) -> None:
    victim = numbers(chained)[-3]
    tamper(chained, update(AuditEntry).where(AuditEntry.number == victim).values(detail={"n": 99}))
    assert broken_at(chained) == victim


def test_a_removed_entry_is_found(chained: World) -> None:
    victim = numbers(chained)[-3]
    tamper(chained, delete(AuditEntry).where(AuditEntry.number == victim))
    assert broken_at(chained) == victim


def test_a_cut_off_end_is_found(chained: World) -> None:
    last = numbers(chained)[-1]
    tamper(chained, delete(AuditEntry).where(AuditEntry.number == last))
    assert broken_at(chained) == last
