"""The whole path with nothing replaced: sample recordings through the small real models to both reports and the page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.scoring.canonical import sha256_of
from app.scoring.receipt import Receipt
from tests.architecture.source import ROOT
from tests.factories import PASSWORD, ok
from tests.integration.results.conftest import Finished, Results
from workers.analysis.analyser import build_analyser

RECORDINGS = ROOT / "samples" / "recordings"


def truth(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / name).with_suffix(".json").read_text(encoding="utf-8")))


RUBRIC = {
    "competencies": [
        {
            "key": "growth",
            "name": {"zh-CN": "业绩提升", "en": "Growth"},
            "weight": 6000,
            "keywords": [{"word": "转化率"}, {"word": "数据"}],
        },
        {
            "key": "communication",
            "name": {"zh-CN": "沟通表达", "en": "Communication"},
            "weight": 4000,
            "communication": True,
            "keywords": [{"word": "一致"}],
        },
    ],
    "questions": [
        {"id": "growth", "text": truth("growth.mp4")["question"], "competencies": ["growth"]},
        {"id": "conflict", "text": truth("conflict.m4a")["question"], "competencies": ["communication"]},
    ],
}


def interview(results: Results) -> Finished:
    finished = results.interview(results.position(rubric=RUBRIC), media={"conflict": "voice"})
    results.upload(finished, "growth", RECORDINGS / "growth.mp4")
    results.upload(finished, "conflict", RECORDINGS / "conflict.m4a")
    app = results.world.app
    app.extensions["analyser"] = build_analyser(app.extensions["settings"])
    return finished


@pytest.mark.models
def test_a_recording_becomes_an_explained_report(results: Results) -> None:
    world, finished = results.world, interview(results)
    assert world.perform("analyse_take") == 2
    assert world.perform("score_interview") == 1
    staff = world.staff(world.acme, "recruiter")
    path = f"/api/v1/interviews/{finished.id}"
    report = ok(world.client.get(f"{path}/report", headers=staff))
    assert report["total"]["status"] == "complete"
    assert {notice["kind"] for notice in report["notices"]} >= {"ai", "sample"}
    shown = ["".join(run["text"] for s in a["sentences"] for run in s["runs"]) for a in report["answers"]]
    assert shown == [truth("growth.mp4")["text"], truth("conflict.m4a")["text"]]
    times = [s["start_ms"] for s in report["answers"][0]["sentences"]]
    expected = [s["start_ms"] for s in truth("growth.mp4")["sentences"]]
    assert all(abs(found - wanted) < 400 for found, wanted in zip(times, expected, strict=True))
    own = ok(world.client.get("/api/v1/candidate/report", headers=finished.candidate()))
    assert own["total"]["points"] == report["total"]["points"]
    assert "sample" in {notice["kind"] for notice in own["notices"]}
    receipt = ok(world.client.get(f"{path}/receipt", headers=staff))
    assert sha256_of(Receipt.model_validate(receipt)) == report["receipt_sha256"]
    assert len(receipt["recordings"]) == 2
    _check_page(results, finished, shown)


def _check_page(results: Results, finished: Finished, shown: list[str]) -> None:
    client = results.world.client
    form = {"company": "acme", "email": results.world.acme.owner_email, "password": PASSWORD}
    assert client.post("/hr/sign-in", data=form).status_code == 303
    answer = client.get(f"/hr/interviews/{finished.id}")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert all(sentence in re.sub(r"<[^>]+>", "", page) for sentence in re.split(r"(?<=。)", "".join(shown)))
    sources = re.findall(r'<(video|audio)[^>]* src="([^"]+)"', page)
    assert [kind for kind, _ in sources] == ["video", "audio"]
    for (_, source), name in zip(sources, ["growth.mp4", "conflict.m4a"], strict=True):
        piece = client.get(source, headers={"Range": "bytes=100-299"})
        assert piece.status_code == 206
        assert piece.get_data() == (RECORDINGS / name).read_bytes()[100:300]


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "reason"), [("silent.mp4", "silent"), ("not-a-recording.mp4", "not_a_recording")]
)
def test_what_cannot_be_used_has_a_name_and_no_points(results: Results, name: str, reason: str) -> None:
    world, finished = results.world, interview(results)
    other = results.interview(finished.position_id, media={"conflict": "voice"})
    results.upload(other, "growth", RECORDINGS / name)
    results.upload(other, "conflict", RECORDINGS / "conflict.m4a")
    world.perform("analyse_take")
    world.perform("score_interview")
    path = f"/api/v1/interviews/{other.id}/report"
    report = ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))
    growth = report["competencies"][0]
    assert growth["points"] is None
    assert growth["abstention"]["reason"] == "recording_failed"
    assert [m["reason"] for m in report["answers"][0]["missing"] if m["modality"] == "media"] == [reason]
