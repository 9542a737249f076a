"""Two versions side by side: every difference is accounted for, competencies of one version only included."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalogue import languages
from app.reports.render import build_version_report
from app.scoring.diff import ScoreDiff, diff_scores
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from tests.unit.scoring.builders import STORY, rubric, spoken, written
from tests.unit.scoring.test_properties import answer_text, rubrics

POLICY = ScoringPolicy()


def sums(diff: ScoreDiff, then: Score, now: Score) -> None:
    """Every number of a difference follows from the two scores."""
    for one in diff.competencies:
        made = sum(line.change_hundredths for line in one.contributions)
        if one.change_hundredths is not None:
            assert one.now_hundredths is not None and one.then_hundredths is not None
            assert one.now_hundredths - one.then_hundredths == one.change_hundredths
            baselines = now.competency(one.competency).baseline_hundredths
            baselines -= then.competency(one.competency).baseline_hundredths
            assert baselines + made == one.change_hundredths
        for line in one.contributions:
            assert (line.then is None) == (line.change == "appeared")
            assert (line.now is None) == (line.change == "vanished")
            assert line.change != "same" or line.change_hundredths == 0
    if diff.change_hundredths is not None:
        assert diff.change_hundredths == sum(
            (one.to_total_now or 0) - (one.to_total_then or 0) for one in diff.competencies
        )


@settings(max_examples=60, deadline=None)
@given(rubrics(), rubrics(), answer_text, answer_text, st.booleans())
def test_every_difference_is_accounted_for(
    first: Rubric, second: Rubric, said: str, more: str, by_hand: bool
) -> None:
    answers = [written("q0", said) if by_hand else spoken("q0", said), spoken("q1", more)]
    then, now = (score_interview(one, answers, POLICY) for one in (first, second))
    diff = diff_scores(then, now)
    sums(diff, then, now)
    keys = [one.competency for one in diff.competencies]
    assert len(keys) == len(set(keys))
    assert set(keys) == {c.key for one in (first, second) for c in one.competencies}
    for language in languages():
        report = build_version_report(diff, (first, second), (1, 2), interview_id="i", language=language)
        assert all(one.text for one in report.competencies) and report.text and report.note


def test_the_same_version_differs_in_nothing() -> None:
    score = score_interview(rubric(), [spoken("difficulty", STORY), spoken("team", STORY)], POLICY)
    diff = diff_scores(score, score)
    assert diff.change_hundredths == 0
    assert {line.change for one in diff.competencies for line in one.contributions} == {"same"}


def test_forward_and_back_are_opposite() -> None:
    plain = rubric()
    document = plain.model_dump(mode="json")
    document["competencies"][0]["keywords"] = [{"word": "销售额", "synonyms": []}]
    other = Rubric.model_validate(document)
    answers = [spoken("difficulty", STORY), spoken("team", STORY, pauses=20)]
    then, now = (score_interview(one, answers, POLICY) for one in (plain, other))
    forth, back = diff_scores(then, now), diff_scores(now, then)
    assert forth.change_hundredths == -(back.change_hundredths or 0)
    keywords = next(line for line in forth.competencies[0].contributions if line.key == "keywords")
    assert keywords.change == "changed" and keywords.now and "销售额" in str(keywords.now.params)
