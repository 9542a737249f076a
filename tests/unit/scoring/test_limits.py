"""R2 is held by the score itself, whatever the rules of delivery become."""

from __future__ import annotations

import pytest

from app.core.catalogue import languages, text
from app.scoring import score
from app.scoring.documents import Contribution, Evidence
from app.scoring.policy import ScoringPolicy
from app.scoring.score import score_interview
from tests.unit.scoring.builders import STORY, face, rubric, spoken, with_modality

WEIGHED = ScoringPolicy(face_weight_hundredths=50, face_reason="出镜岗位")
ANSWERS = [spoken("difficulty", STORY), spoken("team", STORY)]


def brings(**points: int) -> list[Contribution]:
    place = Evidence(answer_id="a", take_id="t", start_ms=0, end_ms=1)
    return [Contribution(key=key, points_hundredths=value, evidence=[place]) for key, value in points.items()]


@pytest.mark.parametrize(
    ("points", "policy"),
    [
        ({"pauses_few": 201}, ScoringPolicy()),
        ({"pauses_many": -120, "rate_slow": -81}, ScoringPolicy()),
        ({"face_present": 1}, ScoringPolicy()),
        ({"face_present": -51}, WEIGHED),
        ({"face_present": 50, "pauses_few": 151}, WEIGHED),
    ],
)
def test_no_score_goes_beyond_what_may_count(
    monkeypatch: pytest.MonkeyPatch, points: dict[str, int], policy: ScoringPolicy
) -> None:
    monkeypatch.setattr(score, "delivery_contributions", lambda *_: (brings(**points), []))
    with pytest.raises(ValueError, match="beyond what may count"):
        score_interview(rubric(), ANSWERS, policy)


def test_what_may_count_counts_on_communication_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "delivery_contributions", lambda *_: (brings(pauses_few=200), []))
    scored = score_interview(rubric(), ANSWERS, ScoringPolicy())
    keys = {c.competency: {k.key for k in c.contributions} for c in scored.competencies}
    assert "pauses_few" in keys["communication"] and "pauses_few" not in keys["analysis"]


def test_a_face_nobody_weighs_changes_not_one_byte() -> None:
    seen = [with_modality(answer, face(1.0)) for answer in ANSWERS]
    unseen = [with_modality(answer, face(0.0)) for answer in ANSWERS]
    scores = [score_interview(rubric(), answers, ScoringPolicy()) for answers in (ANSWERS, seen, unseen)]
    assert scores[0] == scores[1] == scores[2]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "reason", ["no_consent_or_policy", "no_video", "black_picture", "no_face", "still_picture"]
)
def test_nobody_is_told_that_a_picture_cannot_count_where_it_may(reason: str, language: str) -> None:
    """Refusing takes nothing, a picture without a face does: the words for both promise only what was said."""
    refused, unseen = (
        score_interview(rubric(), answers, WEIGHED).total_hundredths or 0
        for answers in (ANSWERS, [with_modality(answer, face(0.0)) for answer in ANSWERS])
    )
    assert unseen < refused
    for audience in ("candidate", "hr"):
        words = text(language, f"analysis.reasons.{reason}.{audience}")
        assert "评分不受影响" not in words and "影响评分" not in words
        assert "score is not affected" not in words and "not affect your score" not in words
