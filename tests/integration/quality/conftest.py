"""One analyser with the sample models for all measurements."""

from __future__ import annotations

import pytest

from config.settings import load_settings
from workers.analysis.analyser import Analyser, build_analyser


@pytest.fixture(scope="session")
def analyser(tmp_path_factory: pytest.TempPathFactory) -> Analyser:
    """The real analyser; its models are loaded by first use."""
    return build_analyser(load_settings(profile="test", data_dir=tmp_path_factory.mktemp("data")))
