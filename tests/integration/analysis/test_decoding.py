"""Decoding in a child process: what comes out, what each bad recording is called, and that a child can only hurt itself."""

from __future__ import annotations

import dataclasses
import io
import itertools
import os
import random
import signal
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.errors import RetryableError
from app.core.signals import MediaSignals, Span
from app.ports import Frame, SegmentSource
from config.settings import Settings
from tests.integration.analysis.conftest import recording, truth
from workers.analysis.media import FRAMES_PER_SECOND, Decoding, read_file_segment
from workers.analysis.timeline import UnusableRecordingError


def decode(
    settings: Settings, *segments: SegmentSource, frames: bool = True, max_seconds: int | None = None
) -> tuple[MediaSignals, np.ndarray, list[Frame]]:
    with Decoding(list(segments), settings, frames=frames, max_seconds=max_seconds) as decoding:
        seen = list(decoding.frames())
        facts, sound = decoding.finish()
    return facts, sound, seen


def segment_of(data: bytes, on_read: Callable[[int], None] = lambda _: None) -> SegmentSource:
    """A segment in memory that tells of every read."""

    class Reader(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            on_read(self.tell())
            return super().read(size)

    return SegmentSource(0, 0, len(data), "video/mp4", lambda: Reader(data))


def children() -> list[int]:
    """Process ids of the decoders this process started (the servers of other tests are its children too)."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in pids if b"decoder" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def changed(settings: Settings, **values: object) -> Settings:
    return settings.model_copy(update=values)


def test_a_recording_is_what_it_is(settings: Settings) -> None:
    facts, sound, frames = decode(settings, read_file_segment(recording("growth.mp4")))
    end = truth("growth.mp4")["sentences"][-1]["end_ms"]
    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")
    assert (facts.width, facts.height, facts.frames_per_second) == (480, 360, 15.0)
    assert end < facts.duration_ms < end + 1500
    assert len(sound) == facts.duration_ms * 16 and sound.dtype == np.float32
    step = 1000 / FRAMES_PER_SECOND
    assert len(frames) == pytest.approx(facts.duration_ms / step, abs=1)
    assert [b.at_ms - a.at_ms for a, b in itertools.pairwise(frames)] == pytest.approx(
        [step] * (len(frames) - 1), abs=70
    )
    assert frames[0].image.shape == (240, 320, 3)
    assert facts.dark_ratio == 0.0 and facts.gaps == []
    assert -30 < (facts.rms_dbfs or 0) < (facts.peak_dbfs or 0) < 0


def test_sound_lies_where_it_was_made(settings: Settings) -> None:
    """AAC priming and resampling must not move it: each sentence's edge is found within 40 ms."""
    _, sound, _ = decode(settings, read_file_segment(recording("conflict.m4a")))
    loud = np.flatnonzero(np.abs(sound) > 0.05)
    sentences = truth("conflict.m4a")["sentences"]
    assert loud[0] / 16 == pytest.approx(sentences[0]["start_ms"], abs=40)
    assert loud[-1] / 16 == pytest.approx(sentences[-1]["end_ms"], abs=120)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not-a-recording.mp4", "not_a_recording"),
        ("truncated.mp4", "not_a_recording"),
        ("no-audio.mp4", "no_audio"),
        ("silent.mp4", "silent"),
        ("too-short.mp4", "too_short"),
    ],
)
def test_a_bad_recording_has_a_named_reason(settings: Settings, name: str, reason: str) -> None:
    with pytest.raises(UnusableRecordingError) as caught:
        decode(settings, read_file_segment(recording(name)))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 5000, b"RIFF", b"\x1aE\xdf\xa3" * 10], ids=["empty", "zeros", "riff", "ebml"]
)
def test_garbage_is_not_a_recording(settings: Settings, data: bytes) -> None:
    with pytest.raises(UnusableRecordingError) as caught:
        decode(settings, segment_of(data))
    assert caught.value.reason == "not_a_recording"


def test_a_playlist_cannot_name_other_files(settings: Settings) -> None:
    """FFmpeg would follow it to a file of ours."""
    playlist = (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{recording('growth.mp4')}\n#EXT-X-ENDLIST\n"
    )
    for text in (playlist, f"ffconcat version 1.0\nfile '{recording('growth.mp4')}'\n"):
        with pytest.raises(UnusableRecordingError) as caught:
            decode(settings, segment_of(text.encode()))
        assert caught.value.reason == "not_a_recording"


def test_black_is_a_fact_not_a_failure(settings: Settings) -> None:
    with_frames, _, _ = decode(settings, read_file_segment(recording("black.mp4")))
    without, _, none = decode(settings, read_file_segment(recording("black.mp4")), frames=False)
    assert with_frames.dark_ratio == without.dark_ratio == 1.0
    assert none == []


def test_too_long_is_refused(settings: Settings) -> None:
    with pytest.raises(UnusableRecordingError) as caught:
        decode(changed(settings, answer_max_seconds=3), read_file_segment(recording("growth.mp4")))
    assert caught.value.reason == "too_long"


def test_the_questions_own_limit_counts_what_was_recorded(settings: Settings) -> None:
    """Twice black.mp4 with a minute's hole between: the hole uses up nobody's time to answer."""
    first = read_file_segment(recording("black.mp4"))
    length = decode(settings, first, frames=False)[0].duration_ms
    second = dataclasses.replace(first, number=1, starts_at_ms=length + 60_000)
    both = 2 * length // 1000 + 1
    facts, _, _ = decode(settings, first, second, frames=False, max_seconds=both)
    assert facts.duration_ms == 2 * length + 60_000
    with pytest.raises(UnusableRecordingError) as caught:
        decode(settings, read_file_segment(recording("growth.mp4")), frames=False, max_seconds=10)
    assert caught.value.reason == "too_long"


def test_what_was_recorded_before_a_cut_counts(settings: Settings) -> None:
    """The index lies in front; the phone died while sending the rest."""
    data = recording("growth.mp4").read_bytes()
    facts, sound, _ = decode(settings, segment_of(data[: len(data) // 2]))
    assert 5000 < facts.duration_ms < 15_000
    assert np.abs(sound).max() > 0.3


@pytest.mark.parametrize(("start", "end"), [(0.0, 3.0), (5.0, 8.0), (13.0, 17.0)])
def test_what_is_damaged_counts_once_wherever_it_lies(settings: Settings, start: float, end: float) -> None:
    """At the end it is missing from the length as well; it is lost all the same only once."""
    data = bytearray(recording("conflict.m4a").read_bytes())
    length = 0.0
    with av.open(io.BytesIO(bytes(data))) as container:
        for packet in container.demux(audio=0):
            if not packet.size or packet.pos is None or packet.pts is None:
                continue
            at = float(packet.pts * packet.time_base)
            length = at + float(packet.duration * packet.time_base)
            if start <= at < end:
                data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    facts, _, _ = decode(settings, segment_of(bytes(data)), frames=False)
    assert facts.lost_ms == pytest.approx((min(end, length) - start) * 1000, abs=200)


def test_segments_join_with_the_gap_between_them(settings: Settings) -> None:
    first = read_file_segment(recording("black.mp4"))
    alone, alone_sound, _ = decode(settings, first)
    later = dataclasses.replace(
        read_file_segment(recording("two-people.mp4")), number=1, starts_at_ms=alone.duration_ms + 4000
    )
    facts, sound, frames = decode(settings, later, first)
    assert facts.gaps == [Span(start_ms=alone.duration_ms, end_ms=alone.duration_ms + 4000)]
    assert not sound[alone.duration_ms * 16 : (alone.duration_ms + 4000) * 16].any()
    assert np.array_equal(sound[: len(alone_sound)], alone_sound)
    assert sound[(alone.duration_ms + 4000) * 16 :].any()
    at = [frame.at_ms for frame in frames]
    assert at == sorted(at)
    assert facts.gaps[0].end_ms in at
    assert facts.dark_ratio == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("jitter", [-700, 0, 80])
def test_the_clients_clock_may_be_a_little_off(settings: Settings, jitter: int) -> None:
    """Overlaps and hairline holes are the clock's, not the recording's: the segments follow each other."""
    first = read_file_segment(recording("black.mp4"))
    length = decode(settings, first)[0].duration_ms
    second = dataclasses.replace(first, number=1, starts_at_ms=length + jitter)
    facts, _, _ = decode(settings, first, second, frames=False)
    assert facts.gaps == []
    assert facts.duration_ms == 2 * length


def test_a_phone_held_sideways_gives_upright_pictures(settings: Settings) -> None:
    """Phones write a rotation into the track header and leave the pixels as the sensor saw them."""
    data = bytearray(recording("two-people.mp4").read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    plain = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    assert bytes(data[matrix : matrix + 36]) == plain
    _, _, flat = decode(settings, segment_of(bytes(data)))
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 360 << 16, 0, 1 << 30)
    facts, _, turned = decode(settings, segment_of(bytes(data)))
    assert facts.rotation in {90, 270}
    assert turned[0].image.shape == (426, 319, 3) or turned[0].image.shape == (426, 320, 3)
    # Played 90 degrees clockwise: what was the top edge is now the right one.
    top = flat[0].image[:40].mean()
    left = flat[0].image[:, :40].mean()
    assert turned[0].image[:, -50:].mean() == pytest.approx(top, abs=6)
    assert turned[0].image[:50].mean() == pytest.approx(left, abs=6)


def test_the_child_has_nothing_to_lose(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys in its environment, no files open or to be opened, bounded memory and time, no core dump."""
    monkeypatch.setenv("MASTER_KEY", "the key of everything")
    seen: dict[str, object] = {}

    def look(_: int) -> None:
        (child,) = children()
        proc = Path(f"/proc/{child}")
        seen["environment"] = proc.joinpath("environ").read_bytes()
        seen["limits"] = proc.joinpath("limits").read_text()
        seen["open"] = {entry.readlink().as_posix().split(":")[0] for entry in proc.joinpath("fd").iterdir()}
        seen["folder"] = proc.joinpath("cwd").readlink().as_posix()

    decode(settings, segment_of(recording("conflict.m4a").read_bytes(), look))
    assert b"key" not in bytes(seen["environment"]).lower()  # type: ignore[arg-type]
    limits = {line[:26].strip(): line[26:47].strip() for line in str(seen["limits"]).splitlines()}
    assert limits["Max open files"] == limits["Max file size"] == limits["Max core file size"] == "0"
    assert limits["Max address space"] == str(settings.decode_memory_bytes)
    assert limits["Max cpu time"] == str(settings.decode_timeout_seconds)
    assert seen["open"] == {"/dev/null", "socket"}
    assert seen["folder"] == "/"


def test_a_killed_child_costs_one_recording(settings: Settings) -> None:
    def kill(at: int) -> None:
        os.kill(children()[0], signal.SIGKILL)

    with pytest.raises(UnusableRecordingError) as caught:
        decode(settings, segment_of(recording("growth.mp4").read_bytes(), kill))
    assert caught.value.reason == "decoder_crashed"
    assert children() == []
    decode(settings, read_file_segment(recording("conflict.m4a")))


def test_a_hanging_child_is_ended(settings: Settings) -> None:
    def freeze(at: int) -> None:
        os.kill(children()[0], signal.SIGSTOP)

    with pytest.raises(UnusableRecordingError) as caught:
        decode(
            changed(settings, decode_timeout_seconds=1),
            segment_of(recording("growth.mp4").read_bytes(), freeze),
        )
    assert caught.value.reason == "decoder_crashed"
    assert children() == []


def test_memory_is_bounded(settings: Settings) -> None:
    """Already the libraries take more than this, so the first thing decoding asks for is refused."""
    with pytest.raises(UnusableRecordingError) as caught:
        decode(
            changed(settings, decode_memory_bytes=64 * 1024 * 1024),
            read_file_segment(recording("growth.mp4")),
        )
    assert caught.value.reason == "decoder_crashed"
    assert children() == []


def test_an_unreadable_store_is_not_the_recordings_fault(settings: Settings) -> None:
    def fail(_: int) -> None:
        raise OSError("the disk is away")

    with pytest.raises(RetryableError) as caught:
        decode(settings, segment_of(recording("growth.mp4").read_bytes(), fail))
    assert caught.value.reason == "recording_unreadable"
    assert children() == []


def test_a_damaged_recording_gives_facts_or_a_reason(settings: Settings) -> None:
    """Bytes overwritten at random places: never anything but signals or a named reason."""
    rng = random.Random(5)
    whole = recording("two-people.mp4").read_bytes()
    for _ in range(12):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 20, 400])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            facts, sound, _ = decode(settings, segment_of(bytes(data)))
        except UnusableRecordingError as unusable:
            assert unusable.reason in {
                "not_a_recording",
                "no_audio",
                "silent",
                "too_short",
                "too_long",
                "decoder_crashed",
            }
        else:
            assert len(sound) == facts.duration_ms * 16


@pytest.mark.parametrize(
    ("container", "picture", "sound"),
    [
        ("mov", "libx265", "aac"),
        ("mp4", "libx264", "libmp3lame"),
        ("webm", "libvpx", "libopus"),
        ("webm", "libvpx-vp9", "libopus"),
        ("matroska", "libx264", "flac"),
        ("adts", None, "aac"),
        ("mp3", None, "libmp3lame"),
        ("ogg", None, "libopus"),
        ("flac", None, "flac"),
        ("wav", None, "pcm_s16le"),
        ("amr", None, "libopencore_amrnb"),
    ],
)
def test_what_phones_and_browsers_record(
    settings: Settings, tmp_path: Path, container: str, picture: str | None, sound: str
) -> None:
    """Two seconds of a tone, with or without grey pictures."""

    if sound not in av.codecs_available:
        pytest.skip(f"this FFmpeg cannot write {sound}")
    rate = {"libopus": 48_000, "libopencore_amrnb": 8_000}.get(sound, 16_000)
    tone = (8000 * np.sin(np.arange(2 * rate) * 2 * np.pi * 200 / rate)).astype(np.int16)
    path = tmp_path / "recording"
    with av.open(str(path), "w", format=container) as out:
        voice = out.add_stream(sound, rate=rate, layout="mono")
        if picture:
            video = out.add_stream(picture, rate=10)
            video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
            for _ in range(20):
                out.mux(video.encode(av.VideoFrame.from_ndarray(np.full((120, 160, 3), 128, np.uint8))))
            out.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    facts, heard, frames = decode(settings, read_file_segment(path))
    assert facts.duration_ms == pytest.approx(2000, abs=120)
    assert np.abs(heard[8000:24_000]).max() == pytest.approx(8000 / 32768, rel=0.25)
    assert len(frames) == pytest.approx(2 * FRAMES_PER_SECOND if picture else 0, abs=1)
    assert (facts.video_codec is not None) == bool(picture)


def test_nothing_is_left_running(settings: Settings) -> None:
    with Decoding([read_file_segment(recording("growth.mp4"))], settings, frames=True) as decoding:
        next(decoding.frames())
        child = decoding.child_pid
    assert not Path(f"/proc/{child}").exists()
