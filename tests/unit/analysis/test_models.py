"""Where models come from: a path, a folder filled by hand, a fetch by name; and never a substitute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.errors import PermanentError
from config.settings import Settings, load_settings
from workers.analysis.models import NEEDED, fingerprint, locate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(profile="test", data_dir=tmp_path / "data", model_cache_dir=tmp_path / "cache")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A hub that cannot be reached; the list says what was asked of it."""
    asked: list[str] = []

    def refuse(model: str, **_: Any) -> str:
        asked.append(model)
        raise ConnectionError("no route to the hub")

    monkeypatch.setattr("modelscope.snapshot_download", refuse)
    return asked


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in NEEDED:
        (folder / name).write_text(name)
    return folder


def test_a_path_is_taken_as_it_is(settings: Settings, tmp_path: Path, hub: list[str]) -> None:
    folder = fill(tmp_path / "mine")
    assert locate(str(folder), settings) == folder
    assert hub == []


@pytest.mark.parametrize("model", ["/nowhere/asr", "./nowhere", "~/nowhere-at-all"])
def test_a_path_that_is_not_there_is_never_looked_up(settings: Settings, hub: list[str], model: str) -> None:
    with pytest.raises(PermanentError) as caught:
        locate(model, settings)
    assert caught.value.reason == "model_unavailable"
    assert hub == []


def test_a_folder_filled_by_hand_serves_a_name(settings: Settings, tmp_path: Path, hub: list[str]) -> None:
    folder = fill(tmp_path / "cache" / "paraformer-zh")
    assert locate("paraformer-zh", settings) == folder
    assert hub == []


def test_a_name_is_fetched_once_and_moved_when_whole(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    def fetch(model: str, *, local_dir: str) -> str:
        fetched.append(model)
        for name in NEEDED:
            (Path(local_dir) / name).write_text(name)
        return local_dir

    monkeypatch.setattr("modelscope.snapshot_download", fetch)
    for _ in range(2):
        assert locate("fsmn-vad", settings) == tmp_path / "cache" / "fsmn-vad"
    assert fetched == ["iic/speech_fsmn_vad_zh-cn-16k-common-pytorch"]
    assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == ["fsmn-vad"]


def test_a_hub_out_of_reach_says_what_to_do(settings: Settings, tmp_path: Path, hub: list[str]) -> None:
    with pytest.raises(PermanentError) as caught:
        locate("ct-punc", settings)
    assert caught.value.reason == "model_unavailable"
    for part in ("ct-punc", "no route to the hub", str(tmp_path / "cache" / "ct-punc"), "SPEECH_MODEL"):
        assert part in caught.value.detail
    assert len(hub) == 1


def test_an_incomplete_fetch_is_no_model(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelscope.snapshot_download", lambda model, **_: model)
    with pytest.raises(PermanentError):
        locate("fsmn-vad", settings)
    assert not (Path(str(settings.model_cache_dir)) / "fsmn-vad").exists()


def test_a_fingerprint_is_of_names_and_content(tmp_path: Path) -> None:
    one, two, three = (fill(tmp_path / name) for name in ("one", "two", "three"))
    (three / "model.pt").write_text("other")
    assert fingerprint(one) == fingerprint(two) != fingerprint(three)
    assert len(fingerprint(one)) == 16
    (two / "config.yaml").rename(two / "config2.yaml")
    fingerprint.cache_clear()
    assert fingerprint(one) != fingerprint(two)
