"""Reads a sealed recording as if it were a plain file: seekable, decrypting only what is touched."""

from __future__ import annotations

import io
from typing import BinaryIO

from app.core.encryption import CHUNK_BYTES, SEALED_CHUNK_BYTES, ChunkCipher, chunk_count
from app.core.errors import PermanentError
from app.ports import RecordingStore


class SealedReader(io.RawIOBase):
    """The plaintext of one complete segment. Needs no scope; holds one decrypted chunk in memory.

    Reading raises PermanentError ``seal_broken`` when stored bytes were changed, ``recording_missing`` when they are gone.
    """

    def __init__(self, store: RecordingStore, key: str, cipher: ChunkCipher, length: int) -> None:
        super().__init__()
        self._store, self._key, self._cipher, self._length = store, key, cipher, length
        self._position = 0
        self._index, self._chunk = -1, b""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position in plaintext bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; a position before the beginning is a ValueError, one beyond the end reads nothing."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` up to the end of the present chunk; 0 at the end."""
        if self._position >= self._length:
            return 0
        index, begin = divmod(self._position, CHUNK_BYTES)
        part = memoryview(self._chunk_at(index))[begin : begin + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _chunk_at(self, index: int) -> bytes:
        if index != self._index:
            self._chunk = open_stored_chunk(self._store, self._key, self._cipher, index, self._length)
            self._index = index
        return self._chunk


def open_stored_chunk(store: RecordingStore, key: str, cipher: ChunkCipher, index: int, length: int) -> bytes:
    """One chunk of a segment of ``length`` plaintext bytes. PermanentError ``seal_broken`` | ``recording_missing``."""
    sealed = store.read(key, index * SEALED_CHUNK_BYTES, SEALED_CHUNK_BYTES)
    last = index == chunk_count(length) - 1
    chunk = cipher.open_chunk(index, sealed, last=last)
    if len(chunk) != min(CHUNK_BYTES, length - index * CHUNK_BYTES):
        raise PermanentError("seal_broken", f"chunk {index} has another length")
    return chunk


def open_recording(store: RecordingStore, key: str, cipher: ChunkCipher, length: int) -> BinaryIO:
    """A buffered reader of the plaintext."""
    return io.BufferedReader(SealedReader(store, key, cipher, length), CHUNK_BYTES)
