"""A candidate is erased for good; what remains is a receipt."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from app.candidates.models import Candidate
from app.core.clock import utcnow
from app.interviews.models import Take
from app.invitations.models import Invitation
from app.recordings.models import Segment
from tests.factories import World, ok, refused
from tests.integration.answering import answerer, rows


def test_recordings_and_personal_data_are_gone(either_world: World) -> None:
    world = either_world
    person = answerer(world)
    assert person.consent().status_code == 201
    person.start()
    take_id = person.take_id()
    person.upload(take_id, b"sealed words" * 1000)
    person.submit(take_id)
    owner = world.staff(world.acme, "owner")
    detail = ok(world.client.get("/api/v1/interviews", headers=owner))["items"][0]
    candidate_id = detail["candidate_id"]
    phone = ok(world.client.get(f"/api/v1/candidates/{candidate_id}", headers=owner))["phone"]
    segment = rows(world, world.acme, Segment)[0]
    store = world.app.extensions["ports"].recordings
    assert store.size(segment.store_key) > 0

    path = f"/api/v1/candidates/{candidate_id}/erasure"
    refused(world.client.put(path, headers=world.staff(world.acme, "recruiter")), 403, "role_not_allowed")
    receipt = ok(world.client.put(path, headers=owner))
    assert ok(world.client.put(path, headers=owner)) == receipt
    refused(world.client.get("/api/v1/candidate/invitation", headers=person.headers), 401, "session_ended")

    assert store.size(segment.store_key) == 0
    shown = ok(world.client.get(f"/api/v1/candidates/{candidate_id}", headers=owner))
    assert (shown["name"], shown["phone"], shown["email"]) == (None, None, None)
    listed = ok(world.client.get("/api/v1/interviews", headers=owner))["items"][0]
    assert listed["candidate_name"] is None
    ticket = world.client.post(f"/api/v1/segments/{segment.id}/playback-tickets", headers=owner)
    assert ticket.status_code in {404, 409, 410}, ticket.json
    again = world.create("/api/v1/candidates", {"name": "王新", "phone": phone}, owner)
    assert again["id"] != candidate_id


def test_the_name_of_the_phone_goes_too(world: World) -> None:
    """It is the same wherever that phone answers; until then it is in the candidate's own copy."""
    person = answerer(world)
    person.start()
    person.headers["Device-Id"] = "phone-0123456789"
    person.take_id()
    copied = ok(world.client.get("/api/v1/candidate/data", headers=person.headers))
    [take] = copied["invitations"][0]["interview"]["takes"]
    assert take["device"] == "phone-0123456789"
    erased = f"/api/v1/candidates/{person.candidate_id}/erasure"
    ok(world.client.put(erased, headers=world.staff(world.acme, "owner")))
    assert [one.device for one in rows(world, world.acme, Take)] == [None]


def test_an_unknown_candidate_cannot_be_erased(world: World) -> None:
    owner = world.staff(world.acme, "owner")
    refused(world.client.put("/api/v1/candidates/0123/erasure", headers=owner), 404, "candidate_unknown")
    theirs = world.add_candidate(world.globex)
    refused(world.client.put(f"/api/v1/candidates/{theirs}/erasure", headers=owner), 404, "candidate_unknown")


def test_the_end_of_retention_erases_by_itself(world: World) -> None:
    person = answerer(world)
    person.consent()
    person.start()
    take_id = person.take_id()
    person.upload(take_id, b"sealed words" * 1000)
    segment = rows(world, world.acme, Segment)[0]
    days = ok(world.client.get("/api/v1/policy", headers=world.staff(world.acme, "owner")))["retention_days"]
    with time_machine.travel(utcnow() + timedelta(days=days) - timedelta(hours=1)):
        assert world.due("erase_candidate") == []
    with time_machine.travel(utcnow() + timedelta(days=days, hours=1)):
        assert world.perform("erase_candidate") == 1
    assert world.app.extensions["ports"].recordings.size(segment.store_key) == 0
    assert rows(world, world.acme, Candidate, Candidate.id == person.candidate_id)[0].erased_at is not None


def test_a_longer_policy_puts_retention_off(world: World) -> None:
    person = answerer(world)
    person.consent()
    person.start()
    owner = world.staff(world.acme, "owner")
    days = ok(world.client.get("/api/v1/policy", headers=owner))["retention_days"]
    ok(world.client.patch("/api/v1/policy", json={"retention_days": days + 30}, headers=owner))
    with time_machine.travel(utcnow() + timedelta(days=days, hours=1)):
        assert world.perform("erase_candidate") == 1
    assert rows(world, world.acme, Candidate, Candidate.id == person.candidate_id)[0].erased_at is None
    with time_machine.travel(utcnow() + timedelta(days=days + 30, hours=2)):
        assert world.perform("erase_candidate") == 1
    assert rows(world, world.acme, Candidate, Candidate.id == person.candidate_id)[0].erased_at is not None


def test_who_never_answers_is_not_kept_for_ever(world: World) -> None:
    person = answerer(world)
    owner = world.staff(world.acme, "owner")
    days = ok(world.client.get("/api/v1/policy", headers=owner))["retention_days"]
    invitation = rows(world, world.acme, Invitation, Invitation.id == person.invitation_id)[0]
    end = invitation.window_ends_at + timedelta(days=days)
    with time_machine.travel(end - timedelta(hours=1)):
        assert world.due("erase_candidate") == []
    with time_machine.travel(end + timedelta(hours=1)):
        assert world.perform("erase_candidate") == 1
    candidate = rows(world, world.acme, Candidate, Candidate.id == person.candidate_id)[0]
    assert candidate.erased_at is not None


def test_nobody_is_erased_while_they_may_still_answer(world: World) -> None:
    """Whoever began keeps what they recorded until the window is over, an answer on its way included."""
    owner = world.staff(world.acme, "owner")
    ok(world.client.patch("/api/v1/policy", json={"retention_days": 3}, headers=owner))
    person = answerer(world)
    person.start()
    end = utcnow() + timedelta(days=8)
    path = f"/api/v1/invitations/{person.invitation_id}"
    ok(world.client.patch(path, json={"window_ends_at": end.isoformat()}, headers=owner))
    for moment, erased in (
        (utcnow() + timedelta(days=3, hours=1), False),
        (end + timedelta(hours=23), False),
        (end + timedelta(hours=25), True),
    ):
        with time_machine.travel(moment):
            world.perform("close_invitation", "erase_candidate")
        candidate = rows(world, world.acme, Candidate, Candidate.id == person.candidate_id)[0]
        assert (candidate.erased_at is not None) is erased, moment
