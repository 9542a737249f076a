"""The same uploads and playback under granian, gunicorn's threads and werkzeug, over a network that breaks."""

from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from app.core.encryption import CHUNK_BYTES
from app.interviews.models import Take
from app.recordings.models import Segment
from config.settings import load_settings
from tests.factories import World, ok
from tests.integration.answering import PATCH, TUS, Answerer, answerer, change, encode_metadata, rows
from tests.integration.conftest import close_world, open_world
from tests.integration.recordings.servers import SERVERS, CuttingProxy, WebServer

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def shared(
    prepared_data: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory, valkey_url: str
) -> Iterator[World]:
    """One platform for all tests here: starting a server takes seconds."""
    data_dir = tmp_path_factory.mktemp("servers") / "data"
    shutil.copytree(prepared_data[0], data_dir)
    settings = load_settings(profile="test", data_dir=data_dir, valkey_url=valkey_url, log_level="ERROR")
    world = open_world(settings)
    world.companies = dict(prepared_data[1].companies)
    yield world
    close_world(world)


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, shared: World) -> Iterator[WebServer]:
    with WebServer(request.param, shared.app.extensions["settings"]) as server:
        yield server


@pytest.fixture
def person(shared: World) -> Answerer:
    person = answerer(shared)
    person.start()
    return person


def segment_of(person: Answerer, location: str) -> Segment:
    (segment,) = rows(person.world, person.company, Segment, Segment.id == location.rpartition("/")[2])
    return segment


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload(
    port: int, person: Answerer, take_id: str, content: bytes, chunk: int, *, checked: bool = False
) -> str:
    """Upload with the official Python client, resuming whenever the connection breaks; the upload's id."""
    client = TusClient(f"http://127.0.0.1:{port}/api/v1/uploads", headers=dict(person.headers))
    uploader = client.uploader(
        file_stream=io.BytesIO(content),
        chunk_size=chunk,
        metadata={"take_id": take_id, "number": "1", "filetype": "video/mp4"},
        retries=5,
        retry_delay=0.1,
        upload_checksum=checked,
    )
    for _ in range(40):
        try:
            uploader.upload()
        except (TusCommunicationError, TusUploadFailed, requests.ConnectionError):
            time.sleep(0.1)
            continue
        break
    return str(uploader.url).rpartition("/")[2]


def test_tuspy_uploads_and_the_media_plays(server: WebServer, person: Answerer) -> None:
    content = os.urandom(5 * MIB + 321)
    take_id = person.take_id()
    segment_id = upload(server.port, person, take_id, content, 2 * MIB, checked=True)
    assert segment_of(person, segment_id).sha256 == sha256(content)
    ticket = ok(
        person.client.post(f"/api/v1/segments/{segment_id}/playback-tickets", headers=person.headers), 201
    )
    path = ticket["url"].partition("/api/")[2]
    with requests.Session() as session:
        url = f"{server.url}/api/{path}"
        whole = session.get(url, timeout=20)
        assert (whole.status_code, whole.content) == (200, content)
        head = session.head(url, timeout=20)
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(content)))
        part = session.get(url, headers={"Range": f"bytes={CHUNK_BYTES - 5}-{CHUNK_BYTES + 4}"}, timeout=20)
        assert (part.status_code, part.content) == (206, content[CHUNK_BYTES - 5 : CHUNK_BYTES + 5])


@pytest.mark.parametrize("seed", range(3))
def test_tuspy_gets_through_a_network_that_breaks(server: WebServer, person: Answerer, seed: int) -> None:
    chance = random.Random(seed)
    content = chance.randbytes(4 * MIB + chance.randrange(MIB))
    cuts = [chance.randrange(2048, 3 * MIB) for _ in range(4)]
    proxy = CuttingProxy(server.port, cuts)
    try:
        segment_id = upload(proxy.port, person, person.take_id(), content, 3 * MIB)
    finally:
        proxy.close()
    assert proxy.broken
    segment = segment_of(person, segment_id)
    assert (segment.status, segment.sha256) == ("complete", sha256(content))


def test_whole_chunks_survive_a_vanished_client(server: WebServer, person: Answerer) -> None:
    content = os.urandom(8 * CHUNK_BYTES)
    location = person.upload_at(person.take_id(), len(content))
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(raw_patch(person, location, len(content)) + content[: 5 * CHUNK_BYTES + 777])
    assert eventually(lambda: segment_of(person, location).offset > 0), "recorded when the request ends"
    offset = person.offset(location)
    assert offset % CHUNK_BYTES == 0 and 0 < offset <= 5 * CHUNK_BYTES
    assert segment_of(person, location).status == "uploading"
    answer = requests.patch(
        server.url + location,
        data=content[offset:],
        headers={**person.headers, **PATCH, "Upload-Offset": str(offset)},
        timeout=20,
    )
    assert answer.status_code == 204
    assert segment_of(person, location).sha256 == sha256(content)


def test_a_refused_body_does_not_spoil_the_connection(server: WebServer, person: Answerer) -> None:
    """Refused before it is read, on a connection that is used again."""
    content = os.urandom(4 * MIB)
    location = person.upload_at(person.take_id(), len(content))
    with requests.Session() as session:
        for headers, status in (
            ({"Upload-Offset": "5"}, 409),
            ({"Upload-Offset": "0", "Tus-Resumable": "9"}, 412),
            ({"Upload-Offset": "0", "Authorization": "Bearer nonsense"}, 401),
            ({"Upload-Offset": "0", "Content-Type": "text/plain"}, 415),
            ({"Upload-Offset": "0"}, 204),
        ):
            given = {**person.headers, **PATCH, **headers}
            answer = session.patch(server.url + location, data=content, headers=given, timeout=20)
            assert answer.status_code == status, answer.text
            assert session.options(f"{server.url}/api/v1/uploads", timeout=20).status_code == 204
    assert segment_of(person, location).sha256 == sha256(content)


def test_a_body_larger_than_other_requests_may_have(server: WebServer, person: Answerer) -> None:
    """MAX_CONTENT_LENGTH is for JSON, not for recordings."""
    content = os.urandom(12 * MIB)
    assert len(content) > person.world.app.config["MAX_CONTENT_LENGTH"]
    location = person.upload_at(person.take_id(), len(content))
    given = {**person.headers, **PATCH, "Upload-Offset": "0"}
    answer = requests.patch(server.url + location, data=content, headers=given, timeout=60)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))


@pytest.mark.parametrize("server", ["granian"], indirect=True)
def test_two_requests_at_once(server: WebServer, person: Answerer) -> None:
    """Two send the same upload for a while: one of them waits outside."""
    content = os.urandom(8 * CHUNK_BYTES)
    location = person.upload_at(person.take_id(), len(content))
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(raw_patch(person, location, len(content)))
        time.sleep(0.5)
        slow.sendall(content[: 4 * CHUNK_BYTES])
        assert eventually(lambda: person.offset(location) >= CHUNK_BYTES)
        given = {**person.headers, **PATCH, "Upload-Offset": str(4 * CHUNK_BYTES)}
        answer = requests.patch(
            server.url + location, data=content[4 * CHUNK_BYTES :], headers=given, timeout=20
        )
        assert (answer.status_code, answer.json()["code"]) == (423, "upload_locked")
        slow.sendall(content[4 * CHUNK_BYTES :])
        assert b"204" in slow.recv(1000)
    assert segment_of(person, location).sha256 == sha256(content)


@pytest.mark.parametrize("server", ["granian"], indirect=True)
def test_a_phone_that_reconnects_goes_on(server: WebServer, person: Answerer) -> None:
    """Its old connection hangs and wakes up later: it is told where the upload stands and has changed nothing."""
    content = os.urandom(8 * CHUNK_BYTES)
    location = person.upload_at(person.take_id(), len(content))
    with socket.create_connection(("127.0.0.1", server.port)) as hanging:
        hanging.sendall(raw_patch(person, location, len(content)) + content[: 4 * CHUNK_BYTES])
        assert eventually(lambda: person.offset(location) == 4 * CHUNK_BYTES)
        given = {**person.headers, **PATCH, "Upload-Offset": str(4 * CHUNK_BYTES)}
        rest = content[4 * CHUNK_BYTES :]
        answer = requests.patch(server.url + location, data=rest, headers=given, timeout=20)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
        hanging.sendall(os.urandom(4 * CHUNK_BYTES))
        assert b" 409 " in hanging.recv(1000)
    assert segment_of(person, location).sha256 == sha256(content)


@pytest.mark.parametrize("point", ["upload.chunk_stored", "upload.complete", "take.submitted"])
def test_a_killed_server_loses_nothing(shared: World, person: Answerer, tmp_path: Path, point: str) -> None:
    content = os.urandom(3 * MIB + 17)
    take_id, marker = person.take_id(), tmp_path / point
    settings = shared.app.extensions["settings"]
    marker.touch()
    with WebServer("granian", settings, FAULT_POINTS=str(tmp_path)) as server:
        location = created(server, person, take_id, len(content))
        given = {**person.headers, **PATCH, "Upload-Offset": "0"}
        with pytest.raises(requests.RequestException):
            requests.patch(server.url + location, data=content, headers=given, timeout=20).raise_for_status()
            submit(server, person, take_id).raise_for_status()
        assert not marker.exists()
    with WebServer("granian", settings) as server:
        release(person, location)
        segment_id = upload_rest(server, person, location, content)
        assert submit(server, person, take_id).status_code == 200
    segment = segment_of(person, segment_id)
    assert (segment.status, segment.sha256) == ("complete", sha256(content))
    (take,) = rows(shared, person.company, Take, Take.id == take_id)
    assert take.status == "submitted"


def test_a_server_killed_at_any_moment(shared: World, person: Answerer) -> None:
    """SIGKILL while bytes arrive, several times: the offset never goes back, the file arrives as it is."""
    content = os.urandom(24 * MIB)
    location = person.upload_at(person.take_id(), len(content))
    settings = shared.app.extensions["settings"]
    seen = 0
    for seconds in (0.05, 0.15):
        with WebServer("granian", settings) as server:
            sender = threading.Thread(target=send_slowly, args=(server, person, location, content, seen))
            sender.start()
            time.sleep(seconds)
            acknowledged = person.offset(location)
            server.kill()
            sender.join()
        offset = person.offset(location)
        assert offset >= acknowledged >= seen
        seen = offset
        release(person, location)
    with WebServer("granian", settings) as server:
        upload_rest(server, person, location, content)
    assert segment_of(person, location).sha256 == sha256(content)


def test_memory_stays_small(server: WebServer, person: Answerer) -> None:
    """An upload takes a few chunks of memory, whatever its size."""
    content = os.urandom(MIB) * 96
    location = person.upload_at(person.take_id(), len(content))
    before = resident_bytes(server)
    given = {**person.headers, **PATCH, "Upload-Offset": "0"}
    answer = requests.patch(server.url + location, data=content, headers=given, timeout=60)
    assert answer.status_code == 204
    assert peak_bytes(server) - before < 40 * MIB
    path = person.world.app.extensions["settings"].data_dir / "recordings"
    assert sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) > len(content)
    assert segment_of(person, location).sha256 == sha256(content)


# --- helpers ------------------------------------------------------------------------------------------------------


def raw_patch(person: Answerer, location: str, length: int) -> bytes:
    headers = {**person.headers, **PATCH, "Upload-Offset": "0", "Content-Length": str(length), "Host": "test"}
    lines = [f"PATCH {location} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def created(server: WebServer, person: Answerer, take_id: str, length: int) -> str:
    metadata = encode_metadata({"take_id": take_id, "number": 1, "filetype": "video/mp4"})
    headers = {**person.headers, **TUS, "Upload-Length": str(length), "Upload-Metadata": metadata}
    answer = requests.post(f"{server.url}/api/v1/uploads", headers=headers, timeout=20)
    assert answer.status_code == 201
    return answer.headers["Location"]


def submit(server: WebServer, person: Answerer, take_id: str) -> requests.Response:
    url = f"{server.url}/api/v1/candidate/takes/{take_id}/submit"
    return requests.post(url, json={}, headers=person.headers, timeout=20)


def upload_rest(server: WebServer, person: Answerer, location: str, content: bytes) -> str:
    head = requests.head(server.url + location, headers={**person.headers, **TUS}, timeout=20)
    offset = int(head.headers["Upload-Offset"])
    if offset < len(content):
        given = {**person.headers, **PATCH, "Upload-Offset": str(offset)}
        answer = requests.patch(server.url + location, data=content[offset:], headers=given, timeout=60)
        assert answer.status_code == 204, answer.text
    return location.rpartition("/")[2]


def release(person: Answerer, location: str) -> None:
    """The dead writer's lease runs out."""
    change(
        person.world, person.company, Segment, location.rpartition("/")[2], locked_by=None, locked_until=None
    )


def send_slowly(server: WebServer, person: Answerer, location: str, content: bytes, offset: int) -> None:
    def pieces() -> Iterator[bytes]:
        for at in range(offset, len(content), CHUNK_BYTES):
            time.sleep(0.005)
            yield content[at : at + CHUNK_BYTES]

    headers = {**person.headers, **PATCH, "Upload-Offset": str(offset)}
    request = requests.Request("PATCH", server.url + location, data=pieces(), headers=headers).prepare()
    del request.headers["Transfer-Encoding"]
    request.headers["Content-Length"] = str(len(content) - offset)
    with requests.Session() as session:
        try:
            session.send(request, timeout=20)
        except requests.RequestException:
            return


def eventually(condition, seconds: float = 20.0) -> bool:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def processes(server: WebServer) -> list[str]:
    assert server._process is not None
    main = server._process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [str(main), *children]


def resident_bytes(server: WebServer) -> int:
    return sum(_status(pid, "VmRSS") for pid in processes(server))


def peak_bytes(server: WebServer) -> int:
    return sum(_status(pid, "VmHWM") for pid in processes(server))


def _status(pid: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
