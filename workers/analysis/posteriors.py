"""FunASR's Paraformer classes, taught to give what they know: each token's time and posterior.

FunASR's public result has text and times only. It picks a model's class by the name in ``config.yaml``; ``register``
puts our subclasses under those names. They watch two steps of the inference (the decoder's log-posteriors and the
upsampled CIF weights that carry time) and add ``units``: (token, start ms, end ms, posterior) for every token.
Needs funasr and torch: imported only when models are loaded.
"""

from __future__ import annotations

from typing import Any

import torch
from funasr.models.bicif_paraformer.model import BiCifParaformer
from funasr.models.seaco_paraformer.model import SeacoParaformer
from funasr.register import tables
from funasr.utils.timestamp_tools import ts_prediction_lfr6_standard

FRAMES_UPSAMPLED = 3


class WithPosteriors:
    """Mixed into a Paraformer class in front of it."""

    units_wanted = True

    def cal_decoder_with_predictor(self, *args: Any, **kwargs: Any) -> Any:
        """As FunASR's (BiCif); remembers the log-posteriors (batch, tokens, vocabulary) and token counts."""
        result = super().cal_decoder_with_predictor(*args, **kwargs)  # type: ignore[misc]
        self._posteriors = result[0]
        return result

    def _seaco_decode_with_ASF(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  (FunASR's name)
        result = super()._seaco_decode_with_ASF(*args, **kwargs)  # type: ignore[misc]
        self._posteriors = result
        return result

    def calc_predictor_timestamp(self, encoder_out: Any, encoder_out_lens: Any, token_num: Any) -> Any:
        """As FunASR's; remembers the weights that carry time, before FunASR rescales them in place."""
        result = super().calc_predictor_timestamp(encoder_out, encoder_out_lens, token_num)  # type: ignore[misc]
        self._timing = (result[2].clone(), result[3].clone(), encoder_out_lens, token_num)
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

    def _units(self, index: int, tokenizer: Any) -> list[tuple[str, int, int, float]]:
        alphas, peaks, lengths, counts = self._timing
        best = self._posteriors[index, : counts[index]].max(dim=-1)
        special = torch.tensor([self.sos, self.eos, self.blank_id])  # type: ignore[attr-defined]
        kept = ~torch.isin(best.indices.cpu(), special)
        tokens = tokenizer.ids2tokens(best.indices.cpu()[kept].tolist())
        frames = int(lengths[index]) * FRAMES_UPSAMPLED
        _, times = ts_prediction_lfr6_standard(alphas[index][:frames], peaks[index][:frames], list(tokens))
        odds = best.values.cpu()[kept].double().exp().tolist()
        return [
            (token, int(start), int(end), float(odd))
            for token, (start, end), odd in zip(tokens, times, odds, strict=False)
        ]


class BiCifParaformerWithPosteriors(WithPosteriors, BiCifParaformer):
    """The sample model's class."""


class SeacoParaformerWithPosteriors(WithPosteriors, SeacoParaformer):
    """paraformer-zh's class."""


def register() -> None:
    """Let FunASR build our classes where a model's configuration names theirs."""
    tables.model_classes["BiCifParaformer"] = BiCifParaformerWithPosteriors
    tables.model_classes["SeacoParaformer"] = SeacoParaformerWithPosteriors
