"""What is seen of a face (A5): BlazeFace finds faces, DeepFace's Emotion model names expressions. Facts about pixels.

The decoder gives FRAMES_PER_SECOND pictures a second. Those nearest to a steady grid of STEADY_PER_SECOND are all looked
at; the ones between are looked at only where two steady neighbours differ, so that beginnings and ends of episodes are
known to a sixth of a second at little cost. Such finer looks are at most half as many as the steady ones: the cost of a
minute has a bound whatever happens in it.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import PermanentError
from app.core.signals import Engine, FaceSignals
from app.ports import Frame
from config.settings import Settings
from workers.analysis.face_facts import SAME_SIZE, STEP_MS, Seen, parameters, summarise
from workers.analysis.face_nets import Face, FaceNets, cut
from workers.analysis.models import fingerprint
from workers.analysis.quiet import quietly

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = "facial_expression_model_weights.onnx"
CROP = 224
MEAN_GREY, GREY_SPREAD = 129.5, 65.0
"""Mean and standard deviation of the pictures the expression model learned from (FER2013). Every crop is brought to
them, so that a dark room and a bright one give the same answer."""

LEAST_SPREAD = 8.0
BATCH = 32
SMALLEST_SHARE = 0.25
MOST_BETWEEN = 4
FINER_SHARE = 0.5
MOUTH_CHANGE, TURN_CHANGE = 0.08, 12.0
"""Two steady looks differ when the mouth grew or shrank by this share of the eye distance, or the head turned this far.
Talking alone moved the mouth's width by 0.03 in our comparison, a smile by 0.2."""


class DeepFaceReader:
    """The FaceReader port on MediaPipe's networks and DeepFace (ONNX), each on one thread. ``load()`` first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._nets = FaceNets()
        self._emotion: Any = None
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
        self._nets.load()
        try:
            with quietly():
                from deepface.models.demography.DemographyUtils import EMOTION_LABELS
                from deepface.modules import modeling

                self._emotion = modeling.build_model(task="facial_attribute", model_name="Emotion")
                self._emotion.model = _on_one_thread(weights)
        except Exception as error:
            raise PermanentError(
                "model_unavailable",
                f"DeepFace's expression model could not be loaded ({type(error).__name__}: {error}). Let this machine "
                f"reach github.com, or copy {WEIGHTS} to {weights}, or name a file in EXPRESSION_WEIGHTS.",
            ) from error
        self._labels = list(EMOTION_LABELS)
        self._engine = Engine(
            name="deepface",
            version=version("deepface"),
            model="Emotion",
            model_version=fingerprint(weights),
            parameters={
                **self._nets.parameters(),
                **parameters(),
                "smallest_share": SMALLEST_SHARE,
                "finer_share": FINER_SHARE,
                "finer_when": f"faces, mouth by {MOUTH_CHANGE:g} or head by {TURN_CHANGE:g} degrees differ",
                "crop": f"upright face box, grey {MEAN_GREY:g} +- {GREY_SPREAD:g}",
            },
        )

    def read_faces(self, frames: Iterable[Frame]) -> FaceSignals:
        """See the FaceReader port."""
        return summarise(self.watch(frames))

    def watch(self, frames: Iterable[Frame]) -> list[Seen]:
        """A look at each steady frame and at those between that matter, in time order.

        Frames are RGB, upright and in time order. Only small crops are held, and the few frames since the last steady
        one.
        """
        self.load()
        glance = _Glance(self._nets, self._classify)
        between: list[Frame] = []
        next_ms = 0
        for frame in frames:
            if frame.at_ms + 1 < next_ms:
                between = [*between, frame][-MOST_BETWEEN:]
                continue
            next_ms = ((frame.at_ms + 1) // STEP_MS + 1) * STEP_MS
            glance.steady(frame, between)
            between = []
        return glance.close()

    def rehearse(self) -> None:
        """Run the networks once, so that the first real face costs no more than the next."""
        import numpy as np

        self.watch([Frame(at_ms=0, image=np.zeros((240, 320, 3), np.uint8))])
        self._classify([np.zeros((CROP, CROP, 3), np.uint8)] * 2)

    def _classify(self, crops: list[np.ndarray]) -> list[dict[str, float]]:
        """DeepFace's probabilities of each crop (BGR, 0 to 1, 224 x 224 as its models take them)."""
        import numpy as np

        if not crops:
            return []
        batch = np.stack(crops).astype(np.float32) / 255
        rows = np.atleast_2d(self._emotion.predict(batch))
        return [{label: float(p) for label, p in zip(self._labels, row, strict=True)} for row in rows]


class _Glance:
    """Looks at the frames of one take; expressions follow in batches."""

    def __init__(self, nets: FaceNets, classify: Any) -> None:
        self._nets, self._classify = nets, classify
        self._seen: list[Seen] = []
        self._waiting: list[tuple[int, np.ndarray]] = []
        self._last: Seen | None = None
        self._steady = self._finer = 0

    def steady(self, frame: Frame, between: list[Frame]) -> None:
        """Look at the next steady frame, and at those before it when something changed in between."""
        look = self._look(frame, steady=True)
        self._steady += 1
        if self._last is not None and _differ(self._last, look):
            allowed = int(self._steady * FINER_SHARE) - self._finer
            for finer in between[: max(0, allowed)]:
                self._look(finer, steady=False)
                self._finer += 1
        self._last = look

    def close(self) -> list[Seen]:
        """Everything seen, in time order."""
        self._name()
        return sorted(self._seen, key=lambda look: look.at_ms)

    def _look(self, frame: Frame, *, steady: bool) -> Seen:
        faces = self._nets.find(frame.image)
        face = follow(faces, self._last.face if self._last else None)
        look = Seen(frame.at_ms, steady, count(faces), face, {})
        if face is not None:
            self._waiting.append((len(self._seen), _crop(frame.image, face)))
        self._seen.append(look)
        if len(self._waiting) == BATCH:
            self._name()
        return look

    def _name(self) -> None:
        named = self._classify([crop for _, crop in self._waiting])
        for (place, _), expressions in zip(self._waiting, named, strict=True):
            self._seen[place] = replace(self._seen[place], expressions=expressions)
        self._waiting = []


def count(faces: list[Face]) -> int:
    """How many people: faces much smaller than the widest are pictures on a wall as often as people far behind."""
    return sum(face.width >= SMALLEST_SHARE * faces[0].width for face in faces)


def follow(faces: list[Face], last: Face | None) -> Face | None:
    """The face to read: the widest, but of several about as wide the one nearest to where it was."""
    if not faces:
        return None
    wide = [face for face in faces if face.width * SAME_SIZE >= faces[0].width]
    return (
        faces[0]
        if last is None
        else min(wide, key=lambda face: math.dist((face.x, face.y), (last.x, last.y)))
    )


def _differ(before: Seen, after: Seen) -> bool:
    """Whether something begins or ends between two steady looks."""
    if before.faces != after.faces or before.face is None or after.face is None:
        return before.faces != after.faces
    one, other = before.face, after.face
    turned = max(abs(one.turn - other.turn), abs(one.nod - other.nod))
    return abs(one.mouth_width - other.mouth_width) >= MOUTH_CHANGE or turned >= TURN_CHANGE


def _crop(image: np.ndarray, face: Face) -> np.ndarray:
    """The face upright and in FER2013's light: grey in three channels, 224 x 224."""
    import cv2
    import numpy as np

    place = cut((face.x, face.y), face.width, math.radians(face.tilt), CROP)
    grey = cv2.cvtColor(
        cv2.warpAffine(image, place, (CROP, CROP), borderMode=cv2.BORDER_REPLICATE), cv2.COLOR_RGB2GRAY
    ).astype(np.float32)
    spread = max(float(grey.std()), LEAST_SPREAD)
    lit = np.clip((grey - grey.mean()) / spread * GREY_SPREAD + MEAN_GREY, 0, 255).astype(np.uint8)
    return cv2.cvtColor(lit, cv2.COLOR_GRAY2BGR)


def _on_one_thread(weights: Path) -> Any:
    """DeepFace's own session takes every core, and spins on them between two pictures."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


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
