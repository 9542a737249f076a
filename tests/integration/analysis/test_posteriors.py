"""Every Paraformer class gives words with times and posteriors; hotwords are words and nothing else."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.core.signals import SpeechSignals
from config.settings import Settings, load_settings
from tests.integration.analysis.conftest import Analyse, recording, truth
from workers.analysis.analyser import Analyser
from workers.analysis.media import Decoding, read_file_segment
from workers.analysis.speech import FunAsr

pytestmark = pytest.mark.models


def model_like(settings: Settings, folder: Path, kind: str) -> FunAsr:
    """The sample's weights in another class of FunASR's."""
    shutil.copytree(settings.speech_model, folder)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["model"] = kind
    if kind == "SeacoParaformer":
        config["model_conf"] |= {"inner_dim": 128, "bias_encoder_type": "lstm", "bias_encoder_bid": False}
        config["seaco_decoder"] = config["decoder"]
        config["seaco_decoder_conf"] = {
            **config["decoder_conf"],
            **{"use_output_layer": False, "wo_input_layer": True},
        }
    if kind == "ContextualParaformer":
        config["model_conf"] |= {"inner_dim": 128, "bias_encoder_type": "lstm", "use_decoder_embedding": True}
        config["decoder"] = "ContextualParaformerDecoder"
        config["decoder_conf"] |= {"num_blocks": 2, "att_layer_num": 2}  # FunASR's needs two
    if kind in {"Paraformer", "ContextualParaformer"}:
        config["predictor"] = "CifPredictorV2"
        kept = ("idim", "threshold", "l_order", "r_order", "tail_threshold")
        config["predictor_conf"] = {name: config["predictor_conf"][name] for name in kept}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    own = {"speech_model": str(folder), "analysis_threads": 1}  # whose memory the tests look at
    return FunAsr(load_settings(profile="test", data_dir=settings.data_dir, **own))


def sound_of(name: str, settings: Settings) -> np.ndarray:
    with Decoding([read_file_segment(recording(name))], settings, frames=False) as decoding:
        return decoding.finish()[1]


@pytest.fixture(scope="module")
def seaco(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> FunAsr:
    return model_like(settings, tmp_path_factory.mktemp("models") / "seaco", "SeacoParaformer")


def test_a_plain_paraformer_gives_the_same_words_at_nearly_the_same_times(
    settings: Settings, analyse: Analyse, tmp_path: Path
) -> None:
    """It has one predictor of 60 ms frames: its times are coarser, its words and posteriors the same."""
    plain = model_like(settings, tmp_path / "plain", "Paraformer")
    speech = plain.transcribe(sound_of("difficulty.mp4", settings), ("方案",))
    fine = analyse("difficulty.mp4")["speech"].document()
    assert isinstance(fine, SpeechSignals)
    assert speech.text == truth("difficulty.mp4")["text"]
    assert [t.confidence for t in speech.tokens] == pytest.approx(
        [t.confidence for t in fine.tokens], abs=1e-3
    )
    off = [abs(a.start_ms - b.start_ms) for a, b in zip(speech.tokens, fine.tokens, strict=True)]
    assert float(np.median(off)) <= 90 and max(off) <= 300
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(speech.tokens))
    assert plain.engine_for(("方案",)).parameters["hotwords"] == "unsupported by Paraformer"
    assert "hotwords" not in plain.engine_for(()).parameters


def test_a_contextual_paraformer_listens_for_hotwords(settings: Settings, tmp_path: Path) -> None:
    """Its own decoder is untrained here, so its words mean nothing; each has a time and a posterior all the same."""
    contextual = model_like(settings, tmp_path / "contextual", "ContextualParaformer")
    speech = contextual.transcribe(sound_of("conflict.m4a", settings), ("方案", "一致"))
    asr = contextual._ears[0]
    assert [len(ids) for ids in asr.model.hotword_list] == [2, 2, 1]
    assert contextual.engine_for(("方案", "一致")).parameters["hotwords"] == ["一致", "方案"]
    assert speech.tokens and all(0 <= token.confidence <= 1 for token in speech.tokens)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(speech.tokens))


def test_hotwords_are_passed_on_and_recorded(seaco: FunAsr, settings: Settings) -> None:
    """With untrained weights for them they cannot help; they must reach the model, for this take only."""
    sound = sound_of("conflict.m4a", settings)
    before = seaco.transcribe(sound)
    asr = seaco._ears[0]
    assert not asr.model.hotword_list
    seaco.transcribe(sound, ("方案", "Kubernetes", "一致"))
    token_ids = asr.kwargs["tokenizer"].token2id
    assert asr.model.hotword_list == [
        [token_ids["方"], token_ids["案"]],
        [token_ids["一"], token_ids["致"]],
        [asr.model.sos],
    ]
    assert seaco.engine_for(("方案", "Kubernetes", "一致")).parameters["hotwords"] == ["一致", "方案"]
    assert seaco.transcribe(sound) == before
    assert not asr.model.hotword_list


@pytest.mark.parametrize(
    "word", ["http://127.0.0.1:9/方案", "/etc/方案.txt", "方案.txt", "  ", "？！", "方" * 11]
)
def test_a_hotword_is_never_a_file_or_an_address(
    seaco: FunAsr, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody fetched or opened a hotword")

    monkeypatch.setattr("requests.get", forbidden)
    monkeypatch.setattr("codecs.open", forbidden)
    seaco.load()
    asr = seaco._ears[0]
    found = asr.model.generate_hotwords_list((word, "一致"), asr.kwargs["tokenizer"], asr.kwargs["frontend"])
    assert found[-2:] == [[asr.kwargs["tokenizer"].token2id[c] for c in "一致"], [asr.model.sos]]


def test_a_dictionary_spells_words_of_letters(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from workers.analysis.posteriors import known_hotwords

    (tmp_path / "seg_dict").write_text("python py@@ thon\nsql s@@ q@@ l\n", encoding="utf-8")
    tokenizer = SimpleNamespace(token2id={p: n for n, p in enumerate(["py@@", "thon", "数", "据", "app"])})
    frontend = SimpleNamespace(cmvn_file=str(tmp_path / "am.mvn"))
    words = ("Python", "SQL", "数据", "APP", "Python数据", "数据", "云")
    assert known_hotwords(words, tokenizer, frontend) == {
        "Python": [0, 1],
        "数据": [2, 3],
        "APP": [4],
        "Python数据": [0, 1, 2, 3],
    }


@given(st.lists(st.floats(0, 1), max_size=60), st.integers(0, 12))
def test_times_of_weights_are_in_order_and_inside(weights: list[float], count: int) -> None:
    from workers.analysis.posteriors import FRAME_MS, NO_WEIGHT, spans_of, timed

    spans = spans_of(np.array(weights), count)
    assert len(spans) == (count if sum(weights) >= NO_WEIGHT else 0)
    length = round(len(weights) * FRAME_MS)
    times = timed(spans, count, length)
    assert len(times) == count
    assert all(0 <= start <= end <= length for start, end in times)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(times))


@given(st.lists(st.tuples(st.integers(-500, 5000), st.integers(-500, 5000)), max_size=10), st.integers(0, 12))
def test_no_word_is_lost_for_want_of_a_time(times: list[tuple[int, int]], count: int) -> None:
    from workers.analysis.posteriors import timed

    found = timed(times, count, 3000)
    assert len(found) == count
    assert all(0 <= start <= end <= 3000 for start, end in found)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))


def test_posteriors_are_probabilities(analyser: Analyser, settings: Settings) -> None:
    rng = np.random.default_rng(3)
    noise = (0.1 * rng.standard_normal(32_000)).astype(np.float32)
    speech = analyser.transcriber.transcribe(noise)
    assert all(0 <= token.confidence <= 1 for token in speech.tokens)
