"""Where the directories of speech models are, and whether one holds the small sample model, whatever it is called."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

SAMPLE_FILES = {
    "model.pt": "5f535c0bb743a57761f56f58c5c3421122a4f5d23e1140c16d5b112e47b366dd",
    "tokens.json": "84dcb2bcac4c9c03d15fc7cea4e051d0dbd651163d3c278c540715617c3121de",
}
"""sha256 of what makes the sample speech model what it is: its weights, and the few hundred characters it knows."""

_LARGEST = 8 * 1024 * 1024
"""The sample's files are smaller by far; a real model is a hundred times as large, and is not read for this."""


def is_path(model: str) -> bool:
    """Whether a model is given by the place of its directory; else by a name."""
    return os.sep in model or model.startswith((".", "~"))


def model_directory(model: str, cache: Path) -> Path:
    """Where the files of a model lie, or would lie: the directory itself, or its name's place in the cache."""
    return Path(model).expanduser() if is_path(model) else cache / model


def is_sample_model(directory: Path) -> bool:
    """Whether the sample speech model lies here, by content: a copy under another name is the same model.

    One of its files is enough: other weights for the same characters would know as little.
    """
    return any(_holds(directory / name, digest) for name, digest in SAMPLE_FILES.items())


def _holds(file: Path, digest: str) -> bool:
    try:
        state = file.stat()
    except OSError:
        return False
    return state.st_size <= _LARGEST and _digest(file, state.st_mtime_ns, state.st_size) == digest


@lru_cache(maxsize=16)
def _digest(file: Path, _changed_ns: int, _size: int) -> str:
    """sha256 of a file as it was last changed; pages ask for it on every request."""
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError:
        return ""
