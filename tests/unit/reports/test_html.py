"""The page: whole, safe with hostile words, and servable under a strict content security policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from app.core.catalogue import languages
from app.reports.render import (
    CompanyFacts,
    DecisionForm,
    FormOption,
    ReportHeader,
    build_report,
    render_report_html,
)
from app.reports.render.documents import RadarAxis
from app.reports.render.html import clock_time, local_time
from app.reports.render.radar import label_lines, radar_svg
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from tests.unit.reports.test_report import FULL, HEADER, report
from tests.unit.scoring.builders import STORY, rubric, spoken, written

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}{0}"
FORM = DecisionForm(
    action="/decide", options=[FormOption(value="advance", label="进入下一轮")], hidden={"token": "t"}
)


class Outline(HTMLParser):
    """Every tag with the names of its attributes, and the text outside script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.lasttag not in ("script", "style"):
            self.text += data


def page(words: str) -> str:
    """A page in which everything a person could have typed is ``words``."""
    document: dict[str, Any] = rubric().model_dump(mode="json")
    document["competencies"][0]["name"] = {"zh-CN": words}
    document["competencies"][0]["keywords"][0]["word"] = words
    document["competencies"][0]["levels"][0]["text"] = words
    document["questions"][0]["text"] = words
    hostile = Rubric.model_validate(document)
    answers = [spoken("difficulty", STORY + words), written("team", STORY + words)]
    section = {"rows": [{"label": words, "value": words}], "note": words}
    made = build_report(
        score_interview(hostile, answers, ScoringPolicy(face_weight_hundredths=1, face_reason=words)),
        hostile,
        answers,
        audience="hr",
        language="zh-CN",
        header=ReportHeader(**{**HEADER.model_dump(), "candidate_name": words, "position_title": words}),
        decision=section,
        company=CompanyFacts(survey=section),
    )
    form = DecisionForm(action=words, options=[FormOption(value=words, label=words)], hidden={words: words})
    return render_report_html(
        made, media_urls={"take-answer-difficulty": words}, decision_form=form, nonce="n"
    )


def test_hostile_words_stay_words() -> None:
    found = Outline(page(HOSTILE))
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in found.tags}
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in found.text and "{{ 7*7 }}" in found.text and "{0}" in found.text
    assert ("form", "action", HOSTILE) in found.attributes


def test_the_page_runs_under_a_strict_content_security_policy() -> None:
    shown = render_report_html(
        report(), media_urls={"take-answer-team": "/m"}, decision_form=FORM, nonce="n0nce"
    )
    found = Outline(shown)
    assert not [attribute for attribute in found.attributes if attribute[1] == "style"]
    assert {(tag, value) for tag, name, value in found.attributes if name == "nonce"} == {
        ("style", "n0nce"),
        ("script", "n0nce"),
    }
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", shown) and "javascript:" not in shown


@pytest.mark.parametrize("audience", ["hr", "candidate"])
@pytest.mark.parametrize("language", languages())
def test_every_page_renders_whole(language: str, audience: Any) -> None:
    for answers in (FULL, FULL[:1], [], [written("team", STORY)]):
        document = report(answers, language=language, audience=audience)
        found = Outline(render_report_html(document))
        assert ("html", "lang", language) in found.attributes
        headings = [tag for tag, _ in found.tags if tag in ("h1", "h2")]
        assert headings[0] == "h1" and headings.count("h1") == 1
        ids = [value for _, name, value in found.attributes if name == "id"]
        assert len(ids) == len(set(ids))
        links = {v[1:] for _, name, v in found.attributes if name == "href" and v and v.startswith("#")}
        assert links <= set(ids)
        assert HEADER.candidate_name in found.text and document.notices[0].text in found.text


def test_evidence_seeks_the_recording_it_was_heard_in() -> None:
    shown = render_report_html(report(), media_urls={"take-answer-difficulty": "/media/1?ticket=a&b=c"})
    found = Outline(shown)
    assert ("video", "src", "/media/1?ticket=a&b=c") in found.attributes
    assert ("video", "data-player", "take-answer-difficulty") in found.attributes
    seeks = [(n, v) for tag, n, v in found.attributes if tag == "a" and n in ("data-take", "data-ms")]
    assert ("data-take", "take-answer-difficulty") in seeks and ("data-ms", "1000") in seeks
    assert [tag for tag, _ in found.tags].count("video") == 1, "the other take has no address and says so"


def test_the_decision_form_is_there_only_when_asked_for() -> None:
    assert "<form" not in render_report_html(report())
    found = Outline(render_report_html(report(), decision_form=FORM))
    assert ("form", "action", "/decide") in found.attributes
    assert ("input", "value", "advance") in found.attributes and (
        "input",
        "name",
        "token",
    ) in found.attributes
    assert ("textarea", ("maxlength", "name", "required", "rows")) in found.tags


def axes(*values: int | None) -> list[RadarAxis]:
    return [RadarAxis(label=f"能力{i}", value=v) for i, v in enumerate(values)]


def test_the_radar_draws_what_was_scored_only() -> None:
    assert radar_svg(axes(500, 500), "zh-CN") == ""
    assert radar_svg(axes(500, 500, None), "zh-CN") == "", "two values are no shape"
    svg = radar_svg(axes(0, 500, 1000, None), "zh-CN")
    shape = re.search(r'class="radar-shape" points="([^"]+)"', svg)
    assert shape is not None and len(shape.group(1).split()) == 3
    assert shape.group(1).split()[0] == "260.0,200.0", "zero is the centre"
    assert "未评分" in svg and 'role="img"' in svg and "能力1：5.00" in svg
    assert 'class="radar-average"' not in svg


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("沟通", ["沟通"]),
        ("Communication", ["Communication"]),
        ("Planning and execution", ["Planning and", "execution"]),
        ("跨部门沟通与协作能力", ["跨部门沟通", "与协作能力"]),
        ("一二三四五六七八九十一二三四五六七八九十", ["一二三四五六七…", "一二三四五六七…"]),
    ],
)
def test_labels_fit(label: str, lines: list[str]) -> None:
    assert label_lines(label) == lines


def test_times() -> None:
    assert [clock_time(ms) for ms in (None, 0, 999, 65_000, 3_600_000)] == [
        "",
        "00:00",
        "00:00",
        "01:05",
        "60:00",
    ]
    assert local_time(HEADER.finished_at) == "2026-11-21 12:24 (UTC)"
    assert local_time(None) == ""
