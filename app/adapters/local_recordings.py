"""Sealed recordings as files below one folder, made durable before an append returns."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from app.core.errors import PermanentError, RetryableError


class LocalRecordingStore:
    """One file per object; keys are relative paths of letters, digits, ``-`` and ``/``."""

    def __init__(self, root: Path, *, floor_bytes: int) -> None:
        self._root = root
        self._floor = floor_bytes

    def append(self, key: str, position: int, data: bytes) -> None:
        """Write at ``position`` and fsync. RetryableError ``disk_full`` before the disk is really full."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(path.parent).free - len(data) < self._floor:
                raise RetryableError("disk_full", after_seconds=60)
            fresh = not path.exists()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, position)
                view, at = memoryview(data), position
                while view:
                    written = os.pwrite(descriptor, view, at)
                    view, at = view[written:], at + written
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if fresh:
                _sync_folder(path.parent)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise RetryableError("disk_full", after_seconds=60) from error
            raise RetryableError("storage_failed", str(error.errno)) from error

    def read(self, key: str, start: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``start``."""
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
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return 0

    def delete(self, key: str) -> None:
        """Remove the file."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not all(part and part.replace("-", "").replace("_", "").isalnum() for part in parts):
            raise ValueError(f"bad store key {key!r}")
        return self._root.joinpath(*parts)


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
