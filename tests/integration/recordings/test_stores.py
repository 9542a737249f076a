"""One contract for every recording store: local files, and S3 (boto3 against a stand-in)."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from app.adapters.local_recordings import LocalRecordingStore
from app.adapters.recordings import build_recording_store
from app.adapters.s3_recordings import S3RecordingStore, build_s3_client
from app.core.encryption import SEALED_CHUNK_BYTES
from app.core.errors import OutsideError, PermanentError, RetryableError
from app.core.ids import new_id
from app.ports import RecordingStore
from config import load_settings
from tests.services import free_port

BUCKET = "recordings"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RecordingStore:
    if request.param == "local":
        return LocalRecordingStore(tmp_path / "recordings", floor_bytes=0)
    request.getfixturevalue("s3")
    return S3RecordingStore(build_s3_client(""), BUCKET)


@pytest.fixture
def another_process(store: RecordingStore) -> RecordingStore:
    """The same store as another process sees it: nothing remembered."""
    if isinstance(store, LocalRecordingStore):
        return store
    return S3RecordingStore(build_s3_client(""), BUCKET)


def key() -> str:
    return f"{new_id()}/{new_id()}"


def reason(error: type[OutsideError], action) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        action()
    return caught.value.reason


def test_what_is_appended_is_read(store: RecordingStore, another_process: RecordingStore) -> None:
    name = key()
    assert store.size(name) == 0
    store.append(name, 0, b"a" * 100)
    store.append(name, 100, b"b" * 100)
    store.append(name, 200, b"c" * 7)
    for reader in (store, another_process):
        assert reader.size(name) == 207
        assert reader.read(name, 0, 100) == b"a" * 100
        assert reader.read(name, 50, 100) == b"a" * 50 + b"b" * 50
        assert reader.read(name, 199, 100) == b"b" + b"c" * 7
        assert reader.read(name, 207, 10) == b""


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8), data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_is_read_as_from_a_file(
    store: RecordingStore, sizes: list[int], data: st.DataObject
) -> None:
    name, whole = key(), b""
    for number, size in enumerate(sizes):
        piece = bytes([number]) * size
        store.append(name, len(whole), piece)
        whole += piece
    assert store.size(name) == len(whole)
    for _ in range(5):
        start = data.draw(st.integers(0, len(whole)))
        length = data.draw(st.integers(0, len(whole) + 3))
        assert store.read(name, start, length) == whole[start : start + length]


def test_a_whole_chunk_is_never_overwritten(store: RecordingStore, another_process: RecordingStore) -> None:
    """A writer that slept longer than its lease wakes up and tries to write where another one did."""
    name = key()
    store.append(name, 0, b"a" * 50)
    another_process.append(name, 50, b"b" * 50)
    assert reason(RetryableError, lambda: store.append(name, 50, b"x" * 50)) == "append_conflict"
    assert reason(RetryableError, lambda: another_process.append(name, 0, b"x" * 50)) == "append_conflict"
    assert another_process.read(name, 0, 100) == b"a" * 50 + b"b" * 50


def test_a_longer_run_overwrites_no_whole_chunk(
    store: RecordingStore, another_process: RecordingStore
) -> None:
    name, chunk = key(), bytes(SEALED_CHUNK_BYTES)
    another_process.append(name, 0, chunk + b"next")
    assert reason(RetryableError, lambda: store.append(name, 0, chunk * 3)) == "append_conflict"
    assert store.read(name, SEALED_CHUNK_BYTES, 10) == b"next"


def test_nothing_is_written_behind_a_gap(store: RecordingStore) -> None:
    name = key()
    assert reason(RetryableError, lambda: store.append(name, 50, b"x" * 50)) == "append_conflict"
    store.append(name, 0, b"a" * 50)
    assert reason(RetryableError, lambda: store.append(name, 100, b"x" * 50)) == "append_conflict"
    assert store.size(name) == 50


def test_of_many_writers_at_one_place_one_wins(tmp_path: Path) -> None:
    """On S3 the server decides (If-None-Match), which the test above asks for."""
    store, name = LocalRecordingStore(tmp_path / "recordings", floor_bytes=0), key()
    outcomes: list[int | str] = []

    def write(number: int) -> None:
        try:
            store.append(name, 0, bytes([number]) * 64)
            outcomes.append(number)
        except RetryableError as error:
            outcomes.append(error.reason)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert outcomes.count("append_conflict") == 7
    assert store.read(name, 0, 64) == bytes([winner]) * 64


def test_truncate_keeps_the_beginning(store: RecordingStore, another_process: RecordingStore) -> None:
    name = key()
    for number in range(4):
        store.append(name, number * 10, bytes([number]) * 10)
    another_process.truncate(name, 20)
    assert store.size(name) == 20
    store.append(name, 20, b"n" * 10)
    assert another_process.size(name) == 30
    assert another_process.read(name, 0, 30) == b"\0" * 10 + b"\1" * 10 + b"n" * 10
    store.truncate(name, 25)
    assert store.size(name) <= 25
    store.truncate(key(), 0)


def test_deleted_is_gone(store: RecordingStore) -> None:
    name, other = key(), key()
    store.append(name, 0, b"a" * 10)
    store.append(other, 0, b"o" * 10)
    store.delete(name)
    store.delete(name)
    assert store.size(name) == 0
    assert reason(PermanentError, lambda: store.read(name, 0, 10)) == "recording_missing"
    assert store.read(other, 0, 10) == b"o" * 10
    store.append(name, 0, b"again")
    assert store.read(name, 0, 5) == b"again"


@pytest.mark.parametrize("bad", ["", "a//b", "../a", "a/..", "/a", "a b"])
def test_only_plain_keys(store: RecordingStore, bad: str) -> None:
    with pytest.raises(ValueError, match="bad store key"):
        store.append(bad, 0, b"x")


# --- local files --------------------------------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> LocalRecordingStore:
    return LocalRecordingStore(tmp_path / "recordings", floor_bytes=0)


def test_part_of_a_chunk_is_overwritten(local: LocalRecordingStore, tmp_path: Path) -> None:
    """A process killed in the middle of a write leaves part of a chunk behind."""
    name = key()
    local.append(name, 0, b"a" * 50)
    with (tmp_path / "recordings" / name).open("ab") as file:
        file.write(b"torn" * 5)
    assert local.size(name) == 70
    local.append(name, 50, b"b" * 50)
    assert local.read(name, 0, 200) == b"a" * 50 + b"b" * 50


def test_a_disk_almost_full_is_named(tmp_path: Path) -> None:
    full = LocalRecordingStore(tmp_path / "recordings", floor_bytes=1 << 60)
    assert reason(RetryableError, lambda: full.append(key(), 0, b"x")) == "disk_full"


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
@pytest.mark.parametrize(("number", "named"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "storage_failed")])
def test_what_is_not_durable_does_not_count(
    local: LocalRecordingStore, monkeypatch: pytest.MonkeyPatch, call: str, number: int, named: str
) -> None:
    name = key()

    def keep() -> None:
        local.append(name, 50, b"b" * 50)
        local.sync(name, 50)

    local.append(name, 0, b"a" * 50)
    local.sync(name, 0)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, _fails(number, after=os.pwrite if call == "pwrite" else None))
        assert reason(RetryableError, keep) == named
    assert local.size(name) == 50
    local.append(name, 50, b"c" * 50)
    assert local.read(name, 0, 100) == b"a" * 50 + b"c" * 50


def _fails(number: int, after):  # type: ignore[no-untyped-def]
    """An operating system call that fails, writing part of its data first when it writes."""
    calls = []

    def call(descriptor: int, *args):  # type: ignore[no-untyped-def]
        if after is not None and not calls:
            calls.append(1)
            data, at = args
            return after(descriptor, data[:10], at)
        raise OSError(number, "injected")

    return call


# --- S3 -----------------------------------------------------------------------------------------------------------


def test_many_objects_are_listed_by_pages(s3: None) -> None:
    store = S3RecordingStore(build_s3_client(""), BUCKET)
    name = key()
    for number in range(1005):
        store.append(name, number, b"x")
    assert S3RecordingStore(build_s3_client(""), BUCKET).size(name) == 1005
    store.delete(name)
    assert store.size(name) == 0


def test_s3_away_is_retryable(s3: None) -> None:
    store = S3RecordingStore(build_s3_client(f"http://127.0.0.1:{free_port()}"), BUCKET)
    assert reason(RetryableError, lambda: store.size(key())) == "storage_failed"


def test_a_missing_bucket_is_permanent(s3: None) -> None:
    store = S3RecordingStore(build_s3_client(""), "no-such-bucket")
    assert reason(PermanentError, lambda: store.append(key(), 0, b"x")) == "storage_refused"


def test_settings_choose_the_store(s3: None, tmp_path: Path) -> None:
    local = build_recording_store(load_settings(profile="test", data_dir=tmp_path))
    assert isinstance(local, LocalRecordingStore)
    bucket = load_settings(profile="test", data_dir=tmp_path, recording_store="s3", s3_bucket=BUCKET)
    chosen = build_recording_store(bucket)
    chosen.append("a/b", 0, b"abc")
    assert chosen.read("a/b", 0, 3) == b"abc"
    with pytest.raises(ValueError, match="S3_BUCKET"):
        build_recording_store(bucket.model_copy(update={"s3_bucket": ""}))
