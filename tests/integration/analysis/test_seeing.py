"""What is seen in pictures: the sample portrait and clips made of it. Synthetic all of them: no real person's film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.core.signals import FaceSignals, IntegritySignals, ModalityResult
from app.ports import Frame, TakeSource
from config.settings import Settings
from samples.quality.smiles import FaceClip, portrait, spans, with_mouth, write
from samples.quality.variants import read_sound
from tests.integration.analysis.conftest import ALL, Analyse, recording, take_of
from workers.analysis.analyser import Analyser
from workers.analysis.face import FINER_SHARE, DeepFaceReader
from workers.analysis.face_facts import STEP_MS, summarise
from workers.analysis.media import FRAMES_PER_SECOND, read_file_segment

Change = Callable[[np.ndarray], np.ndarray]
WIDTH, HEIGHT = 320, 240
CLIP = FaceClip(10, smiles=((2.2, 4.4), (6.0, 8.7)))


@pytest.fixture(scope="module")
def reader(settings: Settings) -> DeepFaceReader:
    """The real reader, without the speech models."""
    return DeepFaceReader(settings)


def film(path: Path, change: Change | None = None) -> Iterator[Frame]:
    """The pictures of a file as the decoder samples them, each changed."""
    next_ms = 0.0
    with av.open(str(path)) as source:
        for picture in source.decode(video=0):
            at_ms = (picture.time or 0) * 1000
            if at_ms + 1 < next_ms:
                continue
            next_ms = ((at_ms + 1) * FRAMES_PER_SECOND // 1000 + 1) * 1000 / FRAMES_PER_SECOND
            image = picture.reformat(WIDTH, HEIGHT, "rgb24").to_ndarray()
            yield Frame(at_ms=int(at_ms), image=np.ascontiguousarray(change(image) if change else image))


def brighter(factor: float) -> Change:
    return lambda image: np.clip(image * factor, 0, 255).astype(np.uint8)


def farther(scale: float) -> Change:
    def shrink(image: np.ndarray) -> np.ndarray:
        room = np.full_like(image, 110)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        room[40 : 40 + small.shape[0], 60 : 60 + small.shape[1]] = small
        return room

    return shrink


def tilted(degrees: float) -> Change:
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1)
    return lambda image: cv2.warpAffine(image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


@pytest.fixture(scope="module")
def smiling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with two smiles at known times."""
    path = tmp_path_factory.mktemp("clips") / "smiles.mp4"
    write(CLIP, recording("growth.mp4"), read_sound(recording("growth.mp4")), path)
    return path


@pytest.mark.models
def test_smiles_begin_and_end_where_they_do(reader: DeepFaceReader, smiling: Path) -> None:
    """The steady pictures alone know it to half a second, the finer ones to a sixth; and those are bounded."""
    facts = reader.read_faces(film(smiling))
    truth = spans(CLIP.smiles)
    assert len(facts.smiles) == len(truth)
    for found, true in zip(facts.smiles, truth, strict=True):
        assert abs(found.start_ms - true.start_ms) <= 200 and abs(found.end_ms - true.end_ms) <= 200
    assert 0 < (facts.finer_frames or 0) <= FINER_SHARE * facts.sampled_frames
    assert facts.frowns == [] and facts.absent == [] and facts.looking_away == []
    assert facts.most_faces == 1 and facts.face_present == 1


@pytest.mark.models
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(brighter(0.7), id="darker"),
        pytest.param(brighter(1.3), id="brighter"),
        pytest.param(lambda image: image[:, ::-1], id="mirrored"),
        pytest.param(tilted(12), id="tilted", marks=pytest.mark.full),
        pytest.param(farther(0.6), id="farther", marks=pytest.mark.full),
    ],
)
def test_light_side_and_distance_change_no_fact(
    reader: DeepFaceReader, smiling: Path, change: Change
) -> None:
    facts = reader.read_faces(film(smiling, change))
    truth = spans(CLIP.smiles)
    assert facts.face_present >= 0.95 and facts.most_faces == 1
    assert len(facts.smiles) == len(truth)
    for found, true in zip(facts.smiles, truth, strict=True):
        assert abs(found.start_ms - true.start_ms) <= STEP_MS and abs(found.end_ms - true.end_ms) <= STEP_MS
    assert facts.looking_away == [] and facts.several_faces == []


@pytest.mark.models
def test_the_cost_is_bounded_whatever_happens(
    reader: DeepFaceReader, smiling: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A face that comes and goes all the time makes at most half as many looks again."""
    looks = 0
    find = reader._nets.find

    def counted(image: np.ndarray) -> object:
        nonlocal looks
        looks += 1
        return find(image)

    reader.load()
    monkeypatch.setattr(reader._nets, "find", counted)
    numbers = iter(range(10_000))
    seen = reader.watch(film(smiling, lambda image: image if next(numbers) // 3 % 2 else image * 0))
    steady = sum(look.steady for look in seen)
    assert steady == CLIP.seconds * 1000 // STEP_MS
    assert steady < looks == len(seen) <= steady * (1 + FINER_SHARE)


@pytest.mark.models
def test_who_goes_and_comes_back_was_away(reader: DeepFaceReader) -> None:
    def empty(frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            gone = 6000 <= frame.at_ms < 11_000
            yield Frame(frame.at_ms, np.full_like(frame.image, 120)) if gone else frame

    facts = reader.read_faces(empty(film(recording("growth.mp4"))))
    assert [(round(s.start_ms, -3), round(s.end_ms, -3)) for s in facts.absent or []] == [(6000, 11_000)]
    assert len(facts.smiles) == 2, "a smile is not carried over an absence"


@pytest.mark.models
def test_two_people_are_counted_and_one_is_followed(reader: DeepFaceReader) -> None:
    seen = reader.watch(film(recording("two-people.mp4")))
    facts = summarise(seen)
    assert facts.most_faces == 2 and sum(s.end_ms - s.start_ms for s in facts.several_faces) > 5000
    assert len({look.face.x > WIDTH / 2 for look in seen if look.face}) == 1
    assert (facts.movement or 9) < 0.3


@pytest.mark.models
def test_a_wall_and_darkness_have_no_faces(reader: DeepFaceReader) -> None:
    for name in ("faceless.mp4", "black.mp4"):
        facts = reader.read_faces(film(recording(name)))
        assert facts.face_present == 0 and facts.most_faces == 0 and facts.expressions == []
        assert facts.movement is None and facts.looking_away is None
        assert [span.start_ms for span in facts.absent or []] == [0]


# --- integrity facts of whole recordings ------------------------------------------------------------------------


def integrity(results: dict[str, ModalityResult]) -> IntegritySignals:
    assert results["integrity"].status == "done"
    document = results["integrity"].document()
    assert isinstance(document, IntegritySignals)
    return document


@pytest.mark.models
def test_the_sample_portrait_is_a_photograph_that_speaks(analyse: Analyse) -> None:
    """Which is what it is: swaying moves no lip."""
    facts = integrity(analyse("growth.mp4"))
    assert sum(span.end_ms - span.start_ms for span in facts.still_face or []) > 15_000
    assert facts.several_faces == [] and facts.nobody == [] and facts.other_voice == [] and facts.gaps == []
    assert facts.left_page is None and facts.not_looked_at == {"left_page": "not_reported"}


@pytest.mark.models
def test_a_mouth_that_moves_is_nobodys_photograph(analyser: Analyser, tmp_path: Path) -> None:
    """The portrait with a mouth drawn open and shut while it speaks."""
    path, face = tmp_path / "talking.mp4", portrait(recording("growth.mp4"))
    shut = with_mouth(face, 0)
    ajar = shut.copy()
    cv2.ellipse(ajar, (317, 404), (30, 17), 0, 0, 360, (60, 20, 20), -1)
    sound = read_sound(recording("growth.mp4"))
    _write_pictures(path, [ajar if number % 4 < 2 else shut for number in range(20 * 6)], sound)
    take = TakeSource([read_file_segment(path)], "video", "", ALL)
    facts = integrity({result.modality: result for result in analyser.analyse(take)})
    assert facts.still_face == [] and "still_face" not in facts.not_looked_at


@pytest.mark.models
def test_people_and_nobody_have_their_places(analyse: Analyse) -> None:
    two, wall = integrity(analyse("two-people.mp4")), integrity(analyse("faceless.mp4"))
    assert two.several_faces and two.most_faces == 2 and two.nobody == []
    assert wall.nobody and wall.several_faces == [] and wall.still_face == []


@pytest.mark.models
def test_without_consent_to_the_face_nothing_of_it_is_told(analyser: Analyser) -> None:
    results = {r.modality: r for r in analyser.analyse(take_of("two-people.mp4", ALL - {"face"}))}
    facts = integrity(results)
    assert facts.nobody is facts.several_faces is facts.most_faces is facts.still_face is None
    assert {facts.not_looked_at[name] for name in ("nobody", "several_faces", "still_face")} == {
        "no_consent_or_policy"
    }
    assert facts.other_voice is not None or facts.not_looked_at["other_voice"] == "too_little"


@pytest.mark.models
def test_without_consent_to_the_voice_nothing_of_it_is_told(analyser: Analyser) -> None:
    wanted = frozenset({"media", "face", "integrity"})
    results = {r.modality: r for r in analyser.analyse(take_of("growth.mp4", wanted))}
    facts = integrity(results)
    assert set(results) == wanted
    assert facts.other_voice is facts.even_speech is facts.still_face is None
    assert {facts.not_looked_at[name] for name in ("other_voice", "even_speech", "still_face")} == {
        "no_consent"
    }
    assert facts.nobody == []


@pytest.mark.models
def test_what_was_stored_before_is_measured_again_for_what_rests_on_it(
    analyser: Analyser, analyse: Analyse
) -> None:
    """A worker that died before the last modality: the next one gives only that, and the same."""
    stored = ALL - {"integrity"}
    rest = list(analyser.analyse(take_of("two-people.mp4"), skip=stored))
    assert rest == [analyse("two-people.mp4")["integrity"]]


@pytest.mark.models
def test_no_face_or_voice_can_be_recognised_from_what_is_kept(analyse: Analyse) -> None:
    """Places and counts only: no landmark, no picture, no spectrum leaves the worker."""
    results = analyse("growth.mp4")
    face, facts = results["face"].document(), results["integrity"].document()
    assert isinstance(face, FaceSignals)
    numbers = [value for value in facts.model_dump().values() if isinstance(value, float)]
    assert numbers == []
    assert len(str(results["face"].signals)) + len(str(results["integrity"].signals)) < 4000


def _write_pictures(path: Path, pictures: list[np.ndarray], sound: np.ndarray) -> None:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=6, options={"preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], "yuv420p"
        voice = out.add_stream("aac", rate=16_000, layout="mono")
        for picture in pictures:
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
        block.rate = 16_000
        out.mux(voice.encode(block))
        out.mux(voice.encode(None))
