"""Imports go downward only (docs/architecture.md, Layers): what contracts in pyproject.toml cannot say."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import Module, our_modules

COMPOSITION, EDGE, SERVICE, DATA, TENANTS, CORE, CONFIG, ADAPTER = (
    "composition",
    "edge",
    "service",
    "data",
    "tenants",
    "core",
    "config",
    "adapter",
)
HEIGHT = {CONFIG: 0, CORE: 1, TENANTS: 2, DATA: 3, SERVICE: 4, EDGE: 5, COMPOSITION: 6}

# The first pattern that matches a module's name gives its layer.
LAYERS = [
    (r"config", CONFIG),
    (r"wsgi|samples|app\.(factory|blueprints|cli)|workers\.(runtime|supervisor|scheduler)", COMPOSITION),
    (r"wechat\.callbacks|workers\.(jobs|schedule)|tenants\.views|app\.pages", EDGE),
    (r"app\.adapters|workers\.analysis|wechat", ADAPTER),
    (r"workers", EDGE),
    (r"tenants", TENANTS),
    (r"app\.(core|ports)", CORE),
    (r"app\.scoring", SERVICE),
    (r"app\.models|app\.\w+\.(models|queries)", DATA),
    (r"app\.http|app\.\w+\.(views|access)", EDGE),
    (r"app\.\w+", SERVICE),
]
ML_LIBRARIES = {
    "ai_edge_litert",
    "torch",
    "funasr",
    "deepface",
    "cv2",
    "av",
    "librosa",
    "snownlp",
    "jieba",
    "onnxruntime",
    "kaldi_native_fbank",
    "modelscope",
}
# Where else an outside library may be imported: library -> pattern of module names.
OUTSIDE_LIBRARIES = {
    **dict.fromkeys(ML_LIBRARIES, r"workers"),
    "wechatpy": r"wechat",
    "boto3": r"app\.adapters",
    "botocore": r"app\.adapters",
    "weasyprint": r"app\.reports\.render",
}
SAMPLES_MAY = ML_LIBRARIES - {"torch", "funasr", "deepface"}  # building recordings, measuring pictures
BENCHES = r"samples\.(?:full_size|naive)"  # what bin/bench analysis compares the worker with


def layer_of(name: str) -> str | None:
    """Return the layer of one of our modules; None for a foreign one and for a bare package."""
    for pattern, layer in LAYERS:
        if re.match(rf"(?:{pattern})(?:\.|$)", name):
            return layer
    return None


def upward(importer: str, imported: str) -> str | None:
    """Say why ``importer`` may not import ``imported``; None when it may."""
    source, target = layer_of(importer), layer_of(imported)
    if source is None or target is None:
        return None
    if source == ADAPTER:
        own = ".".join(importer.split(".")[: 1 if importer.startswith("wechat") else 2])
        if target in {CORE, CONFIG} or imported == own or imported.startswith(f"{own}."):
            return None
        return f"adapters import only app.ports, app.core and config, not {imported}"
    if target == ADAPTER:
        if source in {COMPOSITION, EDGE} and not importer.startswith("app."):
            return None
        if source == COMPOSITION:
            return None
        return f"{source} code never imports adapters: take a port, the composition root hands it in"
    if HEIGHT[target] > HEIGHT[source]:
        return f"{source} code may not import {target} code"
    return other_feature(importer, imported)


def other_feature(importer: str, imported: str) -> str | None:
    """Features call each other through service.py: another one's queries and views are its own business."""
    ours, theirs = (re.match(r"app\.(\w+)\.(\w+)", name) for name in (importer, imported))
    if ours is None or theirs is None or ours[1] == theirs[1] or layer_of(importer) == COMPOSITION:
        return None
    if ours[1] == "http" or theirs[1] == "http" or theirs[2] not in {"queries", "views"}:
        return None
    return f"features call each other through service.py, not {theirs[2]}.py"


def misplaced_library(importer: str, imported: str) -> str | None:
    """Say why a foreign library may not be imported here; None when it may."""
    library = imported.partition(".")[0]
    allowed = OUTSIDE_LIBRARIES.get(library)
    if allowed is None or re.match(rf"(?:{allowed})(?:\.|$)", importer):
        return None
    if library in SAMPLES_MAY and importer.startswith("samples."):
        return None
    if library in ML_LIBRARIES and re.fullmatch(BENCHES, importer):
        return None
    return f"{library} may be imported only in {allowed}"


@pytest.mark.parametrize("module", our_modules(), ids=lambda module: module.name)
def test_imports_go_downward(module: Module) -> None:
    known = {other.name for other in our_modules()}
    wrong = [
        f"{module.at(imported.line)}: {reason}"
        for imported in module.imports()
        if imported.name in known and (reason := upward(module.name, imported.name))
    ]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("module", our_modules(), ids=lambda module: module.name)
def test_libraries_stay_in_their_place(module: Module) -> None:
    wrong = {
        f"{module.at(imported.line)}: {reason}"
        for imported in module.imports()
        if (reason := misplaced_library(module.name, imported.name))
    }
    assert not wrong, "\n".join(["", *sorted(wrong)])


def test_every_module_has_a_layer() -> None:
    homeless = [
        module.name
        for module in our_modules()
        if layer_of(module.name) is None and module.name not in {"app", "workers"}
    ]
    assert not homeless, f"give these a layer in tests/architecture/test_layers.py: {homeless}"


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("app.core.work", "app.users.models"),
        ("app.core.database", "tenants.tenancy"),
        ("tenants.keys", "app.positions.service"),
        ("app.users.models", "app.users.service"),
        ("app.users.queries", "app.users.views"),
        ("app.users.service", "app.http.auth"),
        ("app.users.service", "wechat.client"),
        ("app.users.service", "app.adapters.storage"),
        ("app.users.views", "app.adapters.storage"),
        ("app.users.views", "app.factory"),
        ("app.users.service", "app.positions.queries"),
        ("app.scoring.score", "workers.jobs.analyses"),
        ("wechat.client", "app.messages.service"),
        ("wechat.client", "tenants.models"),
        ("workers.analysis.speech", "app.analyses.models"),
        ("workers.jobs.analyses", "workers.runtime"),
        ("config.settings", "app.core.ids"),
    ],
)
def test_the_rule_catches(importer: str, imported: str) -> None:
    assert upward(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("wsgi", "app.factory"),
        ("app.factory", "wechat.client"),
        ("app.blueprints", "app.users.views"),
        ("app.factory", "app.users.views"),
        ("app.users.views", "app.users.service"),
        ("app.users.service", "app.positions.service"),
        ("app.users.queries", "app.positions.models"),
        ("app.users.service", "tenants.tenancy"),
        ("app.users.service", "app.ports"),
        ("wechat.callbacks", "app.messages.service"),
        ("wechat.callbacks", "wechat.crypto"),
        ("wechat.client", "app.core.errors"),
        ("wechat.sandbox.server", "wechat.errors"),
        ("workers.analysis.speech", "workers.analysis.media"),
        ("workers.jobs.analyses", "workers.analysis.speech"),
        ("app.core.database", "config.settings"),
    ],
)
def test_the_rule_allows(importer: str, imported: str) -> None:
    assert upward(importer, imported) is None


def test_the_library_rule_catches_and_allows() -> None:
    assert misplaced_library("app.scoring.text.star", "jieba")
    assert misplaced_library("app.messages.service", "wechatpy.exceptions")
    assert misplaced_library("samples.demo", "funasr")
    assert misplaced_library("wechat.client", "wechatpy.client") is None
    assert misplaced_library("workers.analysis.speech", "funasr") is None
