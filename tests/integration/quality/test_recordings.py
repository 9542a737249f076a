"""Scores stay where they are when a recording changes in ways that say nothing of the candidate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from samples.quality.interviews import RECORDINGS, analysed, truth
from samples.quality.invariance import MOST_CHANGE, measure_changes
from samples.quality.smiles import FaceClip, compare, write
from samples.quality.speech import edits, spoken
from samples.quality.variants import RATE, Variant, make, read_sound, speech_rms, variants, white, with_noise
from workers.analysis.analyser import Analyser

pytestmark = pytest.mark.models

VOICE = RECORDINGS / "conflict.m4a"


@pytest.mark.parametrize(
    ("interview", "wanted"),
    [
        ("by voice", ["10 % faster, pitch kept", "babble, 20 dB"]),
        # What light changes of a face's facts is in test_seeing too; here it is seen through to the score.
        pytest.param("short end", ["brighter by 30 %", "babble, 20 dB"], marks=pytest.mark.full),
    ],
)
def test_scores_stay(analyser: Analyser, interview: str, wanted: list[str]) -> None:
    changes = list(measure_changes(analyser, wanted, [interview]))
    assert {change.variant.removesuffix(", face counting") for change in changes} == set(wanted)
    for change in changes:
        assert change.total is not None and abs(change.total) <= MOST_CHANGE
        assert change.abstained == 0


@pytest.mark.full
@pytest.mark.timeout(1200)  # seconds: five recordings, each under every change
def test_every_score_stays_under_every_change(analyser: Analyser) -> None:
    for change in measure_changes(analyser):
        assert change.total is not None and abs(change.total) <= MOST_CHANGE, change
        assert change.abstained == 0, change


def test_another_tempo_and_the_same_words(analyser: Analyser, tmp_path: Path) -> None:
    """The measuring tools themselves: a tenth slower lasts a tenth longer and says the same."""
    (slower,) = (v for v in variants([np.ones(RATE)]) if v.name == "10 % slower, pitch kept")
    make(slower, VOICE, tmp_path / "slower.m4a")
    before, after = read_sound(VOICE), read_sound(tmp_path / "slower.m4a")
    assert len(after) == pytest.approx(len(before) / 0.9, rel=0.02)
    heard = analysed(analyser, tmp_path / "slower.m4a", "", frozenset({"media", "speech"}))[
        "speech"
    ].document()
    said = spoken(truth(VOICE.name)["text"])
    assert edits(said, spoken(heard.text)) <= 0.1 * len(said)


def test_noise_lies_as_far_below_the_voice_as_it_says() -> None:
    voice = read_sound(VOICE)
    noise = with_noise(voice, white(len(voice))) - voice
    assert 20 * np.log10(speech_rms(voice) / np.sqrt((noise**2).mean())) == pytest.approx(20, abs=0.5)


def test_what_is_not_changed_is_copied(tmp_path: Path) -> None:
    mirrored = Variant("mirrored", picture=lambda image: image[:, ::-1])
    make(mirrored, RECORDINGS / "two-people.mp4", tmp_path / "mirrored.mp4")
    assert np.array_equal(read_sound(RECORDINGS / "two-people.mp4"), read_sound(tmp_path / "mirrored.mp4"))


@pytest.mark.full
def test_a_smile_is_found_where_it_is(analyser: Analyser, tmp_path: Path) -> None:
    """A synthetic clip: a drawn mouth at rest, and the portrait's own smile for three seconds."""
    clip = FaceClip(9, smiles=((3.0, 6.0),))
    write(clip, RECORDINGS / "growth.mp4", read_sound(RECORDINGS / "growth.mp4"), tmp_path / "smile.mp4")
    face = analysed(analyser, tmp_path / "smile.mp4", "", frozenset({"media", "face"}))["face"].document()
    found = compare([(clip, face)])["smiles"]
    assert (found.found, found.true, found.matched) == (1, 1, 1)
    assert max(found.off_ms) <= 500
