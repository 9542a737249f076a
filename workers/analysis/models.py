"""Where model files are: a directory given by path, one filled in by hand, or one fetched by name, never a substitute."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import logging
import shutil
from functools import cache
from pathlib import Path

from app.core.errors import PermanentError
from config.models import is_path, model_directory
from config.settings import Settings
from workers.analysis.quiet import quietly

log = logging.getLogger(__name__)
NEEDED = ("config.yaml", "model.pt")
_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def locate(model: str, settings: Settings) -> Path:
    """The directory of a FunASR model given by path or by name.

    A name is looked up in ``Settings.model_cache`` and fetched there, with progress, when it is not. PermanentError
    ``model_unavailable`` says what to do. Checked before FunASR sees it: FunASR would take a missing directory for a
    name on its hub.
    """
    directory = model_directory(model, settings.model_cache)
    if is_path(model):
        if not _complete(directory):
            raise PermanentError(
                "model_unavailable", f"no model in {directory}: it must hold {' and '.join(NEEDED)}"
            )
        return directory
    if not _complete(directory):
        _fetch(model, directory)
    return directory


def _complete(directory: Path) -> bool:
    return all((directory / name).is_file() for name in NEEDED)


def _fetch(model: str, directory: Path) -> None:
    """Fetch a model by name from ModelScope beside its place, and move it there when it is whole."""
    partial = directory.with_name(f".{directory.name}.partial")
    log.info("fetching model %s into %s", model, directory)
    try:
        with quietly():
            from funasr.download.name_maps_from_hub import name_maps_ms
            from modelscope import snapshot_download

        partial.mkdir(parents=True, exist_ok=True)
        snapshot_download(name_maps_ms.get(model, model), local_dir=str(partial))
        if not _complete(partial):
            raise FileNotFoundError(f"{model} has no {' or no '.join(NEEDED)}")
        shutil.rmtree(directory, ignore_errors=True)
        partial.rename(directory)
    except Exception as error:
        raise PermanentError(
            "model_unavailable",
            f"model {model} could not be fetched ({type(error).__name__}: {error}). Either let this machine reach "
            f"modelscope.cn, or copy the model's files ({', '.join(NEEDED)}, ...) into {directory}, or name a local "
            "directory in SPEECH_MODEL, VAD_MODEL and PUNC_MODEL.",
        ) from error


def share_one_heap() -> None:
    """One heap for all threads of this process. glibc gives each thread its own, and each keeps what was freed in it: with
    two stretches heard at a time a worker grew by 300 to 420 MB instead of 180. Elsewhere than on glibc: nothing to do."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_ARENA_MAX, 1)


def release_spare_memory() -> None:
    """Give back what loading left behind. A model's weights are for a moment in memory three times over, and glibc keeps
    freed blocks: 3.3 GB instead of 1.4 GB with a model of paraformer-zh's size. Elsewhere than on glibc: nothing to do."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@cache
def fingerprint(path: Path) -> str:
    """sha256 over a model file, or over a directory's files and their names in order; the first 16 hex digits."""
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as data:
            digest.update(hashlib.file_digest(data, "sha256").digest())
    return digest.hexdigest()[:16]
