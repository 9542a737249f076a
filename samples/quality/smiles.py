"""Clips with smiles and frowns at known times. They are synthetic: one portrait, mouths drawn on it.

They tell whether episodes are counted and timed rightly where a picture plainly shows one. They tell nothing about
real faces, of which no labelled recording is part of this project.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.signals import FaceSignals, Span
from samples.quality.variants import RATE, encoded

if TYPE_CHECKING:
    import numpy as np

FRAMES_PER_SECOND = 15
HEAD = (slice(10, 130), slice(150, 310))
"""Where the head is in the first picture of growth.mp4."""
WIDTH, HEIGHT = 640, 480
MOUTH, AROUND = (317, 392), (75, 40)
MATCHED = 0.5
"""Two episodes are the same when what they share is at least this part of what they cover together."""


@dataclass(frozen=True)
class FaceClip:
    """A clip's length and when the face smiles and frowns, in seconds; else its mouth is at rest."""

    seconds: int
    smiles: tuple[tuple[float, float], ...] = ()
    frowns: tuple[tuple[float, float], ...] = ()


CLIPS = (
    FaceClip(20, smiles=((3.0, 6.0), (11.0, 13.0))),
    FaceClip(24, smiles=((2.0, 4.5), (8.0, 9.5), (15.0, 21.0)), frowns=((11.0, 13.5),)),
    FaceClip(16, frowns=((4.0, 7.0), (10.0, 12.0))),
    FaceClip(12),
)


@dataclass
class EpisodeQuality:
    """Found and true episodes over all clips; ``off_ms``: how far the matched ones' ends lie from the truth."""

    found: int = 0
    true: int = 0
    matched: int = 0
    off_ms: tuple[int, ...] = ()

    def compare(self, found: Sequence[Span], true: Sequence[Span]) -> None:
        """Match each true episode with at most one found one."""
        self.found += len(found)
        self.true += len(true)
        left = list(found)
        for one in true:
            best = max(left, key=lambda span: _shared(span, one), default=None)
            if best is not None and _shared(best, one) >= MATCHED:
                left.remove(best)
                self.matched += 1
                self.off_ms += (abs(best.start_ms - one.start_ms), abs(best.end_ms - one.end_ms))


def spans(times: Sequence[tuple[float, float]]) -> list[Span]:
    """Seconds as spans."""
    return [Span(start_ms=round(1000 * start), end_ms=round(1000 * end)) for start, end in times]


def compare(clips: Sequence[tuple[FaceClip, FaceSignals]]) -> dict[str, EpisodeQuality]:
    """Smile and frown episodes over all clips."""
    quality = {"smiles": EpisodeQuality(), "frowns": EpisodeQuality()}
    for clip, signals in clips:
        quality["smiles"].compare(signals.smiles, spans(clip.smiles))
        quality["frowns"].compare(signals.frowns, spans(clip.frowns))
    return quality


def _shared(one: Span, other: Span) -> float:
    common = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    whole = max(one.end_ms, other.end_ms) - min(one.start_ms, other.start_ms)
    return max(common, 0) / whole if whole else 0.0


def portrait(recording: Path) -> np.ndarray:
    """The smiling head of the sample portrait, RGB."""
    import av
    import cv2
    import numpy as np

    with av.open(str(recording)) as source:
        picture = next(source.decode(video=0)).to_ndarray(format="rgb24")
    return np.asarray(cv2.resize(picture[HEAD], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))


def with_mouth(face: np.ndarray, bend: int) -> np.ndarray:
    """The face with its mouth painted out and one drawn: ``bend`` 0 at rest, above 0 corners down."""
    import cv2
    import numpy as np

    hole = np.zeros(face.shape[:2], np.uint8)
    cv2.ellipse(hole, MOUTH, AROUND, 0, 0, 360, 255, -1)
    skin = cv2.GaussianBlur(cv2.inpaint(face, hole, 9, cv2.INPAINT_TELEA), (0, 0), 8)
    edge = cv2.GaussianBlur((hole > 0).astype(np.float32), (0, 0), 6)[..., None]
    drawn = (face * (1 - edge) + skin * edge).astype(np.uint8)
    line = [(MOUTH[0] + x, MOUTH[1] + 6 + round(bend * (x / 38) ** 2)) for x in range(-38, 39, 4)]
    upper = np.array(line, np.int32)
    cv2.polylines(drawn, [upper], False, (95, 45, 40), 6, cv2.LINE_AA)
    cv2.polylines(drawn, [upper + np.array([0, 7], np.int32)], False, (170, 100, 90), 7, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 1.5))


def frowning(face: np.ndarray) -> np.ndarray:
    """Corners of the mouth down, inner ends of the brows down."""
    import cv2
    import numpy as np

    drawn = with_mouth(face, 14)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    inner = sum(np.exp(-(((x - brow) / 25) ** 2 + ((y - 255) / 20) ** 2)) for brow in (290, 348))
    return np.asarray(cv2.remap(drawn, x, (y - 10 * inner).astype(np.float32), cv2.INTER_LINEAR))


def write(clip: FaceClip, recording: Path, sound: np.ndarray, target: Path) -> None:
    """Encode the clip, swaying a little, with a sample's sound under it."""
    import av
    import numpy as np

    with av.open(str(target), "w", format="mp4") as out:
        video = out.add_stream(
            "libx264", rate=FRAMES_PER_SECOND, options={"preset": "veryfast", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        for number, picture in enumerate(_pictures(clip, portrait(recording))):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for _, packet in encoded(np.resize(sound, clip.seconds * RATE), voice):
            out.mux(packet)


def _pictures(clip: FaceClip, smiling: np.ndarray) -> Iterator[np.ndarray]:
    import cv2
    import numpy as np

    rest, frown = with_mouth(smiling, 0), frowning(smiling)
    for number in range(clip.seconds * FRAMES_PER_SECOND):
        at = number / FRAMES_PER_SECOND
        face: Any = smiling if _within(at, clip.smiles) else frown if _within(at, clip.frowns) else rest
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 2 * math.sin(number / 20), 1.0)
        turn[:, 2] += np.array([4 * math.sin(number / 25), 3 * math.sin(number / 11)])
        yield np.asarray(cv2.warpAffine(face, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE))


def _within(at: float, times: Sequence[tuple[float, float]]) -> bool:
    return any(start <= at < end for start, end in times)
