"""tus 1.0 uploads: what is acknowledged is kept, what is refused leaves no trace."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.local_recordings import LocalRecordingStore
from app.core.clock import utcnow
from app.core.encryption import CHUNK_BYTES, SEALED_CHUNK_BYTES
from app.core.errors import RetryableError
from app.core.ids import new_id
from app.core.work import Work
from app.interviews.models import Take
from app.recordings import uploads
from app.recordings.models import Segment
from app.recordings.service import open_take
from app.recordings.tus import CHECKSUM_MAX_BYTES
from tenants.tenancy import tenant_scope
from tests.factories import World, refused
from tests.integration.answering import TUS, Answerer, answerer, change, rows
from workers.jobs.recordings import expire_upload

CONTENT = os.urandom(3 * CHUNK_BYTES + 1234)


@pytest.fixture
def person(world: World) -> Answerer:
    person = answerer(world)
    person.start()
    return person


@pytest.fixture
def take_id(person: Answerer) -> str:
    return person.take_id()


@pytest.fixture
def location(person: Answerer, take_id: str) -> str:
    return person.upload_at(take_id, len(CONTENT))


def segment_of(person: Answerer, location: str) -> Segment:
    (segment,) = rows(person.world, person.company, Segment, Segment.id == location.rpartition("/")[2])
    return segment


def stored(person: Answerer, location: str) -> Path:
    settings = person.world.app.extensions["settings"]
    return settings.data_dir / "recordings" / segment_of(person, location).store_key


def played(person: Answerer, take_id: str) -> list[bytes]:
    """The complete segments as an analysis reads them: after the scope is left."""
    with person.world.app.app_context():
        with tenant_scope(person.company.id, read_only=True):
            sources = open_take(take_id)
        return [source.open().read() for source in sources]


# --- the straight path --------------------------------------------------------------------------------------------


def test_an_upload_arrives_whole_and_sealed(person: Answerer, take_id: str, location: str) -> None:
    answer = person.patch(location, 0, CONTENT)
    assert answer.status_code == 204
    assert answer.headers["Upload-Offset"] == str(len(CONTENT))
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    segment = segment_of(person, location)
    assert (segment.status, segment.offset) == ("complete", len(CONTENT))
    assert segment.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert segment.locked_by is None
    assert CONTENT[:64] not in stored(person, location).read_bytes()
    assert played(person, take_id) == [CONTENT]
    assert not rows(person.world, person.company, Work, Work.kind == "expire_upload")


@given(st.lists(st.integers(0, 5 * CHUNK_BYTES), max_size=6), st.integers(1, len(CONTENT)))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cut_into_requests_gives_the_same_file(
    person: Answerer, take_id: str, sizes: list[int], length: int
) -> None:
    content = CONTENT[:length]
    number = len(rows(person.world, person.company, Segment)) + 1
    location = person.upload_at(take_id, length, number=number)
    offset = 0
    for size in [*sizes, length]:
        body = content[offset : offset + size]
        answer = person.patch(location, offset, body)
        if answer.status_code == 400:
            refused(answer, 400, "upload_chunk_too_small")
            assert len(body) < min(CHUNK_BYTES, length - offset)
        else:
            assert answer.status_code == 204
            reached = offset + len(body)
            offset = reached if reached == length else reached // CHUNK_BYTES * CHUNK_BYTES
        assert person.offset(location) == offset
    assert offset == length
    assert segment_of(person, location).sha256 == hashlib.sha256(content).hexdigest()


def test_creation_may_be_repeated(person: Answerer, take_id: str, location: str) -> None:
    assert person.upload_at(take_id, len(CONTENT)) == location
    refused(person.create_upload(take_id, 5), 409, "segment_exists")
    refused(person.create_upload(take_id, len(CONTENT), filetype="audio/mp4"), 409, "segment_exists")


def test_creation_says_when_it_expires(person: Answerer, take_id: str) -> None:
    answer = person.create_upload(take_id, 10, starts_at_ms=1500)
    assert answer.headers["Upload-Expires"].endswith(" GMT")
    segment = segment_of(person, answer.headers["Location"])
    assert segment.starts_at_ms == 1500
    assert segment.expires_at - utcnow() > timedelta(hours=71)


def test_what_the_server_can_do(person: Answerer) -> None:
    answer = person.client.options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "checksum",
        "termination",
        "expiration",
    }
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")
    assert int(answer.headers["Tus-Max-Size"]) == person.world.app.extensions["settings"].upload_max_bytes


def test_wechat_cannot_send_patch(person: Answerer, take_id: str, location: str) -> None:
    override = {"X-HTTP-Method-Override": "PATCH", "Content-Type": "application/offset+octet-stream"}
    headers = {**person.headers, **TUS, **override, "Upload-Offset": "0"}
    answer = person.client.post(location, data=CONTENT, headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(CONTENT)))
    headers["X-HTTP-Method-Override"] = "HEAD"
    assert person.client.post(location, headers=headers).headers["Upload-Offset"] == str(len(CONTENT))
    headers["X-HTTP-Method-Override"] = "TRACE"
    refused(person.client.post(location, headers=headers), 405, "method_not_allowed")


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change_headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version_unsupported"),
        ({"Upload-Length": "0"}, 400, "upload_length_invalid"),
        ({"Upload-Length": "-1"}, 400, "upload_length_invalid"),
        ({"Upload-Length": "1e3"}, 400, "upload_length_invalid"),
        ({"Upload-Length": str(513 << 20)}, 413, "upload_too_large"),
        ({"Upload-Metadata": "take_id"}, 415, "recording_type_refused"),
        ({"Upload-Metadata": "take_id ???"}, 400, "upload_metadata_invalid"),
    ],
)
def test_creation_is_read_strictly(
    person: Answerer, take_id: str, change_headers: dict[str, str], status: int, code: str
) -> None:
    good = {"Upload-Length": "10", "Upload-Metadata": "", **TUS}
    answer = person.client.post("/api/v1/uploads", headers={**person.headers, **good, **change_headers})
    refused(answer, status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert status != 412 or answer.headers["Tus-Version"] == "1.0.0"
    assert status != 413 or "Tus-Max-Size" in answer.headers


@pytest.mark.parametrize(
    "filetype", ["text/html", "image/png", "video/", "application/pdf", "video/mp4\r\nX: y"]
)
def test_only_recordings_are_accepted(person: Answerer, take_id: str, filetype: str) -> None:
    refused(person.create_upload(take_id, 10, filetype=filetype), 415, "recording_type_refused")


@pytest.mark.parametrize(("number", "starts_at_ms"), [("x", 0), (10_000, 0), (1, -5), (1, 86_400_001)])
def test_metadata_is_bounded(person: Answerer, take_id: str, number: Any, starts_at_ms: int) -> None:
    answer = person.create_upload(take_id, 10, number=number, starts_at_ms=starts_at_ms)
    refused(answer, 400, "upload_metadata_invalid")


def test_codecs_are_not_kept(person: Answerer, take_id: str) -> None:
    answer = person.create_upload(take_id, 10, filetype="video/webm; codecs=vp9,opus")
    assert segment_of(person, answer.headers["Location"]).content_type == "video/webm"


def test_another_offset_is_refused(person: Answerer, location: str) -> None:
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    for offset in (0, 5, 2 * CHUNK_BYTES):
        answer = person.patch(location, offset, CONTENT)
        refused(answer, 409, "upload_offset_mismatch")
        assert answer.headers["Upload-Offset"] == str(CHUNK_BYTES)


def test_a_chunk_that_never_advances_is_refused(person: Answerer, location: str) -> None:
    answer = person.patch(location, 0, CONTENT[: CHUNK_BYTES - 1])
    assert str(CHUNK_BYTES) in refused(answer, 400, "upload_chunk_too_small")["detail"]
    assert person.offset(location) == 0


def test_a_take_is_bounded_whatever_its_segments(person: Answerer, take_id: str) -> None:
    most = person.world.app.extensions["settings"].upload_max_bytes
    first = person.upload_at(take_id, most - 10)
    problem = refused(person.create_upload(take_id, 11, number=2), 413, "take_too_large")
    assert str(most >> 20) in problem["detail"]
    person.upload_at(take_id, 10, number=2)
    person.upload_at(take_id, most - 10)  # repeated, it is the same upload
    assert person.client.delete(first, headers={**person.headers, **TUS}).status_code == 204
    person.upload_at(take_id, 11, number=3)  # what was given up takes no room


def test_more_than_declared_is_refused(person: Answerer, location: str) -> None:
    refused(person.patch(location, 0, CONTENT + b"x"), 413, "upload_body_too_long")
    assert person.offset(location) == 0


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "video/mp4"}, 415, "upload_type_invalid"),
        ({"Upload-Offset": "abc"}, 400, "upload_offset_invalid"),
        ({"Tus-Resumable": "2.0.0"}, 412, "tus_version_unsupported"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "upload_checksum_unsupported"),
        ({"Upload-Checksum": "sha1 ???"}, 400, "upload_checksum_unsupported"),
    ],
)
def test_continuing_is_read_strictly(
    person: Answerer, location: str, headers: dict[str, str], status: int, code: str
) -> None:
    refused(person.patch(location, 0, CONTENT, **headers), status, code)
    assert person.offset(location) == 0


def test_a_body_without_length_is_refused(person: Answerer, location: str) -> None:
    answer = person.patch(location, 0, CONTENT, **{"Transfer-Encoding": "chunked"})
    refused(answer, 411, "upload_content_length_missing")


def test_a_complete_upload_takes_nothing_more(person: Answerer, location: str) -> None:
    person.patch(location, 0, CONTENT)
    assert person.patch(location, len(CONTENT), b"").status_code == 204
    refused(person.patch(location, len(CONTENT), b"x"), 413, "upload_body_too_long")
    refused(person.patch(location, 0, CONTENT), 409, "upload_offset_mismatch")


def test_nobody_else_sees_an_upload(world: World, person: Answerer, take_id: str, location: str) -> None:
    others = [
        answerer(world),
        answerer(world, world.globex),
        answerer(world, candidate_id=person.candidate_id),
    ]
    for other in others:
        other.start()
        refused(other.create_upload(take_id, 10), 404, "take_unknown")
        assert other.head(location).status_code == 404
        refused(other.patch(location, 0, CONTENT), 404, "upload_unknown")
        refused(other.client.delete(location, headers={**other.headers, **TUS}), 404, "upload_unknown")
    refused(person.create_upload(new_id(), 10), 404, "take_unknown")
    assert person.head(f"/api/v1/uploads/{new_id()}").status_code == 404


def test_staff_do_not_upload(world: World, location: str) -> None:
    headers = {**world.staff(world.acme, "recruiter"), **TUS, "Upload-Offset": "0"}
    answer = world.client.patch(location, data=b"x", headers=headers)
    refused(answer, 403, "role_not_allowed")
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_a_written_or_closed_take_has_no_uploads(person: Answerer) -> None:
    written = person.take("q2", "text", "我写下来。").json
    assert written
    refused(person.create_upload(written["id"], 10), 409, "take_is_written")
    first, second = person.take_id("q1"), None
    location = person.upload_at(first, len(CONTENT))
    second = person.take_id("q1")
    refused(person.create_upload(first, 10, number=2), 409, "take_closed")
    refused(person.patch(location, 0, CONTENT), 409, "take_closed")
    assert person.upload(second, CONTENT)


def test_withdrawn_consent_stops_new_segments(person: Answerer, take_id: str) -> None:
    person.consent(granted=False)
    refused(person.create_upload(take_id, 10), 409, "consent_missing")


def test_withdrawn_consent_stops_an_upload_and_giving_it_again_resumes_it(
    person: Answerer, location: str
) -> None:
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    person.consent(granted=False)
    refused(person.patch(location, CHUNK_BYTES, CONTENT[CHUNK_BYTES:]), 409, "consent_missing")
    assert person.offset(location) == CHUNK_BYTES
    person.consent()
    assert person.patch(location, CHUNK_BYTES, CONTENT[CHUNK_BYTES:]).status_code == 204


# --- checksums ----------------------------------------------------------------------------------------------------


def checksum(algorithm: str, body: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.new(algorithm, body).digest()).decode()
    return {"Upload-Checksum": f"{algorithm} {digest}"}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_right_checksum_is_kept(person: Answerer, location: str, algorithm: str) -> None:
    half = CONTENT[: 2 * CHUNK_BYTES]
    answer = person.patch(location, 0, half, **checksum(algorithm, half))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(half)))


def test_a_wrong_checksum_leaves_the_offset(person: Answerer, location: str) -> None:
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    rest = CONTENT[CHUNK_BYTES:]
    answer = person.patch(location, CHUNK_BYTES, rest[:-1] + b"x", **checksum("sha1", rest))
    refused(answer, 460, "upload_checksum_mismatch")
    assert answer.headers["Upload-Offset"] == str(CHUNK_BYTES)
    assert person.offset(location) == CHUNK_BYTES
    assert stored(person, location).stat().st_size == SEALED_CHUNK_BYTES


def test_a_checked_body_is_bounded(person: Answerer, take_id: str) -> None:
    body = bytes(CHECKSUM_MAX_BYTES + 1)
    location = person.upload_at(take_id, len(body))
    refused(person.patch(location, 0, body, **checksum("sha1", body)), 413, "upload_checksum_too_large")
    assert person.offset(location) == 0


# --- termination and expiry ---------------------------------------------------------------------------------------


def test_an_unfinished_upload_may_be_given_up(person: Answerer, take_id: str, location: str) -> None:
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    file = stored(person, location)
    assert person.client.delete(location, headers={**person.headers, **TUS}).status_code == 204
    assert not file.exists()
    assert person.head(location).status_code == 410
    refused(person.patch(location, 0, CONTENT), 410, "upload_terminated")
    again = person.upload_at(take_id, len(CONTENT))
    assert again != location
    assert person.patch(again, 0, CONTENT).status_code == 204


def test_a_complete_upload_stays(person: Answerer, take_id: str, location: str) -> None:
    person.patch(location, 0, CONTENT)
    refused(person.client.delete(location, headers={**person.headers, **TUS}), 409, "upload_is_complete")
    assert played(person, take_id) == [CONTENT]


def run_expiry(person: Answerer, location: str) -> None:
    upload_id = location.rpartition("/")[2]
    for work in rows(person.world, person.company, Work, Work.entity_id == upload_id):
        change(person.world, person.company, Work, work.id, due_at=utcnow() - timedelta(seconds=1))
    with person.world.app.app_context():
        expire_upload(person.company.id, upload_id)


def test_an_abandoned_upload_expires(person: Answerer, location: str) -> None:
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    file = stored(person, location)
    run_expiry(person, location)
    assert file.exists(), "its time has not come"
    (work,) = rows(person.world, person.company, Work, Work.kind == "expire_upload")
    assert work.due_at > utcnow() + timedelta(hours=71)
    segment_id = location.rpartition("/")[2]
    change(person.world, person.company, Segment, segment_id, expires_at=utcnow() - timedelta(seconds=1))
    run_expiry(person, location)
    assert not file.exists()
    assert segment_of(person, location).status == "expired"
    refused(person.patch(location, 0, CONTENT), 410, "upload_expired")
    assert not rows(person.world, person.company, Work, Work.kind == "expire_upload")


def test_an_upload_in_progress_does_not_expire(person: Answerer, location: str) -> None:
    segment_id = location.rpartition("/")[2]
    soon = utcnow() + timedelta(seconds=60)
    past = utcnow() - timedelta(seconds=1)
    change(
        person.world,
        person.company,
        Segment,
        segment_id,
        expires_at=past,
        locked_by=new_id(),
        locked_until=soon,
    )
    run_expiry(person, location)
    assert segment_of(person, location).status == "uploading"
    assert rows(person.world, person.company, Work, Work.kind == "expire_upload")


# --- what goes wrong underneath -----------------------------------------------------------------------------------


def test_one_writes_at_a_time(person: Answerer, location: str) -> None:
    segment_id = location.rpartition("/")[2]
    holder = {"locked_by": new_id(), "locked_until": utcnow() + timedelta(seconds=60)}
    change(person.world, person.company, Segment, segment_id, **holder)
    refused(person.patch(location, 0, CONTENT), 423, "upload_locked")
    refused(person.client.delete(location, headers={**person.headers, **TUS}), 423, "upload_locked")
    assert person.offset(location) == 0, "asking how far it is needs no lock"
    change(person.world, person.company, Segment, segment_id, locked_until=utcnow() - timedelta(seconds=1))
    assert person.patch(location, 0, CONTENT).status_code == 204


def test_a_writer_that_lost_its_lease_stops(
    person: Answerer, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept, another took over and wrote: nothing of the other's is overwritten."""
    monkeypatch.setattr(uploads, "_EXTEND_AFTER_SECONDS", 0.0)
    upload_id = location.rpartition("/")[2]
    calls: list[int] = []

    def interrupted(size: int) -> bytes:
        if not calls:
            calls.append(size)
            past = utcnow() - timedelta(seconds=1)
            change(person.world, person.company, Segment, upload_id, locked_until=past)
            with uploads.hold(
                uploads.find_upload(person.company.id, upload_id, person.invitation_id)
            ) as other:
                uploads.receive(other, 0, io.BytesIO(CONTENT[: 2 * CHUNK_BYTES]).read)
        return b"x" * size

    with person.world.app.app_context():
        upload = uploads.find_upload(person.company.id, upload_id, person.invitation_id)
        with uploads.hold(upload) as held, pytest.raises(uploads.UploadRefused) as caught:
            uploads.receive(held, 0, interrupted)
    assert caught.value.code == "upload_locked"
    assert person.offset(location) == 2 * CHUNK_BYTES
    answer = person.patch(location, 2 * CHUNK_BYTES, CONTENT[2 * CHUNK_BYTES :])
    assert answer.status_code == 204
    assert segment_of(person, location).sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_even_without_noticing_it_overwrites_nothing(person: Answerer, location: str) -> None:
    """The same, with the lease not looked at: the store refuses."""
    upload_id = location.rpartition("/")[2]
    calls: list[int] = []

    def interrupted(size: int) -> bytes:
        if not calls:
            calls.append(size)
            past = utcnow() - timedelta(seconds=1)
            change(person.world, person.company, Segment, upload_id, locked_until=past)
            assert person.patch(location, 0, CONTENT[:CHUNK_BYTES]).status_code == 204
        return b"x" * size

    with person.world.app.app_context():
        upload = uploads.find_upload(person.company.id, upload_id, person.invitation_id)
        with uploads.hold(upload) as held, pytest.raises(RetryableError, match="append_conflict"):
            uploads.receive(held, 0, interrupted)
    answer = person.patch(location, CHUNK_BYTES, CONTENT[CHUNK_BYTES:])
    assert answer.status_code == 204
    assert segment_of(person, location).sha256 == hashlib.sha256(CONTENT).hexdigest()


def store_that(fail_at: int, error: RetryableError) -> Callable[..., None]:
    append = LocalRecordingStore.append

    def failing(self: LocalRecordingStore, key: str, position: int, data: bytes) -> None:
        if position >= fail_at * SEALED_CHUNK_BYTES:
            raise error
        append(self, key, position, data)

    return failing


@pytest.mark.parametrize(("reason", "status"), [("disk_full", 507), ("storage_failed", 503)])
def test_a_full_disk_loses_nothing(
    person: Answerer, take_id: str, location: str, monkeypatch: pytest.MonkeyPatch, reason: str, status: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_RUN_CHUNKS", 2)
        patched.setattr(LocalRecordingStore, "append", store_that(2, RetryableError(reason)))
        answer = person.patch(location, 0, CONTENT)
    refused(answer, status, reason)
    assert answer.headers["Upload-Offset"] == str(2 * CHUNK_BYTES)
    assert segment_of(person, location).offset == 2 * CHUNK_BYTES
    assert person.patch(location, 2 * CHUNK_BYTES, CONTENT[2 * CHUNK_BYTES :]).status_code == 204
    assert played(person, take_id) == [CONTENT]


def test_a_full_disk_is_seen_before_it_is_full(person: Answerer, location: str) -> None:
    application = person.world.app
    application.extensions["ports"].recordings._floor = 1 << 60
    refused(person.patch(location, 0, CONTENT), 507, "disk_full")
    assert person.offset(location) == 0


def test_a_server_that_died_after_the_last_byte(person: Answerer, take_id: str, location: str) -> None:
    """All bytes are stored, nobody verified them: whoever asks next does."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(uploads, "settle", lambda upload: upload.length)
        assert person.patch(location, 0, CONTENT).status_code == 204
    assert segment_of(person, location).status == "uploading"
    assert person.offset(location) == len(CONTENT)
    assert segment_of(person, location).status == "complete"
    assert played(person, take_id) == [CONTENT]


def test_submitting_closes_what_a_dead_server_left(person: Answerer, take_id: str, location: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(uploads, "settle", lambda upload: upload.length)
        person.patch(location, 0, CONTENT)
    locked = {"locked_by": new_id(), "locked_until": utcnow() + timedelta(seconds=60)}
    change(person.world, person.company, Segment, location.rpartition("/")[2], **locked)
    assert person.submit(take_id).status_code == 200
    assert segment_of(person, location).status == "complete"


def test_expiry_closes_what_a_dead_server_left(person: Answerer, take_id: str, location: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(uploads, "settle", lambda upload: upload.length)
        person.patch(location, 0, CONTENT)
    past = utcnow() - timedelta(days=1)
    change(person.world, person.company, Segment, location.rpartition("/")[2], expires_at=past)
    run_expiry(person, location)
    assert segment_of(person, location).status == "complete"
    assert played(person, take_id) == [CONTENT]


@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_a_disk_that_lied_is_found_out(person: Answerer, take_id: str, location: str, chunk: int) -> None:
    """A chunk that does not open again is sent again; nothing damaged is ever called complete."""
    person.patch(location, 0, CONTENT[: 3 * CHUNK_BYTES])
    with stored(person, location).open("r+b") as file:
        file.seek(chunk * SEALED_CHUNK_BYTES + 100)
        file.write(b"rotten")
    answer = person.patch(location, 3 * CHUNK_BYTES, CONTENT[3 * CHUNK_BYTES :])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(chunk * CHUNK_BYTES))
    assert segment_of(person, location).status == "uploading"
    assert person.patch(location, chunk * CHUNK_BYTES, CONTENT[chunk * CHUNK_BYTES :]).status_code == 204
    assert played(person, take_id) == [CONTENT]


def test_part_of_a_chunk_does_not_count(person: Answerer, take_id: str, location: str) -> None:
    """Killed in the middle of a write, and the client resumes with other bytes than before."""
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    with stored(person, location).open("ab") as file:
        file.write(os.urandom(1000))
    assert person.offset(location) == CHUNK_BYTES
    other = CONTENT[:CHUNK_BYTES] + os.urandom(len(CONTENT) - CHUNK_BYTES)
    assert person.patch(location, CHUNK_BYTES, other[CHUNK_BYTES:]).status_code == 204
    assert played(person, take_id) == [other]


def test_bytes_still_arrive_after_the_window(world: World, person: Answerer, location: str) -> None:
    from app.invitations.models import Invitation

    change(world, person.company, Invitation, person.invitation_id, window_ends_at=utcnow(), status="expired")
    assert person.patch(location, 0, CONTENT).status_code == 204
    assert segment_of(person, location).status == "complete"


def test_segments_are_read_in_order(person: Answerer, take_id: str) -> None:
    parts = [os.urandom(size) for size in (5, CHUNK_BYTES, CHUNK_BYTES + 7)]
    for number in (2, 3, 1):
        person.upload(take_id, parts[number - 1], number=number)
    assert played(person, take_id) == parts


def test_the_same_on_mariadb(mariadb_world: World) -> None:
    person = answerer(mariadb_world)
    person.start()
    take_id = person.take_id()
    location = person.upload_at(take_id, len(CONTENT))
    assert person.upload_at(take_id, len(CONTENT)) == location
    person.patch(location, 0, CONTENT[:CHUNK_BYTES])
    assert person.patch(location, CHUNK_BYTES, CONTENT[CHUNK_BYTES:]).status_code == 204
    assert played(person, take_id) == [CONTENT]
    (take,) = rows(mariadb_world, person.company, Take, Take.id == take_id)
    assert person.submit(take.id).status_code == 200
