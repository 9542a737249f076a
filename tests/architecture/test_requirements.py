"""The pins: exact, complete, and the same ones that are installed."""

from __future__ import annotations

import re
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT

FILES = ("web", "worker", "dev")
# Declared by the packages below and left out on purpose; requirements/*.txt say why.
LEFT_OUT_OF = {"funasr", "modelscope", "flask-openapi3-swagger"}
LEFT_OUT = {
    "flask-openapi3",
    "huggingface-hub",
    "hydra-core",
    "oss2",
    "tensorboardx",
    "tiktoken",
    "transformers",
    "umap-learn",
    "websockets",
}


def lines_of(name: str) -> list[str]:
    """Requirement lines of one file, without comments and includes."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def pinned(*names: str) -> dict[str, Requirement]:
    """Requirements of the files by canonical name."""
    found = [Requirement(line) for name in names for line in lines_of(name)]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_an_exact_version(name: str) -> None:
    loose = [line for line in lines_of(name) if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+", line)]
    assert not loose


def test_no_package_is_pinned_twice() -> None:
    assert len(pinned(*FILES)) == sum(len(lines_of(name)) for name in FILES)


@pytest.mark.parametrize("requirement", pinned(*FILES).values(), ids=lambda requirement: requirement.name)
def test_the_pinned_version_is_installed(requirement: Requirement) -> None:
    assert requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)


@pytest.mark.parametrize(
    "names", [("web",), ("web", "worker"), ("web", "worker", "dev")], ids=["web", "worker", "dev"]
)
def test_the_pins_are_closed(names: tuple[str, ...]) -> None:
    """Everything a pinned package needs is pinned at a version it accepts: ``--no-deps`` gives a whole."""
    pins = pinned(*names)
    missing = []
    for name, requirement in pins.items():
        extras = {"", *requirement.extras}
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker and not any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                continue
            other = canonicalize_name(needed.name)
            if other in LEFT_OUT and name in LEFT_OUT_OF:
                continue
            if other not in pins:
                missing.append(f"{name} needs {line}")
            elif not needed.specifier.contains(metadata.version(other), prereleases=True):
                missing.append(f"{name} needs {line}, pinned is {pins[other]}")
    if sys.platform == "linux":  # the CUDA builds of torch bring their own runtime libraries
        missing = [line for line in missing if not re.match(r"torch needs (nvidia|cuda|triton)", line)]
    assert not missing


def test_the_web_carries_no_machine_learning() -> None:
    heavy = {"torch", "funasr", "deepface", "numpy", "av", "librosa", "snownlp", "jieba", "onnxruntime"}
    assert not heavy & set(pinned("web"))
    assert heavy <= set(pinned("worker"))
