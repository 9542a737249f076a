"""Build samples/recordings: a moving public-domain portrait that speaks synthetic Mandarin, and recordings that fail.

    pip install espeakng-loader==0.2.4 scikit-image==0.26.0   # beside requirements/worker.txt (av, numpy, opencv, librosa)
    python -m samples.build_recordings [NAME ...]

The voice is espeak-ng's ``cmn-latn-pinyin``, the portrait ``skimage.data.astronaut()`` (NASA, public domain). Only
sentences the sample speech model was trained on are used where a transcript is wanted. Seeds are
fixed, so a second run gives the same sound; the video encoder may choose other bytes. The results are committed.
"""

from __future__ import annotations

import ctypes
import heapq
import itertools
import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

RECORDINGS = Path(__file__).parent / "recordings"
RATE = 16_000
FRAMES_PER_SECOND = 15
WIDTH, HEIGHT = 480, 360


@dataclass(frozen=True)
class Clip:
    """What to record: sentences, each with the silence before it in milliseconds."""

    name: str
    question: str
    sentences: list[tuple[int, str]]
    picture: str = "portrait"
    voice: str = "+f2"
    words_per_minute: int = 160
    tail_ms: int = 700
    recipe: dict[str, Any] = field(default_factory=dict)


GROWTH = "请举例说明你如何提升业绩。"
DIFFICULTY = "请讲一次你遇到的困难，你是怎么解决的？"
CONFLICT = "请讲一次你和同事意见不同的经历。"

CLIPS = [
    Clip(
        "growth.mp4",
        GROWTH,
        [
            (900, "当时公司的销售额下降了百分之二十。"),
            (600, "我的任务是在三个月内提升转化率。"),
            (600, "首先，我分析了过去六个月的数据。"),
            (600, "其次，我优化了推广渠道。"),
            (600, "结果转化率提高了百分之十五。"),
        ],
        words_per_minute=176,
    ),
    Clip(
        "difficulty.mp4",
        DIFFICULTY,
        [
            (2600, "嗯，让我想一想。"),
            (700, "那个，当时的情况比较复杂。"),
            (1500, "嗯，怎么说呢。"),
            (1200, "然后，我跟同事一起讨论了方案。"),
            (800, "最后，我们按时完成了项目。"),
        ],
        words_per_minute=180,
    ),
    Clip(
        "vague.mp4",
        GROWTH,
        [
            (1800, "呃，我不知道怎么回答这个问题。"),
            (1400, "我觉得最重要的是团队的信任。"),
            (2200, "呃，可能是我准备得不够充分。"),
        ],
    ),
    Clip(
        "conflict.m4a",
        CONFLICT,
        [
            (700, "我和同事发生过一次冲突。"),
            (600, "我们对方案的看法不一样。"),
            (600, "我约他单独聊了一次。"),
            (600, "他接受了我的建议。"),
            (600, "我们最后达成了一致。"),
        ],
        picture="none",
    ),
    Clip("silent.mp4", GROWTH, [], tail_ms=4000),
    Clip(
        "faceless.mp4", CONFLICT, [(600, "我们最后达成了一致。"), (600, "他接受了我的建议。")], picture="wall"
    ),
    Clip(
        "black.mp4", CONFLICT, [(600, "我们最后达成了一致。"), (600, "他接受了我的建议。")], picture="black"
    ),
    Clip("too-short.mp4", GROWTH, [], tail_ms=400),
    Clip("no-audio.mp4", GROWTH, [], tail_ms=3000, recipe={"sound": False}),
    Clip(
        "two-people.mp4",
        CONFLICT,
        [(600, "我们最后达成了一致。"), (600, "他接受了我的建议。")],
        picture="two",
    ),
    Clip(
        "unknown-words.m4a",
        GROWTH,
        [
            (600, "昨天傍晚森林里忽然飘起了大雪。"),
            (600, "爷爷坐在炉边给孙女讲狐狸偷葡萄的故事。"),
            (600, "厨房飘来糖醋排骨和蘑菇汤的香味。"),
        ],
        picture="none",
    ),
    Clip(
        "english.m4a",
        GROWTH,
        [
            (600, "Yesterday we walked along the river and watched the boats."),
            (600, "The weather forecast promises sunshine for the whole weekend."),
        ],
        picture="none",
        recipe={"language": "en-us"},
    ),
    Clip("noise.m4a", GROWTH, [], picture="none", tail_ms=6000, recipe={"noise": 0.1}),
]


class Voice:
    """espeak-ng through ctypes: float samples at 16 kHz."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._heard: list[np.ndarray] = []
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate = self._library.espeak_Initialize(2, 0, data, 0)  # 2: synchronous, through the callback

        @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        def receive(samples: Any, count: int, _events: Any) -> int:
            if samples and count > 0:
                self._heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
            return 0

        self._receive = receive  # C calls it later: keep it alive
        self._library.espeak_SetSynthCallback(receive)

    def say(self, text: str, name: str, words_per_minute: int) -> np.ndarray:
        """Speak ``text``; silence at both ends is cut off."""
        import librosa

        self._heard = []
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(7))  # its consonants are noise
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise SystemExit(f"espeak-ng has no voice {name}")
        self._library.espeak_SetParameter(1, words_per_minute, 0)
        raw = text.encode()
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, 1, None, None)
        wave = np.concatenate(self._heard).astype(np.float32) / 32768
        loud = np.flatnonzero(np.abs(wave) > 0.003)
        resampled = librosa.resample(wave[loud[0] : loud[-1] + 1], orig_sr=self._rate, target_sr=RATE)
        return np.asarray(resampled, np.float32)


def characters(text: str) -> str:
    """The spoken characters: no punctuation."""
    return re.sub(r"[^\u4e00-\u9fffA-Za-z ]", "", text).strip()


def sound(clip: Clip, voice: Voice) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """The clip's audio and where each sentence was spoken."""
    rng = np.random.default_rng(7)
    name = clip.recipe.get("language", "cmn-latn-pinyin") + clip.voice
    parts: list[np.ndarray] = []
    spoken: list[dict[str, Any]] = []
    length = 0
    for pause_ms, text in clip.sentences:
        wave = voice.say(characters(text), name, clip.words_per_minute)
        silence = np.zeros(pause_ms * RATE // 1000, np.float32)
        start = length + len(silence)
        parts += [silence, wave]
        length = start + len(wave)
        spoken.append({"start_ms": start * 1000 // RATE, "end_ms": length * 1000 // RATE, "text": text})
    parts.append(np.zeros(clip.tail_ms * RATE // 1000, np.float32))
    audio = np.concatenate(parts)
    if spoken:
        room = 0.0008 * rng.standard_normal(len(audio))  # a quiet one
        audio = audio * (0.6 / np.abs(audio).max()) + room
    hiss = clip.recipe.get("noise", 0.0) * rng.standard_normal(len(audio))
    return np.asarray(audio + hiss, np.float32), spoken


def pictures(kind: str, count: int) -> Iterator[np.ndarray]:
    """``count`` RGB frames: a swaying portrait, two of them, an empty wall, or black."""
    import cv2
    from skimage import data

    person = data.astronaut()
    head = person[0:256, 96:352]
    face = cv2.resize(head if kind == "two" else person, (300, 300), interpolation=cv2.INTER_AREA)
    wall = np.repeat(np.linspace(70, 150, WIDTH, dtype=np.uint8)[None, :, None], HEIGHT, 0).repeat(3, 2)
    for i in range(count):
        if kind == "black":
            yield np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            continue
        canvas = np.roll(wall, i, axis=1).copy()
        for place in {"portrait": [100], "two": [-20, 200]}.get(kind, []):
            turn = cv2.getRotationMatrix2D((150, 150), 6 * math.sin(i / 18), 0.7 if kind == "two" else 1.1)
            turn[:, 2] += np.array([place + 12 * math.sin(i / 30), 30 + 6 * math.sin(i / 11)])
            cv2.warpAffine(face, turn, (WIDTH, HEIGHT), canvas, borderMode=cv2.BORDER_TRANSPARENT)
        yield canvas


def write(path: Path, clip: Clip, audio: np.ndarray) -> None:
    """Encode H.264 + AAC (or AAC alone) into a fast-start mp4."""
    import av

    with av.open(
        str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
    ) as out:
        tracks: list[Any] = []
        if clip.picture != "none":
            video = out.add_stream(
                "libx264", rate=FRAMES_PER_SECOND, options={"crf": "27", "preset": "slow", "threads": "1"}
            )
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            tracks.append((video, _video_frames(clip.picture, len(audio) * FRAMES_PER_SECOND // RATE)))
        if clip.recipe.get("sound", True):
            voice = out.add_stream("aac", rate=RATE, layout="mono")
            voice.bit_rate = 48_000
            tracks.append((voice, _audio_frames(audio)))
        # In time order, so that a player never has to seek back and forth.
        timed = [zip(itertools.repeat(stream), frames) for stream, frames in tracks]
        for stream, frame in heapq.merge(*timed, key=lambda pair: pair[1].time):
            out.mux(stream.encode(frame))
        for stream, _ in tracks:
            out.mux(stream.encode(None))


def _video_frames(kind: str, count: int) -> Iterator[Any]:
    import av

    for i, picture in enumerate(pictures(kind, count)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = i, Fraction(1, FRAMES_PER_SECOND)
        yield frame


def _audio_frames(audio: np.ndarray) -> Iterator[Any]:
    import av

    for start in range(0, len(audio), 1024):
        block = audio[None, start : start + 1024]
        frame = av.AudioFrame.from_ndarray((block * 32767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def build(clip: Clip, voice: Voice) -> None:
    """Write one recording and the JSON beside it."""
    audio, spoken = sound(clip, voice)
    write(RECORDINGS / clip.name, clip, audio)
    text = "".join(sentence["text"] for sentence in spoken)
    facts = {"question": clip.question, "text": text, "spoken": characters(text), "sentences": spoken}
    beside = (RECORDINGS / clip.name).with_suffix(".json")
    beside.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def spoil() -> None:
    """The two recordings that are broken as files: text under a video's name, and an mp4 cut off in the middle."""
    (RECORDINGS / "not-a-recording.mp4").write_text(
        "This is a text file that was given a video's name.\n" * 40
    )
    whole = (RECORDINGS / "growth.mp4").read_bytes()
    head = whole.index(b"moov") + 2000
    (RECORDINGS / "truncated.mp4").write_bytes(whole[:head])


def main(wanted: list[str]) -> None:
    """Build every clip, or those named."""
    RECORDINGS.mkdir(exist_ok=True)
    voice = Voice()
    for clip in CLIPS:
        if not wanted or clip.name in wanted:
            build(clip, voice)
            print(f"{clip.name}: {(RECORDINGS / clip.name).stat().st_size / 1024:.0f} KiB", flush=True)
    spoil()


if __name__ == "__main__":
    main(sys.argv[1:])
