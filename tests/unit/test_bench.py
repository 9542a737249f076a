"""``bin/bench``: its names, and figures that say whether their goal holds."""

from __future__ import annotations

import json

import pytest

from samples import bench
from samples.bench import BENCHES
from samples.figures import Figure


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["bench", *arguments])
    return bench.main()


def test_alone_it_lists_its_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 0
    listed = {line.split()[0]: line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()}
    assert set(listed) == set(BENCHES) and "load" in listed
    assert all(listed.values())
    assert run(monkeypatch, "no-such-bench") == 2


@pytest.mark.parametrize(
    ("value", "goal", "holds"),
    [
        (0, "= 0", True),
        (1, "= 0", False),
        (1.5, "<= 1.5", True),
        (1.51, "<= 1.5", False),
        (0.4, ">= 0.5", False),
    ],
)
def test_a_figure_is_a_json_line_that_knows_its_goal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, goal: str, holds: bool
) -> None:
    figure = Figure.of("some.figure", value, "ratio", "the same without", goal)
    monkeypatch.setitem(BENCHES, "one", lambda _arguments: iter([figure]))
    assert run(monkeypatch, "one") == (0 if holds else 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        **{"figure": "some.figure", "value": value, "unit": "ratio", "reference": "the same without"},
        **{"goal": goal, "holds": holds},
    }
