"""What a score does: it adds up, stays in bounds, hears what was said, and stays silent when it must."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.signals import ModalityResult
from app.scoring.answers import AnswerSignals
from app.scoring.documents import CompetencyScore
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import BASELINE_HUNDREDTHS, score_interview
from tests.unit.scoring.builders import (
    STORY,
    THIN,
    delivery,
    face,
    media,
    result,
    rubric,
    speech,
    spoken,
    with_modality,
    without,
    words,
    written,
)

POLICY = ScoringPolicy()


def points(score: CompetencyScore) -> dict[str, int]:
    return {c.key: c.points_hundredths for c in score.contributions}


def test_a_full_story_scores_high_and_a_thin_answer_low() -> None:
    full = score_interview(rubric(), [spoken("difficulty", STORY), spoken("team", STORY)], POLICY)
    thin = score_interview(rubric(), [spoken("difficulty", THIN), spoken("team", THIN)], POLICY)
    assert full.total_hundredths is not None and thin.total_hundredths is not None
    assert full.total_hundredths >= 800
    assert thin.competency("analysis").points_hundredths == BASELINE_HUNDREDTHS
    assert full.status == thin.status == "complete"


def test_evidence_points_at_words_and_milliseconds() -> None:
    score = score_interview(rubric(), [spoken("difficulty", STORY), spoken("team", THIN)], POLICY)
    task = next(c for c in score.competency("analysis").contributions if c.key == "star_task")
    (place,) = task.evidence
    assert place.answer_id == "answer-difficulty" and place.take_id == "take-answer-difficulty"
    assert place.quote == "我的任务是在三个月内提升转化率。" == STORY[place.char_start : place.char_end]
    tokens = spoken("difficulty", STORY).modalities["speech"].document().tokens
    inside = [t for t in tokens if place.char_start <= t.char_start < place.char_end]
    assert (place.start_ms, place.end_ms) == (inside[0].start_ms, inside[-1].end_ms)


def test_written_and_spoken_words_get_the_same_content_score() -> None:
    said = score_interview(rubric(), [spoken("difficulty", STORY), spoken("team", STORY)], POLICY)
    typed = score_interview(rubric(), [written("difficulty", STORY), written("team", STORY)], POLICY)
    for key in ("analysis", "communication"):
        content = {
            k: v
            for k, v in points(said.competency(key)).items()
            if not k.startswith(("pauses", "rate", "fillers"))
        }
        assert points(typed.competency(key)) == content
    assert said.competency("analysis").points_hundredths == typed.competency("analysis").points_hundredths
    assert all(p.start_ms is None for c in typed.competency("analysis").contributions for p in c.evidence)


def test_a_written_answer_may_come_as_an_untimed_transcript() -> None:
    """The analysis stores typed words as a transcript of its own engine."""
    typed = written("difficulty", STORY)
    stored = AnswerSignals(
        **{**typed.model_dump(), "written_text": None, "modalities": {"speech": speech(STORY)}}
    )
    a = score_interview(rubric(), [typed, written("team", STORY)], POLICY)
    b = score_interview(rubric(), [stored, written("team", STORY)], POLICY)
    assert points(a.competency("analysis")) == points(b.competency("analysis"))


def test_delivery_counts_on_communication_only() -> None:
    calm = [spoken("difficulty", STORY), spoken("team", STORY, pauses=0, fillers=0)]
    broken = [spoken("difficulty", STORY), spoken("team", STORY, pauses=60, fillers=40)]
    well, badly = (score_interview(rubric(), answers, POLICY) for answers in (calm, broken))
    assert points(well.competency("analysis")) == points(badly.competency("analysis"))
    lost = points(badly.competency("communication"))
    assert lost["pauses_many"] == -80 and lost["fillers_many"] == -60
    assert points(well.competency("communication"))["pauses_few"] == 80
    pauses = next(c for c in badly.competency("communication").contributions if c.key == "pauses_many")
    assert len(pauses.evidence) == 60 and pauses.params["count"] == 60


@pytest.mark.parametrize(("speaking_ms", "key"), [(400_000, "rate_slow"), (10_000, "rate_fast")])
def test_speech_too_slow_or_too_fast(speaking_ms: int, key: str) -> None:
    answers = [spoken("difficulty", STORY), spoken("team", STORY, speaking_ms=speaking_ms)]
    assert points(score_interview(rubric(), answers, POLICY).competency("communication"))[key] == -60


def test_a_few_seconds_of_speech_say_nothing_about_delivery() -> None:
    answers = [spoken("difficulty", STORY), spoken("team", STORY, speaking_ms=7_999, pauses=9)]
    assert not {"pauses_many", "rate_fast"} & set(
        points(score_interview(rubric(), answers, POLICY).competency("communication"))
    )


def test_the_face_counts_only_by_policy_with_consent_and_on_communication() -> None:
    policy = ScoringPolicy(face_weight_hundredths=50, face_reason="岗位需要出镜")
    plain = [spoken("difficulty", STORY), spoken("team", STORY)]
    seen = [with_modality(answer, face(0.5)) for answer in plain]
    away = [with_modality(answer, face(0.0)) for answer in plain]
    assert score_interview(rubric(), seen, POLICY) == score_interview(rubric(), plain, POLICY)
    score = score_interview(rubric(), away, policy)
    assert points(score.competency("communication"))["face_present"] == -50
    assert "face_present" not in points(score.competency("analysis"))
    assert "face_present" not in points(score_interview(rubric(), plain, policy).competency("communication"))
    assert (
        points(score_interview(rubric(), seen, policy).competency("communication")).get("face_present", 0)
        == 0
    )


def test_denied_keywords_bring_nothing() -> None:
    claims, denies = (
        score_interview(rubric(), [written("difficulty", text), written("team", text)], POLICY)
        for text in ("我在上一份工作里一直用Python处理报表。", "我在上一份工作里一直没有用过Python。")
    )
    assert "keywords" in points(claims.competency("analysis"))
    assert "keywords" not in points(denies.competency("analysis"))
    assert any(gap.key == "keywords" for gap in denies.competency("analysis").gaps)


def test_a_story_is_not_glued_together_from_two_answers() -> None:
    halves = [
        written("difficulty", "当时公司的销售额一直在下降。"),
        written("team", "结果销售额提升了百分之六十。"),
    ]
    parts = points(score_interview(rubric(), halves, POLICY).competency("analysis"))
    assert [key for key in parts if key.startswith("star_")] == ["star_situation"]


CASES: list[tuple[str, dict[str, ModalityResult | None]]] = [
    ("recording_failed", {"media": result("media", None, status="failed", reason="silent")}),
    ("low_confidence", {"speech": result("speech", None, status="abstained", reason="low_confidence")}),
    ("low_confidence", {"speech": speech(STORY, confidence=0.3)}),
    ("no_consent", {"speech": result("speech", None, status="skipped", reason="no_consent")}),
    ("analysis_failed", {"speech": result("speech", None, status="failed", reason="model_unavailable")}),
    ("no_speech", {"speech": speech("")}),
    ("too_little", {"speech": speech("好的，谢谢。")}),
    ("not_analysed", {"speech": None}),
]


@pytest.mark.parametrize(("reason", "replaced"), CASES)
def test_a_competency_without_usable_words_abstains(
    reason: str, replaced: dict[str, ModalityResult | None]
) -> None:
    answer = spoken("team", STORY)
    for modality, found in replaced.items():
        answer = without(answer, modality) if found is None else with_modality(answer, found)  # type: ignore[arg-type]
    score = score_interview(rubric(), [spoken("difficulty", STORY), answer], POLICY)
    communication = score.competency("communication")
    assert communication.points_hundredths is None and communication.contributions == []
    assert communication.abstention is not None
    assert (communication.abstention.reason, communication.abstention.questions) == (reason, ["team"])
    assert score.status == "partial" and score.abstained_weight == 4000
    assert score.total_hundredths == score.competency("analysis").points_hundredths


def test_nothing_answered_gives_no_total() -> None:
    score = score_interview(rubric(), [], POLICY)
    assert score.status == "abstained" and score.total_hundredths is None and score.contributions == []
    assert {c.abstention.reason for c in score.competencies if c.abstention} == {"not_answered"}


def test_beyond_the_stated_share_there_is_no_total() -> None:
    """Without 'analysis' (60 %) the rest does not stand for the position."""
    document: dict[str, Any] = rubric().model_dump(mode="json")
    document["questions"][1]["competencies"] = ["communication"]
    score = score_interview(Rubric.model_validate(document), [spoken("team", STORY)], POLICY)
    assert score.competency("communication").points_hundredths is not None
    assert score.status == "abstained" and score.abstained_weight == 6000


def test_answers_outside_the_rubric_change_nothing_and_doubles_are_refused() -> None:
    answers = [spoken("difficulty", STORY), spoken("team", STORY)]
    assert score_interview(rubric(), [*answers, spoken("practice", STORY)], POLICY) == score_interview(
        rubric(), answers, POLICY
    )
    with pytest.raises(ValueError, match="twice"):
        score_interview(rubric(), [answers[0], answers[0]], POLICY)


def test_sentiment_relevance_and_media_never_count() -> None:
    plain = [spoken("difficulty", STORY), spoken("team", STORY)]
    other = [with_modality(with_modality(a, words(STORY, 0.01, 0.0)), media(1)) for a in plain]
    assert score_interview(rubric(), other, POLICY) == score_interview(rubric(), plain, POLICY)
    bare = [without(without(a, "text"), "media") for a in plain]
    assert score_interview(rubric(), bare, POLICY) == score_interview(rubric(), plain, POLICY)


def test_delivery_without_speech_is_no_ground() -> None:
    only = AnswerSignals(
        answer_id="a",
        take_id="t",
        question_id="team",
        medium="voice",
        modalities={"delivery": delivery(STORY)},
    )
    assert score_interview(rubric(), [only], POLICY).status == "abstained"
