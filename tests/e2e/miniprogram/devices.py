"""Files that Chromium plays as camera and microphone, made from the sample recordings."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np

RATE = 48_000
LEAD_SECONDS = 1.2  # what passes between opening the microphone and the first recorded sample


def microphone_file(recording: Path, target: Path, seconds: float) -> float:
    """The first ``seconds`` of the recording's sound as WAV between silences; the file's seconds."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(recording)) as source:
        frames = [f for frame in source.decode(audio=0) for f in resampler.resample(frame)]
    sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype("<i2")
    sound = sound[: int(seconds * RATE)]
    silence = np.zeros(int(LEAD_SECONDS * RATE), dtype="<i2")
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.concatenate([silence, sound, silence]).tobytes())
    return float((sound.size + 2 * silence.size) / RATE)


def camera_file(recording: Path, target: Path, frames: int = 40) -> None:
    """The recording's first pictures as Y4M, 320 x 240, ten a second."""
    with av.open(str(recording)) as source, target.open("wb") as out:
        out.write(b"YUV4MPEG2 W320 H240 F10:1 Ip A1:1 C420\n")
        for number, frame in enumerate(source.decode(video=0)):
            if number >= frames:
                break
            out.write(b"FRAME\n")
            out.write(frame.reformat(320, 240, "yuv420p").to_ndarray().tobytes())
