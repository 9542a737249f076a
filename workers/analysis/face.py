"""What is seen of a face (A5): Haar finds faces, DeepFace's Emotion model names expressions. Facts about pixels."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import PermanentError
from app.core.signals import Engine, Expression, FaceSignals, Span
from app.ports import Frame
from config.settings import Settings
from workers.analysis.media import FRAMES_PER_SECOND
from workers.analysis.models import fingerprint
from workers.analysis.quiet import quietly

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = "facial_expression_model_weights.onnx"
STEP_MS = round(1000 / FRAMES_PER_SECOND)
SMALLEST_SHARE = 0.15
"""A face narrower than this share of the picture's shorter side is background, or no face."""

CASCADE, SCALE, NEIGHBOURS = "haarcascade_frontalface_alt2", 1.15, 5
"""Found every face of our samples upright and tilted by 10 degrees, in 17 ms a picture."""

SURE = 0.5
EPISODE_FRAMES = 2
"""One frame alone is no episode: at two frames a second it may be a blink or a detector's slip."""

SMILE, FROWN = ("happy",), ("angry", "sad")
BATCH = 32


@dataclass(frozen=True)
class Seen:
    """One frame: how many faces, and the largest one's expression probabilities by label."""

    at_ms: int
    faces: int
    expressions: dict[str, float]


class DeepFaceReader:
    """The FaceReader port on OpenCV's Haar cascade and DeepFace (ONNX). ``load()`` first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._emotion: Any = None
        self._detector: Any = None
        self._labels: list[str] = []
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The weights in use, by their content. Loads them if need be."""
        self.load()
        assert self._engine is not None
        return self._engine

    def load(self) -> None:
        """Load the detector and the expression model once. PermanentError ``model_unavailable``."""
        if self._engine is not None:
            return
        weights = _prepare_home(self._settings)
        try:
            import cv2

            with quietly():
                from deepface.models.demography.DemographyUtils import EMOTION_LABELS
                from deepface.modules import modeling

                self._emotion = modeling.build_model(task="facial_attribute", model_name="Emotion")
        except Exception as error:
            raise PermanentError(
                "model_unavailable",
                f"DeepFace's expression model could not be loaded ({type(error).__name__}: {error}). Let this machine "
                f"reach github.com, or copy {WEIGHTS} to {weights}, or name a file in EXPRESSION_WEIGHTS.",
            ) from error
        cv2.setNumThreads(1)
        self._detector = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / f"{CASCADE}.xml"))
        self._labels = list(EMOTION_LABELS)
        self._engine = Engine(
            name="deepface",
            version=version("deepface"),
            model="Emotion",
            model_version=fingerprint(weights),
            parameters={
                "detector": f"opencv {cv2.__version__} {CASCADE}",
                "scale": SCALE,
                "neighbours": NEIGHBOURS,
                "smallest_share": SMALLEST_SHARE,
                "smile": f"{'+'.join(SMILE)} >= {SURE}",
                "frown": f"{'+'.join(FROWN)} >= {SURE}",
                "episode_frames": EPISODE_FRAMES,
            },
        )

    def read_faces(self, frames: Iterable[Frame]) -> FaceSignals:
        """Frames (RGB, upright) in time order at FRAMES_PER_SECOND. Only small crops are held, never the frames."""
        self.load()
        seen: list[tuple[int, int]] = []
        crops: list[np.ndarray] = []
        has_face: list[int] = []
        probabilities: list[dict[str, float]] = []
        for number, frame in enumerate(frames):
            boxes = self._find(frame.image)
            seen.append((frame.at_ms, len(boxes)))
            if boxes:
                has_face.append(number)
                crops.append(_crop(frame.image, max(boxes, key=lambda box: (box[2], box))))
            if len(crops) == BATCH:
                probabilities += self._classify(crops)
                crops = []
        probabilities += self._classify(crops)
        by_frame = dict(zip(has_face, probabilities, strict=True))
        return summarise([Seen(at, count, by_frame.get(n, {})) for n, (at, count) in enumerate(seen)])

    def rehearse(self) -> None:
        """Run detector and expression model once, so that the first real face costs no more than the next."""
        import numpy as np

        self.read_faces([Frame(at_ms=0, image=np.zeros((240, 320, 3), np.uint8))])
        self._classify([np.zeros((224, 224, 3), np.uint8)] * 2)

    def _find(self, image: np.ndarray) -> list[tuple[int, int, int, int]]:
        import cv2

        grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
        least = max(24, int(min(grey.shape) * SMALLEST_SHARE))
        boxes = self._detector.detectMultiScale(grey, SCALE, NEIGHBOURS, minSize=(least, least))
        return [(int(x), int(y), int(w), int(h)) for x, y, w, h in boxes]

    def _classify(self, crops: list[np.ndarray]) -> list[dict[str, float]]:
        """DeepFace's probabilities of each crop (BGR, 0 to 1, 224 x 224 as its models take them)."""
        import numpy as np

        if not crops:
            return []
        batch = np.stack(crops).astype(np.float32) / 255
        rows = np.atleast_2d(self._emotion.predict(batch))
        return [{label: float(p) for label, p in zip(self._labels, row, strict=True)} for row in rows]


def summarise(seen: list[Seen]) -> FaceSignals:
    """Facts over all frames. Pure."""
    faces = [frame for frame in seen if frame.expressions]
    top = Counter(
        max(frame.expressions, key=lambda label: (frame.expressions[label], label)) for frame in faces
    )
    return FaceSignals(
        sampled_frames=len(seen),
        frames_per_second=FRAMES_PER_SECOND,
        face_present=round(sum(frame.faces > 0 for frame in seen) / len(seen), 4) if seen else 0.0,
        several_faces=_episodes([(frame.at_ms, frame.faces > 1) for frame in seen]),
        smiles=_episodes([(frame.at_ms, _chance(frame, SMILE) >= SURE) for frame in seen]),
        frowns=_episodes([(frame.at_ms, _chance(frame, FROWN) >= SURE) for frame in seen]),
        expressions=[
            Expression(label=label, share=round(count / len(faces), 4))
            for label, count in sorted(top.items(), key=lambda item: (-item[1], item[0]))
        ],
    )


def _chance(frame: Seen, labels: tuple[str, ...]) -> float:
    return sum(frame.expressions.get(label, 0.0) for label in labels)


def _episodes(marks: list[tuple[int, bool]]) -> list[Span]:
    """Runs of at least EPISODE_FRAMES marked frames, up to the frame after; a hole in the recording ends a run."""
    spans: list[Span] = []
    run: list[int] = []

    def end_run(until_ms: int) -> None:
        if len(run) >= EPISODE_FRAMES:
            spans.append(Span(start_ms=run[0], end_ms=until_ms))
        run.clear()

    for at_ms, marked in marks:
        if run and at_ms - run[-1] > 2 * STEP_MS:
            end_run(run[-1])
        if marked:
            run.append(at_ms)
        elif run:
            end_run(at_ms)
    if run:
        end_run(run[-1])
    return spans


def _crop(image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    import cv2

    x, y, width, height = box
    face = cv2.cvtColor(image[y : y + height, x : x + width], cv2.COLOR_RGB2BGR)
    return cv2.resize(face, (224, 224), interpolation=cv2.INTER_LINEAR)


def _prepare_home(settings: Settings) -> Path:
    """Point DeepFace at a home of ours, with the operator's own weights in it if there are any."""
    home = (settings.model_cache_dir or settings.data_dir / "models") / "deepface"
    if settings.expression_weights is not None:
        # A home of its own, so that changing the setting never leaves the other weights in use.
        home = settings.data_dir / "deepface" / "chosen"
        if not settings.expression_weights.is_file():
            raise PermanentError(
                "model_unavailable", f"no file {settings.expression_weights}: see EXPRESSION_WEIGHTS"
            )
    place = home / ".deepface" / "weights" / WEIGHTS
    place.parent.mkdir(parents=True, exist_ok=True)
    if settings.expression_weights is not None:
        fresh = place.with_name(f".{WEIGHTS}.{os.getpid()}")
        shutil.copyfile(settings.expression_weights, fresh)
        fresh.replace(place)
    os.environ["DEEPFACE_HOME"] = str(home)
    os.environ["DEEPFACE_BACKEND_ENGINE"] = "onnx"
    return place
