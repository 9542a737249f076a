"""A world with a language model beside it, and answers a good model would give."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import Settings
from tests.architecture.source import ROOT
from tests.factories import World
from tests.integration.conftest import close_world, open_world
from tests.integration.drafts.stand_in import KEY, MODEL, StandIn, serving

FOLDER = ROOT / "tests" / "data" / "job_descriptions"
JAVA = (FOLDER / "zh-java.txt").read_text(encoding="utf-8")


def good_position() -> dict[str, Any]:
    """What a good model answers; two names are the library's own, so their keys are."""
    names = [
        ("专业技术", "Technical skills", 40),
        ("系统稳定性", "Reliability", 30),
        ("沟通表达", "Communication", 20),
    ]
    return {
        "competencies": [
            {
                "name": name,
                "name_in_other_language": other,
                "importance": importance,
                "keywords": [
                    {"word": "微服务", "synonyms": ["Spring Cloud"]},
                    {"word": "压测", "synonyms": []},
                ],
                "level_3": "只会列出名词。",
                "level_6": "有一个讲得清的例子。",
                "level_9": "有数据、有取舍、有复盘。",
            }
            for name, other, importance in names
        ],
        "questions": [
            {
                "text": f"请讲一次与{name}有关的经历：当时怎样，您做了什么，结果如何？",
                "plainer_text": f"讲一件和{name}有关的事。",
                "competencies": [name],
            }
            for name, _, _ in names
        ],
    }


def changed(**at: Any) -> dict[str, Any]:
    """A good answer with something wrong: ``path__to__it=value``."""
    answer = copy.deepcopy(good_position())
    for path, value in at.items():
        *way, last = path.split("__")
        node: Any = answer
        for step in way:
            node = node[int(step) if step.isdigit() else step]
        node[int(last) if last.isdigit() else last] = value
    return answer


@pytest.fixture
def model() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def model_world(
    model: StandIn, prepared_data: tuple[Path, World], world_settings: Settings
) -> Iterator[World]:
    """The world of tests with the stand-in as its language model."""
    settings = world_settings.model_copy(
        update={
            "language_model_url": model.url,
            "language_model_key": SecretStr(KEY),
            "language_model_name": MODEL,
            "language_model_timeout_seconds": 1.0,
        }
    )
    world = open_world(settings).like(prepared_data[1])
    yield world
    close_world(world)
