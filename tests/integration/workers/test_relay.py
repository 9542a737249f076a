"""From the database to real queues and real workers: fair, once at a time, and again when the queue is lost."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, func, select

from app.core.clock import utcnow
from app.core.database import db
from app.core.ids import new_id
from app.core.work import KINDS, Work, schedule_work
from config import QUEUES
from tenants.provisioning import set_tenant_status
from tenants.tenancy import control_scope, tenant_transaction
from tests.factories import World
from workers.queues import make_worker, run_worker, waiting_jobs
from workers.relay import offer_lease, tick

SHARE = 8  # work_in_flight_per_tenant


@pytest.fixture
def hub(either_world: World) -> World:
    """A world whose work list is empty."""
    with either_world.app.app_context():
        for company in either_world.companies.values():
            with tenant_transaction(company.id):
                db.session.execute(delete(Work))
        with control_scope():
            db.session.execute(delete(Work))
            db.session.commit()
    return either_world


def ask(world: World, tenant_id: str, kind: str, count: int = 1) -> list[str]:
    """Due work on entities that do not exist: performing it finds nothing to do and finishes."""
    entities = [new_id() for _ in range(count)]
    with world.app.app_context(), tenant_transaction(tenant_id):
        for entity in entities:
            schedule_work(kind, entity)
    return entities


def left(world: World, tenant_id: str) -> int:
    with world.app.app_context(), tenant_transaction(tenant_id):
        return (
            db.session.scalar(select(func.count()).select_from(Work).where(Work.tenant_id == tenant_id)) or 0
        )


def relay(world: World, valkey: Redis) -> int:
    with world.app.app_context():
        return tick(valkey)


def serve(world: World, valkey: Redis, queue: str) -> None:
    """A real RQ worker until the queue is empty."""
    with world.app.app_context():
        run_worker(make_worker(valkey, queue, new_id()), burst=True)


def test_due_work_reaches_its_queue_and_its_job(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message")
    ask(hub, hub.acme.id, "settle_message")
    with hub.app.app_context(), tenant_transaction(hub.acme.id):
        schedule_work("deliver_message", new_id(), utcnow() + timedelta(hours=1))
    assert relay(hub, valkey) == 2
    assert len(waiting_jobs(valkey, "delivery")) == len(waiting_jobs(valkey, "maintenance")) == 1
    assert relay(hub, valkey) == 0
    serve(hub, valkey, "delivery")
    serve(hub, valkey, "maintenance")
    assert left(hub, hub.acme.id) == 1


def test_work_of_the_control_plane_is_carried_too(hub: World, valkey: Redis) -> None:
    with hub.app.app_context(), control_scope():
        schedule_work("handle_push", new_id())
        db.session.commit()
    assert relay(hub, valkey) == 1
    serve(hub, valkey, "callbacks")
    assert hub.due("handle_push") == []


def test_five_hundred_of_one_company_do_not_delay_anothers_one(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message", 500)
    [lone] = ask(hub, hub.globex.id, "deliver_message")
    assert relay(hub, valkey) == SHARE + 1
    ahead = next(place for place, job in enumerate(waiting_jobs(valkey, "delivery")) if lone in job)
    assert ahead <= SHARE
    serve(hub, valkey, "delivery")
    assert left(hub, hub.globex.id) == 0
    assert left(hub, hub.acme.id) == 500 - SHARE


def test_a_share_is_per_queue_and_counts_what_is_held(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message", SHARE)
    assert relay(hub, valkey) == SHARE
    ask(hub, hub.acme.id, "deliver_message", 3)
    ask(hub, hub.acme.id, "score_interview", 3)
    assert relay(hub, valkey) == 3
    assert len(waiting_jobs(valkey, "maintenance")) == 3


def test_a_lost_queue_is_offered_again_from_the_database(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message", 5)
    assert relay(hub, valkey) == 5
    valkey.flushall()
    assert relay(hub, valkey) == 0  # the offers still stand
    let_offers_end(hub)
    assert relay(hub, valkey) == 5
    assert len(waiting_jobs(valkey, "delivery")) == 5
    let_offers_end(hub)
    assert relay(hub, valkey) == 0  # still waiting there: not put a second time
    assert len(waiting_jobs(valkey, "delivery")) == 5
    serve(hub, valkey, "delivery")
    assert left(hub, hub.acme.id) == 0


def let_offers_end(world: World) -> None:
    """Half a minute passes without a worker."""
    with world.app.app_context(), tenant_transaction(world.acme.id):
        for row in db.session.scalars(select(Work).where(Work.lease_until.is_not(None))):
            assert row.lease_until is not None and row.lease_until <= utcnow() + offer_lease()
            row.lease_until = utcnow() - timedelta(seconds=1)


def test_the_holder_of_an_ended_lease_loses_it_to_the_next_offer(hub: World, valkey: Redis) -> None:
    [entity] = ask(hub, hub.acme.id, "deliver_message")
    with hub.app.app_context(), tenant_transaction(hub.acme.id):
        row = db.session.execute(select(Work).where(Work.entity_id == entity)).scalar_one()
        row.holder, row.attempts, row.lease_until = new_id(), 1, utcnow() - timedelta(seconds=1)
    assert relay(hub, valkey) == 1
    serve(hub, valkey, "delivery")
    assert left(hub, hub.acme.id) == 0


def test_relays_that_run_at_once_offer_each_row_once(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message", SHARE)
    ask(hub, hub.globex.id, "deliver_message", SHARE)
    barrier, counts = threading.Barrier(4), []

    def one() -> None:
        with hub.app.app_context():
            barrier.wait()
            counts.append(tick(valkey))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs = waiting_jobs(valkey, "delivery")
    assert sum(counts) == len(jobs) == len(set(jobs)) == 2 * SHARE


def test_a_suspended_company_is_put_off_and_comes_back(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message", 20)
    ask(hub, hub.globex.id, "deliver_message")
    with hub.app.app_context():
        set_tenant_status(hub.acme.id, "suspended")
    try:
        assert relay(hub, valkey) == 1
        assert relay(hub, valkey) == 0
    finally:
        with hub.app.app_context():
            set_tenant_status(hub.acme.id, "active")
    assert left(hub, hub.acme.id) == 20


@pytest.mark.mariadb
@pytest.mark.parametrize("either_world", ["mariadb"], indirect=True)  # on SQLite its list is its own file
def test_work_whose_worker_died_is_put_off_with_its_suspended_company(hub: World, valkey: Redis) -> None:
    [entity] = ask(hub, hub.acme.id, "deliver_message")
    with hub.app.app_context():
        with tenant_transaction(hub.acme.id):
            row = db.session.execute(select(Work).where(Work.entity_id == entity)).scalar_one()
            row.holder, row.lease_until = new_id(), utcnow() - timedelta(seconds=1)
        set_tenant_status(hub.acme.id, "suspended")
    try:
        assert relay(hub, valkey) == 0
    finally:
        with hub.app.app_context():
            set_tenant_status(hub.acme.id, "active")
    with hub.app.app_context(), tenant_transaction(hub.acme.id):
        row = db.session.execute(select(Work).where(Work.entity_id == entity)).scalar_one()
        assert row.due_at > utcnow() and row.holder is None


def test_without_valkey_nothing_is_leased(hub: World, valkey: Redis) -> None:
    ask(hub, hub.acme.id, "deliver_message")
    with Redis(port=1, socket_connect_timeout=0.2, retry=None) as away, pytest.raises(RedisError):
        relay(hub, away)
    assert relay(hub, valkey) == 1
    serve(hub, valkey, "delivery")
    assert left(hub, hub.acme.id) == 0


def test_work_whose_offer_never_reached_the_queue_is_offered_again(
    hub: World, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay died, or Valkey went away, between the lease and the queue."""

    def gone(*_args: object) -> int:
        raise RedisError

    ask(hub, hub.acme.id, "deliver_message", 3)
    with monkeypatch.context() as patched:
        patched.setattr("workers.relay.offer", gone)
        assert relay(hub, valkey) == 0
    let_offers_end(hub)
    assert relay(hub, valkey) == 3


def test_every_kind_goes_to_a_queue_that_a_worker_serves() -> None:
    assert {kind.queue for kind in KINDS.values()} == set(QUEUES)
