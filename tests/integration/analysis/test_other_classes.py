"""Recognisers outside the Paraformer family: their words are kept and shown, and nothing is scored by them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import yaml

from app.core.signals import Span, SpeechSignals
from app.scoring.policy import ScoringPolicy
from config.settings import Settings, load_settings
from samples.quality.interviews import scored, sunrise_rubric
from tests.integration.analysis.conftest import recording, take_of, truth
from workers.analysis.analyser import build_analyser
from workers.analysis.media import Decoding, read_file_segment
from workers.analysis.plain_results import clean, units_of
from workers.analysis.speech import FunAsr

STRETCH = Span(start_ms=1000, end_ms=3000)


def said(result: Mapping[str, object]) -> list[tuple[str, int, int]]:
    units = units_of(result, STRETCH)
    assert all(unit.confidence is None for unit in units)
    return [(unit.text, unit.start_ms, unit.end_ms) for unit in units]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<|zh|><|NEUTRAL|><|Speech|><|withitn|>我用Python。", "我用Python。"),
        ("<|en|> hello <|BGM|>world", "hello world"),
        ("\u2581we\u2581did it</s>", "we did it"),
        ("<s>好<unk>的", "好 的"),
        ("三 < 五 | 七 > 六", "三 < 五 | 七 > 六"),
    ],
)
def test_tags_are_no_words(text: str, words: str) -> None:
    assert clean(text) == words


def test_times_are_the_models_own() -> None:
    result = {"text": "<|zh|>我用Python。", "timestamp": [[0, 200], [200, 480], [500, 1100]]}
    assert said(result) == [("我", 1000, 1200), ("用", 1200, 1480), ("Python", 1500, 2100)]


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        [[0, 200], [200, 480]],  # one word has none
        [[0, 200], [200, 480], [500, 9000]],  # beyond the stretch
        [[0, 200], [900, 1000], [500, 600]],  # out of order
        [{"token": "我"}, {"token": "用"}, {"token": "P"}],
    ],
)
def test_without_fitting_times_a_word_has_its_stretch(given: object) -> None:
    found = said({"text": "我用Python", "timestamp": given})
    assert found == [("我", 1000, 3000), ("用", 1000, 3000), ("Python", 1000, 3000)]


@pytest.fixture(scope="module")
def other(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A SenseVoiceSmall with random weights: what it hears means nothing."""
    import torch
    from funasr import AutoModel

    folder = tmp_path_factory.mktemp("models") / "sense"
    folder.mkdir()
    characters = sorted(set("".join(truth(name)["spoken"] for name in ("growth.mp4", "conflict.m4a"))))
    (folder / "words.txt").write_text("\n".join(characters), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "words.txt"),
        model_prefix=str(folder / "pieces"),
        model_type="char",
        vocab_size=len(characters) + 8,
        hard_vocab_limit=False,
        character_coverage=1.0,
        user_defined_symbols=["<|zh|>", "<|Speech|>"],
        minloglevel=2,
    )
    shutil.copy(Path(settings.speech_model) / "am.mvn", folder / "am.mvn")
    config = {
        "model": "SenseVoiceSmall",
        "encoder": "SenseVoiceEncoderSmall",
        "encoder_conf": {
            "output_size": 32,
            "attention_heads": 2,
            "linear_units": 32,
            "num_blocks": 1,
            "tp_blocks": 1,
            "input_layer": "pe",
            "kernel_size": 11,
            "sanm_shfit": 0,
            "selfattention_layer_type": "sanm",
            "normalize_before": True,
        },
        "tokenizer": "SentencepiecesTokenizer",
        "tokenizer_conf": {"bpemodel": str(folder / "pieces.model")},
        "frontend": "WavFrontend",
        "frontend_conf": {
            "fs": 16000,
            "window": "hamming",
            "n_mels": 80,
            "frame_length": 25,
            "frame_shift": 10,
            "lfr_m": 7,
            "lfr_n": 6,
            "cmvn_file": str(folder / "am.mvn"),
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    torch.manual_seed(7)
    model, _ = AutoModel.build_model(**config, model_conf={}, device="cpu", ncpu=1)
    torch.save(model.state_dict(), folder / "model.pt")
    return load_settings(profile="test", data_dir=settings.data_dir, speech_model=str(folder))


@pytest.mark.models
def test_another_class_is_heard_and_never_scored(other: Settings) -> None:
    """Through FunASR's own code, with random weights: the words are kept, everything that rests on them abstains."""
    analyser = build_analyser(other)
    results = {r.modality: r for r in analyser.analyse(take_of("conflict.m4a"))}
    for modality in ("speech", "delivery", "text"):
        assert (results[modality].status, results[modality].reason) == ("abstained", "confidence_unknown")
    speech = results["speech"].document()
    assert isinstance(speech, SpeechSignals)
    assert speech.tokens and speech.mean_confidence is None and not speech.sample_model
    assert "<" not in speech.text and "\u2581" not in speech.text
    assert {sentence.uncertain for sentence in speech.sentences} == {None}
    starts = [token.start_ms for token in speech.tokens]
    assert starts == sorted(starts)
    assert all(
        any(one.start_ms <= t.start_ms <= t.end_ms <= one.end_ms for one in speech.speech)
        for t in speech.tokens
    )
    score = scored(sunrise_rubric(), {"conflict": "conflict.m4a"}, {"conflict.m4a": results}, ScoringPolicy())
    assert score.total_hundredths is None
    assert "confidence_unknown" in {c.abstention.reason for c in score.competencies if c.abstention}
    parameters = results["speech"].engine.parameters
    assert (parameters["class"], parameters["confidence"]) == ("SenseVoiceSmall", "unknown")
    assert (
        analyser.transcriber.engine_for(("方案",)).parameters["hotwords"] == "unsupported by SenseVoiceSmall"
    )


@pytest.mark.models
def test_silence_has_no_words_in_another_class(other: Settings, settings: Settings) -> None:
    speech = FunAsr(other)
    assert speech.transcribe(np.zeros(16_000, np.float32)).text == ""
    with Decoding([read_file_segment(recording("noise.m4a"))], settings, frames=False) as decoding:
        _, sound = decoding.finish()
    assert speech.transcribe(sound).mean_confidence in (None, 0.0)
