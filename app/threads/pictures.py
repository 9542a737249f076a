"""Pictures in a thread: what a phone sends becomes a plain JPEG without anything hidden in it.

A picture is decoded and encoded anew, so that no place, device or other file travels along; its size is looked at before
it is decoded, because a small file may unfold into gigabytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import ExifTags, Image

from app.core.errors import InvalidInput

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2048
_FORMATS = ("JPEG", "PNG", "WEBP")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its EXIF orientation (1: it is)."""

_QUALITY = 82


@dataclass(frozen=True)
class PlainPicture:
    """A JPEG of ours; width and height in pixels."""

    data: bytes
    width: int
    height: int


def plain_picture(sent: bytes) -> PlainPicture:
    """The picture in ``sent`` (JPEG, PNG or WebP), upright, on white, no side longer than ``LONGEST_SIDE``.

    Raises InvalidInput ``picture_too_large`` | ``picture_unreadable``.
    """
    if len(sent) > MOST_BYTES:
        raise InvalidInput("picture_too_large", megabytes=MOST_BYTES >> 20)
    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise InvalidInput("picture_too_large", megabytes=MOST_BYTES >> 20)
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than needed
            turn = _turn_of(found)
            found.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            flat = _on_white(found if turn is None else found.transpose(turn))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput("picture_unreadable") from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return PlainPicture(out.getvalue(), flat.width, flat.height)


def _turn_of(picture: Image.Image) -> Image.Transpose | None:
    """How a phone says it was held; what it wrote beside the picture may be anything, and then says nothing."""
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # every kind of error, by what is broken in it
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, palette or anything the picture carried along."""
    coloured = picture.convert("RGBA")
    flat = Image.new("RGB", coloured.size, "white")
    flat.paste(coloured, mask=coloured.getchannel("A"))
    return flat
