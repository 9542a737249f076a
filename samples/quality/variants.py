"""Variants of a recording that change nothing of what a candidate says: compression, light, noise, tempo.

Pictures and sound are changed with PyAV, numpy and librosa. Where only one of the two is changed, the other is copied
packet by packet, so that nothing else differs.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

RATE = 16_000
BLOCK = 1024
VOICE_BITS_PER_SECOND = 48_000
SIGNAL_TO_NOISE_DB = 20.0
LOUD_SHARE = 0.05
"""Of the loudest frame's amplitude: quieter frames are no speech when its level is measured."""

Sound = Callable[["np.ndarray"], "np.ndarray"]
Picture = Callable[["np.ndarray"], "np.ndarray"]


@dataclass(frozen=True)
class Variant:
    """How a recording is changed. ``tempo`` 1.1: a tenth faster, pictures with it."""

    name: str
    sound: Sound | None = None
    picture: Picture | None = None
    tempo: float = 1.0
    bit_rate_share: float = 1.0

    @property
    def changes_pictures(self) -> bool:
        """Whether pictures differ, and not only when they are shown."""
        return self.picture is not None


def variants(voices: Sequence[np.ndarray]) -> list[Variant]:
    """Every variant that is measured. ``voices`` are other recordings; together and backwards they are babble."""
    return [
        Variant("half the bit rate", sound=_same, picture=_same, bit_rate_share=0.5),
        Variant("brighter by 30 %", picture=lambda image: _lit(image, 1.3)),
        Variant("darker by 30 %", picture=lambda image: _lit(image, 0.7)),
        Variant("mirrored", picture=lambda image: image[:, ::-1]),
        Variant("quieter by 12 dB", sound=lambda audio: audio * 10 ** (-12 / 20)),
        Variant("white noise, 20 dB", sound=lambda audio: with_noise(audio, white(len(audio)))),
        Variant("mains hum, 20 dB", sound=lambda audio: with_noise(audio, hum(len(audio)))),
        Variant("babble, 20 dB", sound=lambda audio: with_noise(audio, babble(len(audio), voices))),
        Variant("10 % slower, pitch kept", sound=lambda audio: stretched(audio, 0.9), tempo=0.9),
        Variant("10 % faster, pitch kept", sound=lambda audio: stretched(audio, 1.1), tempo=1.1),
        Variant("played 10 % slower", sound=lambda audio: resampled(audio, 0.9), tempo=0.9),
        Variant("played 10 % faster", sound=lambda audio: resampled(audio, 1.1), tempo=1.1),
    ]


def _same(data: np.ndarray) -> np.ndarray:
    return data


def _lit(image: np.ndarray, factor: float) -> np.ndarray:
    import numpy as np

    return np.clip(image.astype(np.float32) * factor, 0, 255).astype(np.uint8)


def speech_rms(audio: np.ndarray) -> float:
    """Root mean square of the frames in which somebody speaks, pauses left out."""
    import numpy as np

    frames = audio[: len(audio) // 400 * 400].reshape(-1, 400)
    levels = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    loud = levels > LOUD_SHARE * levels.max()
    return float(np.sqrt((levels[loud] ** 2).mean())) if loud.any() else 0.0


def with_noise(audio: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Noise under the speech, ``SIGNAL_TO_NOISE_DB`` below it."""
    import numpy as np

    level = speech_rms(audio) / 10 ** (SIGNAL_TO_NOISE_DB / 20)
    mixed = audio + noise * (level / max(float(np.sqrt((noise.astype(np.float64) ** 2).mean())), 1e-9))
    return np.clip(mixed, -1, 1).astype(np.float32)


def white(length: int) -> np.ndarray:
    """White noise, the same every time."""
    import numpy as np

    return np.random.default_rng(11).standard_normal(length).astype(np.float32)


def hum(length: int) -> np.ndarray:
    """50 Hz and its harmonics, as a bad adapter makes."""
    import numpy as np

    at = np.arange(length) / RATE
    waves = [np.sin(2 * np.pi * 50 * k * at + k) / k for k in range(1, 9)]
    return np.sum(waves, axis=0).astype(np.float32)


def babble(length: int, voices: Sequence[np.ndarray]) -> np.ndarray:
    """Several voices at once, backwards, so that a room talks and no word can be understood."""
    import numpy as np

    mixed = np.zeros(length, np.float32)
    for number, voice in enumerate(voices):
        spoken = np.resize(voice[::-1], length + number * 7919)[number * 7919 :]
        mixed += spoken / max(speech_rms(voice), 1e-9)
    return mixed


def stretched(audio: np.ndarray, tempo: float) -> np.ndarray:
    """Slower or faster at the same pitch, by overlapping waveforms (FFmpeg's atempo): a slower or faster speaker."""
    import av
    import numpy as np

    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE))
    graph.link_nodes(source, graph.add("atempo", str(tempo)), graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio[None]), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    graph.push(frame)
    graph.push(None)
    blocks: list[np.ndarray] = []
    while True:
        try:
            blocks.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(blocks).astype(np.float32)


def resampled(audio: np.ndarray, tempo: float) -> np.ndarray:
    """As a tape played slower or faster: the pitch moves with it."""
    import numpy as np

    from workers.analysis.compiled import librosa

    return np.asarray(librosa().resample(audio, orig_sr=RATE * tempo, target_sr=RATE), np.float32)


def read_sound(path: Path) -> np.ndarray:
    """The recording's sound: float32 mono at 16 kHz."""
    import av
    import numpy as np

    with av.open(str(path)) as source:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = itertools.chain(source.decode(audio=0), [None])
        blocks = [block.to_ndarray()[0] for frame in frames for block in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float32)


def make(variant: Variant, source: Path, target: Path) -> None:
    """Write the variant of a recording. A recording without pictures stays without."""
    import av

    with (
        av.open(str(source)) as pictures,
        av.open(str(source)) as sounds,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        tracks: list[Iterator[tuple[float, Any]]] = []
        if pictures.streams.video:
            tracks.append(_picture_packets(variant, pictures, out))
        tracks.append(_sound_packets(variant, sounds, source, out))
        for _, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            out.mux(packet)


def _picture_packets(variant: Variant, source: Any, out: Any) -> Iterator[tuple[float, Any]]:
    import av

    read = source.streams.video[0]
    if variant.picture is None and variant.tempo == 1.0:
        return _copied(source, read, out.add_stream_from_template(read))
    options = {"preset": "veryfast", "threads": "1", "crf": "23"}
    written = out.add_stream("libx264", rate=read.average_rate, options=options)
    written.width, written.height, written.pix_fmt = read.width, read.height, "yuv420p"
    if variant.bit_rate_share != 1.0:
        written.options = {**options, "crf": "-1"}
        written.bit_rate = int(read.bit_rate * variant.bit_rate_share)
    base = Fraction(1, 90_000)
    written.codec_context.time_base = base

    def packets() -> Iterator[tuple[float, Any]]:
        change = variant.picture or _same
        for frame in source.decode(read):
            changed = av.VideoFrame.from_ndarray(change(frame.to_ndarray(format="rgb24")), format="rgb24")
            changed.pts, changed.time_base = round(frame.time / variant.tempo / base), base
            yield from _timed(written.encode(changed))
        yield from _timed(written.encode(None))

    return packets()


def _sound_packets(variant: Variant, source: Any, path: Path, out: Any) -> Iterator[tuple[float, Any]]:
    read = source.streams.audio[0]
    if variant.sound is None:
        return _copied(source, read, out.add_stream_from_template(read))
    written = out.add_stream("aac", rate=RATE, layout="mono")
    written.bit_rate = int(VOICE_BITS_PER_SECOND * variant.bit_rate_share)
    return encoded(variant.sound(read_sound(path)), written)


def encoded(audio: np.ndarray, written: Any) -> Iterator[tuple[float, Any]]:
    """Packets of a mono sound at 16 kHz with their times in seconds."""
    import av
    import numpy as np

    whole = (np.clip(audio, -1, 1)[None] * 32767).astype(np.int16)
    for start in range(0, whole.shape[1], BLOCK):
        block = np.ascontiguousarray(whole[:, start : start + BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield from _timed(written.encode(frame))
    yield from _timed(written.encode(None))


def _copied(source: Any, read: Any, written: Any) -> Iterator[tuple[float, Any]]:
    for packet in source.demux(read):
        if packet.dts is not None:
            at = float(packet.dts * packet.time_base)
            packet.stream = written
            yield at, packet


def _timed(packets: list[Any]) -> Iterator[tuple[float, Any]]:
    for packet in packets:
        yield float(packet.dts * packet.time_base), packet
