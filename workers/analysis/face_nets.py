"""Where faces are and how they are turned: MediaPipe's BlazeFace (full range) and face mesh, run by LiteRT.

Both networks lie in ``weights/`` as Google published them (Apache 2.0, see the README there). The detector proposes, the
mesh decides: it says of each proposal whether a face is there, which leaves out leaves, logos and faucets.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import PermanentError
from workers.analysis.models import fingerprint
from workers.analysis.quiet import quietly

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = Path(__file__).parent / "weights"
DETECTOR, MESH = "face_detection_full_range_sparse.tflite", "face_landmark.tflite"
DETECTOR_SIZE, GRID = 192, 48
MESH_SIZE, MESH_MARGIN = 192, 1.5
POINTS = 468

PROPOSED = 0.3
OVERLAP = 0.3
IS_FACE = 0.9
"""The mesh's own probability of a face. The detector may propose freely: what is no face ends here (ADR 15)."""

MOST_FACES = 6
"""More proposals than this are not looked at: the strongest come first."""

# Points of MediaPipe's face mesh.
RIGHT_EYE, LEFT_EYE, FOREHEAD, CHIN = 33, 263, 10, 152
LIP_TOP, LIP_BOTTOM, MOUTH_RIGHT, MOUTH_LEFT = 13, 14, 61, 291
LIDS = ((159, 145), (386, 374))


@dataclass(frozen=True)
class Face:
    """One face in a picture. Lengths in pixels, angles in degrees, mouth and lids in distances between the eyes.

    ``turn`` is the angle to the side and ``nod`` that up or down, both with an offset of their own for each person;
    ``tilt`` is the eye line's angle in the picture.
    """

    x: float
    y: float
    width: float
    tilt: float
    turn: float
    nod: float
    mouth_open: float
    mouth_width: float
    lids_open: float


class FaceNets:
    """Both networks, on one thread. ``load()`` first."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._mesh: Any = None
        self._anchors: np.ndarray

    def load(self) -> None:
        """Load both once. PermanentError ``model_unavailable``."""
        if self._detector is not None:
            return
        try:
            with quietly():
                self._mesh = _interpreter(WEIGHTS / MESH)
                self._detector = _interpreter(WEIGHTS / DETECTOR)
        except Exception as error:
            detail = f"the face networks in {WEIGHTS} do not load ({type(error).__name__}: {error}); install them again"
            raise PermanentError("model_unavailable", detail) from error
        self._anchors = _anchors()

    def parameters(self) -> dict[str, Any]:
        """What a signal must name to be measured again."""
        return {
            "runtime": f"litert {version('ai-edge-litert')}",
            "detector": f"blazeface full range, {fingerprint(WEIGHTS / DETECTOR)}",
            "mesh": f"mediapipe face mesh, {fingerprint(WEIGHTS / MESH)}",
            "proposed": PROPOSED,
            "is_face": IS_FACE,
        }

    def find(self, image: np.ndarray) -> list[Face]:
        """The faces of an RGB picture (uint8), the widest first."""
        faces = [self._look(image, box, eyes) for box, eyes in self._propose(image)]
        return sorted((face for face in faces if face is not None), key=lambda face: -face.width)

    def _propose(self, image: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Boxes (x, y, width, height) with both eyes, strongest first, in pixels of the picture."""
        import cv2
        import numpy as np

        height, width = image.shape[:2]
        side = max(height, width)
        top, left = (side - height) // 2, (side - width) // 2
        scale = DETECTOR_SIZE / side
        square = np.zeros((DETECTOR_SIZE, DETECTOR_SIZE, 3), np.uint8)
        small = cv2.resize(
            image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        y, x = round(top * scale), round(left * scale)
        part = square[y : y + small.shape[0], x : x + small.shape[1]]
        part[:] = small[: part.shape[0], : part.shape[1]]
        scores, regressions = _run(self._detector, square.astype(np.float32) / 127.5 - 1)
        if scores.size > regressions.size:
            scores, regressions = regressions, scores
        chances = 1 / (1 + np.exp(-np.clip(scores.reshape(-1), -80, 80)))
        kept = np.flatnonzero(chances > PROPOSED)
        if not len(kept):
            return []
        values = regressions.reshape(-1, 16)[kept] / DETECTOR_SIZE
        anchors = self._anchors[kept]
        centres, sizes = values[:, :2] + anchors, values[:, 2:4]
        eyes = values[:, 4:8].reshape(-1, 2, 2) + anchors[:, None]
        boxes = np.concatenate([(centres - sizes / 2) * side - [left, top], sizes * side], axis=1)
        order = cv2.dnn.NMSBoxes(boxes.tolist(), chances[kept].tolist(), PROPOSED, OVERLAP)
        return [(boxes[i], eyes[i] * side - [left, top]) for i in np.asarray(order).ravel()[:MOST_FACES]]

    def _look(self, image: np.ndarray, box: np.ndarray, eyes: np.ndarray) -> Face | None:
        """The mesh over one proposal; None when it sees no face there."""
        import cv2
        import numpy as np

        x, y, width, height = (float(value) for value in box)
        (ax, ay), (bx, by) = eyes.tolist()
        tilt = math.atan2(by - ay, bx - ax)
        side = max(width, height) * MESH_MARGIN
        if not (math.isfinite(tilt) and side >= 1):
            return None
        centre = (x + width / 2, y + height / 2)
        crop = cv2.warpAffine(image, cut(centre, side, tilt, MESH_SIZE), (MESH_SIZE, MESH_SIZE))
        points, presence = _run(self._mesh, crop.astype(np.float32) / 255)
        if points.size < presence.size:
            points, presence = presence, points
        if 1 / (1 + math.exp(-max(-80.0, min(80.0, float(presence.reshape(-1)[0]))))) < IS_FACE:
            return None
        return _face(points.reshape(POINTS, 3), centre, max(width, height), math.degrees(tilt))


def cut(centre: tuple[float, float], side: float, tilt: float, size: int) -> np.ndarray:
    """The affine map that brings a square of the picture, turned by ``tilt`` radians, upright to ``size`` pixels."""
    import numpy as np

    (x, y), scale = centre, size / side
    cos, sin = math.cos(tilt) * scale, math.sin(tilt) * scale
    return np.array([[cos, sin, size / 2 - cos * x - sin * y], [-sin, cos, size / 2 + sin * x - cos * y]])


def _face(points: np.ndarray, centre: tuple[float, float], width: float, tilt: float) -> Face:
    """Measures of a mesh. Its depth has the scale of its width, so two points give an angle without any camera model."""
    across, down = points[LEFT_EYE] - points[RIGHT_EYE], points[CHIN] - points[FOREHEAD]

    def apart(one: int, other: int) -> float:
        return math.dist(points[one].tolist(), points[other].tolist())

    eyes = max(apart(LEFT_EYE, RIGHT_EYE), 1e-6)
    return Face(
        x=centre[0],
        y=centre[1],
        width=width,
        tilt=tilt,
        turn=math.degrees(math.atan2(across[2], across[0])),
        nod=math.degrees(math.atan2(down[2], down[1])),
        mouth_open=apart(LIP_TOP, LIP_BOTTOM) / eyes,
        mouth_width=apart(MOUTH_RIGHT, MOUTH_LEFT) / eyes,
        lids_open=sum(apart(*pair) for pair in LIDS) / 2 / eyes,
    )


def _interpreter(path: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    with _silent():
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """LiteRT greets on the process's standard error, past Python: a worker's output is its own."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _run(interpreter: Any, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two outputs of a network for one picture."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
    interpreter.invoke()
    first, second = (interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details())
    return first, second


def _anchors() -> np.ndarray:
    """The centres of the detector's cells, 0 to 1, one anchor each, row by row."""
    import numpy as np

    rows, columns = np.mgrid[0:GRID, 0:GRID]
    return np.stack([(columns + 0.5) / GRID, (rows + 0.5) / GRID], axis=-1).reshape(-1, 2)
