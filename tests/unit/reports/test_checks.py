"""Integrity facts reach HR with places and ordinary causes, never a candidate and never a score."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalogue import has, languages, text
from app.core.signals import IntegritySignals
from app.reports.render import render_report_html
from app.reports.render.checks import FACTS, OF_COURSE
from app.scoring.policy import ScoringPolicy
from app.scoring.score import score_interview
from tests.unit.reports.test_report import FULL, report
from tests.unit.scoring.builders import face, integrity, rubric, with_modality, without

SPAN = {"start_ms": 61_000, "end_ms": 64_500}
WITHOUT = score_interview(rubric(), FULL, ScoringPolicy())
CLEAR: dict[str, object] = {fact: [] for fact in FACTS}
SPANS = st.lists(
    st.builds(lambda a, n: {"start_ms": a, "end_ms": a + n}, st.integers(0, 60_000), st.integers(1, 9_000)),
    max_size=3,
)


def test_a_fact_has_its_places_and_what_else_it_may_mean() -> None:
    answers = [
        with_modality(FULL[0], integrity(**{**CLEAR, "several_faces": [SPAN], "most_faces": 3})),
        FULL[1],
    ]
    found = report(answers).to_check
    assert found is not None
    assert [check.key for check in found.facts] == ["several_faces"]
    check = found.facts[0]
    assert [(p.answer_id, p.start_ms, p.end_ms) for p in check.places] == [
        (FULL[0].answer_id, 61_000, 64_500)
    ]
    assert "3.5" in check.value and "3 张" in check.value and "海报" in check.meaning
    assert found.clear is not None and "说话" in found.clear
    assert found.not_looked_at == []


def test_what_was_not_looked_at_says_why() -> None:
    found = report([with_modality(FULL[0], integrity(gaps=[SPAN]))], language="en").to_check
    assert found is not None
    assert {fact.label: fact.value for fact in found.not_looked_at} == {
        text("en", f"integrity.facts.{name}.label"): text("en", f"integrity.reasons.{reason}")
        for name, reason in integrity().document().not_looked_at.items()
    }
    assert found.clear is None and [check.key for check in found.facts] == ["gaps"]


def test_what_was_looked_at_in_one_answer_says_where_it_was_not() -> None:
    answers = [
        with_modality(FULL[0], integrity(**CLEAR)),
        with_modality(FULL[1], integrity(**{**CLEAR, "other_voice": None})),
    ]
    found = report(answers, language="zh-CN").to_check
    assert found is not None and found.clear is not None
    (row,) = found.not_looked_at
    assert row.value.startswith("题2 · ")


def test_reports_from_before_have_no_such_part() -> None:
    assert report([without(answer, "integrity") for answer in FULL]).to_check is None


@pytest.mark.parametrize("language", languages())
def test_a_candidate_reads_nothing_of_it(language: str) -> None:
    accused = {fact: [SPAN] for fact in FACTS}
    answers = [with_modality(answer, integrity(**accused)) for answer in FULL]
    own = report(answers, audience="candidate", language=language)
    assert own.to_check is None
    page = render_report_html(own)
    for fact in FACTS:
        assert text(language, f"integrity.facts.{fact}.label") not in page
    assert text(language, "integrity.title") not in page
    assert not [
        missing for answer in own.answers for missing in answer.missing if missing.modality == "integrity"
    ]


def test_the_page_jumps_to_every_place() -> None:
    answers = [with_modality(answer, integrity(**{**CLEAR, "left_page": [SPAN]})) for answer in FULL]
    page = render_report_html(report(answers, language="en"))
    part = page[page.index('id="to-check"') : page.index("</section>", page.index('id="to-check"'))]
    for answer in FULL:
        assert f'data-take="{answer.take_id}" data-ms="61000"' in part
    assert "never scored" in part and "Left the page" in part


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries({fact: st.one_of(st.none(), SPANS) for fact in FACTS if fact != "gaps"}), SPANS)
def test_no_fact_moves_a_score(
    facts: dict[str, list[dict[str, int]] | None], gaps: list[dict[str, int]]
) -> None:
    answers = [with_modality(answer, integrity(**facts, gaps=gaps)) for answer in FULL]
    assert score_interview(rubric(), answers, ScoringPolicy()) == WITHOUT


def test_every_fact_and_reason_has_words() -> None:
    named = set(IntegritySignals.model_fields) - {"most_faces", "not_looked_at"}
    assert set(FACTS) == named
    for fact in FACTS:
        assert has(f"integrity.facts.{fact}.label") and has(f"integrity.facts.{fact}.meaning")
    unsaid = {"no_consent_or_policy", "no_consent", "picture_unreadable", "low_confidence", "no_speech"}
    for reason in unsaid | {"too_little", "not_reported"}:
        assert has(f"integrity.reasons.{reason}") and reason not in OF_COURSE


def test_behaviour_describes_movements_and_no_feelings() -> None:
    signals = face().signals or {}
    seen = {
        **signals,
        "looking_away": [{"start_ms": 1000, "end_ms": 4000}],
        "movement": 0.25,
        "expressions": [{"label": "fear", "share": 0.75}, {"label": "happy", "share": 0.25}],
    }
    answer = with_modality(FULL[0], face().model_copy(update={"signals": seen}))
    rows = {fact.label: fact.value for fact in report([answer], language="en").behaviour}
    assert rows["Head turned away (compared with their own usual)"] == "1×, 3.0 s in all"
    assert rows["Head movement (description only)"] == "0.25 face widths a second"
    shown = rows["What the face looks like (description only, no feeling inferred)"]
    assert shown.startswith("brows raised, eyes wide 75%") and "mouth corners up 25%" in shown
    assert "fear" not in " ".join(rows.values())
