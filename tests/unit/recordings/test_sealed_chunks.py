"""Sealed files: what goes in comes out, anything changed is refused, no nonce is used twice."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.encryption import (
    CHUNK_BYTES,
    SEAL_BYTES,
    SEALED_CHUNK_BYTES,
    ChunkCipher,
    chunk_count,
    new_key,
    sealed_size,
)
from app.core.errors import PermanentError
from app.recordings.reader import SealedReader, open_recording

KEY = b"k" * 32
LENGTHS = st.one_of(
    st.integers(1, 3 * CHUNK_BYTES + 5),
    st.sampled_from([1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES]),
)


class MemoryStore:
    """A recording store in memory, which says how often it was read."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed, self.reads = sealed, 0

    def append(self, key: str, position: int, data: bytes) -> None:
        raise AssertionError("a reader never writes")

    def sync(self, key: str, kept: int) -> None:
        raise AssertionError("a reader never writes")

    def read(self, key: str, start: int, length: int) -> bytes:
        self.reads += 1
        return self.sealed[start : start + length]

    def size(self, key: str) -> int:
        return len(self.sealed)

    def truncate(self, key: str, size: int) -> None:
        self.sealed = self.sealed[:size]

    def delete(self, key: str) -> None:
        self.sealed = b""


def content(length: int, seed: int = 1) -> bytes:
    """Bytes in which every place looks different."""
    word = b"".join((seed + at * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") for at in range(2000))
    return (word * (length // len(word) + 1))[:length]


def seal_file(plaintext: bytes, cipher: ChunkCipher) -> bytes:
    last = chunk_count(len(plaintext)) - 1
    return b"".join(
        cipher.seal_chunk(i, plaintext[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES], last=i == last)
        for i in range(last + 1)
    )


def reader(sealed: bytes, length: int, *, key: bytes = KEY, file_id: str = "file") -> SealedReader:
    return SealedReader(MemoryStore(sealed), "a/b", ChunkCipher(key, file_id), length)


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(PermanentError) as caught:
        read()
    return caught.value.reason


@given(LENGTHS)
@settings(max_examples=30, deadline=None)
def test_a_sealed_file_opens_again(length: int) -> None:
    sealed = seal_file(content(length), ChunkCipher(KEY, "file"))
    assert len(sealed) == sealed_size(length)
    assert reader(sealed, length).readall() == content(length)


@given(LENGTHS, st.data())
@settings(max_examples=40, deadline=None)
def test_any_place_is_read_as_from_a_plain_file(length: int, data: st.DataObject) -> None:
    plain = io.BytesIO(content(length))
    opened = open_recording(
        MemoryStore(seal_file(content(length), ChunkCipher(KEY, "file"))),
        "a/b",
        ChunkCipher(KEY, "file"),
        length,
    )
    for _ in range(5):
        start, size = data.draw(st.integers(0, length + 10)), data.draw(st.integers(0, 2 * CHUNK_BYTES))
        assert opened.seek(start) == plain.seek(start)
        assert opened.read(size) == plain.read(size)
        assert opened.tell() == plain.tell()
    assert opened.seek(-min(length, 7), io.SEEK_END) == plain.seek(-min(length, 7), io.SEEK_END)
    assert opened.read() == plain.read()


def test_a_range_touches_only_its_chunks() -> None:
    length = 10 * CHUNK_BYTES
    store = MemoryStore(seal_file(content(length), ChunkCipher(KEY, "file")))
    opened = SealedReader(store, "a/b", ChunkCipher(KEY, "file"), length)
    opened.seek(5 * CHUNK_BYTES - 10)
    assert opened.read(5) == content(length)[5 * CHUNK_BYTES - 10 : 5 * CHUNK_BYTES - 5]
    assert opened.read(5) == content(length)[5 * CHUNK_BYTES - 5 : 5 * CHUNK_BYTES]
    assert store.reads == 1


@given(st.integers(1, 2 * CHUNK_BYTES + 9), st.data())
@settings(max_examples=60, deadline=None)
def test_a_flipped_bit_is_refused(length: int, data: st.DataObject) -> None:
    sealed = bytearray(seal_file(content(length), ChunkCipher(KEY, "file")))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    opened = reader(bytes(sealed), length)
    opened.seek(at // SEALED_CHUNK_BYTES * CHUNK_BYTES)
    assert refusal(lambda: opened.read(1)) == "seal_broken"


@given(LENGTHS, st.data())
@settings(max_examples=40, deadline=None)
def test_a_missing_end_is_refused(length: int, data: st.DataObject) -> None:
    """Whole chunks cut off as well: the new last one was not sealed as the last one."""
    sealed = seal_file(content(length), ChunkCipher(KEY, "file"))
    kept = data.draw(st.integers(0, len(sealed) - 1))
    assert refusal(reader(sealed[:kept], length).readall) == "seal_broken"
    chunks = max(1, kept // SEALED_CHUNK_BYTES)
    if chunks < chunk_count(length):
        shorter = chunks * CHUNK_BYTES
        assert refusal(reader(sealed[: sealed_size(shorter)], shorter).readall) == "seal_broken"


@given(st.permutations(range(4)).filter(lambda order: order != list(range(4))))
@settings(max_examples=20, deadline=None)
def test_swapped_chunks_are_refused(order: list[int]) -> None:
    length = 4 * CHUNK_BYTES
    sealed = seal_file(content(length), ChunkCipher(KEY, "file"))
    chunks = [sealed[i * SEALED_CHUNK_BYTES : (i + 1) * SEALED_CHUNK_BYTES] for i in order]
    assert refusal(reader(b"".join(chunks), length).readall) == "seal_broken"


@pytest.mark.parametrize(("key", "file_id"), [(b"x" * 32, "file"), (KEY, "other")])
def test_another_key_or_file_is_refused(key: bytes, file_id: str) -> None:
    sealed = seal_file(content(100), ChunkCipher(KEY, "file"))
    assert refusal(reader(sealed, 100, key=key, file_id=file_id).readall) == "seal_broken"


def test_the_last_chunk_is_no_middle_chunk() -> None:
    cipher = ChunkCipher(KEY, "file")
    sealed = cipher.seal_chunk(0, content(CHUNK_BYTES), last=False)
    assert refusal(lambda: cipher.open_chunk(0, sealed, last=True)) == "seal_broken"


@pytest.mark.parametrize(("size", "last"), [(CHUNK_BYTES - 1, False), (CHUNK_BYTES + 1, True)])
def test_only_the_last_chunk_is_shorter(size: int, last: bool) -> None:
    with pytest.raises(ValueError, match="chunk of"):
        ChunkCipher(KEY, "file").seal_chunk(0, bytes(size), last=last)


def test_sealing_one_place_again_never_repeats_a_nonce() -> None:
    """After a torn write the client may send other bytes for the same chunk; the two must not share a key stream."""
    cipher = ChunkCipher(new_key(), "file")
    first, second = ([cipher.seal_chunk(3, bytes([b]) * 64, last=True) for _ in range(500)] for b in (1, 2))
    nonces = {sealed[:12] for sealed in first + second}
    assert len(nonces) == 1000
    difference = bytes(a ^ b for a, b in zip(first[0][12:-16], second[0][12:-16], strict=True))
    assert difference != b"\x03" * 64
    assert len(first[0]) == 64 + SEAL_BYTES
