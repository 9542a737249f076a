"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload): read strictly, said exactly."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from werkzeug.datastructures import Headers

from app.core.encryption import CHUNK_BYTES
from app.recordings.errors import UploadRefused

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination,expiration"
ALGORITHMS = ("sha1", "sha256", "md5")
OFFSET_TYPE = "application/offset+octet-stream"
CHECKSUM_MAX_BYTES = 8 * 1024 * 1024
_DIGITS = re.compile(r"\d{1,15}")
_MEDIA_TYPE = re.compile(r"(?:video|audio)/[a-z0-9][a-z0-9.+-]{0,60}|application/octet-stream")
_LATEST_START_MS = 24 * 3600 * 1000
_LARGEST_NUMBER = 9999


@dataclass(frozen=True)
class Creation:
    """What a client declares about a new upload. ``length`` in bytes, ``starts_at_ms`` on the take's timeline."""

    take_id: str
    number: int
    starts_at_ms: int
    content_type: str
    length: int


@dataclass(frozen=True)
class Checksum:
    """The digest a client gives for one request body."""

    algorithm: str
    digest: bytes

    def matches(self, body: bytes) -> bool:
        """Whether the body is what the client sent."""
        return hashlib.new(self.algorithm, body, usedforsecurity=False).digest() == self.digest


def capabilities(max_bytes: int) -> dict[str, str]:
    """The headers of an OPTIONS answer."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(headers: Headers) -> None:
    """Refuse another protocol version: 412 ``tus_version_unsupported``."""
    if headers.get("Tus-Resumable") != VERSION:
        raise UploadRefused("tus_version_unsupported", 412, headers={"Tus-Version": VERSION})


def parse_creation(headers: Headers, max_bytes: int) -> Creation:
    """What is to be uploaded.

    UploadRefused 400 ``upload_length_invalid`` | ``upload_metadata_invalid``, 413 ``upload_too_large``,
    415 ``recording_type_refused``.
    """
    length = _number(headers.get("Upload-Length"), "upload_length_invalid")
    if length < 1:
        raise UploadRefused("upload_length_invalid", 400)
    if length > max_bytes:
        limit = {"Tus-Max-Size": str(max_bytes)}
        raise UploadRefused("upload_too_large", 413, headers=limit, megabytes=max_bytes >> 20)
    metadata = _metadata(headers.get("Upload-Metadata", ""))
    content_type = metadata.get("filetype", "").partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(content_type):
        raise UploadRefused("recording_type_refused", 415)
    number = _bounded(metadata.get("number"), _LARGEST_NUMBER)
    starts_at_ms = _bounded(metadata.get("starts_at_ms", "0"), _LATEST_START_MS)
    return Creation(metadata.get("take_id", ""), number, starts_at_ms, content_type, length)


def parse_offset(headers: Headers) -> int:
    """The offset a PATCH begins at. UploadRefused 400 ``upload_offset_invalid``, 415 ``upload_type_invalid``."""
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != OFFSET_TYPE:
        raise UploadRefused("upload_type_invalid", 415)
    return _number(headers.get("Upload-Offset"), "upload_offset_invalid")


def parse_checksum(headers: Headers) -> Checksum | None:
    """The checksum of a PATCH, if it has one. UploadRefused 400 ``upload_checksum_unsupported``."""
    given = headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise UploadRefused("upload_checksum_unsupported", 400)
    try:
        return Checksum(algorithm, base64.b64decode(encoded.strip(), validate=True))
    except binascii.Error as error:
        raise UploadRefused("upload_checksum_unsupported", 400) from error


def least_body(offset: int, length: int) -> int:
    """The bytes a PATCH must at least bring: to the next chunk boundary or the end. Less would never advance."""
    return min(CHUNK_BYTES, length - offset)


def expiry(moment: datetime) -> str:
    """An Upload-Expires value (RFC 9110 date)."""
    return format_datetime(moment, usegmt=True)


def _metadata(header: str) -> dict[str, str]:
    found: dict[str, Any] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UploadRefused("upload_metadata_invalid", 400) from error
    return found


def _number(value: str | None, code: str) -> int:
    if value is None or not _DIGITS.fullmatch(value):
        raise UploadRefused(code, 400)
    return int(value)


def _bounded(value: str | None, largest: int) -> int:
    number = _number(value, "upload_metadata_invalid")
    if number > largest:
        raise UploadRefused("upload_metadata_invalid", 400)
    return number
