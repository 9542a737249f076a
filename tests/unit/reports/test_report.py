"""What a report says: everything from the score, in both languages, to the right reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.core.catalogue import languages, text
from app.reports.render import (
    CompanyFacts,
    ReportDocument,
    ReportHeader,
    build_report,
    render_report_html,
)
from app.scoring.answers import AnswerSignals
from app.scoring.comparison import Average, Comparison
from app.scoring.documents import Contribution, Evidence, Gap
from app.scoring.policy import ScoringPolicy
from app.scoring.receipt import make_receipt
from app.scoring.score import score_interview
from app.scoring.sentences import contribution_sentence, format_points, format_signed
from tests.unit.scoring.builders import (
    STORY,
    THIN,
    face,
    result,
    rubric,
    speech,
    spoken,
    with_modality,
    written,
)

HEADER = ReportHeader(
    company_name="示例公司",
    position_title="运营经理",
    candidate_name="李明",
    interview_id="0199f2c4",
    finished_at=datetime(2026, 11, 21, 12, 24, tzinfo=UTC),
    generated_at=datetime(2026, 11, 21, 12, 31, tzinfo=UTC),
)
FULL = [spoken("difficulty", STORY), spoken("team", STORY, pauses=20)]
VAGUE = "可能是这样的，我也说不好。好像差不多吧。"


def report(answers: list[AnswerSignals] | None = None, **how: Any) -> ReportDocument:
    answers = FULL if answers is None else answers
    policy = how.pop("policy", ScoringPolicy())
    how = {"audience": "hr", "language": "zh-CN", "header": HEADER, **how}
    return build_report(score_interview(rubric(), answers, policy), rubric(), answers, **how)


def everything_sayable() -> tuple[list[Contribution], list[Gap]]:
    """Contributions and gaps of answers that differ in every way the rules look at."""
    policy = ScoringPolicy(face_weight_hundredths=50, face_reason="出镜岗位")
    seen = [
        FULL,
        [spoken("team", STORY, pauses=0, fillers=0)],
        [spoken("team", VAGUE * 3, fillers=60)],
        [spoken("team", STORY, speaking_ms=400_000)],
        [spoken("team", STORY, speaking_ms=9_000)],
        [with_modality(spoken("team", THIN), face(1.0))],
        [spoken("team", "我没有用过Python。我希望以后能多和客户聊聊。数据、转化率、沟通。" + THIN)],
    ]
    scores = [c for answers in seen for c in score_interview(rubric(), answers, policy).competencies]
    return [k for c in scores for k in c.contributions], [g for c in scores for g in c.gaps]


@pytest.mark.parametrize("language", languages())
def test_every_sentence_renders_in_every_language(language: str) -> None:
    contributions, gaps = everything_sayable()
    for contribution in contributions:
        sentence = contribution_sentence(contribution, language)
        assert sentence.endswith(format_signed(contribution.points_hundredths)) and "{" not in sentence
    for gap in gaps:
        for audience in ("hr", "candidate"):
            assert text(language, f"report.suggestions.{audience}.{gap.key}")
        assert text(language, f"report.because.{gap.key}")


def test_no_words_are_left_that_nothing_says() -> None:
    """The catalogue and the rules name the same contributions and gaps."""
    from app.core.catalogue import _domain

    contributions, gaps = everything_sayable()
    for language in languages():
        words = _domain(language, "scoring")
        assert set(words["contributions"]) == {c.key for c in contributions}
        assert set(words["gaps"]) == {g.key for g in gaps}


def test_a_sentence_names_the_number_and_the_points() -> None:
    contribution = next(c for c in everything_sayable()[0] if c.key == "pauses_many")
    assert contribution_sentence(contribution, "zh-CN").startswith("停顿 20 次")
    assert contribution_sentence(contribution, "en").startswith("Pauses: 20")


def test_the_report_adds_up_like_the_score() -> None:
    document = report()
    for competency in document.competencies:
        made = sum(c.points_hundredths for c in competency.contributions)
        assert competency.baseline_hundredths + made == competency.points_hundredths
        assert competency.points == format_points(competency.points_hundredths or 0)
    shown = sum(c.to_total_hundredths or 0 for c in document.competencies)
    assert [c.to_total for c in document.competencies if c.to_total_hundredths] == [
        f"{c.to_total_hundredths / 100:.2f}" for c in document.competencies if c.to_total_hundredths
    ]
    assert shown == document.total.points_hundredths
    assert document.competencies[0].level == "能用数据说明问题"
    assert ReportDocument.model_validate_json(document.model_dump_json()) == document


def test_the_transcript_carries_its_evidence() -> None:
    first = report().answers[0]
    labels = [[label.key for label in s.labels] for s in first.sentences]
    assert labels[:3] == [["star_situation"], ["star_task"], ["star_action"]]
    marked = {run.text: run.kind for s in first.sentences for run in s.runs if run.kind != "plain"}
    assert (
        marked["转化率"] == "keywords" and marked["三个月"] == "specificity" and marked["首先"] == "structure"
    )
    assert first.sentences[0].start_ms == 1000


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80) | st.just(STORY + VAGUE))
def test_marks_never_change_the_words(said: str) -> None:
    document = report([written("difficulty", said), written("team", STORY)])
    for sentence in document.answers[0].sentences:
        assert "".join(run.text for run in sentence.runs) == said[sentence.char_start : sentence.char_end]


def test_the_candidate_sees_no_comparison_no_engines_and_no_word_list() -> None:
    answers = [spoken("difficulty", THIN), spoken("team", THIN)]
    score = score_interview(rubric(), answers, ScoringPolicy())
    sealed = make_receipt(score, rubric(), answers, ScoringPolicy(), recordings={}, code_version="1")
    averages = Comparison(Average(655, 9), {"analysis": Average(640, 7)})
    facts = CompanyFacts(comparison=averages, receipt=sealed, newer_versions=[2, 3])
    hr, candidate = report(answers, company=facts), report(answers, audience="candidate", company=facts)
    assert hr.total.average == "6.55" and hr.competencies[0].average == "6.40" and hr.radar[0].average == 640
    assert (hr.total.average_n, hr.competencies[0].average_n, hr.competencies[1].average_n) == (9, 7, None)
    assert hr.engines and hr.algorithm and hr.receipt_sha256 and hr.ask_next
    assert hr.receipt and sealed.score_sha256 in {fact.value for fact in hr.receipt.rows}
    assert [version.number for version in hr.newer_versions] == [2, 3]
    assert candidate.total.average is None and candidate.radar[0].average is None
    assert (candidate.engines, candidate.algorithm, candidate.receipt_sha256) == ([], None, None)
    assert (candidate.receipt, candidate.ask_next, candidate.newer_versions) == (None, [], [])
    stored = candidate.model_dump_json()
    assert "6.40" not in stored and "by-hand" not in stored and "Python" not in stored
    assert "Python" in hr.model_dump_json()
    assert candidate.suggestions[0].text != hr.suggestions[0].text
    labels = {fact.label for fact in candidate.behaviour}
    assert not labels & {text("zh-CN", f"report.behaviour.{key}") for key in ("tone", "relevance")}


def test_suggestions_follow_from_gaps() -> None:
    setting = "当时公司的销售额下降了百分之二十，数据很不好看。"
    document = report([written("difficulty", setting), written("team", setting)])
    for part, concerned in (("task", "数据分析"), ("result", "数据分析、沟通表达")):
        advice = text("zh-CN", f"report.suggestions.hr.star_{part}")
        assert [r.competency for r in document.suggestions if r.text == advice] == [concerned]
    assert text("zh-CN", "report.suggestions.hr.star_situation") not in {r.text for r in document.suggestions}
    complete = report(
        [
            written("difficulty", STORY + "因为我用Python盯着数据，所以转化率上去了，沟通也顺了。"),
            written("team", STORY),
        ]
    )
    assert [remark.text for remark in complete.gaps] == []
    assert complete.suggestions == [] and complete.strengths


def test_what_is_missing_is_said_with_its_reason() -> None:
    answer = with_modality(FULL[1], result("face", None, status="skipped", reason="no_consent_or_policy"))
    silent = with_modality(FULL[0], result("media", None, status="failed", reason="silent"))
    document = report([silent, answer])
    by_modality = {m.modality: m for a in document.answers for m in a.missing}
    assert by_modality["face"].text == text("zh-CN", "analysis.reasons.no_consent_or_policy.hr")
    assert by_modality["media"].text == text("zh-CN", "analysis.reasons.silent.hr")
    candidate = report([silent, answer], audience="candidate", language="en")
    assert text("en", "analysis.reasons.silent.candidate") in {
        m.text for a in candidate.answers for m in a.missing
    }
    unknown = with_modality(FULL[0], result("delivery", None, status="failed", reason="never_heard_of"))
    assert report([unknown]).answers[0].missing[0].text == text("zh-CN", "report.missing.generic")
    typed = with_modality(
        written("team", STORY), result("delivery", None, status="skipped", reason="written_answer")
    )
    assert report([typed]).answers[0].missing == []


@pytest.mark.parametrize("audience", ["hr", "candidate"])
@pytest.mark.parametrize("language", languages())
def test_a_faceless_recording_is_named_and_its_words_count(audience: Any, language: str) -> None:
    nobody = {
        **{"sampled_frames": 40, "frames_per_second": 2.0, "face_present": 0.0, "several_faces": []},
        **{"smiles": [], "frowns": [], "expressions": []},
    }
    faceless = [with_modality(a, result("face", nobody, reason="no_face")) for a in FULL]
    document = report(faceless, audience=audience, language=language)
    told = [m for a in document.answers for m in a.missing]
    assert {m.text for m in told} == {text(language, f"analysis.reasons.no_face.{audience}")}
    seen = report(FULL, audience=audience, language=language)
    assert document.total.points_hundredths == seen.total.points_hundredths is not None


@pytest.mark.parametrize("audience", ["hr", "candidate"])
@pytest.mark.parametrize("language", languages())
def test_partial_and_empty_reports_say_so(audience: Any, language: str) -> None:
    partial = report([FULL[0]], audience=audience, language=language)
    assert [n.kind for n in partial.notices] == ["ai", "partial"] and partial.total.status == "partial"
    abstention = partial.competencies[1].abstention
    assert abstention is not None and abstention.why and abstention.help
    empty = report([], audience=audience, language=language)
    assert [n.kind for n in empty.notices] == ["ai", "abstained"] and empty.total.points is None
    assert empty.answers == [] and empty.strengths == [] and empty.gaps == [] and empty.behaviour == []


def test_notices_for_the_sample_model_and_the_face() -> None:
    sample = with_modality(FULL[0], speech(STORY, sample_model=True))
    policy = ScoringPolicy(face_weight_hundredths=50, face_reason="岗位需要出镜直播")
    notices = {n.kind: n.text for n in report([sample, FULL[1]], policy=policy).notices}
    assert set(notices) == {"ai", "sample", "face"}
    assert "岗位需要出镜直播" in notices["face"] and "0.50" in notices["face"]


def test_an_uncertain_transcript_is_shown_but_not_scored() -> None:
    unsure = with_modality(FULL[0], speech(STORY, confidence=0.2))
    first = report([unsure, FULL[1]]).answers[0]
    assert first.no_transcript == text("zh-CN", "scoring.abstentions.low_confidence.why")
    assert first.sentences and not any(run.kind != "plain" for s in first.sentences for run in s.runs)


def test_sections_are_checked() -> None:
    document = report(decision={"rows": [{"label": "决定", "value": "录用"}], "note": None})
    assert document.decision is not None and document.decision.rows[0].value == "录用"
    with pytest.raises(ValidationError):
        report(company=CompanyFacts(survey={"answers": []}))


def test_motives_are_shown_to_the_company_with_their_passages_and_never_scored() -> None:
    said = "我最看重的是成长空间，希望能学到新东西。工资只要合理就行。"
    answers = [written("difficulty", STORY + said), written("team", STORY)]
    document = report(answers)
    growth = next(one for one in document.tendencies if one.label == text("zh-CN", "report.motives.growth"))
    assert growth.evidence and all(place.quote in STORY + said for place in growth.evidence)
    assert report(answers, audience="candidate").tendencies == []
    assert report([written("difficulty", STORY), written("team", STORY)]).tendencies == []
    assert [r.tendencies for r in (report(answers[::-1]),)] == [document.tendencies]


def test_a_motive_read_out_of_the_job_description_is_nobodys() -> None:
    """As scoring reads the answer: what was recited is left out."""
    said = "我最看重的是公司的发展空间和稳定的工作环境。"
    answers = [written("difficulty", STORY + said), written("team", STORY)]
    assert report(answers).tendencies
    described = rubric().described(f"我们提供：{said}")
    document = build_report(
        score_interview(described, answers, ScoringPolicy()),
        described,
        answers,
        audience="hr",
        language="zh-CN",
        header=HEADER,
    )
    assert document.tendencies == []


def test_a_partial_total_can_be_worked_out_from_the_page() -> None:
    """Six tenths of the weight are scored: the page says by what the weights are divided."""
    document = report([FULL[0]], language="en")
    (scored,) = [one for one in document.competencies if one.points_hundredths is not None]
    assert (scored.weight, scored.to_total) == ("60%", document.total.points)
    (notice,) = [one.text for one in document.notices if one.kind == "partial"]
    assert "40%" in notice and "divided by 60%" in notice


def test_a_competency_says_which_answers_it_rests_on() -> None:
    """The second question is for both competencies, and each of them says so."""
    found = {one.key: one.from_questions for one in report(language="zh-CN").competencies}
    assert found == {"analysis": "看第 1、2 题的回答", "communication": "看第 2 题的回答"}
    assert "看第 1、2 题的回答" in render_report_html(report(language="zh-CN"))


def test_the_page_says_what_vague_sentences_take() -> None:
    """Two of eight sentences: half of the whole point, as the explanation says."""
    document = report([spoken("difficulty", STORY + VAGUE)], language="en")
    (taken,) = [k for k in document.competencies[0].contributions if k.key == "vague"]
    assert taken.points == "−0.50" and "2 of 8" in taken.words
    assert any("1.00 where half of the sentences" in line for line in document.explanation)


def test_advice_points_at_the_passages_it_rests_on() -> None:
    document = report([spoken("difficulty", STORY + VAGUE), spoken("team", STORY, pauses=30)])
    by_text = {remark.text: remark for remark in document.suggestions}
    vague = by_text[text("zh-CN", "report.suggestions.hr.vague")]
    assert {place.quote for place in vague.evidence} <= {
        one.strip() for one in (VAGUE, *VAGUE.split("。"))
    } | {f"{one}。" for one in VAGUE.split("。")}
    assert vague.evidence and by_text[text("zh-CN", "report.suggestions.hr.pauses")].evidence


def test_the_bar_under_the_player_marks_what_evidence_points_at() -> None:
    answer = report([spoken("difficulty", STORY + VAGUE), FULL[1]]).answers[0]
    assert {moment.kind for moment in answer.moments} >= {"star_result", "keywords", "vague"}
    assert answer.moments == sorted(answer.moments, key=lambda m: (m.start_ms, m.end_ms, m.kind))
    assert all(0 <= moment.start_ms <= moment.end_ms and moment.text for moment in answer.moments)
    assert report([written("difficulty", STORY), written("team", STORY)]).answers[0].moments == []


@pytest.mark.parametrize("language", languages())
def test_the_explanation_says_what_each_rule_can_bring(language: str) -> None:
    """So that a reader knows what a line could have been: the parts of a line sum to what it names."""
    lines = [line for line in report(language=language).explanation if "7.00" in line or "5.00" in line]
    assert len(lines) >= 2
    for line in lines:
        whole, *parts = [round(float(number) * 100) for number in re.findall(r"\d+\.\d\d", line)]
        assert sum(parts) == whole


def test_how_many_key_points_are_enough_is_said() -> None:
    """Two of three bring all the points for them: nobody should have to guess why."""
    named = Contribution(
        key="keywords",
        points_hundredths=245,
        evidence=[Evidence(answer_id="a", take_id="t")],
        params={"words": ["数据"], "count": 2, "wanted": 3},
    )
    assert "提到 2 个即满分" in contribution_sentence(named, "zh-CN")


def test_the_same_gap_of_several_competencies_is_said_once_with_their_names() -> None:
    document = report([written("difficulty", VAGUE), written("team", VAGUE)], audience="candidate")
    assert len({remark.text for remark in document.gaps}) == len(document.gaps)
    assert "数据分析、沟通表达" in {remark.competency for remark in document.gaps}
