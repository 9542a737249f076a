"""Sealed recordings as files below one folder."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.core.encryption import SEALED_CHUNK_BYTES
from app.core.errors import PermanentError, RetryableError

_FULL = {errno.ENOSPC, errno.EDQUOT}


class LocalRecordingStore:
    """One file per object; keys are relative paths of letters, digits, ``-``, ``_`` and ``/``."""

    def __init__(self, root: Path, *, floor_bytes: int) -> None:
        self._root = root
        self._floor = floor_bytes

    def append(self, key: str, position: int, data: bytes) -> None:
        """Write at ``position``. RetryableError ``disk_full`` before the disk is really full."""
        path = self._path(key)
        with _translated():
            fresh = not path.exists()
            if fresh:
                _make_folders(path.parent)
            if shutil.disk_usage(path.parent).free - len(data) < self._floor:
                raise RetryableError("disk_full", after_seconds=60)
            with _locked(path) as descriptor:
                _check_position(os.fstat(descriptor).st_size, position, len(data))
                _write(descriptor, position, data)
            if fresh:
                _sync_folder(path.parent)

    def sync(self, key: str, kept: int) -> None:
        """fsync the file; one that the system could not write is cut back to ``kept``."""
        path = self._path(key)
        with _translated():
            if not path.exists():
                return
            with _locked(path) as descriptor:
                try:
                    os.fsync(descriptor)
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(descriptor, kept)
                    raise

    def read(self, key: str, start: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``start``."""
        with _translated():
            try:
                descriptor = os.open(self._path(key), os.O_RDONLY)
            except FileNotFoundError as error:
                raise PermanentError("recording_missing", key) from error
            try:
                return os.pread(descriptor, length, start)
            finally:
                os.close(descriptor)

    def size(self, key: str) -> int:
        """Bytes on disk, 0 when there are none."""
        with _translated():
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return 0

    def truncate(self, key: str, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        path = self._path(key)
        with _translated():
            if not path.exists():
                return
            with _locked(path) as descriptor:
                if os.fstat(descriptor).st_size > size:
                    os.ftruncate(descriptor, size)
                    os.fsync(descriptor)

    def delete(self, key: str) -> None:
        """Remove the file."""
        path = self._path(key)
        with _translated():
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not all(part and part.replace("-", "").replace("_", "").isalnum() for part in parts):
            raise ValueError(f"bad store key {key!r}")
        return self._root.joinpath(*parts)


@contextmanager
def _translated() -> Iterator[None]:
    """The operating system's errors as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise RetryableError("disk_full", after_seconds=60) from error
        raise RetryableError("storage_failed", errno.errorcode.get(error.errno or 0, "")) from error


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file open for writing by one process at a time: a writer that lost its lease may still wake up."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _check_position(size: int, position: int, length: int) -> None:
    if size < position or size - position >= min(length, SEALED_CHUNK_BYTES):
        raise RetryableError("append_conflict", f"{size} bytes are there, not {position}", after_seconds=1)


def _write(descriptor: int, position: int, data: bytes) -> None:
    """All or nothing: what could not be written must not count as size."""
    try:
        os.ftruncate(descriptor, position)
        view, at = memoryview(data), position
        while view:
            written = os.pwrite(descriptor, view, at)
            view, at = view[written:], at + written
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, position)
        raise


def _make_folders(folder: Path) -> None:
    """Make a folder and its parents durably."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True, mode=0o700)
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
