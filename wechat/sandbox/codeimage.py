"""A picture in the manner of a mini-program code: dots on rays around a centre, as a real PNG.

It cannot be scanned by a phone; what it stands for is in the file's text chunks, for tests and for the
curious.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib

RAYS = 54
GREEN = (7, 193, 96)


def draw_code(width: int, meaning: dict[str, str]) -> bytes:
    """A PNG of ``width`` pixels square whose dots depend on ``meaning``, which is also in its tEXt chunks."""
    bits = _bits(repr(sorted(meaning.items())))
    size = max(280, min(width, 1280))
    scale = 4 if size > 560 else 2  # drawn smaller and enlarged: the picture is flat and this is pure Python
    rows = [_row(y, size // scale, bits, scale) for y in range(size // scale)]
    pixels = b"".join(b"\x00" + row for row in rows for _ in range(scale))
    side = size // scale * scale
    header = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", bytes((255, 255, 255, *GREEN)))]
    for key, value in meaning.items():
        chunks.append((b"tEXt", key.encode("latin-1") + b"\x00" + value.encode("utf-8")))
    chunks += [(b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _bits(seed: str) -> list[int]:
    digest = b"".join(hashlib.sha256(f"{part}{seed}".encode()).digest() for part in range(3))
    return [byte >> shift & 1 for byte in digest for shift in range(8)]


def _row(y: int, size: int, bits: list[int], scale: int) -> bytes:
    middle, row = size / 2, bytearray()
    for x in range(size):
        dx, dy = (x - middle) / middle, (y - middle) / middle
        radius = math.hypot(dx, dy)
        ray = int((math.atan2(dy, dx) / math.tau + 1) % 1 * RAYS)
        inside = radius < 0.32 or (0.38 < radius < 0.96 and _on_ray(dx, dy, radius, ray, bits))
        row += (b"\x01" if inside else b"\x00") * scale
    return bytes(row)


def _on_ray(dx: float, dy: float, radius: float, ray: int, bits: list[int]) -> bool:
    """Whether a point lies on a filled piece of its ray; each ray has three pieces."""
    angle = (ray + 0.5) / RAYS * math.tau
    off = abs(dx * math.sin(angle) - dy * math.cos(angle))
    piece = int((radius - 0.38) / 0.58 * 3)
    return off < 0.022 and bits[(ray * 3 + piece) % len(bits)] == 1


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, data = chunk
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
