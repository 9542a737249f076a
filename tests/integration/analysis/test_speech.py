"""FunASR through its own loading code, with the sample models: words, times, confidence, and abstaining."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import PermanentError
from app.core.signals import DeliverySignals, SpeechSignals
from config.settings import Settings, load_settings
from tests.integration.analysis.conftest import Analyse, recording, truth
from workers.analysis.analyser import Analyser
from workers.analysis.media import Decoding, read_file_segment
from workers.analysis.speech import MINIMUM_CONFIDENCE, FunAsr

pytestmark = pytest.mark.models

KNOWN = [
    "growth.mp4",
    "difficulty.mp4",
    "vague.mp4",
    "conflict.m4a",
    "faceless.mp4",
    "black.mp4",
    "two-people.mp4",
]
UNKNOWN = ["unknown-words.m4a", "english.m4a", "noise.m4a"]


def distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def speech_of(analyse: Analyse, name: str) -> SpeechSignals:
    document = analyse(name)["speech"].document()
    assert isinstance(document, SpeechSignals)
    return document


@pytest.mark.parametrize("name", KNOWN)
def test_the_transcript_is_what_was_said(analyse: Analyse, name: str) -> None:
    speech, said = speech_of(analyse, name), truth(name)
    heard = "".join(token.text for token in speech.tokens)
    assert distance(heard, said["spoken"]) / len(said["spoken"]) <= 0.05
    assert distance(speech.text, said["text"]) / len(said["text"]) <= 0.08
    assert analyse(name)["speech"].status == "done"
    assert speech.sample_model
    assert speech.mean_confidence > 0.8


@pytest.mark.parametrize("name", KNOWN)
def test_sentences_lie_where_they_were_said(analyse: Analyse, name: str) -> None:
    speech, said = speech_of(analyse, name), truth(name)["sentences"]
    assert len(speech.sentences) == len(said)
    for heard, real in zip(speech.sentences, said, strict=True):
        assert heard.start_ms == pytest.approx(real["start_ms"], abs=120)
        assert heard.end_ms == pytest.approx(real["end_ms"], abs=260)
        assert any(
            s.start_ms <= heard.start_ms + 100 and heard.end_ms - 100 <= s.end_ms for s in speech.speech
        )


def test_every_token_knows_its_place(analyse: Analyse) -> None:
    speech = speech_of(analyse, "difficulty.mp4")
    for token in speech.tokens:
        assert speech.text[token.char_start : token.char_end] == token.text
        assert token.start_ms < token.end_ms
    starts = [token.start_ms for token in speech.tokens]
    assert starts == sorted(starts)
    for sentence in speech.sentences:
        assert speech.text[sentence.char_start : sentence.char_end] == sentence.text


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_the_model_does_not_know_is_not_scored(analyse: Analyse, name: str) -> None:
    """The words stay to be seen by a person; everything that rests on them abstains too."""
    results = analyse(name)
    for modality in ("speech", "delivery", "text"):
        assert (results[modality].status, results[modality].reason) == ("abstained", "low_confidence")
    assert speech_of(analyse, name).mean_confidence < MINIMUM_CONFIDENCE - 0.15
    assert results["delivery"].signals is None and results["text"].signals is None
    assert results["media"].status == "done"


def test_the_threshold_lies_between_what_was_measured(analyse: Analyse) -> None:
    inside = min(speech_of(analyse, name).mean_confidence for name in KNOWN)
    outside = max(speech_of(analyse, name).mean_confidence for name in UNKNOWN)
    assert outside + 0.15 < MINIMUM_CONFIDENCE < inside - 0.15


def test_delivery_agrees_with_the_true_times(analyse: Analyse) -> None:
    said = truth("difficulty.mp4")["sentences"]
    delivery = analyse("difficulty.mp4")["delivery"].document()
    assert isinstance(delivery, DeliverySignals)
    assert delivery.thinking_ms == pytest.approx(said[0]["start_ms"], abs=120)
    silences = [(a["end_ms"], b["start_ms"]) for a, b in itertools.pairwise(said)]
    assert len(delivery.pauses) == len(silences)
    for pause, (start, end) in zip(delivery.pauses, silences, strict=True):
        assert pause.start_ms == pytest.approx(start, abs=260)
        assert pause.end_ms == pytest.approx(end, abs=120)
    assert [filler.text for filler in delivery.fillers] == ["嗯", "那个", "嗯", "怎么说呢"]
    spoken_ms = sum(sentence["end_ms"] - sentence["start_ms"] for sentence in said)
    rate = len(truth("difficulty.mp4")["spoken"]) * 60_000 / spoken_ms
    assert delivery.characters_per_minute == pytest.approx(rate, rel=0.08)
    assert 100 < (delivery.pitch_median_hz or 0) < 260
    assert (delivery.energy_sd_db or 0) > 1


def test_a_fluent_answer_differs_from_a_vague_one(analyse: Analyse) -> None:
    fluent, vague = (analyse(name)["delivery"].document() for name in ("growth.mp4", "vague.mp4"))
    assert isinstance(fluent, DeliverySignals) and isinstance(vague, DeliverySignals)
    assert fluent.fillers == [] and len(vague.fillers) == 2
    assert fluent.thinking_ms < vague.thinking_ms
    assert max(p.end_ms - p.start_ms for p in fluent.pauses) < max(
        p.end_ms - p.start_ms for p in vague.pauses
    )


def test_silence_and_a_blink_of_sound_have_no_words(analyser: Analyser, settings: Settings) -> None:
    speech = analyser.transcriber  # the loaded models; loading them twice costs seconds
    for length in (0, 100, 700, 16_000):
        assert speech.transcribe(np.zeros(length, np.float32)).text == ""


def test_hearing_side_by_side_changes_nothing(settings: Settings) -> None:
    """As many stretches at a time as there are threads: each keeps its own words, times and confidences, in order."""
    sounds = []
    for name in ("growth.mp4", "difficulty.mp4", "conflict.m4a", "vague.mp4"):
        with Decoding([read_file_segment(recording(name))], settings, frames=False) as decoding:
            sounds.append(decoding.finish()[1])
    sound = np.concatenate(sounds)
    one, many = (
        FunAsr(load_settings(profile="test", data_dir=settings.data_dir, analysis_threads=threads))
        for threads in (1, 4)
    )
    alone = one.transcribe(sound)
    assert len(alone.speech) > 8
    assert all(many.transcribe(sound) == alone for _ in range(5))
    assert many.engine == one.engine  # how many hear is no part of how it was heard


def test_the_engine_names_models_by_content(analyser: Analyser) -> None:
    engine = analyser.transcriber.engine
    assert engine.name == "funasr" and engine.model == "funasr-tiny/asr"
    assert len(engine.model_version) == 16
    assert engine.parameters["vad"].startswith("funasr-tiny/vad@")
    assert "/" not in engine.model.removeprefix("funasr-tiny/")


def test_a_missing_directory_is_never_asked_of_a_hub(settings: Settings, tmp_path: Path) -> None:
    missing = load_settings(profile="test", data_dir=settings.data_dir, speech_model=f"{tmp_path}/nothing")
    with pytest.raises(PermanentError) as caught:
        FunAsr(missing).load()
    assert caught.value.reason == "model_unavailable"
    assert f"{tmp_path}/nothing" in caught.value.detail


def test_damaged_model_files_say_which(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "asr"
    folder.mkdir()
    for source in Path(settings.speech_model).iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / "model.pt").write_bytes(b"not weights")
    with pytest.raises(PermanentError) as caught:
        FunAsr(load_settings(profile="test", data_dir=settings.data_dir, speech_model=str(folder))).load()
    assert caught.value.reason == "model_unavailable"
    assert str(folder) in caught.value.detail


def test_a_model_that_recognises_no_speech_is_refused_by_its_class(settings: Settings) -> None:
    wrong = load_settings(profile="test", data_dir=settings.data_dir, speech_model=settings.punc_model)
    with pytest.raises(PermanentError) as caught:
        FunAsr(wrong).load()
    assert "CTTransformer" in caught.value.detail and "does not recognise speech" in caught.value.detail


def test_the_class_of_paraformer_zh_gives_the_same_words(
    settings: Settings, analyse: Analyse, analyser: Analyser, tmp_path: Path
) -> None:
    """The production model is a SeacoParaformer. With the sample's weights in that class, words and posteriors agree."""
    import yaml

    folder = tmp_path / "seaco"
    folder.mkdir()
    for source in Path(settings.speech_model).iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["model"] = "SeacoParaformer"
    config["model_conf"] |= {"inner_dim": 128, "bias_encoder_type": "lstm", "bias_encoder_bid": False}
    config["seaco_decoder"] = config["decoder"]
    config["seaco_decoder_conf"] = config["decoder_conf"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    seaco = FunAsr(load_settings(profile="test", data_dir=settings.data_dir, speech_model=str(folder)))
    with Decoding([read_file_segment(recording("conflict.m4a"))], settings, frames=False) as decoding:
        _, sound = decoding.finish()
    speech = seaco.transcribe(sound)
    assert speech.text == truth("conflict.m4a")["text"]
    assert speech.tokens == speech_of(analyse, "conflict.m4a").tokens
    assert speech.sample_model  # by its content, wherever it lies
    assert seaco.transcribe(np.zeros(16_000, np.float32)).tokens == []
