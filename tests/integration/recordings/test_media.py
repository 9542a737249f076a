"""Playing recordings: tickets, byte ranges, the audit log."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audits.models import AuditEntry
from app.audits.service import find_break
from app.core.clock import utcnow
from app.core.encryption import CHUNK_BYTES
from app.ports import RecordingStore
from app.recordings.models import Segment
from tenants.keys import erase_candidate_key
from tenants.tenancy import tenant_scope
from tests.factories import Headers, World, ok, refused
from tests.integration.answering import Answerer, answerer, rows

CONTENT = random.Random(25).randbytes(3 * CHUNK_BYTES + 99)
LENGTH = len(CONTENT)


@pytest.fixture
def person(world: World) -> Answerer:
    person = answerer(world)
    person.start()
    return person


@pytest.fixture
def segment_id(person: Answerer) -> str:
    return person.upload(person.take_id(), CONTENT)


def ticket(person: Answerer, segment_id: str, headers: Headers | None = None) -> str:
    """The path that plays a segment."""
    url = f"/api/v1/segments/{segment_id}/playback-tickets"
    answer = ok(person.client.post(url, headers=headers or person.headers), 201)
    base = person.world.app.extensions["settings"].public_base_url
    assert answer["url"].startswith(f"{base}/api/v1/media/")
    return str(answer["url"].removeprefix(base))


def test_the_whole_recording(person: Answerer, segment_id: str) -> None:
    path = ticket(person, segment_id)
    answer = person.client.get(path)
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert answer.content_type == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = person.client.head(path)
    assert (head.status_code, head.data, head.content_length) == (200, b"", LENGTH)


@given(st.integers(0, LENGTH - 1), st.integers(0, LENGTH + 10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range(person: Answerer, segment_id: str, first: int, size: int) -> None:
    path = ticket(person, segment_id)
    last = first + size
    answer = person.client.get(path, headers={"Range": f"bytes={first}-{last}"})
    assert (answer.status_code, answer.data) == (206, CONTENT[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{min(last, LENGTH - 1)}/{LENGTH}"
    assert answer.content_length == len(answer.data)


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=-100", CONTENT[-100:]), (f"bytes={LENGTH - 5}-", CONTENT[-5:]), ("bytes=0-0", CONTENT[:1])],
    ids=["the end", "from near the end", "one byte"],
)
def test_open_ranges(person: Answerer, segment_id: str, header: str, expected: bytes) -> None:
    answer = person.client.get(ticket(person, segment_id), headers={"Range": header})
    assert (answer.status_code, answer.data) == (206, expected)


def test_a_range_outside(person: Answerer, segment_id: str) -> None:
    answer = person.client.get(ticket(person, segment_id), headers={"Range": f"bytes={LENGTH}-"})
    refused(answer, 416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{LENGTH}"


def test_conditions(person: Answerer, segment_id: str) -> None:
    path = ticket(person, segment_id)
    etag = person.client.get(path).headers["ETag"]
    some = {"Range": "bytes=0-9"}
    assert person.client.get(path, headers={**some, "If-Range": etag}).status_code == 206
    assert person.client.get(path, headers={**some, "If-Range": '"other"'}).data == CONTENT
    assert person.client.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_only_touched_chunks_are_read(person: Answerer, segment_id: str) -> None:
    store: RecordingStore = person.world.app.extensions["ports"].recordings
    path, places = ticket(person, segment_id), []
    read = store.read

    def counted(key: str, start: int, length: int) -> bytes:
        places.append(start)
        return read(key, start, length)

    store.read = counted  # type: ignore[method-assign]
    middle = f"bytes={2 * CHUNK_BYTES + 10}-{2 * CHUNK_BYTES + 20}"
    assert person.client.get(path, headers={"Range": middle}).status_code == 206
    assert len(places) == 1


def test_every_viewing_is_in_the_audit_log(world: World, person: Answerer, segment_id: str) -> None:
    for role in ("owner", "recruiter", "interviewer", "lead"):
        path = ticket(person, segment_id, world.colleague(world.acme, role))
        assert world.client.get(path).data == CONTENT
    ticket(person, segment_id)
    entries = rows(world, world.acme, AuditEntry, AuditEntry.action == "recording.viewed")
    assert [entry.actor_kind for entry in entries] == ["user"] * 4 + ["candidate"]
    assert {entry.entity_id for entry in entries} == {segment_id}
    with world.app.app_context(), tenant_scope(world.acme.id, read_only=True):
        assert find_break() is None


def test_nobody_else_gets_a_ticket(world: World, person: Answerer, segment_id: str) -> None:
    url = f"/api/v1/segments/{segment_id}/playback-tickets"
    others = [
        answerer(world).headers,
        answerer(world, world.globex).headers,
        world.staff(world.globex, "owner"),
    ]
    for headers in others:
        refused(world.client.post(url, headers=headers), 404, "segment_unknown")
    refused(world.client.post(url), 401, "not_authenticated")
    assert not rows(world, world.acme, AuditEntry, AuditEntry.action == "recording.viewed")


def test_what_the_candidate_took_back_is_played_to_them_alone(
    world: World, person: Answerer, segment_id: str
) -> None:
    take_id = rows(world, world.acme, Segment, Segment.id == segment_id)[0].take_id
    addresses = [f"/api/v1/{one}/playback-tickets" for one in (f"segments/{segment_id}", f"takes/{take_id}")]
    ok(person.consent(granted=False), 201)
    for url in addresses:
        for role in ("owner", "interviewer"):
            answer = world.client.post(url, json={}, headers=world.colleague(world.acme, role))
            refused(answer, 409, "recording_consent_withdrawn")
        ok(world.client.post(url, json={}, headers=person.headers), 201)
    assert not rows(
        world,
        world.acme,
        AuditEntry,
        AuditEntry.actor_kind == "user",
        AuditEntry.action == "recording.viewed",
    )
    ok(person.consent(), 201)
    for url in addresses:
        ok(world.client.post(url, json={}, headers=world.colleague(world.acme, "owner")), 201)


def test_an_unfinished_upload_is_not_played(person: Answerer) -> None:
    location = person.upload_at(person.take_id(), LENGTH)
    url = f"/api/v1/segments/{location.rpartition('/')[2]}/playback-tickets"
    refused(person.client.post(url, headers=person.headers), 409, "recording_incomplete")


def test_a_ticket_ends(person: Answerer, segment_id: str) -> None:
    path = ticket(person, segment_id)
    minutes = person.world.app.extensions["settings"].playback_ticket_minutes
    with time_machine.travel(utcnow() + timedelta(minutes=minutes, seconds=5)):
        refused(person.client.get(path), 410, "ticket_expired")


@pytest.mark.parametrize("spoil", [lambda p: p[:-1] + "~", lambda p: p + "x", lambda p: "/api/v1/media/abc"])
def test_a_forged_ticket(person: Answerer, segment_id: str, spoil) -> None:  # type: ignore[no-untyped-def]
    refused(person.client.get(spoil(ticket(person, segment_id))), 404, "ticket_unknown")


def test_an_erased_candidate_cannot_be_played(world: World, person: Answerer, segment_id: str) -> None:
    path = ticket(person, segment_id)
    with world.app.app_context():
        assert erase_candidate_key(person.company.id, person.candidate_id)
    refused(world.client.get(path), 410, "candidate_erased")


def test_what_lies_on_the_disk_cannot_be_read(person: Answerer, segment_id: str) -> None:
    """Neither the recording nor its key: both are needed, and the key hangs on the candidate's."""
    (segment,) = rows(person.world, person.company, Segment, Segment.id == segment_id)
    folder: Path = person.world.app.extensions["settings"].data_dir / "recordings"
    sealed = (folder / segment.store_key).read_bytes()
    assert all(CONTENT[at : at + 32] not in sealed for at in range(0, LENGTH, CHUNK_BYTES))
    assert len(segment.wrapped_key) == 40
