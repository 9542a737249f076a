"""Renditions: one file that plays everywhere, a millisecond of evidence is a millisecond of the video, sealed and erased."""

from __future__ import annotations

import errno
import io
import re
from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import time_machine

from app.audits.models import AuditEntry
from app.core.clock import utcnow
from app.core.encryption import CHUNK_BYTES
from app.core.signals import MediaSignals
from app.core.work import Work
from app.interviews.models import Take
from app.ports import SegmentSource
from app.recordings.models import Rendition, Segment
from app.recordings.originals import plays_everywhere
from app.recordings.renditions import begin_attempt, write_sealed
from samples.corpus.material import RECORDINGS, portrait
from samples.corpus.muxing import Picture, Sound, write
from tenants.tenancy import tenant_transaction
from tests.factories import Headers, World, ok, refused
from tests.integration.answering import change, rows
from tests.integration.results.conftest import Finished, Results, told
from tests.unit.scoring import builders
from workers.analysis.media import Decoding, read_file_segment
from workers.analysis.rendering import Rendering
from workers.analysis.timeline import UnusableRecordingError

RATE = 48_000
SIZE = (320, 240)


@cache
def marked(seconds: float, mark_at: float, container: str = "webm") -> bytes:
    """Grey pictures and silence; at ``mark_at`` one second of white and of a tone, as a browser would record them."""
    samples = np.zeros(int(seconds * RATE), np.float32)
    tone = np.arange(RATE, dtype=np.float32)
    samples[int(mark_at * RATE) : int((mark_at + 1) * RATE)] = 0.5 * np.sin(tone * 2 * np.pi * 440 / RATE)
    frames = [
        np.full((SIZE[1], SIZE[0], 3), 250 if mark_at <= number / 15 < mark_at + 1 else 60, np.uint8)
        for number in range(int(seconds * 15))
    ]
    video, audio = ("libvpx", "libopus") if container == "webm" else ("libx264", "aac")
    return write(Picture(frames, codec=video), Sound(samples, rate=RATE, codec=audio), container=container)


def watched(data: bytes) -> tuple[list[tuple[int, float]], np.ndarray]:
    """What a player would show: (ms, mean brightness) of every picture, and the loudness of every 10 ms."""
    pictures, sound = [], []
    with av.open(io.BytesIO(data)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                pictures.append((round(frame.time * 1000), float(frame.to_ndarray(format="gray").mean())))
            elif isinstance(frame, av.AudioFrame):
                sound += [block.to_ndarray()[0] for block in resampler.resample(frame)]
    whole = np.concatenate(sound)
    return pictures, np.abs(whole[: len(whole) // 160 * 160]).reshape(-1, 160).max(axis=1)


def bright(pictures: list[tuple[int, float]]) -> list[int]:
    """When a picture becomes white."""
    return [
        at
        for (_, before), (at, now) in zip([(0, 0.0), *pictures], pictures, strict=False)
        if now > 200 >= before
    ]


def loud(sound: np.ndarray) -> list[int]:
    """When it becomes loud (ms)."""
    on = np.convolve(sound > 0.2, np.ones(3), "same") > 1
    return [int(at) * 10 for at in np.flatnonzero(on[1:] & ~on[:-1])]


def source(data: bytes, number: int = 0, starts_at_ms: int = 0) -> SegmentSource:
    return SegmentSource(number, starts_at_ms, len(data), "video/webm", lambda: io.BytesIO(data))


def made(segments: list[SegmentSource], world: World, **how: Any) -> tuple[bytes, Any]:
    with Rendering(segments, world.app.extensions["settings"], **how) as rendering:
        data = b"".join(rendering.pieces())
        return data, rendering.facts


def test_a_moment_of_the_take_is_a_moment_of_the_video(world: World) -> None:
    """Two segments and a hole of some seconds between them, as after a phone call."""
    segments = [source(marked(3, 1)), source(marked(3, 1.5), 1, 6000)]
    data, facts = made(segments, world)
    with Decoding(segments, world.app.extensions["settings"], frames=False) as decoding:
        analysed, _ = decoding.finish()
    assert abs(facts.duration_ms - analysed.duration_ms) <= 20
    assert [(gap.start_ms // 100, gap.end_ms) for gap in facts.gaps] == [(30, 6000)]
    pictures, sound = watched(data)
    assert bright(pictures) == pytest.approx([1000, 7500], abs=70)
    assert loud(sound) == pytest.approx([1000, 7500], abs=60)
    dark = [level for at, level in pictures if 3100 <= at < 5900]
    assert len(dark) >= 2
    assert max(dark) < 30
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(io.BytesIO(data)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["aac", "h264"]
        keys = [p.pts * p.time_base for p in container.demux(video=0) if p.pts is not None and p.is_keyframe]
    assert max(float(b - a) for a, b in pairwise(keys)) <= 1.1


def test_pictures_are_turned_upright_and_fitted(world: World) -> None:
    """A second segment with the phone held upright lies on the first one's canvas, black beside it."""
    upright = np.ascontiguousarray(np.rot90(portrait(), axes=(1, 2)))
    tone = Sound(np.full(RATE * 2, 0.1, np.float32), rate=RATE, codec="libopus")
    first = write(Picture(portrait()[:30], codec="libvpx"), tone, container="webm")
    second = write(Picture(upright[:30], codec="libvpx"), tone, container="webm")
    data, facts = made([source(first), source(second, 1, 2000)], world)
    assert (facts.width, facts.height) == SIZE
    with av.open(io.BytesIO(data)) as container:
        last = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)][-1]
    assert last[:, :60].mean() < 20
    assert last[:, 110:210].mean() > 40


def test_sound_alone_and_what_cannot_be_made(world: World) -> None:
    data, facts = made([source(marked(3, 1))], world, sound_only=True)
    assert (facts.width, facts.height) == (None, None)
    assert loud(watched_sound(data)) == pytest.approx([1000], abs=60)
    with pytest.raises(UnusableRecordingError, match="not_a_recording"):
        made([source(b"no recording" * 1000)], world)
    settings = world.app.extensions["settings"].model_copy(update={"rendition_timeout_seconds": 0})
    with (
        Rendering([source(marked(3, 1))], settings) as rendering,
        pytest.raises(UnusableRecordingError, match="renderer_crashed"),
    ):
        list(rendering.pieces())


def watched_sound(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        parts = [b.to_ndarray()[0] for f in container.decode(audio=0) for b in resampler.resample(f)]
    whole = np.concatenate(parts)
    return np.abs(whole[: len(whole) // 160 * 160]).reshape(-1, 160).max(axis=1)


FACTS = MediaSignals(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    duration_ms=20_000,
    video_codec="h264",
    audio_codec="aac",
    width=320,
    height=240,
)


def test_what_plays_everywhere_is_left_alone() -> None:
    first = read_file_segment(RECORDINGS / "growth.mp4")
    last = source(write(Picture(portrait()[:15]), Sound(np.zeros(RATE)), options={"movflags": "0"}))
    pieces = source(
        write(
            Picture(portrait()[:15]), Sound(np.zeros(RATE)), options={"movflags": "frag_keyframe+empty_moov"}
        )
    )
    assert plays_everywhere([first], FACTS)
    assert plays_everywhere(
        [read_file_segment(RECORDINGS / "english.m4a")], FACTS.model_copy(update={"video_codec": None})
    )
    for segments in ([first, first], [last], [pieces], [], [source(b"x" * 40)]):
        assert not plays_everywhere(segments, FACTS)
    assert not plays_everywhere([read_file_segment(RECORDINGS / "growth.mp4", starts_at_ms=900)], FACTS)
    for facts in (
        None,
        FACTS.model_copy(update={"video_codec": "hevc"}),
        FACTS.model_copy(update={"rotation": 90}),
        FACTS.model_copy(update={"audio_codec": "opus"}),
        FACTS.model_copy(update={"container": "matroska,webm"}),
        FACTS.model_copy(update={"width": 3840, "height": 2160}),
    ):
        assert not plays_everywhere([first], facts)


# --- From a finished answer to what HR watches ---


@pytest.fixture
def finished(world: World, tmp_path: Path) -> Finished:
    results = Results(world)
    finished = results.interview(results.position())
    for number, starts_at_ms in ((0, 0), (1, 6000)):
        path = tmp_path / f"{number}.webm"
        path.write_bytes(marked(3, 1))
        results.upload(finished, "difficulty", path, number=number, starts_at_ms=starts_at_ms)
    results.upload(finished, "team", RECORDINGS / "growth.mp4")
    plain = [result for result in told(builders.STORY) if result.modality != "media"]
    media = builders.media().model_copy(update={"signals": FACTS.model_dump(mode="json")})
    results.scored(finished, {"difficulty": told(builders.STORY), "team": [media, *plain]})
    return finished


def playback(
    finished: Finished, question: str = "difficulty", who: Headers | None = None, **body: Any
) -> Any:
    world = finished.world
    who = who or world.staff(finished.company, "recruiter")
    path = f"/api/v1/takes/{finished.takes[question]}/playback-tickets"
    return world.client.post(path, json=body, headers=who)


def local(world: World, url: str) -> str:
    return url.removeprefix(world.app.extensions["settings"].public_base_url)


def viewed(world: World) -> list[tuple[str, str]]:
    found = rows(world, world.acme, AuditEntry, AuditEntry.entity_kind == "take")
    return [(entry.action, entry.detail["form"]) for entry in sorted(found, key=lambda e: e.number)]


def test_the_original_until_the_rendition_is_there(world: World, finished: Finished) -> None:
    before = ok(playback(finished), 201)
    assert before["rendition"] == "making"
    assert [part["starts_at_ms"] for part in before["parts"]] == [0, 6000]
    assert "原始录制" in before["note"]
    assert world.client.get(local(world, before["parts"][1]["url"])).data == marked(3, 1)

    ok(playback(finished, "team"), 201)
    assert world.perform("render_take") == 2
    after = ok(playback(finished), 201)
    assert (after["rendition"], after["note"], after["has_picture"]) == ("ready", None, True)
    assert [gap["end_ms"] for gap in after["gaps"]] == [6000]
    path = local(world, after["parts"][0]["url"])
    answer = world.client.get(path)
    assert answer.content_type == "video/mp4"
    assert bright(watched(answer.data)[0]) == pytest.approx([1000, 7000], abs=70)
    part = world.client.get(path, headers={"Range": f"bytes={len(answer.data) - 50}-"})
    assert (part.status_code, part.data) == (206, answer.data[-50:])
    kept = rows(world, world.acme, Rendition, Rendition.status == "ready")[0]
    store = world.app.extensions["ports"].recordings
    assert b"moov" not in store.read(kept.store_key, 0, CHUNK_BYTES)

    plain = ok(playback(finished, "team"), 201)
    assert (plain["rendition"], len(plain["parts"])) == ("not_needed", 1)
    assert (
        world.client.get(local(world, plain["parts"][0]["url"])).data
        == (RECORDINGS / "growth.mp4").read_bytes()
    )


def test_one_view_is_one_entry_however_often_it_is_renewed(world: World, finished: Finished) -> None:
    first = ok(playback(finished), 201)
    assert re.fullmatch(r"\S.* \d{4}-\d\d-\d\d \d\d:\d\d", first["watermark"])
    renewed = ok(playback(finished, renews=first["parts"][0]["url"]), 201)
    ok(playback(finished, renews=renewed["parts"][0]["url"]), 201)
    other = world.staff(finished.company, "owner")
    ok(playback(finished, who=other, renews=renewed["parts"][0]["url"]), 201)
    ok(playback(finished, renews="/api/v1/media/made-up"), 201)
    assert viewed(world) == [
        ("recording.viewed", "original"),
        ("recording.view_continued", "original"),
        ("recording.view_continued", "original"),
        ("recording.viewed", "original"),
        ("recording.viewed", "original"),
    ]


def test_who_may_watch(world: World, finished: Finished) -> None:
    own = ok(playback(finished, who=finished.candidate()), 201)
    assert own["watermark"] is None
    other = Results(world).interview(finished.position_id)
    refused(playback(finished, who=other.candidate()), 404, "take_unknown")
    refused(playback(finished, who=world.staff(world.globex, "owner")), 404, "take_unknown")


def test_a_take_without_a_recording(world: World) -> None:
    results = Results(world)
    finished = results.interview(results.position(), media={"team": "text"}, written={"team": "我写的"})
    refused(playback(finished, "team"), 409, "take_is_written")
    refused(playback(finished), 409, "recording_incomplete")


def test_erasing_takes_the_rendition_too(world: World, finished: Finished) -> None:
    watching = ok(playback(finished), 201)
    world.perform("render_take")
    ready = ok(playback(finished), 201)
    kept = rows(world, world.acme, Rendition, Rendition.status == "ready")[0]
    store = world.app.extensions["ports"].recordings
    assert store.size(kept.store_key) > 0
    path = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    assert store.size(kept.store_key) == 0
    assert {row.status for row in rows(world, world.acme, Rendition)} == {"erased"}
    for shown in (watching, ready):
        refused(world.client.get(local(world, shown["parts"][0]["url"])), 410, "candidate_erased")
    refused(playback(finished), 410, "candidate_erased")
    assert world.due("render_take") == []


def test_an_attempt_that_lost_its_claim_spoils_nothing(
    world: World, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept wakes up while, or after, another makes the file: its place is another one."""
    ok(playback(finished), 201)
    store, synced = world.app.extensions["ports"].recordings, []
    monkeypatch.setattr(store, "sync", lambda key, kept: synced.append((key, store.size(key), kept)))
    take_id = finished.takes["difficulty"]
    attempts = []
    for _ in range(2):
        with world.app.app_context(), tenant_transaction(finished.company.id):
            attempts.append(begin_attempt(take_id))
    slept, second = attempts
    assert slept is not None and second is not None
    with world.app.app_context():
        write_sealed(second, [b"second" * CHUNK_BYTES])
        write_sealed(slept, [b"slept"])
        store.delete(slept.store_key)  # as it does once it learns that nobody wants its file
    assert store.size(second.store_key) > 6 * CHUNK_BYTES
    assert synced[0] == (
        second.store_key,
        store.size(second.store_key),
        0,
    )  # all of it, before it is recorded


def test_a_full_disk_puts_it_off_and_never_makes_it_impossible(
    world: World, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok(playback(finished), 201)
    store, now = world.app.extensions["ports"].recordings, utcnow()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def attempt(later: timedelta) -> list[timedelta]:
        """Three tries, twenty minutes apart; how long it is put off then, unless it was made."""
        for minutes in (0, 20, 40):
            with time_machine.travel(now + later + timedelta(minutes=minutes), tick=False), suppress(OSError):
                world.perform("render_take")
        last = now + later + timedelta(minutes=40)
        return [row.due_at - last for row in rows(world, world.acme, Work, Work.kind == "render_take")]

    with monkeypatch.context() as broken:
        broken.setattr(store, "append", full)
        [first] = attempt(timedelta(minutes=1))
        assert timedelta(minutes=59) < first < timedelta(minutes=61)
        [second] = attempt(timedelta(hours=6))
        assert timedelta(hours=6) < second < timedelta(hours=7)
    assert ok(playback(finished), 201)["rendition"] == "making"
    assert attempt(timedelta(days=2)) == []
    assert ok(playback(finished), 201)["rendition"] == "ready"


def test_what_cannot_be_made_says_so_and_the_original_plays(world: World, finished: Finished) -> None:
    for segment in rows(world, world.acme, Segment, Segment.content_type != "video/mp4"):
        change(world, world.acme, Segment, segment.id, status="terminated")
    ok(playback(finished, "team"), 201)
    with world.app.app_context():
        world.app.extensions["settings"] = world.app.extensions["settings"].model_copy(
            update={"decode_memory_bytes": 64 * 1024 * 1024}
        )
    for row in rows(world, world.acme, Segment, Segment.content_type == "video/mp4"):
        change(world, world.acme, Segment, row.id, starts_at_ms=500)  # so that a rendition is needed
    assert world.perform("render_take") >= 1
    shown = ok(playback(finished, "team"), 201)
    assert (shown["rendition"], shown["reason"]) == ("impossible", "renderer_crashed")
    assert "原始录制" in shown["note"]
    assert len(shown["parts"]) == 1


def test_of_what_was_replaced_or_cannot_be_used_no_version_is_promised(world: World) -> None:
    results = Results(world)
    finished = results.interview(results.position())
    results.upload(finished, "team", RECORDINGS / "growth.mp4")
    take = finished.takes["team"]
    for status, state in (("submitted", "making"), ("unusable", "not_needed"), ("discarded", "not_needed")):
        change(world, finished.company, Take, take, status=status)
        path, hr = f"/api/v1/takes/{take}/playback-tickets", world.staff(finished.company, "recruiter")
        seen = ok(world.client.post(path, json={}, headers=hr), 201)
        assert (seen["rendition"], seen["note"] is None) == (state, state == "not_needed"), status
