"""How a long-lived process is told to end: SIGTERM from its supervisor, SIGINT from a terminal."""

from __future__ import annotations

import signal
import threading


def stop_asked() -> threading.Event:
    """An event that is set by SIGTERM or SIGINT from now on. Call it from the main thread."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: asked.set())
    return asked
