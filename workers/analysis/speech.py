"""Speech to text by FunASR: voice activity, recognition, punctuation.

A Paraformer gives times and confidence (``posteriors``). Any other recogniser gives what its class gives; its confidence
is unknown, and what rests on the words abstains (``plain_results``, ADR 21).
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app.core.errors import PermanentError
from app.core.signals import Engine, Span, SpeechSignals
from config.models import is_sample_model
from config.settings import Settings
from workers.analysis.loudness import LOUD_ROOM_DB, QUIET, ROOM_BELOW_DB, audible, without_room
from workers.analysis.models import fingerprint, locate, release_spare_memory, share_one_heap
from workers.analysis.plain_results import units_of
from workers.analysis.quiet import quietly
from workers.analysis.transcript import (
    MINIMUM_CONFIDENCE,
    Unit,
    assemble,
    join_words,
    passages,
    plain,
)

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 16_000
END_SILENCE_MS = 400
"""Silence that ends a stretch of speech. FunASR's own dynamic default merges a minute into one."""

LONGEST_STRETCH_MS = 30_000
SHORTEST_STRETCH_MS = 100
"""FunASR divides by zero under 50 ms."""

_WORDLESS = frozenset({"<s>", "</s>", "<unk>", "<blank>", "<OOV>"})


class FunAsr:
    """The Transcriber port on FunASR. ``load()`` first; it may take a minute and a gigabyte."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models: tuple[Any, Any, Any] | None = None
        self._ears: tuple[Any, ...] = ()
        self._engine: Engine | None = None
        self._sample = False

    @property
    def engine(self) -> Engine:
        """The models in use, by the content of their files. Loads them if need be."""
        self.load()
        assert self._engine is not None
        return self._engine

    def engine_for(self, hotwords: tuple[str, ...]) -> Engine:
        """The models as they heard one take: with the hotwords they listened for, or why they could not."""
        engine = self.engine
        if not hotwords:
            return engine
        assert self._models is not None
        asr = self._models[1]
        if _hears_hotwords(asr):
            heard: object = sorted(self._known(hotwords))  # their order changes nothing
        else:
            heard = f"unsupported by {_class_of(asr.model)}"
        return engine.model_copy(update={"parameters": {**engine.parameters, "hotwords": heard}})

    def _known(self, hotwords: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the hotwords that the vocabulary can spell."""
        from workers.analysis.posteriors import known_hotwords

        assert self._models is not None
        asr = self._models[1]
        return tuple(known_hotwords(hotwords, asr.kwargs["tokenizer"], asr.kwargs["frontend"]))

    def load(self) -> None:
        """Load the three models, once in a process. PermanentError ``model_unavailable``."""
        if self._models is not None:
            return
        names = (self._settings.vad_model, self._settings.speech_model, self._settings.punc_model)
        places = [locate(name, self._settings) for name in names]
        share_one_heap()
        with quietly():
            from workers.analysis.posteriors import register

            register()
            vad, asr, punc = (self._load(place) for place in places)
            if not _has_posteriors(asr):
                _try_out(asr, names[1])
        release_spare_memory()
        self._models = vad, asr, punc
        self._ears = _ears(asr, self._settings.analysis_threads)
        self._sample = is_sample_model(places[1])
        self._engine = Engine(
            name="funasr",
            version=version("funasr"),
            model=_short(names[1]),
            model_version=fingerprint(places[1]),
            parameters={
                "vad": f"{_short(names[0])}@{fingerprint(places[0])}",
                "punctuation": f"{_short(names[2])}@{fingerprint(places[2])}",
                "end_silence_ms": END_SILENCE_MS,
                "longest_stretch_ms": LONGEST_STRETCH_MS,
                "minimum_confidence": MINIMUM_CONFIDENCE,
                "class": _class_of(asr.model),
                "confidence": "posterior" if _has_posteriors(asr) else "unknown",
                "raised_below": QUIET,
                "room_below_db": [LOUD_ROOM_DB, ROOM_BELOW_DB],
            },
        )

    def _load(self, place: Path) -> Any:
        from funasr import AutoModel

        try:
            return AutoModel(
                model=str(place),
                device="cpu",
                ncpu=1,  # torch's threads: see _ears
                disable_update=True,
                disable_pbar=True,
                disable_log=True,
                log_level="ERROR",
            )
        except Exception as error:
            detail = f"the files in {place} do not load ({type(error).__name__}: {error}); fetch or copy them again"
            raise PermanentError("model_unavailable", detail) from error

    def rehearse(self) -> None:
        """Run every model once: FunASR's first call is five to ten times slower than the next."""
        self.load()
        assert self._models is not None
        vad, _, punc = self._models
        tone = _tone()
        _stretches(vad, tone)
        for ear in self._ears:
            _recognise(ear, tone, Span(start_ms=0, end_ms=1000))
        punc.generate(input="谢谢")

    def transcribe(self, audio: np.ndarray, hotwords: tuple[str, ...] = ()) -> SpeechSignals:
        """``audio`` is float32 mono at 16 kHz. Where nobody speaks there is no text.

        Stretch by stretch, none longer than LONGEST_STRETCH_MS and as many at a time as there are ears: memory and cost a
        minute do not grow with the length.
        """
        self.load()
        assert self._models is not None
        vad, asr, punc = self._models
        audio = audible(audio)
        stretches = _stretches(vad, audio)
        biased = self._known(hotwords) if _hears_hotwords(asr) else ()
        free: SimpleQueue[Any] = SimpleQueue()
        for ear in self._ears:
            free.put(ear)

        def hear(stretch: Span) -> list[Unit]:
            with _taken(free) as ear:
                return _recognise(ear, audio, stretch, biased)

        with ThreadPoolExecutor(len(self._ears)) as pool:
            units = [unit for heard in pool.map(hear, stretches) for unit in heard]
        punctuated = join_words(punc.generate(input=plain(part))[0]["text"] for part in passages(units))
        return assemble(units, punctuated, stretches, sample_model=self._sample)


def doubt(speech: SpeechSignals) -> str | None:
    """Why everything that rests on the transcript abstains; None when it may be used."""
    if not speech.tokens:
        return "no_speech"
    if speech.mean_confidence is None:
        return "confidence_unknown"
    return "low_confidence" if speech.mean_confidence < MINIMUM_CONFIDENCE else None


def _stretches(vad: Any, audio: np.ndarray) -> list[Span]:
    """Where somebody speaks."""
    if len(audio) < SHORTEST_STRETCH_MS * SAMPLE_RATE // 1000:
        return []
    found = vad.generate(
        input=audio, max_end_silence_time=END_SILENCE_MS, max_single_segment_time=LONGEST_STRETCH_MS
    )[0]["value"]
    length_ms = len(audio) * 1000 // SAMPLE_RATE
    spans = [Span(start_ms=max(0, int(start)), end_ms=min(int(end), length_ms)) for start, end in found]
    spans = without_room(audio, spans)
    return [span for span in spans if span.end_ms - span.start_ms >= SHORTEST_STRETCH_MS]


def _ears(asr: Any, count: int) -> tuple[Any, ...]:
    """``count`` recognisers that may hear at the same time: the same weights, each with what it remembers of its stretch.

    Torch's own threads wait for each other hundreds of times in a stretch: spinning they take the cores from everybody
    else, asleep they are slower than one thread alone. Stretches side by side wait for nothing, and give the same words.
    What a class that is not ours remembers, and where, nobody knows: it hears one stretch at a time.
    """
    if not _has_posteriors(asr):
        return (asr,)
    ears = []
    for _ in range(count):
        ear = copy.copy(asr)
        ear.model = copy.copy(asr.model)
        ears.append(ear)
    return tuple(ears)


@contextmanager
def _taken(free: SimpleQueue[Any]) -> Iterator[Any]:
    """One of those that are free, until it is given back."""
    one = free.get()
    try:
        yield one
    finally:
        free.put(one)


def _recognise(asr: Any, audio: np.ndarray, stretch: Span, hotwords: tuple[str, ...] = ()) -> list[Unit]:
    """The units of one stretch, on the take's timeline."""
    per_ms = SAMPLE_RATE // 1000
    sound = audio[stretch.start_ms * per_ms : stretch.end_ms * per_ms]
    if not _has_posteriors(asr):
        return units_of(_plainly(asr, sound), stretch)
    result = asr.generate(input=sound, **({"hotword": hotwords} if hotwords else {}))
    pieces = result[0].get("units", []) if result else []
    return join_pieces(pieces, stretch.start_ms)


def _plainly(asr: Any, sound: np.ndarray) -> dict[str, Any]:
    """What a recogniser of any class answers, with times if it can tell them: some fail over words they cannot align."""
    try:
        result = asr.generate(input=sound, output_timestamp=True)
    except Exception:
        result = asr.generate(input=sound)
    return dict(result[0]) if result else {}


def _try_out(asr: Any, name: str) -> None:
    """PermanentError ``model_unavailable`` unless the model answers a second of sound with a text, be it empty."""
    try:
        answer = _plainly(asr, _tone()).get("text")
        said = "no text"
    except Exception as error:
        answer, said = None, f"{type(error).__name__}: {error}"
    if not isinstance(answer, str):
        raise PermanentError(
            "model_unavailable",
            f"{name} is a {_class_of(asr.model)}, which does not recognise speech (a second of sound gave {said}); "
            "choose a speech model (paraformer-zh, or a directory with one) in SPEECH_MODEL",
        )


def _tone() -> np.ndarray:
    """A second of sound."""
    import numpy as np

    return (0.3 * np.sin(2 * np.pi * 180 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)


def _has_posteriors(asr: Any) -> bool:
    """Whether the model is of a class that tells how sure it is."""
    return bool(getattr(asr.model, "units_wanted", False))


def _hears_hotwords(asr: Any) -> bool:
    return bool(getattr(asr.model, "hears_hotwords", False))


def join_pieces(pieces: list[tuple[str, int, int, float]], offset_ms: int) -> list[Unit]:
    """Vocabulary pieces (text, start, end in ms, posterior) to characters and whole words.

    ``@@`` marks a piece that goes on in the next (as Paraformer's vocabulary does); a word has its pieces' mean
    posterior. Pieces that are no words are left out.
    """
    words = [piece for piece in pieces if piece[0] not in _WORDLESS and piece[0].strip("@ ")]
    units: list[Unit] = []
    parts: list[tuple[str, int, int, float]] = []
    for number, piece in enumerate(words, 1):
        parts.append(piece)
        if piece[0].endswith("@@") and number < len(words):
            continue
        units.append(
            Unit(
                text="".join(part[0].removesuffix("@@") for part in parts),
                start_ms=offset_ms + parts[0][1],
                end_ms=offset_ms + parts[-1][2],
                confidence=sum(part[3] for part in parts) / len(parts),
            )
        )
        parts = []
    return units


def _class_of(model: Any) -> str:
    """The name FunASR knows a model's class by."""
    return type(model).__name__.removesuffix("WithPosteriors")


def _short(model: str) -> str:
    """A model's name without this machine's path."""
    return "/".join(Path(model).parts[-2:]) if os.sep in model else model
