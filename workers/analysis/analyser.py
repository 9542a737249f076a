"""The TakeAnalyser: one take in, one result per wanted modality out, each as it becomes ready.

Importing this module is cheap; models are loaded by ``warm_up`` or first use.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.signals import Document, Engine, MediaSignals, Modality, ModalityResult, Status
from app.ports import TakeSource
from config.settings import Settings
from workers.analysis import delivery, integrity, text
from workers.analysis.compiled import librosa
from workers.analysis.face import DeepFaceReader
from workers.analysis.face_facts import recorded, summarise
from workers.analysis.integrity import Heard, Watched
from workers.analysis.media import Decoding, media_engine
from workers.analysis.speech import FunAsr, doubt
from workers.analysis.timeline import UnusableRecordingError, shortcoming
from workers.analysis.transcript import written, written_engine

if TYPE_CHECKING:
    import numpy as np

_NOT_RUN = Engine(name="none", version="0")


@dataclass(frozen=True)
class _Decoded:
    """What one pass over the recording gave."""

    media: ModalityResult
    facts: MediaSignals
    audio: np.ndarray
    face: ModalityResult
    watched: Watched


class Analyser:
    """Our TakeAnalyser. One per process; not for use by several threads at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.transcriber = FunAsr(settings)
        self._face = DeepFaceReader(settings)

    def warm_up(self) -> None:
        """Load every model and run each once. PermanentError ``model_unavailable``."""
        self.transcriber.rehearse()
        _limit_threads()
        librosa()
        text.load()
        self._face.rehearse()

    def analyse(self, take: TakeSource, *, skip: frozenset[str] = frozenset()) -> Iterator[ModalityResult]:
        """See the TakeAnalyser port. What is in ``skip`` is measured again only if something else rests on it."""
        results = self._written(take) if take.medium == "text" else self._recorded(take, skip)
        for result in results:
            wanted = result.modality in take.wanted or result.modality == "face"
            if result.modality not in skip and (wanted or result.status == "failed"):
                yield result

    def _written(self, take: TakeSource) -> Iterator[ModalityResult]:
        yield _result("media", "skipped", "written_answer")
        speech = written(take.written_text or "")
        if not speech.tokens:
            yield _result("speech", "failed", "empty_answer", written_engine())
            return
        yield _result("speech", "done", None, written_engine(), speech)
        yield _result("delivery", "skipped", "written_answer")
        yield _result("text", "done", None, text.engine(), text.measure(speech, take.question_text))
        yield _result("face", "skipped", "written_answer")
        nothing = Watched(reason="written_answer"), Heard(reason="written_answer")
        facts = integrity.measure(None, *nothing, take.left_page)
        yield _result("integrity", "done", None, integrity.engine(), facts)

    def _recorded(self, take: TakeSource, skip: frozenset[str]) -> Iterator[ModalityResult]:
        try:
            decoded = self._decode_some(take, skip)
        except UnusableRecordingError as unusable:
            yield _result("media", "failed", unusable.reason, media_engine())
            return
        yield decoded.media
        heard = Heard()
        if _due(take, skip, "speech", "delivery", "text"):
            heard = yield from self._heard(take, decoded, skip)
        yield decoded.face
        if "integrity" in take.wanted - skip:
            facts = integrity.measure(decoded.facts, decoded.watched, heard, take.left_page)
            yield _result("integrity", "done", None, integrity.engine(), facts)

    def _decode_some(self, take: TakeSource, skip: frozenset[str]) -> _Decoded:
        """The recording, or its sound alone when its pictures end the decoder: what was said still counts."""
        try:
            return self._decode(take, skip)
        except UnusableRecordingError as unusable:
            if unusable.reason != "decoder_crashed":
                raise
        return self._decode(take, skip, sound_only=True)

    def _decode(self, take: TakeSource, skip: frozenset[str], *, sound_only: bool = False) -> _Decoded:
        """One pass over the recording: sound is kept, pictures are read as they come and let go."""
        wanted = _due(take, skip, "face")
        with Decoding(
            take.segments,
            self._settings,
            frames=wanted,
            max_seconds=take.max_seconds,
            sound_only=sound_only,
        ) as decoding:
            seen = self._face.watch(decoding.frames()) if wanted else []
            facts, audio = decoding.finish()
            media = _result("media", "done", shortcoming(facts), decoding.engine, facts)
        seen = recorded(seen, facts.duration_ms, facts.gaps)
        if seen:
            signals = summarise(seen)
            nobody = None if signals.face_present else "no_face"
            face = _result("face", "done", nobody, self._face.engine, signals)
            return _Decoded(media, facts, audio, face, Watched(seen, signals))
        if not wanted:  # who chose to answer by voice alone refused nothing
            reason = "no_video" if take.medium == "voice" else "no_consent_or_policy"
        else:
            reason = "picture_unreadable" if facts.video_codec else "no_video"
        return _Decoded(media, facts, audio, _result("face", "skipped", reason), Watched(reason=reason))

    def _heard(
        self, take: TakeSource, decoded: _Decoded, skip: frozenset[str]
    ) -> Generator[ModalityResult, None, Heard]:
        """Speech and what rests on it; unsure speech makes all three abstain, the words kept for a person to see."""
        speech = self.transcriber.transcribe(decoded.audio, take.hotwords)
        engine = self.transcriber.engine_for(take.hotwords)
        if (unsure := doubt(speech)) is not None:
            yield _result("speech", "abstained", unsure, engine, speech)
            yield _result("delivery", "abstained", unsure, delivery.engine())
            yield _result("text", "abstained", unsure, text.engine())
            return Heard(reason=unsure)
        yield _result("speech", "done", None, engine, speech)
        if "delivery" in take.wanted - skip:
            facts = decoded.facts
            measured = delivery.measure(speech, decoded.audio, answer_ms=facts.duration_ms, gaps=facts.gaps)
            yield _result("delivery", "done", None, delivery.engine(), measured)
        if "text" in take.wanted - skip:
            yield _result("text", "done", None, text.engine(), text.measure(speech, take.question_text))
        return Heard(speech, decoded.audio)


def build_analyser(settings: Settings) -> Analyser:
    """The analyser these settings describe. Cheap: nothing is loaded yet."""
    return Analyser(settings)


def _due(take: TakeSource, skip: frozenset[str], *senses: str) -> bool:
    """Whether one of these senses is still to be given, or needed again because the integrity facts rest on it."""
    wanted = take.wanted.intersection(senses)
    return bool(wanted - skip) or bool(wanted and "integrity" in take.wanted - skip)


def _result(
    modality: Modality,
    status: Status,
    reason: str | None = None,
    engine: Engine = _NOT_RUN,
    signals: Document | None = None,
) -> ModalityResult:
    kept = signals.model_dump(mode="json") if signals is not None else None
    return ModalityResult(modality=modality, status=status, reason=reason, engine=engine, signals=kept)


def _limit_threads() -> None:
    """Libraries take every core otherwise, and slow each other down. Stretches of speech are heard side by side instead."""
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
