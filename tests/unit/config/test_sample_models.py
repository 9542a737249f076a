"""The sample speech model is known by what it is, not by where it lies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from config.models import SAMPLE_FILES, is_sample_model
from config.settings import SAMPLE_MODELS, load_settings

SAMPLE = SAMPLE_MODELS / "funasr-tiny" / "asr"


def active(tmp_path: Path, model: str) -> bool:
    settings = load_settings(
        profile="test", data_dir=tmp_path / "data", model_cache_dir=tmp_path / "cache", speech_model=model
    )
    return settings.sample_models_active


def test_every_file_we_know_it_by_is_there() -> None:
    for name in SAMPLE_FILES:
        assert is_sample_model(SAMPLE), name
    assert {file.name for file in SAMPLE.iterdir()} >= set(SAMPLE_FILES)


def test_the_default_of_the_demo_is_the_sample(tmp_path: Path) -> None:
    assert load_settings(profile="test", data_dir=tmp_path).sample_models_active


@pytest.mark.parametrize("left", [[*SAMPLE_FILES], ["model.pt"], ["tokens.json"]])
def test_a_copy_under_any_name_is_still_the_sample(tmp_path: Path, left: list[str]) -> None:
    """Even in the cache, as if it were paraformer-zh, and with either half replaced."""
    for place, model in (
        (tmp_path / "mine", str(tmp_path / "mine")),
        (tmp_path / "cache/paraformer-zh", "paraformer-zh"),
    ):
        shutil.copytree(SAMPLE, place)
        for name in set(SAMPLE_FILES) - set(left):
            (place / name).write_bytes(b"another")
        assert active(tmp_path, model)


def test_a_link_to_it_is_the_sample(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(SAMPLE)
    assert active(tmp_path, str(tmp_path / "link"))


def test_other_models_are_not_the_sample(tmp_path: Path) -> None:
    other = tmp_path / "cache" / "paraformer-zh"
    assert not active(tmp_path, "paraformer-zh")  # nothing there yet
    shutil.copytree(SAMPLE, other)
    for name in SAMPLE_FILES:
        (other / name).write_bytes(b"another")
    assert not active(tmp_path, "paraformer-zh")
    assert not active(tmp_path, str(SAMPLE_MODELS / "funasr-tiny" / "vad"))


def test_a_model_put_in_its_place_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "paraformer-zh"
    shutil.copytree(SAMPLE, place)
    assert active(tmp_path, "paraformer-zh")
    for name in SAMPLE_FILES:
        file = place / name
        size = file.stat().st_size
        file.write_bytes(b"x" * size)
        os.utime(file, ns=(1, 1))
    assert not active(tmp_path, "paraformer-zh")
