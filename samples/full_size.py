"""A speech model as large and as slow as the one production uses, where none can be had, and recordings of any length.

``paraformer-zh`` is a SeacoParaformer of about 225 million parameters. Here its architecture is built with FunASR's own
classes and random weights: what it costs does not depend on them. What it would say is taken from the small sample model,
which hears the same stretch beside it (two per cent of the time), so that everything behind it has real words to work on.
Nothing of this serves anywhere but in ``bin/bench analysis``.
"""

from __future__ import annotations

import heapq
import itertools
import json
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from config.settings import SAMPLE_MODELS
from samples.build_recordings import RECORDINGS

CLASS = "SampleWordsAtFullCost"
VOCABULARY = 8404
WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 480, 25
RATE = 16_000
LOOP = ("growth", "faceless", "difficulty", "vague")
"""The recordings that are played one after the other, from the start again after the last."""

_SAMPLE = SAMPLE_MODELS / "funasr-tiny" / "asr"
_DROPOUT = {"dropout_rate": 0.1, "positional_dropout_rate": 0.1}
_ENCODER = {"output_size": 512, "attention_heads": 4, "linear_units": 2048, "num_blocks": 50, **_DROPOUT}
_DECODER = {
    "attention_heads": 4,
    "linear_units": 2048,
    "num_blocks": 16,
    "att_layer_num": 16,
    "kernel_size": 11,
}
_HOTWORDS = {
    "attention_heads": 4,
    "linear_units": 1024,
    "num_blocks": 4,
    "att_layer_num": 6,
    "kernel_size": 21,
}
_PREDICTOR = {"idim": 512, "upsample_type": "cnn_blstm", "smooth_factor2": 0.25, "noise_threshold2": 0.01}
_FEATURES = 560  # seven frames of 80 bands, as the sample model's front end makes them
_TOKENS_PER_FRAME = 0.25  # of 60 ms: a fluent speaker's four characters a second


def register() -> None:
    """Let FunASR know the class under which the full-size model is built and loaded."""
    from funasr import AutoModel
    from funasr.register import tables

    from workers.analysis.posteriors import SeacoParaformerWithPosteriors

    class SampleWordsAtFullCost(SeacoParaformerWithPosteriors):
        """Works as hard as paraformer-zh, and says what the sample model hears."""

        def inference(self, data_in: Any, *args: Any, **kwargs: Any) -> Any:
            """The full-size inference, then the sample model's answer."""
            if "words" not in self.__dict__:
                loaded = AutoModel(model=str(_SAMPLE), device="cpu", disable_update=True, disable_pbar=True)
                self.__dict__["words"] = loaded  # not a part of this model: torch must not see it
            outcome = super().inference(data_in, *args, **kwargs)
            assert outcome is not None
            return self.__dict__["words"].inference(data_in, disable_pbar=True), {"batch_data_time": -1}

    tables.model_classes[CLASS] = SampleWordsAtFullCost


def build_model(place: Path) -> Path:
    """The directory of the full-size model, made in ``place`` if it is not there yet (0.9 GB, some seconds)."""
    import torch
    import yaml
    from funasr.register import tables

    if (place / "model.pt").is_file():
        return place
    fresh = place.with_name(f".{place.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(_SAMPLE, fresh, ignore=shutil.ignore_patterns("model.pt"))
    config = yaml.safe_load((fresh / "config.yaml").read_text())
    config |= {"model": CLASS, "seaco_decoder": config["decoder"]}
    config["model_conf"] |= {"inner_dim": 512, "bias_encoder_type": "lstm", "bias_encoder_bid": False}
    config["encoder_conf"] |= _ENCODER
    config["decoder_conf"] |= _DECODER | _DROPOUT
    config["seaco_decoder_conf"] = config["decoder_conf"] | _HOTWORDS
    config["seaco_decoder_conf"] |= {"use_output_layer": False, "wo_input_layer": True}
    config["predictor_conf"] |= _PREDICTOR
    tokens = json.loads((fresh / "tokens.json").read_text(encoding="utf-8"))
    tokens += [f"<pad{number}>" for number in range(len(tokens), VOCABULARY)]
    (fresh / "tokens.json").write_text(json.dumps(tokens, ensure_ascii=False), encoding="utf-8")
    (fresh / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    register()
    torch.manual_seed(1)
    model = tables.model_classes[CLASS](
        **{**config, **config["model_conf"]}, input_size=_FEATURES, vocab_size=VOCABULARY
    )
    with torch.no_grad():
        model.predictor.cif_output.weight.zero_()
        model.predictor.cif_output.bias.fill_(float(torch.logit(torch.tensor(_TOKENS_PER_FRAME))))
    torch.save(model.state_dict(), fresh / "model.pt")
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)
    return place


def parameters(place: Path) -> int:
    """How many numbers the model of a directory consists of."""
    import torch

    weights = torch.load(place / "model.pt", map_location="cpu", mmap=True)
    return sum(part.numel() for part in weights.values())


def said(seconds: int) -> str:
    """What is said in ``record(seconds)``, punctuated: the sentences that are heard to their end."""
    text, at_ms = "", 0
    for name in itertools.cycle(LOOP):
        facts = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
        for sentence in facts["sentences"]:
            if at_ms + sentence["end_ms"] > seconds * 1000:
                return text
            text += sentence["text"]
        at_ms += _length_ms(name)
    raise AssertionError("unreachable: a cycle has no end")


def record(place: Path, seconds: int) -> Path:
    """The sample recordings in a loop as one 640x480, 25 fps, H.264 + AAC file, cut after the last whole sentence."""
    import av

    if place.is_file():
        return place
    fresh = place.with_name(f".{place.name}")
    with av.open(str(fresh), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "23", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        voice.bit_rate = 64_000
        tracks = ((video, _pictures(seconds)), (voice, _sound(seconds)))
        timed = [zip(itertools.repeat(stream), frames) for stream, frames in tracks]
        for stream, frame in heapq.merge(*timed, key=lambda pair: pair[1].time):
            out.mux(stream.encode(frame))
        for stream, _ in tracks:
            out.mux(stream.encode(None))
    fresh.rename(place)
    return place


def _pictures(seconds: int) -> Iterator[Any]:
    """Every picture of the loop, repeated or left out to come 25 times a second."""
    import av

    number, offset = 0, 0.0
    for name in itertools.cycle(LOOP):
        with av.open(str(RECORDINGS / f"{name}.mp4")) as source:
            for picture in source.decode(source.streams.video[0]):
                while number / FRAMES_PER_SECOND <= offset + picture.time:
                    if number >= seconds * FRAMES_PER_SECOND:
                        return
                    frame = picture.reformat(width=WIDTH, height=HEIGHT, format="yuv420p")
                    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
                    number += 1
                    yield frame
        offset += _length_ms(name) / 1000


def _sound(seconds: int) -> Iterator[Any]:
    """The sound of the loop at 16 kHz, silent where the next sentence would be cut off."""
    import av
    import numpy as np

    waves: dict[str, Any] = {}
    length, end = 0, seconds * RATE
    parts = []
    for name in itertools.cycle(LOOP):
        if length >= end:
            break
        if name not in waves:
            waves[name] = _wave(name)
        last = max((e for e in _ends(name) if length + e <= end), default=0)
        whole = length + len(waves[name]) <= end
        parts.append(waves[name] if whole else waves[name][: last + RATE // 10])
        length += len(waves[name])
    wave = np.concatenate(parts)
    wave = np.concatenate([wave, np.zeros(max(0, end - len(wave)), np.int16)])[:end]
    for start in range(0, len(wave), 1024):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[None, start : start + 1024]), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def _wave(name: str) -> Any:
    """A sample's sound as 16-bit integers, exactly as long as the recording counts in the loop."""
    import av
    import numpy as np

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(RECORDINGS / f"{name}.mp4")) as source:
        blocks = [block for frame in source.decode(audio=0) for block in resampler.resample(frame)]
    wave = np.concatenate([block.to_ndarray()[0] for block in blocks])
    length = _length_ms(name) * RATE // 1000
    return np.pad(wave, (0, max(0, length - len(wave))))[:length]


def _ends(name: str) -> list[int]:
    """Where the sentences of a sample end, in samples."""
    facts = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return [sentence["end_ms"] * RATE // 1000 for sentence in facts["sentences"]]


def _length_ms(name: str) -> int:
    """How long a sample counts in the loop: to its last word and a breath."""
    facts = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return int(facts["sentences"][-1]["end_ms"]) + 700
