"""Sealed recordings in a bucket of S3 or of something that speaks it.

S3 objects cannot grow, so every append is an object of its own: ``<key>/<position as 16 hex digits>``. It is written with
``If-None-Match: *``: a PUT is all or nothing, and of two writers at one position only the first succeeds. The recording is
the run of objects that follow each other without a gap. Reading asks for the listing once and remembers it, which is safe
because an object, once there, never changes.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.errors import PermanentError, RetryableError

_REMEMBERED = 256
_DELETE_AT_ONCE = 1000
_MISSING = {"NoSuchKey", "404", "NotFound"}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}
_FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"}
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "403"}


@dataclass(frozen=True)
class _Layout:
    """Where the objects of a recording begin, and where the last one ends."""

    starts: list[int]
    size: int


class S3RecordingStore:
    """Recordings below ``recordings/`` in one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._layouts: OrderedDict[str, _Layout] = OrderedDict()
        self._lock = threading.Lock()

    def append(self, key: str, position: int, data: bytes) -> None:
        """Put one object at ``position`` unless one is there."""
        if position and self._end_before(key, position) != position:
            raise RetryableError("append_conflict", f"nothing ends at {position}", after_seconds=1)
        with _translated(key):
            self._client.put_object(Bucket=self._bucket, Key=_name(key, position), Body=data, IfNoneMatch="*")
        self._remember_append(key, position, len(data))

    def sync(self, key: str, kept: int) -> None:
        """Nothing to do: a bucket answers a PUT when it keeps it."""

    def read(self, key: str, start: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``start``, out of as many objects as they lie in."""
        layout = self._layout(key, start + length)
        if layout.size == 0:
            raise PermanentError("recording_missing", key)
        found: list[bytes] = []
        end = min(start + length, layout.size)
        at = bisect_right(layout.starts, start) - 1
        while start < end:
            begin = layout.starts[at]
            stop = layout.starts[at + 1] if at + 1 < len(layout.starts) else layout.size
            until = min(end, stop)
            found.append(self._get(key, begin, start - begin, until - begin))
            start, at = until, at + 1
        return b"".join(found)

    def size(self, key: str) -> int:
        """Bytes up to the first gap, 0 when there are none."""
        return self._list(key).size

    def truncate(self, key: str, size: int) -> None:
        """Remove every object that reaches beyond ``size``."""
        layout = self._list(key)
        if layout.size > size:
            first = bisect_right(layout.starts, size) - 1  # the object in which the cut lies
            self._remove([_name(key, start) for start in layout.starts[first:]])
        self._forget(key)

    def delete(self, key: str) -> None:
        """Remove every object of the recording."""
        self._remove([name for name, _ in self._objects(key)])
        self._forget(key)

    def _get(self, key: str, begin: int, first: int, stop: int) -> bytes:
        with _translated(key):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=_name(key, begin), Range=f"bytes={first}-{stop - 1}"
            )
            return answer["Body"].read()

    def _objects(self, key: str) -> Iterator[tuple[str, int]]:
        """(name, bytes) in order of position: S3 lists names in their byte order."""
        pages = self._client.get_paginator("list_objects_v2")
        with _translated(key):
            for page in pages.paginate(Bucket=self._bucket, Prefix=_folder(key)):
                for item in page.get("Contents", ()):
                    yield item["Key"], item["Size"]

    def _list(self, key: str) -> _Layout:
        starts: list[int] = []
        size = 0
        for name, length in self._objects(key):
            if int(name.rpartition("/")[2], 16) != size:
                break
            starts.append(size)
            size += length
        layout = _Layout(starts, size)
        self._keep(key, layout)
        return layout

    def _layout(self, key: str, reaching: int) -> _Layout:
        """The remembered layout when it reaches far enough, else a fresh one."""
        known = self._layouts.get(key)
        return known if known is not None and known.size >= reaching else self._list(key)

    def _end_before(self, key: str, position: int) -> int:
        known = self._layouts.get(key)
        return position if known is not None and known.size == position else self._list(key).size

    def _remember_append(self, key: str, position: int, length: int) -> None:
        known = self._layouts.get(key)
        if position == 0:
            self._keep(key, _Layout([0], length))
        elif known is not None and known.size == position:
            known.starts.append(position)
            self._keep(key, _Layout(known.starts, position + length))

    def _keep(self, key: str, layout: _Layout) -> None:
        with self._lock:
            self._layouts[key] = layout
            self._layouts.move_to_end(key)
            while len(self._layouts) > _REMEMBERED:
                self._layouts.popitem(last=False)

    def _forget(self, key: str) -> None:
        with self._lock:
            self._layouts.pop(key, None)

    def _remove(self, names: list[str]) -> None:
        """Last ones first, so that a half-done removal never leaves a gap in the middle."""
        names = sorted(names, reverse=True)
        for at in range(0, len(names), _DELETE_AT_ONCE):
            some = [{"Key": name} for name in names[at : at + _DELETE_AT_ONCE]]
            with _translated(""):
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": some, "Quiet": True}
                )
            if answer.get("Errors"):
                raise RetryableError("storage_failed", str(answer["Errors"][0].get("Code")))


def build_s3_client(endpoint_url: str) -> Any:
    """A client with bounded patience; credentials and region come from the environment as boto3 reads them."""
    config = Config(
        connect_timeout=3,
        read_timeout=20,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=64,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client("s3", endpoint_url=endpoint_url or None, config=config)


def _folder(key: str) -> str:
    parts = key.split("/")
    if not all(part and part.replace("-", "").replace("_", "").isalnum() for part in parts):
        raise ValueError(f"bad store key {key!r}")
    return f"recordings/{key}/"


def _name(key: str, position: int) -> str:
    return f"{_folder(key)}{position:016x}"


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """S3's errors as ours."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _TAKEN:
            raise RetryableError("append_conflict", key, after_seconds=1) from error
        if code in _MISSING:
            raise PermanentError("recording_missing", key) from error
        if code in _FULL:
            raise RetryableError("disk_full", code, after_seconds=60) from error
        if code in _REFUSED:
            raise PermanentError("storage_refused", code) from error
        raise RetryableError("storage_failed", code) from error
    except BotoCoreError as error:
        raise RetryableError("storage_failed", type(error).__name__) from error
