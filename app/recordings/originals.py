"""Whether an uploaded file plays everywhere as it is: H.264 and AAC in an MP4 whose index comes first (ADR 27)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from app.core.signals import MediaSignals
from app.ports import SegmentSource

AT_ONCE_MS = 100
"""A segment that begins later on the take's timeline needs a rendition, or its evidence would lie elsewhere."""

MOST_PIXELS = 1920 * 1088
MOST_INDEX_BYTES = 16 * 1024 * 1024
PROFILES = frozenset({66, 77, 88, 100})
"""Baseline, Main, Extended, High (ITU-T H.264, A.2): eight bits, 4:2:0. The others only some machines play."""


def plays_everywhere(segments: list[SegmentSource], facts: MediaSignals | None) -> bool:
    """Whether a take's one segment can be shown as it is, at the times its evidence names."""
    if facts is None or len(segments) != 1 or segments[0].starts_at_ms >= AT_ONCE_MS or facts.rotation:
        return False
    if "mp4" not in facts.container.split(",") or facts.audio_codec != "aac":
        return False
    seen = facts.video_codec is not None
    if seen and (facts.video_codec != "h264" or (facts.width or 0) * (facts.height or 0) > MOST_PIXELS):
        return False
    with segments[0].open() as file:
        return _is_indexed_first(file, segments[0].size, seen=seen)


def _is_indexed_first(file: BinaryIO, size: int, *, seen: bool) -> bool:
    """The index before the data, in one piece, and a usual H.264 profile if there is a picture."""
    for kind, start, end in _boxes(file, size):
        if kind in (b"mdat", b"moof", b"sidx"):
            return False
        if kind == b"moov":
            file.seek(start)
            index = file.read(min(end - start, MOST_INDEX_BYTES))
            return b"mvex" not in index and (not seen or _profile(index) in PROFILES)
    return False


def _profile(index: bytes) -> int:
    """The profile in the AVC configuration (ISO 14496-15, 5.3.3.1), 0 when there is none."""
    at = index.find(b"avcC")
    return index[at + 5] if 0 <= at < len(index) - 5 else 0


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of the outermost boxes (ISO 14496-12)."""
    start = 0
    while start + 16 <= size:
        file.seek(start)
        head = file.read(16)
        if len(head) < 16:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1:
            (length,) = struct.unpack(">Q", head[8:])
        if length < 8:
            return
        yield kind, start, start + length
        start += length
