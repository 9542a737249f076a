"""Transactions that meet: what one is about to record is neither overwritten nor missed by the other.

In each test the first transaction has written and not committed when the second one comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete

from app.audits.service import SYSTEM, record
from app.candidates.queries import get_candidate
from app.core.database import db
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.work import claim_work, finish_work, is_scheduled, schedule_work
from app.messages import delivery
from app.messages.delivery import Parcel
from app.messages.models import Message
from app.messages.service import cancel_reminders, resolve_message
from app.recordings.models import Rendition, Segment
from app.recordings.renditions import request_rendition
from app.recordings.service import COMPLETE
from app.users import service as users
from app.users.sessions import end_sessions_of, renew_session
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import PASSWORD, Company, World, bearer, ok, refused
from tests.integration.answering import rows
from tests.integration.messages.conftest import Invited, invited
from tests.integration.results.conftest import Results

__all__ = ["invited"]
# How transactions meet is where the two databases differ most: always on both.
EACH = ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)]
on_each = pytest.mark.parametrize("either_world", EACH, indirect=True)
LEASE = timedelta(seconds=20)
_UNTIL_IT_WAITS = 0.6  # seconds: a request of ours takes a tenth of that


@contextmanager
def meeting(world: World, second: Callable[[], Any]) -> Iterator[None]:
    """Start ``second`` in a thread when the block has done its work, and let the block commit a moment later."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with world.app.app_context():
                second()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(_UNTIL_IT_WAITS)
    yield
    db.session.commit()
    thread.join(30)
    assert not failed, failed
    assert not thread.is_alive()


def signed_in(world: World, email: str) -> Any:
    body = {"company": "acme", "email": email, "password": PASSWORD}
    return world.client.post("/api/v1/sessions", json=body)


def alive(world: World, token: str) -> bool:
    return world.client.get("/api/v1/me", headers=bearer(token)).status_code == 200


# --- sessions -----------------------------------------------------------------------------------------------------


@on_each
def test_a_session_renewed_while_its_owner_is_disabled_ends_too(either_world: World) -> None:
    world = either_world
    pair = ok(signed_in(world, "lead@acme.example"), 201)
    subject = ok(world.client.get("/api/v1/me", headers=bearer(pair["access_token"])))["id"]

    def disable() -> None:
        with tenant_transaction(world.acme.id):
            end_sessions_of(subject)

    with world.app.app_context(), tenant_scope(world.acme.id):
        fresh = renew_session(pair["refresh_token"])
        db.session.flush()
        with meeting(world, disable):
            pass
    assert not alive(world, fresh.access_token)


@on_each
def test_who_signs_in_while_being_disabled_does_not_stay(
    either_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = either_world
    headers = world.colleague(world.acme, "lead")
    subject = ok(world.client.get("/api/v1/me", headers=headers))["id"]
    owner, opened = world.sign_in(world.acme), users.open_session
    path, threads = f"/api/v1/users/{subject}", []

    def disable() -> None:
        ok(world.client.patch(path, json={"status": "disabled"}, headers=owner))

    def slow(*given: Any) -> Any:
        threads.append(threading.Thread(target=disable))
        threads[0].start()
        time.sleep(_UNTIL_IT_WAITS)
        return opened(*given)

    monkeypatch.setattr(users, "open_session", slow)
    answer = signed_in(world, "lead@acme.example")
    threads[0].join(30)
    if answer.status_code == 201:
        assert not alive(world, answer.json["access_token"])
    else:
        refused(answer, 401, "sign_in_refused")


# --- work ---------------------------------------------------------------------------------------------------------


@on_each
def test_work_asked_for_while_it_is_being_finished_is_done_again(either_world: World) -> None:
    world, entity, tenant_id = either_world, new_id(), either_world.acme.id

    def ask() -> None:
        with tenant_transaction(tenant_id):
            schedule_work("score_interview", entity)

    with world.app.app_context():
        ask()
        with tenant_transaction(tenant_id):
            holder = claim_work("score_interview", entity, LEASE)
        assert holder is not None
        with tenant_scope(tenant_id):
            finish_work("score_interview", entity, holder)
            with meeting(world, ask):
                pass
        with tenant_scope(tenant_id):
            assert is_scheduled("score_interview", entity)


# --- messages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def reminder(invited: Invited) -> Iterator[Parcel]:
    """An hour before the slot: the reminder as the worker has packed it, not begun."""
    slot = datetime.now(UTC) + timedelta(hours=20)
    invited.book(slot)
    found = rows(invited.world, invited.world.acme, Message, Message.kind == "reminder_hour")
    [message] = [one for one in found if one.status == "queued"]
    with time_machine.travel(slot - timedelta(minutes=59)), invited.world.app.app_context():
        with tenant_transaction(invited.world.acme.id):
            parcel = delivery.pack(message.id)
        assert isinstance(parcel, Parcel)
        yield parcel


def status_of(world: World, parcel: Parcel) -> str:
    [message] = rows(world, world.acme, Message, Message.id == parcel.message_id)
    return str(message.status)


def test_a_message_being_sent_is_not_called_cancelled(invited: Invited, reminder: Parcel) -> None:
    world = invited.world

    def cancel() -> None:
        with tenant_transaction(world.acme.id):
            cancel_reminders(invited.invitation["id"])

    with tenant_scope(world.acme.id):
        assert delivery.begin_attempt(reminder)
        with meeting(world, cancel):
            pass
    assert status_of(world, reminder) == "sending"


def begin(world: World, reminder: Parcel) -> None:
    with tenant_transaction(world.acme.id):
        assert delivery.begin_attempt(reminder)


def test_a_delivered_message_does_not_become_sent_again(invited: Invited, reminder: Parcel) -> None:
    world = invited.world
    begin(world, reminder)

    def answered() -> None:
        with tenant_transaction(world.acme.id):
            delivery.record_sent(reminder, "1")

    with tenant_scope(world.acme.id):
        delivery.record_event(reminder.message_id, reminder.attempt_id, "1", refusal=None)
        db.session.flush()
        with meeting(world, answered):
            pass
    assert status_of(world, reminder) == "delivered"


def test_a_delivered_message_is_not_queued_again_by_a_person(invited: Invited, reminder: Parcel) -> None:
    """HR says "not sent" at the moment WeChat says "delivered": a second call would repeat the message."""
    world = invited.world
    begin(world, reminder)
    with tenant_transaction(world.acme.id):
        delivery.record_uncertain(reminder, "no_answer")
    told: list[str] = []

    def not_sent() -> None:
        with tenant_scope(world.acme.id):
            try:
                resolve_message(SYSTEM, reminder.message_id, was_sent=False)
                db.session.commit()
            except Conflict as refusal:
                told.append(refusal.code)

    with tenant_scope(world.acme.id):
        delivery.record_event(reminder.message_id, reminder.attempt_id, "1", refusal=None)
        db.session.flush()
        with meeting(world, not_sent):
            pass
    assert told == ["message_not_uncertain"]
    assert status_of(world, reminder) == "delivered"


# --- decisions -------------------------------------------------------------------------------------------------


@on_each
def test_a_decision_and_another_change_of_the_candidate_both_happen(either_world: World) -> None:
    """Whoever writes the audit log last waits for nobody while holding it."""
    results = Results(either_world)
    finished = results.scored(results.interview(results.position()))
    company: Company = finished.company
    answers: list[Any] = []
    path = f"/api/v1/interviews/{finished.id}/decision"
    body, headers = {"outcome": "pool", "reason": "人才储备"}, either_world.staff(company, "recruiter")

    def decide() -> None:
        answers.append(either_world.client.post(path, json=body, headers=headers))

    with either_world.app.app_context(), tenant_scope(company.id):
        get_candidate(finished.candidate_id, lock=True)
        with meeting(either_world, decide):
            record(SYSTEM, "candidate.changed", "candidate", finished.candidate_id)
    ok(answers[0], 201)


# --- watching -----------------------------------------------------------------------------------------------------


@on_each
def test_two_who_watch_a_take_for_the_first_time_at_once_both_watch(either_world: World) -> None:
    """A take that was analysed before there were renditions: whoever comes first asks for one."""
    results = Results(either_world)
    world = results.world
    finished = results.scored(results.interview(results.position()))
    take_id = next(iter(finished.takes.values()))
    viewer = world.staff(finished.company, "owner")
    with world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.execute(delete(Rendition).where(Rendition.take_id == take_id))
        segment = {"take_id": take_id, "candidate_id": finished.candidate_id, "number": 0, "status": COMPLETE}
        place = {"content_type": "video/mp4", "store_key": new_id(), "wrapped_key": b""}
        db.session.add(Segment(**segment, **place, length=1, expires_at=datetime.now(UTC)))

    def watch() -> None:
        ok(world.client.post(f"/api/v1/takes/{take_id}/playback-tickets", json={}, headers=viewer), 201)

    with world.app.app_context(), tenant_scope(finished.company.id):
        request_rendition(take_id)
        with meeting(world, watch):
            pass
    assert len(rows(world, finished.company, Rendition, Rendition.take_id == take_id)) == 1


@on_each
def test_a_look_that_is_put_on_record_waits_for_whoever_writes(either_world: World) -> None:
    results = Results(either_world)
    world = results.world
    finished = results.scored(results.interview(results.position()))
    path, viewer = f"/api/v1/candidates/{finished.candidate_id}", world.staff(finished.company, "owner")
    answers: list[Any] = []

    def look() -> None:
        answers.append(world.client.get(path, headers=viewer))

    with world.app.app_context(), tenant_scope(finished.company.id):
        record(SYSTEM, "candidate.changed", "candidate", finished.candidate_id)
        with meeting(world, look):
            pass
    ok(answers[0])
