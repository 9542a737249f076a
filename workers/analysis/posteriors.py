"""FunASR's Paraformer classes, taught to give what they know: each token's time and posterior.

FunASR's public result has text and times only. It picks a model's class by the name in ``config.yaml``; ``register``
puts our subclasses under those names. They watch the steps of the inference that carry probabilities and time, and add
``units``: (token, start ms, end ms, posterior) for every token. A class that is not here gives no ``units``: see
``plain_results``. Needs funasr and torch: imported only when models are loaded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from funasr.models.bicif_paraformer.model import BiCifParaformer
from funasr.models.contextual_paraformer.model import ContextualParaformer
from funasr.models.paraformer.model import Paraformer
from funasr.models.seaco_paraformer.model import SeacoParaformer
from funasr.register import tables
from funasr.utils.timestamp_tools import ts_prediction_lfr6_standard

FRAME_MS = 60.0
FRAMES_UPSAMPLED = 3
EDGE = 0.1
"""A token begins and ends where this much of its weight lies outside. Only for classes with one predictor."""

NO_WEIGHT = 1e-6
LONGEST_HOTWORD = 10
"""Pieces of the vocabulary; FunASR advises at most ten characters."""

_PART = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")

Piece = tuple[str, int, int, float]


class WithPosteriors:
    """Mixed into a Paraformer class in front of it. The class has one predictor: times are exact to about a frame."""

    units_wanted = True
    hears_hotwords = False

    def cal_decoder_with_predictor(self, *args: Any, **kwargs: Any) -> Any:
        """As FunASR's; remembers the log-posteriors (batch, tokens, vocabulary) of the decoder."""
        result = super().cal_decoder_with_predictor(*args, **kwargs)  # type: ignore[misc]
        self._posteriors = result[0]
        return result

    def calc_predictor(self, encoder_out: Any, encoder_out_lens: Any) -> Any:
        """As FunASR's; remembers how many tokens there are and the weights that carry time."""
        result = super().calc_predictor(encoder_out, encoder_out_lens)  # type: ignore[misc]
        self._counts = result[1].round().long()
        self._weights, self._lengths = result[2], encoder_out_lens
        return result

    def inference(self, data_in: Any, *args: Any, tokenizer: Any = None, **kwargs: Any) -> Any:
        """As FunASR's, with ``units`` in every result; nothing recognised gives a result with empty text."""
        outcome = super().inference(data_in, *args, tokenizer=tokenizer, **kwargs)  # type: ignore[misc]
        results = outcome[0] if outcome and outcome[0] else []
        if not results:
            return [{"text": "", "units": []} for _ in data_in], {}
        for index, result in enumerate(results):
            result["units"] = self._units(index, tokenizer)
        return outcome

    def _units(self, index: int, tokenizer: Any) -> list[Piece]:
        best = self._posteriors[index, : self._counts[index]].max(dim=-1)
        special = torch.tensor([self.sos, self.eos, self.blank_id])  # type: ignore[attr-defined]
        kept = ~torch.isin(best.indices.cpu(), special)
        tokens = tokenizer.ids2tokens(best.indices.cpu()[kept].tolist())
        odds = best.values.cpu()[kept].double().exp().clamp(0.0, 1.0).tolist()
        length_ms = round(int(self._lengths[index]) * FRAME_MS)
        times = timed(self._times(index, tokens, kept.tolist()), len(tokens), length_ms)
        return [
            (token, start, end, float(odd))
            for token, (start, end), odd in zip(tokens, times, odds, strict=True)
        ]

    def _times(self, index: int, _tokens: list[str], kept: list[bool]) -> list[tuple[int, int]]:
        weights = self._weights[index, : int(self._lengths[index]) + 1].cpu().double().numpy()
        spans = spans_of(weights, len(kept))
        return [span for span, wanted in zip(spans, kept, strict=True) if wanted]


class WithTimePredictor(WithPosteriors):
    """A class that has a second predictor, three times as fine, for time alone."""

    def calc_predictor_timestamp(self, encoder_out: Any, encoder_out_lens: Any, token_num: Any) -> Any:
        """As FunASR's; remembers the weights that carry time, before FunASR rescales them in place."""
        result = super().calc_predictor_timestamp(encoder_out, encoder_out_lens, token_num)  # type: ignore[misc]
        self._timing = result[2].clone(), result[3].clone()
        return result

    def _times(self, index: int, tokens: list[str], _kept: list[bool]) -> list[tuple[int, int]]:
        alphas, peaks = (part[index][: int(self._lengths[index]) * FRAMES_UPSAMPLED] for part in self._timing)
        _, times = ts_prediction_lfr6_standard(alphas, peaks, list(tokens))
        return [(int(start), int(end)) for start, end in times]


class WithHotwords:
    """Mixed into a class that listens harder for given words."""

    hears_hotwords = True

    def generate_hotwords_list(self, hotword: Any, tokenizer: Any = None, frontend: Any = None) -> Any:
        """The words as vocabulary ids, ended as FunASR's decoders expect; None for none.

        FunASR's own takes a word that ends in ``.txt`` for a file and one that begins with ``http`` for an address to
        fetch. Ours takes words for words: they come from what a company typed.
        """
        words = hotword.split() if isinstance(hotword, str) else hotword or ()
        ids = list(known_hotwords(words, tokenizer, frontend).values())
        return [*ids, [self.sos]] if ids else None  # type: ignore[attr-defined]


class ParaformerWithPosteriors(WithPosteriors, Paraformer):
    """The class of ``paraformer`` and ``paraformer-en``."""


class ContextualParaformerWithPosteriors(WithHotwords, WithPosteriors, ContextualParaformer):
    """The class of the older models with hotwords."""


class BiCifParaformerWithPosteriors(WithTimePredictor, BiCifParaformer):
    """The sample model's class."""


class SeacoParaformerWithPosteriors(WithHotwords, WithTimePredictor, SeacoParaformer):
    """paraformer-zh's class."""

    def _seaco_decode_with_ASF(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  (FunASR's name)
        result = super()._seaco_decode_with_ASF(*args, **kwargs)
        self._posteriors = result
        return result


def register() -> None:
    """Let FunASR build our classes where a model's configuration names theirs."""
    tables.model_classes["Paraformer"] = ParaformerWithPosteriors
    tables.model_classes["ContextualParaformer"] = ContextualParaformerWithPosteriors
    tables.model_classes["BiCifParaformer"] = BiCifParaformerWithPosteriors
    tables.model_classes["SeacoParaformer"] = SeacoParaformerWithPosteriors


def spans_of(weights: Any, count: int) -> list[tuple[int, int]]:
    """Where each of ``count`` tokens lies (ms), from a predictor's weights (frames,), which sum to one a token.

    Token i holds the weight from i to i + 1 of the running sum (continuous integrate-and-fire); it is said to begin when
    EDGE of that has passed and to end when EDGE of it is left, so that silence, which has no weight, is nobody's.
    """
    total = float(weights.sum())
    if not count or total < NO_WEIGHT:
        return []
    running = np.concatenate([[0.0], np.cumsum(weights)]) * (count / total)
    running += np.arange(len(running)) * 1e-9  # strictly rising, as interpolation needs it
    frames = np.arange(len(running))
    starts = np.interp(np.arange(count) + EDGE, running, frames) * FRAME_MS
    ends = np.interp(np.arange(count) + 1 - EDGE, running, frames) * FRAME_MS
    return [(round(start), round(end)) for start, end in zip(starts, ends, strict=True)]


def timed(times: Sequence[tuple[int, int]], count: int, length_ms: int) -> list[tuple[int, int]]:
    """Exactly ``count`` times in order within the stretch. Rounding in a predictor may lose the last ones: no word is
    dropped for that, they share what is left of the stretch."""
    found: list[tuple[int, int]] = []
    reached = 0
    for start, end in times[:count]:
        begin = min(max(start, reached), length_ms)
        reached = min(max(end, begin), length_ms)
        found.append((begin, reached))
    missing = count - len(found)
    edges = [reached + (length_ms - reached) * number // max(missing, 1) for number in range(missing + 1)]
    return found + list(itertools.pairwise(edges))


def known_hotwords(words: Iterable[str], tokenizer: Any, frontend: Any) -> dict[str, list[int]]:
    """Those of ``words`` that the vocabulary can spell, each once, with its ids. Any letter it lacks leaves a word out."""
    spellings = _spellings(frontend.cmvn_file)
    found: dict[str, list[int]] = {}
    for word in words:
        pieces = [
            piece
            for part in _PART.findall(word)
            for piece in spellings.get(part.lower(), [part if part in tokenizer.token2id else part.lower()])
        ]
        if 0 < len(pieces) <= LONGEST_HOTWORD and all(piece in tokenizer.token2id for piece in pieces):
            found[word] = [tokenizer.token2id[piece] for piece in pieces]
    return found


@lru_cache(maxsize=2)
def _spellings(cmvn_file: str | None) -> Mapping[str, list[str]]:
    """How the model's own dictionary (``seg_dict``: a word and its pieces a line) spells words of letters."""
    place = Path(cmvn_file).parent / "seg_dict" if cmvn_file else None
    if place is None or not place.is_file():
        return {}
    lines = (line.split() for line in place.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[1:] for line in lines if len(line) > 1}
