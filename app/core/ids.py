"""Opaque, time-ordered identifiers and unguessable tokens."""

from __future__ import annotations

import os
import secrets
import time
from datetime import datetime

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 32 lower-case hex digits: sorts by creation time, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return f"{value:032x}"


def first_id(moment: datetime) -> str:
    """The id before every ``new_id`` of this (aware) moment and later."""
    return f"{int(moment.timestamp() * 1000) << 80:032x}"


def new_token(length: int = 22) -> str:
    """A random token of letters and digits that are hard to misread (5.8 bits each)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
