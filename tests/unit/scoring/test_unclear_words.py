"""Where words not heard clearly decide a score, there is none (A8); where they change little, they are left out."""

from __future__ import annotations

from app.scoring.policy import ScoringPolicy
from app.scoring.score import score_interview
from tests.unit.scoring.builders import STORY, rubric, speech, spoken, with_modality

POLICY = ScoringPolicy()
SAYS_NOTHING = "外面今天下了一点点雨。"


def test_a_deciding_sentence_heard_badly_leaves_no_score() -> None:
    """Sentence 3 holds both keywords of communication."""
    clear = spoken("team", STORY)
    unclear = with_modality(clear, speech(STORY, uncertain=frozenset({3})))
    before, after = (
        score_interview(rubric(), [answer], POLICY).competency("communication") for answer in (clear, unclear)
    )
    assert before.points_hundredths is not None and before.abstention is None
    assert after.points_hundredths is None and not after.contributions
    assert after.abstention is not None and after.abstention.reason == "low_confidence"


def test_a_sentence_that_brings_nothing_may_be_heard_badly() -> None:
    text = SAYS_NOTHING + STORY
    clear = with_modality(spoken("team", text), speech(text))
    unclear = with_modality(clear, speech(text, uncertain=frozenset({0})))
    before, after = (score_interview(rubric(), [answer], POLICY) for answer in (clear, unclear))
    assert after.status == before.status == "complete"
    for competency in ("analysis", "communication"):
        old, new = (score.competency(competency).points_hundredths for score in (before, after))
        assert old is not None and new is not None and abs(old - new) <= 30


def test_an_answer_that_was_not_heard_is_not_silently_left_out() -> None:
    """Its words are kept for a person; would they count, the other answer does not stand for both."""
    thin = spoken("difficulty", "当时公司的情况比较复杂，我记得大家都很忙。")
    heard = spoken("team", STORY)
    kept = speech(STORY, confidence=0.4).model_copy(
        update={"status": "abstained", "reason": "low_confidence"}
    )
    alone = score_interview(rubric(), [thin], POLICY).competency("analysis")
    assert alone.points_hundredths is not None
    analysis = score_interview(rubric(), [thin, with_modality(heard, kept)], POLICY).competency("analysis")
    assert analysis.abstention is not None and analysis.abstention.reason == "low_confidence"
