"""Pictures in a thread: made plain, sealed, shown for minutes, in the copy, gone with the candidate (C7)."""

from __future__ import annotations

import io
import zlib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import request
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.core.clock import utcnow
from app.core.errors import InvalidInput
from app.threads.models import Picture
from app.threads.pictures import LONGEST_SIDE, plain_picture
from tests.factories import World, ok, refused
from tests.integration.answering import rows
from tests.integration.results.conftest import Finished, Results
from tests.integration.results.test_threads import say
from workers import tidying

SECRET = "31.2304N 121.4737E"


def picture(
    form: str = "JPEG", size: tuple[int, int] = (320, 200), colour: Any = "red", **more: Any
) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if form == "PNG" else "RGB"
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


def with_place() -> bytes:
    """A photograph on its side that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET, 6
    return picture(exif=exif)


def held(orientation: int, corner: tuple[int, int, int], form: str = "PNG") -> bytes:
    """A picture twice as wide as high with one coloured corner at the left of its top."""
    seen, exif = Image.new("RGB", (80, 40), "white"), Image.Exif()
    seen.paste(corner, (0, 0, 20, 20))
    exif[0x0112] = orientation
    out = io.BytesIO()
    seen.save(out, form, exif=exif)
    return out.getvalue()


def test_a_picture_is_never_on_the_disk_unsealed(world: World) -> None:
    """Werkzeug would put what is more than half a megabyte into a file."""
    body = {"file": (io.BytesIO(b"x" * 1_500_000), "photo.jpg"), "more": "words"}
    with world.app.test_request_context("/", method="POST", data=body, content_type="multipart/form-data"):
        sent = request.files["file"].stream
        assert isinstance(sent, io.BytesIO) and len(sent.read()) == 1_500_000


def send(finished: Finished, data: bytes, role: str | None = None) -> Any:
    world = finished.world
    path = f"/api/v1/invitations/{finished.invitation_id}" if role else "/api/v1/candidate"
    headers = world.staff(finished.company, role) if role else finished.candidate()
    body = {"file": (io.BytesIO(data), "photo.jpg")}
    return world.client.post(
        f"{path}/thread/pictures", data=body, headers=headers, content_type="multipart/form-data"
    )


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [
        (1, (80, 40), (5, 5)),
        (2, (80, 40), (74, 5)),
        (3, (80, 40), (74, 34)),
        (4, (80, 40), (5, 34)),
        (5, (40, 80), (5, 5)),
        (6, (40, 80), (34, 5)),
        (7, (40, 80), (34, 74)),
        (8, (40, 80), (5, 74)),
    ],
)
def test_however_a_phone_was_held(orientation: int, size: tuple[int, int], corner: tuple[int, int]) -> None:
    """Where the corner that the sensor saw first lies upright (Exif 2.32, tag Orientation)."""
    plain = plain_picture(held(orientation, (200, 0, 0)))
    with Image.open(io.BytesIO(plain.data)) as upright:
        assert upright.size == size == (plain.width, plain.height)
        red, green, _ = upright.getpixel(corner)  # type: ignore[misc]
        assert red > 150 and green < 60


def test_what_is_broken_beside_a_picture_does_not_matter() -> None:
    """A tag of a wrong kind, which writing it again would stumble over."""
    broken = b"MM\x00*\x00\x00\x00\x08\x00\x02\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    broken += b"\x01\x00\x00\x02\x00\x00\x00\x02ab\x00\x00\x00\x00\x00\x00"
    plain = plain_picture(picture(exif=b"Exif\x00\x00" + broken))
    assert (plain.width, plain.height) == (200, 320)


def test_a_picture_goes_both_ways_without_its_metadata(either_results: Results) -> None:
    results = either_results
    world, finished = results.world, results.interview(results.position(), status="in_progress")
    sent = ok(send(finished, with_place()), 201)
    assert (sent["width"], sent["height"]) == (200, 320)  # upright
    ok(say(finished, pictures=[sent["id"]]), 201)
    hr = world.staff(world.acme, "recruiter")
    path = f"/api/v1/invitations/{finished.invitation_id}/thread"
    shown = ok(world.client.get(path, headers=hr))
    assert shown["candidate_name"] == "李明"
    [seen] = shown["posts"][0]["pictures"]
    address = seen["url"][seen["url"].index("/api/") :]
    fetched = world.client.get(address)
    assert fetched.status_code == 200 and fetched.content_type == "image/jpeg"
    assert SECRET.encode() not in fetched.data and b"Exif" not in fetched.data
    with time_machine.travel(utcnow() + timedelta(hours=2)):
        refused(world.client.get(address), 410, "ticket_expired")
    refused(world.client.get(address + "x"), 404, "ticket_unknown")
    [row] = rows(world, finished.company, Picture)
    assert row.post_id is not None
    answer = ok(send(finished, picture("WEBP"), "recruiter"), 201)
    ok(world.client.post(path, json={"body": "像这样", "pictures": [answer["id"]]}, headers=hr), 201)
    own = ok(world.client.get("/api/v1/candidate/thread", headers=finished.candidate()))
    assert [len(post["pictures"]) for post in own["posts"]] == [1, 1]
    copy = ok(world.client.get("/api/v1/candidate/data", headers=finished.candidate()))
    assert [len(post["pictures"]) for post in copy["invitations"][0]["thread"]] == [1, 1]
    owner = world.staff(world.acme, "owner")
    ok(world.client.put(f"/api/v1/candidates/{finished.candidate_id}/erasure", headers=owner))
    assert rows(world, finished.company, Picture) == []
    assert world.client.get(address).status_code in {404, 410}


def test_a_picture_belongs_to_who_sent_it_and_to_one_post(results: Results) -> None:
    position = results.position()
    finished, other = results.interview(position), results.interview(position)
    sent = ok(send(finished, picture()), 201)["id"]
    refused(say(other, pictures=[sent]), 404, "picture_unknown")
    ok(say(finished, pictures=[sent]), 201)
    refused(say(finished, pictures=[sent]), 404, "picture_unknown")


def test_a_picture_that_no_post_came_for_goes_after_a_day(results: Results) -> None:
    finished = results.interview(results.position())
    world, sent = finished.world, ok(send(finished, picture()), 201)["id"]
    ok(say(finished, pictures=[sent]), 201)
    loose = ok(send(finished, picture()), 201)["id"]
    for hours, left in ((23, {sent, loose}), (25, {sent})):
        with time_machine.travel(utcnow() + timedelta(hours=hours)), world.app.app_context():
            tidying.tick(world.app.extensions["valkey"])
        assert {row.id for row in rows(world, finished.company, Picture)} == left
    refused(say(finished, pictures=[loose]), 404, "picture_unknown")


def test_what_is_no_picture_or_too_much_of_one_is_refused(results: Results) -> None:
    finished = results.interview(results.position())
    world = finished.world
    for data in (b"", b"<svg/>", b"GIF89a" + b"\0" * 50, picture()[:40], picture("TIFF")):
        refused(send(finished, data), 422, "picture_unreadable")
    refused(send(finished, b"\xff" * (5 * 1024 * 1024 + 1)), 422, "picture_too_large")
    assert send(finished, b"\xff" * (8 * 1024 * 1024)).status_code in {413, 422}
    none = world.client.post("/api/v1/candidate/thread/pictures", headers=finished.candidate())
    refused(none, 422, "picture_missing")


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it is ``side`` pixels high and wide."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_000, 30_000])
def test_a_bomb_is_not_unfolded(side: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plain_picture(bomb(side))
    assert refusal.value.code in {"picture_too_large", "picture_unreadable"}


def test_large_and_transparent_pictures_become_plain() -> None:
    made = plain_picture(picture("PNG", (3000, 1500), (0, 0, 0, 0)))
    assert (made.width, made.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    with Image.open(io.BytesIO(made.data)) as shown:
        assert shown.format == "JPEG" and shown.getpixel((5, 5)) == (255, 255, 255)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_pictures_never_break_it(noise: bytes, at: int) -> None:
    whole = picture()
    try:
        made = plain_picture(whole[:at] + noise + whole[at + len(noise) :])
    except InvalidInput:
        return
    assert made.data.startswith(b"\xff\xd8") and max(made.width, made.height) <= LONGEST_SIDE
