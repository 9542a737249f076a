"""The shell scripts of bin/: checked by shellcheck, and a second set-up has nothing to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

SCRIPTS = sorted([*(ROOT / "bin").iterdir(), ROOT / ".ci" / "run"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_pass_shellcheck(script: Path) -> None:
    checker = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([checker, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_can_be_started_and_say_what_they_do(script: Path) -> None:
    assert os.access(script, os.X_OK)
    first, second = script.read_text().splitlines()[:2]
    assert first == "#!/usr/bin/env bash"
    assert second.startswith("# ")


@pytest.mark.skipif(
    not (ROOT / ".venv" / "stamp").exists(), reason="not run from the environment of bin/setup"
)
def test_a_second_setup_does_nothing_and_returns_at_once() -> None:
    command = [str(ROOT / "bin" / "setup"), "--no-system"]
    subprocess.run(command, capture_output=True, check=True)
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - began < 5
