"""A job holds its work: one worker at a time, extended while it lives, finished once, retried and given up by rule."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from sqlalchemy import select

from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import PermanentError, RateLimited, RetryableError
from app.core.ids import new_id
from app.core.work import KINDS, LostClaim, Work, WorkKind, claim_work, schedule_work
from tenants.provisioning import set_tenant_status
from tenants.tenancy import control_scope, tenant_transaction
from tests.factories import World
from workers.jobs import work as work_module
from workers.jobs.work import HeldWork, Job, performs, wait_seconds

KIND = "expire_upload"  # any kind will do: the bodies below stand in for its job


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Job]:
    """Makes a job of any function, as if the work list named it."""

    def make(body: Callable[[HeldWork], None], **options: object) -> Job:
        named = WorkKind("maintenance", f"{body.__module__}.{body.__name__}", max_attempts=3)
        monkeypatch.setitem(KINDS, KIND, named)  # type: ignore[arg-type]
        return performs(KIND, **options)(body)  # type: ignore[arg-type]

    return make


@pytest.fixture
def asked(either_world: World) -> Iterator[tuple[World, str, str]]:
    """A world, and one piece of work of acme that is due."""
    entity = new_id()
    tenant_id = either_world.acme.id
    with either_world.app.app_context():
        with tenant_transaction(tenant_id):
            schedule_work(KIND, entity)
        yield either_world, tenant_id, entity


def row(tenant_id: str, entity: str) -> Work | None:
    with tenant_transaction(tenant_id):
        found = db.session.execute(select(Work).where(Work.entity_id == entity)).scalar_one_or_none()
        if found is not None:
            db.session.expunge(found)
        return found


def test_it_is_done_once(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    _, tenant_id, entity = asked
    seen: list[int] = []
    job = jobs(lambda work: seen.append(work.attempt))
    job(tenant_id, entity)
    job(tenant_id, entity)
    assert seen == [1] and row(tenant_id, entity) is None


def test_of_two_workers_one_holds_it(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    world, tenant_id, entity = asked
    started, go_on = threading.Event(), threading.Event()
    seen: list[str] = []

    def slow(work: HeldWork) -> None:
        seen.append(work.holder)
        started.set()
        assert go_on.wait(10)

    job = jobs(slow)

    def other() -> None:
        with world.app.app_context():
            job(tenant_id, entity)

    first = threading.Thread(target=other)
    first.start()
    assert started.wait(10)
    job(tenant_id, entity)
    go_on.set()
    first.join()
    assert len(seen) == 1 and row(tenant_id, entity) is None


def test_the_heartbeat_keeps_it_through_a_long_call(
    asked: tuple[World, str, str], jobs: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tenant_id, entity = asked
    monkeypatch.setattr(work_module, "lease", lambda: timedelta(seconds=0.6))
    seen: list[bool] = []

    def long(work: HeldWork) -> None:
        threading.Event().wait(1.5)
        with work.scope():
            seen.append(claim_work(KIND, entity, timedelta(seconds=5)) is None)

    jobs(long)(tenant_id, entity)
    assert seen == [True] and row(tenant_id, entity) is None


def test_who_lost_the_claim_records_nothing(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    """It slept longer than its lease; another took over; its result is rolled back with its transaction."""
    _, tenant_id, entity = asked
    left_behind = new_id()

    def sleepy(work: HeldWork) -> None:
        with time_machine.travel(utcnow() + timedelta(minutes=5)), work.scope():
            assert claim_work(KIND, entity, timedelta(seconds=20)) is not None
            db.session.commit()
        with work.scope():
            schedule_work("score_interview", left_behind)
            with pytest.raises(LostClaim):
                work.finish()
            raise LostClaim

    jobs(sleepy)(tenant_id, entity)
    assert row(tenant_id, left_behind) is None
    held = row(tenant_id, entity)
    assert held is not None and held.attempts == 2


@pytest.mark.parametrize(
    ("error", "least", "most", "attempts"),
    [
        (RetryableError("wechat_busy"), 3.75, 5.5, 1),
        (RetryableError("sms_gateway_down", after_seconds=60), 59, 61, 1),
        (RateLimited("quota_minute", after_seconds=42), 41, 43, 0),
    ],
)
def test_trouble_postpones_it(
    asked: tuple[World, str, str],
    jobs: Callable[..., Job],
    error: RetryableError,
    least: float,
    most: float,
    attempts: int,
) -> None:
    _, tenant_id, entity = asked

    def troubled(_work: HeldWork) -> None:
        raise error

    jobs(troubled)(tenant_id, entity)
    left = row(tenant_id, entity)
    assert left is not None and left.holder is None and left.lease_until is None
    assert (
        least <= (left.due_at - utcnow()).total_seconds() + 0.5
        and (left.due_at - utcnow()).total_seconds() <= most
    )
    assert (left.reason, left.attempts) == (error.reason, attempts)


def test_a_defect_is_raised_again_and_postponed(
    asked: tuple[World, str, str], jobs: Callable[..., Job]
) -> None:
    _, tenant_id, entity = asked

    def defective(_work: HeldWork) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jobs(defective)(tenant_id, entity)
    left = row(tenant_id, entity)
    assert left is not None and left.reason == "ZeroDivisionError" and left.due_at > utcnow()


@pytest.mark.parametrize("how", ["permanent", "too many attempts", "died every time"])
def test_it_is_given_up_where_a_person_sees_it(
    asked: tuple[World, str, str], jobs: Callable[..., Job], how: str
) -> None:
    _, tenant_id, entity = asked
    told: list[tuple[str, str]] = []

    def hopeless(_work: HeldWork) -> None:
        raise PermanentError("model_unavailable") if how == "permanent" else RetryableError("wechat_busy")

    job = jobs(hopeless, give_up=lambda work, reason: told.append((work.entity_id, reason)))
    if how == "died every time":
        with tenant_transaction(tenant_id):
            db.session.execute(select(Work).where(Work.entity_id == entity)).scalar_one().attempts = 3
    for step in range(3):
        with time_machine.travel(utcnow() + timedelta(hours=step)):
            job(tenant_id, entity)
    reason = {"permanent": "model_unavailable", "died every time": "worker_died"}.get(how, "wechat_busy")
    assert told == [(entity, reason)] and row(tenant_id, entity) is None


def test_when_even_giving_up_fails_it_is_kept(
    asked: tuple[World, str, str], jobs: Callable[..., Job]
) -> None:
    _, tenant_id, entity = asked

    def hopeless(_work: HeldWork) -> None:
        raise PermanentError("x")

    def broken(_work: HeldWork, _reason: str) -> None:
        raise ZeroDivisionError

    jobs(hopeless, give_up=broken)(tenant_id, entity)
    left = row(tenant_id, entity)
    assert left is not None and left.holder is None and left.due_at > utcnow()


def test_a_result_and_its_end_are_one(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    """An exception after ``finish`` inside the transaction undoes both; after the commit it undoes neither."""
    _, tenant_id, entity = asked

    def before_commit(work: HeldWork) -> None:
        with work.scope():
            work.finish()
            raise RetryableError("wechat_busy")

    jobs(before_commit)(tenant_id, entity)
    assert row(tenant_id, entity) is not None

    def after_commit(work: HeldWork) -> None:
        with work.scope():
            work.finish()
            db.session.commit()
        raise RetryableError("wechat_busy")

    with time_machine.travel(utcnow() + timedelta(minutes=5)):
        jobs(after_commit)(tenant_id, entity)
    assert row(tenant_id, entity) is None


def test_a_suspended_companys_work_waits(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    _, tenant_id, entity = asked
    seen: list[str] = []
    job = jobs(lambda work: seen.append(work.entity_id))
    set_tenant_status(tenant_id, "suspended")
    try:
        job(tenant_id, entity)
    finally:
        set_tenant_status(tenant_id, "active")
    assert seen == [] and row(tenant_id, entity) is not None
    job(tenant_id, entity)
    assert seen == [entity]


def test_work_of_the_control_plane(asked: tuple[World, str, str], jobs: Callable[..., Job]) -> None:
    entity = new_id()
    with control_scope():
        schedule_work(KIND, entity)
        db.session.commit()
    seen: list[str] = []
    job = jobs(lambda work: seen.append(work.tenant_id))
    job("control", entity)
    job("control", entity)
    assert seen == ["control"]


def test_waits_grow_and_end_at_a_quarter_of_an_hour() -> None:
    waits = [wait_seconds(attempt) for attempt in range(1, 30)]
    assert all(0.75 * 5 * 2 ** min(n, 20) <= w or w >= 0.75 * 900 for n, w in enumerate(waits))
    assert max(waits) <= 900


def test_every_kind_of_work_has_its_job() -> None:
    for kind in KINDS.values():
        module, _, name = kind.job.rpartition(".")
        assert hasattr(getattr(import_module(module), name), "__wrapped__"), kind.job
    with pytest.raises(ValueError, match="is performed by"):
        performs("handle_push")(lambda _work: None)
