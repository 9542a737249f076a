"""A candidate is erased for good; what remains is a receipt."""

from __future__ import annotations

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

    assert store.size(segment.store_key) == 0
    shown = ok(world.client.get(f"/api/v1/candidates/{candidate_id}", headers=owner))
    assert (shown["name"], shown["phone"], shown["email"]) == (None, None, None)
    listed = ok(world.client.get("/api/v1/interviews", headers=owner))["items"][0]
    assert listed["candidate_name"] is None
    ticket = world.client.post(f"/api/v1/segments/{segment.id}/playback-tickets", headers=owner)
    assert ticket.status_code in {404, 409, 410}, ticket.json
    again = world.create("/api/v1/candidates", {"name": "王新", "phone": phone}, owner)
    assert again["id"] != candidate_id


def test_an_unknown_candidate_cannot_be_erased(world: World) -> None:
    owner = world.staff(world.acme, "owner")
    refused(world.client.put("/api/v1/candidates/0123/erasure", headers=owner), 404, "candidate_unknown")
    theirs = world.add_candidate(world.globex)
    refused(world.client.put(f"/api/v1/candidates/{theirs}/erasure", headers=owner), 404, "candidate_unknown")
