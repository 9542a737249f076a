"""The analyser as a worker uses it: which results come, in what order, and that they come out the same again."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.catalogue import has, languages, text
from app.core.errors import PermanentError
from app.core.signals import FaceSignals, SpeechSignals, TextSignals
from app.ports import TakeSource
from config.settings import ROOT, Settings, load_settings
from tests.integration.analysis.conftest import ALL, Analyse, recording, take_of, truth
from workers.analysis.analyser import Analyser, build_analyser
from workers.analysis.face import DeepFaceReader
from workers.analysis.media import read_file_segment

WITHOUT_FACE = ALL - {"face"}


@pytest.mark.models
def test_results_come_in_order_with_their_engines(analyse: Analyse) -> None:
    results = list(analyse("growth.mp4").values())
    assert [(r.modality, r.status, r.engine.name) for r in results] == [
        ("media", "done", "pyav"),
        ("speech", "done", "funasr"),
        ("delivery", "done", "delivery"),
        ("text", "done", "text"),
        ("face", "done", "deepface"),
        ("integrity", "done", "integrity"),
    ]
    assert all(result.engine.version and result.engine.parameters for result in results)
    assert all(result.document() is not None for result in results)


@pytest.mark.models
@pytest.mark.parametrize("name", ["two-people.mp4", "conflict.m4a"])
def test_the_same_recording_gives_the_same_signals(analyser: Analyser, analyse: Analyse, name: str) -> None:
    again = [result.model_dump_json() for result in analyser.analyse(take_of(name))]
    assert again == [result.model_dump_json() for result in analyse(name).values()]


@pytest.mark.models
def test_what_is_stored_already_is_not_given_again(analyser: Analyser, analyse: Analyse) -> None:
    stored = frozenset({"media", "speech", "face", "integrity"})
    rest = list(analyser.analyse(take_of("conflict.m4a"), skip=stored))
    assert [result.modality for result in rest] == ["delivery", "text"]
    assert rest == [analyse("conflict.m4a")[name] for name in ("delivery", "text")]


@pytest.mark.models
def test_faces_are_read_only_when_wanted(analyser: Analyser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without consent no picture even leaves the decoder."""

    def forbidden(*_: object) -> None:
        raise AssertionError("somebody looked at a face")

    monkeypatch.setattr(DeepFaceReader, "watch", forbidden)
    monkeypatch.setattr(DeepFaceReader, "load", forbidden)
    results = {r.modality: r for r in analyser.analyse(take_of("growth.mp4", WITHOUT_FACE))}
    assert (results["face"].status, results["face"].reason) == ("skipped", "no_consent_or_policy")
    assert results["face"].signals is None
    assert results["media"].engine.parameters["pictures"] == "key frames"
    assert results["text"].status == "done"


@pytest.mark.models
def test_facts_of_a_face(analyse: Analyse) -> None:
    face = analyse("growth.mp4")["face"].document()
    assert isinstance(face, FaceSignals)
    assert face.face_present > 0.9
    assert face.several_faces == [] and face.frowns == []
    assert face.expressions[0].label == "happy" and face.expressions[0].share > 0.9
    assert sum(span.end_ms - span.start_ms for span in face.smiles) > 15_000
    end = analyse("growth.mp4")["media"].document().duration_ms
    assert all(0 <= span.start_ms < span.end_ms <= end for span in face.smiles)


@pytest.mark.models
@pytest.mark.parametrize("name", ["faceless.mp4", "black.mp4"])
def test_no_face_is_a_fact(analyse: Analyse, name: str) -> None:
    result = analyse(name)["face"]
    face = result.document()
    assert (result.status, result.reason) == ("done", "no_face") and isinstance(face, FaceSignals)
    assert face.face_present == 0 and face.expressions == [] and face.smiles == []
    assert face.sampled_frames > 10


@pytest.mark.models
def test_two_people_are_seen(analyse: Analyse) -> None:
    face = analyse("two-people.mp4")["face"].document()
    assert isinstance(face, FaceSignals)
    assert sum(span.end_ms - span.start_ms for span in face.several_faces) > 3000


@pytest.mark.models
def test_a_voice_answer_has_no_picture(analyse: Analyse) -> None:
    result = analyse("conflict.m4a")["face"]
    assert (result.status, result.reason) == ("skipped", "no_video")


@pytest.mark.models
def test_who_answers_by_voice_refused_nothing(analyser: Analyser) -> None:
    """Nobody looks for a face in a voice answer; the reason is the medium, not a consent."""
    take = replace(take_of("conflict.m4a", WITHOUT_FACE), medium="voice")
    results = {r.modality: r for r in analyser.analyse(take)}
    assert (results["face"].status, results["face"].reason) == ("skipped", "no_video")


@pytest.mark.models
def test_text_signals_point_into_the_transcript(analyse: Analyse) -> None:
    results = analyse("growth.mp4")
    words, speech = results["text"].document(), results["speech"].document()
    assert isinstance(words, TextSignals) and isinstance(speech, SpeechSignals)
    assert all(speech.text[word.char_start : word.char_end] == word.text for word in words.words)
    assert {"转化率", "数据", "任务"} <= {word.text for word in words.words}
    assert [tone.sentence for tone in words.tones] == list(range(len(speech.sentences)))
    assert words.relevance is not None and 0 < words.relevance <= 1
    vague = analyse("vague.mp4")["text"].document()
    assert isinstance(vague, TextSignals)
    assert (vague.relevance or 0) < words.relevance


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "reason"),
    [("silent.mp4", "silent"), ("not-a-recording.mp4", "not_a_recording"), ("no-audio.mp4", "no_audio")],
)
def test_an_unusable_recording_gives_its_reason_and_nothing_after(
    analyse: Analyse, name: str, reason: str
) -> None:
    results = list(analyse(name).values())
    assert [(r.modality, r.status, r.reason) for r in results] == [("media", "failed", reason)]
    assert results[0].signals is None


@pytest.mark.models
def test_two_segments_are_one_transcript(analyser: Analyser, analyse: Analyse) -> None:
    """The gap is nobody's pause, and times go on behind it."""
    first = read_file_segment(recording("conflict.m4a"))
    length = analyse("conflict.m4a")["media"].document().duration_ms
    second = dataclasses.replace(
        read_file_segment(recording("black.mp4")), number=1, starts_at_ms=length + 5000
    )
    take = TakeSource([first, second], "voice", "", WITHOUT_FACE)
    results = {r.modality: r for r in analyser.analyse(take)}
    speech, delivery = results["speech"].document(), results["delivery"].document()
    said = [*truth("conflict.m4a")["sentences"], *truth("black.mp4")["sentences"]]
    assert (
        "".join(token.text for token in speech.tokens)
        == truth("conflict.m4a")["spoken"] + truth("black.mp4")["spoken"]
    )
    assert speech.sentences[-1].start_ms == pytest.approx(length + 5000 + said[-1]["start_ms"], abs=120)
    assert all(pause.end_ms <= length or pause.start_ms >= length + 5000 for pause in delivery.pauses)
    assert delivery.answer_ms == results["media"].document().duration_ms


def test_a_written_answer_has_words_only(settings: Settings) -> None:
    """No model of sound or picture is even loaded."""
    answer = "我用Python分析了3个月的数据。\n结果转化率提高了15%！"
    take = TakeSource([], "text", "你如何分析数据？", ALL, answer)
    results = {r.modality: r for r in build_analyser(settings).analyse(take)}
    assert {name: (r.status, r.reason) for name, r in results.items()} == {
        "media": ("skipped", "written_answer"),
        "speech": ("done", None),
        "delivery": ("skipped", "written_answer"),
        "text": ("done", None),
        "face": ("skipped", "written_answer"),
        "integrity": ("done", None),
    }
    speech = results["speech"].document()
    assert results["speech"].engine.name == "written"
    assert speech.text == answer and speech.mean_confidence == 1.0 and not speech.sample_model
    assert [sentence.text for sentence in speech.sentences] == [
        "我用Python分析了3个月的数据。",
        "结果转化率提高了15%！",
    ]
    assert all(token.start_ms == token.end_ms == 0 for token in speech.tokens)
    assert results["text"].document().relevance == 1.0


@pytest.mark.parametrize("written", [None, "", "  \n", "……！"])
def test_an_empty_written_answer_has_a_name(settings: Settings, written: str | None) -> None:
    take = TakeSource([], "text", "你如何分析数据？", WITHOUT_FACE, written)
    results = list(build_analyser(settings).analyse(take))
    assert [(r.modality, r.status, r.reason) for r in results] == [
        ("media", "skipped", "written_answer"),
        ("speech", "failed", "empty_answer"),
    ]


def test_missing_expression_weights_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    wrong = load_settings(profile="test", data_dir=tmp_path, expression_weights=tmp_path / "none.onnx")
    with pytest.raises(PermanentError) as caught:
        DeepFaceReader(wrong).load()
    assert caught.value.reason == "model_unavailable"
    assert "EXPRESSION_WEIGHTS" in caught.value.detail


def test_building_an_analyser_is_cheap() -> None:
    """A process that only builds it (to wire it up) must not pay for torch."""
    code = (
        "import sys; from config.settings import load_settings; from workers.analysis.analyser import build_analyser;"
        "import tempfile; build_analyser(load_settings(data_dir=tempfile.mkdtemp()));"
        "print([m for m in ('torch','numpy','cv2','av','funasr','deepface','librosa','jieba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.models
def test_an_operator_can_check_a_machine(tmp_path: Path) -> None:
    """One JSON line per modality on stdout and nothing else."""
    run = subprocess.run(
        [sys.executable, "-m", "workers.analysis", str(recording("vague.mp4")), "--question", "请举例"],
        cwd=ROOT,
        env={**os.environ, "PROFILE": "test", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["modality"] for line in lines] == [
        "media",
        "speech",
        "delivery",
        "text",
        "face",
        "integrity",
    ]
    assert lines[1]["signals"]["text"] == truth("vague.mp4")["text"]


def test_every_reason_has_words() -> None:
    reasons = [
        *(
            "silent",
            "no_audio",
            "not_a_recording",
            "too_short",
            "too_long",
            "decoder_crashed",
            "low_confidence",
        ),
        *(
            "no_consent_or_policy",
            "no_face",
            "no_video",
            "written_answer",
            "empty_answer",
            "model_unavailable",
        ),
        *("incomplete", "picture_unreadable", "black_picture", "still_picture", "no_speech"),
    ]
    for reason in reasons:
        for part in ("title", "candidate", "hr"):
            assert has(f"analysis.reasons.{reason}.{part}")
    assert all(text(language, "analysis.sample_model_notice") for language in languages())
