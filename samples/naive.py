"""How anybody would write it first: ``DeepFace.analyze`` on every frame, and one ``AutoModel`` call. To compare with."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings

SURE_PERCENT = 50.0
EPISODE_FRAMES = 2


@dataclass(frozen=True)
class Found:
    """What came out, and how long all of it takes."""

    seconds: float
    words: str
    smiles: list[tuple[int, int]]
    shares: dict[str, float]


class Naive:
    """One AutoModel with voice activity and punctuation, one DeepFace call a frame."""

    def __init__(self, settings: Settings, hotwords: tuple[str, ...]) -> None:
        from funasr import AutoModel

        self._hotwords = " ".join(hotwords)
        self._speech = AutoModel(
            model=settings.speech_model,
            vad_model=settings.vad_model,
            vad_kwargs={"max_end_silence_time": 400, "max_single_segment_time": 30_000},
            punc_model=settings.punc_model,
            device="cpu",
            ncpu=settings.analysis_threads,
            disable_update=True,
            disable_pbar=True,
        )

    def analyse(self, video: Path, *, every: int) -> Found:
        """Decode everything; one frame of ``every`` is looked at, and the others counted as if they had been."""
        heard = 0.0
        words = ""
        for _ in range(2):  # the first call of a model is slow, and is not what we compare with
            began = time.perf_counter()
            words = self._speech.generate(input=self._sound(video), hotword=self._hotwords)[0]["text"]
            heard = time.perf_counter() - began
        began = time.perf_counter()
        looking, seen = self._look(video, every)
        decoding = time.perf_counter() - began - looking
        faces = [emotions for _, emotions in seen if emotions]
        top = Counter(max(emotions, key=lambda label: emotions[label]) for emotions in faces)
        return Found(
            seconds=decoding + looking * every + heard,
            words="".join(mark for mark in words if mark.isalnum()),
            smiles=episodes([(at, emotions.get("happy", 0.0) >= SURE_PERCENT) for at, emotions in seen]),
            shares={label: count / len(faces) for label, count in top.items()},
        )

    def _sound(self, video: Path) -> object:
        import av
        import numpy as np

        resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        with av.open(str(video)) as source:
            blocks = [block for frame in source.decode(audio=0) for block in resampler.resample(frame)]
        return np.concatenate([block.to_ndarray()[0] for block in blocks])

    def _look(self, video: Path, every: int) -> tuple[float, list[tuple[int, dict[str, float]]]]:
        """Seconds spent on looking, and (ms, percent by expression) of each frame looked at; empty without a face."""
        import av
        from deepface import DeepFace

        looking = 0.0
        seen: list[tuple[int, dict[str, float]]] = []
        with av.open(str(video)) as source:
            for number, frame in enumerate(source.decode(video=0)):
                picture = frame.to_ndarray(format="bgr24")
                if number % every:
                    continue
                began = time.perf_counter()
                found = DeepFace.analyze(picture, actions=["emotion"], enforce_detection=False, silent=True)
                looking += time.perf_counter() - began
                largest = max(found, key=lambda face: face["region"]["w"])
                emotions = largest["emotion"] if largest["face_confidence"] > 0 else {}
                seen.append((round(frame.time * 1000), {label: float(p) for label, p in emotions.items()}))
        return looking, seen


def episodes(marks: list[tuple[int, bool]]) -> list[tuple[int, int]]:
    """Runs of at least EPISODE_FRAMES marked frames, each up to the frame after it."""
    spans: list[tuple[int, int]] = []
    run: list[int] = []
    for at_ms, marked in [*marks, (marks[-1][0] if marks else 0, False)]:
        if marked:
            run.append(at_ms)
            continue
        if len(run) >= EPISODE_FRAMES:
            spans.append((run[0], at_ms))
        run = []
    return spans
