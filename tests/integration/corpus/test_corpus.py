"""Recordings that go wrong: each ends in the state the table names, keeps what worked, and hurts nobody else."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Callable

import pytest

from app.core.catalogue import has, languages, text
from app.core.signals import DeliverySignals, ModalityResult, SpeechSignals
from app.ports import SegmentSource, TakeSource
from config.settings import Settings
from samples.build_corpus import CASES
from samples.corpus.case import Case
from tests.integration.analysis.conftest import ALL, truth
from tests.integration.corpus.conftest import Segments, decoders, peak_megabytes
from workers.analysis.analyser import Analyser
from workers.analysis.media import Decoding
from workers.analysis.timeline import UnusableRecordingError

MOST_SECONDS = 200
"""Generous: on idle cores ten minutes take twelve, everything else a few. What hangs is ended by decode_timeout_seconds."""

MOST_MEGABYTES = 300
QUESTION = "请讲一次你和同事意见不同的经历。"

EVERY = [pytest.param(case, id=case.name, marks=() if case.quick else pytest.mark.full) for case in CASES]
REASONS = sorted({reason for case in CASES for _, reason in case.expected().values() if reason})


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


Results = dict[str, ModalityResult]


@pytest.fixture(scope="module")
def analysed(segments: Segments, analyser: Analyser) -> Callable[[Case], Results]:
    """The results of a case by modality; each is analysed once."""
    kept: dict[str, Results] = {}

    def run(case: Case) -> Results:
        if case.name not in kept:
            take = TakeSource(segments(case), "video", QUESTION, ALL, max_seconds=case.max_seconds)
            kept[case.name] = {result.modality: result for result in analyser.analyse(take)}
        return kept[case.name]

    return run


def test_the_table_is_wide_and_its_names_are_unique() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.quick for case in CASES) >= 12
    assert len({case.unusable for case in CASES}) >= 5


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("language", languages())
def test_every_end_has_words_and_a_next_step(reason: str, language: str) -> None:
    """Who may record again is told so; who need not is told that the rest counts, or that a person will look."""
    for part in ("title", "candidate", "hr"):
        assert has(f"analysis.reasons.{reason}.{part}")
    candidate = text(language, f"analysis.reasons.{reason}.candidate")
    hr = text(language, f"analysis.reasons.{reason}.hr")
    unusable = {case.unusable for case in CASES}
    again = {"zh-CN": ("重新录制",), "en": ("again",)}
    goes_on = {
        "zh-CN": ("照常计入", "面试官", "我遇到问题"),
        "en": ("counts all the same", "interviewer", "I have a problem"),
    }
    steps = again if reason in unusable else goes_on
    assert any(words in candidate for words in steps[language]), candidate
    judged = {"zh-CN": ("请", "评分"), "en": ("lease", "score", "download")}
    assert any(words in hr for words in judged[language]), hr


@pytest.mark.models
@pytest.mark.parametrize("case", EVERY)
def test_every_recording_ends_as_named(
    case: Case, analysed: Callable[[Case], Results], memory_before: int
) -> None:
    began = time.monotonic()
    results = analysed(case)
    assert time.monotonic() - began < MOST_SECONDS
    expected = case.expected()
    found = {name: (results[name].status, results[name].reason) for name in expected if name in results}
    assert found == expected
    if case.unusable:
        assert set(results) == {"media"}
    assert decoders() == []
    assert peak_megabytes() - memory_before < MOST_MEGABYTES


@pytest.mark.models
@pytest.mark.parametrize("case", [pytest.param(named("middle-lost.mp4"), id="middle-lost.mp4")])
def test_a_broken_segment_costs_only_itself(case: Case, analysed: Callable[[Case], Results]) -> None:
    """The words before and after are there in their places; the hole is nobody's pause."""
    results = analysed(case)
    media, speech = results["media"].document(), results["speech"].document()
    delivery = results["delivery"].document()
    assert isinstance(speech, SpeechSignals) and isinstance(delivery, DeliverySignals)
    assert media.lost_segments == 1
    (gap,) = media.gaps
    before = [token.text for token in speech.tokens if token.end_ms <= gap.start_ms]
    after = [token.text for token in speech.tokens if token.start_ms >= gap.end_ms]
    assert before == after and len(before) + len(after) == len(speech.tokens)
    assert "".join(before) == truth("black.mp4")["spoken"]
    assert all(pause.end_ms <= gap.start_ms or pause.start_ms >= gap.end_ms for pause in delivery.pauses)


@pytest.mark.models
@pytest.mark.parametrize("case", [pytest.param(named("black.mp4"), id="black.mp4")])
def test_pictures_that_end_the_decoder_cost_no_word(
    case: Case, segments: Segments, analyser: Analyser
) -> None:
    """The first child dies while it reads; a second one takes the sound alone."""
    (segment,) = segments(case)
    killed: list[int] = []

    def kill_the_first(_: int) -> None:
        if not killed:
            killed.extend(decoders())
            os.kill(killed[0], signal.SIGKILL)

    take = TakeSource([_watched(segment, kill_the_first)], "video", QUESTION, ALL)
    results = {result.modality: result for result in analyser.analyse(take)}
    assert len(killed) == 1 and decoders() == []
    assert (results["media"].status, results["media"].reason) == ("done", "picture_unreadable")
    assert results["media"].engine.parameters["pictures"] == "none"
    assert (results["face"].status, results["face"].reason) == ("skipped", "picture_unreadable")
    speech = results["speech"].document()
    assert isinstance(speech, SpeechSignals) and speech.text == truth("black.mp4")["text"]


@pytest.mark.parametrize("case", [pytest.param(named(name), id=name) for name in ("long.m4a", "long.wav")])
def test_45_minutes_are_refused_without_reading_them(
    case: Case, segments: Segments, settings: Settings
) -> None:
    """What the container says of itself is enough: neither decoded nor even opened beyond its index."""
    (segment,) = segments(case)
    seen: list[int] = []
    counted = _watched(segment, seen.append)
    with (
        Decoding([counted], settings, frames=True) as decoding,
        pytest.raises(UnusableRecordingError) as caught,
    ):
        decoding.finish()
    assert caught.value.reason == "too_long"
    assert sum(seen) < min(segment.size, 2_500_000)


@pytest.mark.full
@pytest.mark.models
@pytest.mark.parametrize("case", [pytest.param(named("ten-minutes.m4a"), id="ten-minutes.m4a")])
def test_every_word_of_ten_minutes_is_there(case: Case, analysed: Callable[[Case], Results]) -> None:
    results = analysed(case)
    speech = results["speech"].document()
    assert isinstance(speech, SpeechSignals)
    assert speech.text.count("达成了一致") == 96
    assert results["media"].document().duration_ms == pytest.approx(speech.tokens[-1].end_ms, abs=3000)


def _watched(segment: SegmentSource, on_read: Callable[[int], None]) -> SegmentSource:
    """The same segment, telling how much each read of it gave."""

    class Watched:
        def __init__(self) -> None:
            self._file = segment.open()

        def seek(self, at: int) -> int:
            return self._file.seek(at)

        def read(self, size: int) -> bytes:
            data = self._file.read(size)
            on_read(len(data))
            return data

        def close(self) -> None:
            self._file.close()

    return dataclasses.replace(segment, open=Watched)  # type: ignore[arg-type]
