"""Named points of the main path at which the test-suite kills a process.

``fault_point("name")`` does nothing unless the profile is ``test`` and the directory ``FAULT_POINTS`` holds a file of
that name; then it removes the file and kills its own process with SIGKILL: once, whichever process comes first. Nothing
here can be switched on in production.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def fault_point(name: str) -> None:
    """Die here when the test-suite asked for it; otherwise return at once."""
    directory = os.environ.get("FAULT_POINTS")
    if not directory or os.environ.get("PROFILE") != "test":
        return
    try:
        Path(directory, name).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
