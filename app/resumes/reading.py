"""What a résumé file is and says, found out in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.core.errors import InvalidInput

MOST_BYTES = 5 * 1024 * 1024
_SECONDS = 15
_SCRIPT = Path(__file__).with_name("extracting.py")
_FAULTS = {"type": "resume_file_type", "locked": "resume_file_locked"}
Kind = Literal["pdf", "docx"]


@dataclass(frozen=True)
class ReadFile:
    """A file that can be kept. ``text`` is empty where nothing could be read, as of a scanned page."""

    kind: Kind
    text: str


def read_resume_file(sent: bytes) -> ReadFile:
    """The file's kind by its content and its words.

    Raises InvalidInput ``resume_file_too_large`` | ``resume_file_type`` | ``resume_file_locked`` |
    ``resume_file_unreadable``.
    """
    if len(sent) > MOST_BYTES:
        raise InvalidInput("resume_file_too_large", megabytes=MOST_BYTES >> 20)
    command = [sys.executable, "-P", "-E", "-s", str(_SCRIPT)]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, env={}, timeout=_SECONDS, check=True)
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:  # it ran into a limit, or fell over
        raise InvalidInput("resume_file_unreadable") from error
    if "fault" in found:
        raise InvalidInput(_FAULTS.get(found["fault"], "resume_file_unreadable"))
    return ReadFile(found["kind"], found["text"])
