"""Named points of the main path at which the test-suite kills a process.

``fault_point("name")`` does nothing unless the profile is ``test`` and ``FAULT_POINT`` names it together with an
existing marker file (``name:/path/to/marker``); then it removes the marker and kills its own process with SIGKILL,
once. Nothing here can be switched on in production.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def fault_point(name: str) -> None:
    """Die here when the test-suite asked for it; otherwise return at once."""
    if os.environ.get("PROFILE") != "test":
        return
    wanted, _, marker = os.environ.get("FAULT_POINT", "").partition(":")
    if wanted != name or not marker:
        return
    try:
        Path(marker).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
