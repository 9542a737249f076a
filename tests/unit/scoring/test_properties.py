"""Rules that hold for every answer, not only for those we thought of."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.answers import AnswerSignals
from app.scoring.delivery import ramp
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.receipt import make_receipt, replay
from app.scoring.rubric import STAR_PARTS, Competency, Keyword, Question, Rubric
from app.scoring.score import score_interview
from app.scoring.shares import largest_remainder
from tests.unit.scoring.builders import STORY, face, spoken, with_modality, without, written

SENTENCES = [
    "当时公司的销售额下降了百分之二十。",
    "我的任务是在三个月内提升转化率。",
    "首先，我分析了过去六个月的数据。",
    "其次，我和客户进行了深入的沟通。",
    "因为资源有限，所以我选择了第二个方案。",
    "结果销售额提升了百分之六十。",
    "呃，可能是我准备得不够充分。",
    "嗯，怎么说呢。",
    "我没有用过Python。",
    "我用SQL和Python写了五份报告。",
    "我对这个岗位非常感兴趣。",
    "As a result, sales grew by 60%.",
    "<script>alert('百分之五')</script>！",
]
GOOD = [SENTENCES[i] for i in (0, 1, 2, 3, 4, 5, 9)]
DELIVERY = ("pauses_", "rate_", "fillers_", "face_")

answer_text = st.lists(st.sampled_from(SENTENCES), max_size=9).map("".join) | st.text(max_size=60)
delivery_kinds = st.fixed_dictionaries(
    {"pauses": st.integers(0, 80), "fillers": st.integers(0, 80), "speaking_ms": st.integers(0, 400_000)}
)
policies = st.integers(0, 100).map(
    lambda weight: ScoringPolicy(face_weight_hundredths=weight, face_reason="出镜岗位")
)


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    count = draw(st.integers(1, 4))
    weights = largest_remainder(10_000, [draw(st.integers(1, 9)) for _ in range(count)])
    words = st.lists(st.sampled_from(["数据", "客户", "沟通", "Python", "转化率", "百分"]), unique=True)
    competencies = []
    for number, weight in enumerate(weights):
        keywords = [Keyword(word=word) for word in draw(words)]
        parts = draw(st.lists(st.sampled_from(STAR_PARTS), unique=True, min_size=0 if keywords else 1))
        competencies.append(
            Competency(
                key=f"c{number}",
                name={"zh-CN": f"能力{number}"},
                weight=weight,
                communication=draw(st.booleans()),
                keywords=keywords,
                star=parts,
            )
        )
    questions = [
        Question(id=f"q{number}", text="问题", competencies=sorted({f"c{number}", "c0"}))
        for number in range(count)
    ]
    return Rubric(competencies=competencies, questions=questions)


@st.composite
def interviews(draw: st.DrawFn) -> tuple[Rubric, list[AnswerSignals], ScoringPolicy]:
    rubric = draw(rubrics())
    answers = []
    for question in rubric.questions:
        text = draw(answer_text)
        kind = draw(st.sampled_from(["spoken", "written", "seen", "undelivered", "none"]))
        if kind == "written":
            answers.append(written(question.id, text))
        elif kind != "none":
            answer = spoken(question.id, text, answer_id=None, **draw(delivery_kinds))
            if kind == "seen":
                answer = with_modality(answer, face(draw(st.floats(0, 1))))
            answers.append(without(answer, "delivery") if kind == "undelivered" else answer)
    return rubric, answers, draw(policies)


def delivery_points(score: Score, key: str) -> int:
    return sum(c.points_hundredths for c in score.competency(key).contributions if c.key.startswith(DELIVERY))


@settings(max_examples=150, deadline=None)
@given(interviews(), st.randoms(use_true_random=False))
def test_every_score_adds_up_and_stays_in_bounds(
    interview: tuple[Rubric, list[AnswerSignals], ScoringPolicy], shuffler: random.Random
) -> None:
    rubric, answers, policy = interview
    score = score_interview(rubric, answers, policy)
    for competency, scored in zip(rubric.competencies, score.competencies, strict=True):
        if scored.points_hundredths is None:
            continue
        made = sum(c.points_hundredths for c in scored.contributions)
        assert scored.baseline_hundredths + made == scored.points_hundredths
        assert 0 <= scored.points_hundredths <= 1000
        on_delivery = delivery_points(score, competency.key)
        assert abs(on_delivery) <= (200 if competency.communication else 0)
        assert all(c.evidence and c.points_hundredths for c in scored.contributions)
    if score.total_hundredths is not None:
        assert sum(c.points_hundredths for c in score.contributions) == score.total_hundredths
        assert sum(c.weight for c in score.contributions) == 10_000
    shuffled = list(answers)
    shuffler.shuffle(shuffled)
    assert score_interview(rubric, shuffled, policy) == score


@settings(max_examples=60, deadline=None)
@given(interviews())
def test_replay_gives_identical_bytes(interview: tuple[Rubric, list[AnswerSignals], ScoringPolicy]) -> None:
    rubric, answers, policy = interview
    score = score_interview(rubric, answers, policy)
    receipt = make_receipt(score, rubric, answers, policy, recordings={}, code_version="1")
    stored = [AnswerSignals.model_validate_json(answer.model_dump_json()) for answer in answers]
    again = replay(receipt, Rubric.model_validate_json(rubric.model_dump_json()), stored, policy)
    assert again.identical and again.score.model_dump_json() == score.model_dump_json()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES[:11]), min_size=3, max_size=8), st.sampled_from(GOOD), rubrics())
def test_more_of_a_good_thing_never_lowers_a_score(said: list[str], more: str, rubric: Rubric) -> None:
    def of(text: str) -> Score:
        return score_interview(rubric, [written(q.id, text) for q in rubric.questions], ScoringPolicy())

    before, after = of("".join(said)), of("".join([*said, more]))
    for scored in before.competencies:
        richer = after.competency(scored.competency).points_hundredths
        assert scored.points_hundredths is not None and richer is not None
        assert richer >= scored.points_hundredths


@settings(max_examples=50, deadline=None)
@given(answer_text)
def test_text_gets_the_content_score_of_speech(text: str) -> None:
    rubric = Rubric(
        competencies=[
            Competency(
                key="c",
                name={"zh-CN": "沟通"},
                weight=10_000,
                communication=True,
                keywords=[Keyword(word="数据")],
            )
        ],
        questions=[Question(id="q", text="问题", competencies=["c"])],
    )
    said = score_interview(rubric, [spoken("q", text or " ", speaking_ms=9_000)], ScoringPolicy())
    typed = score_interview(rubric, [written("q", text)], ScoringPolicy())
    a, b = said.competency("c"), typed.competency("c")
    assert (a.points_hundredths is None) == (b.points_hundredths is None)
    if a.points_hundredths is not None:
        assert a.points_hundredths - delivery_points(said, "c") == b.points_hundredths


@given(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any))
def test_largest_remainder_loses_nothing_and_is_fair(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)
    assert sum(shares) == total
    assert all(
        abs(share * sum(weights) - total * w) < sum(weights) for share, w in zip(shares, weights, strict=True)
    )


@given(st.integers(0, 10**6), st.integers(0, 10**4), st.integers(0, 10**4), st.integers(0, 200))
def test_a_ramp_is_bounded_and_never_turns_back(value: int, best: int, worst: int, most: int) -> None:
    if best == worst:
        return
    step = 1 if worst > best else -1
    assert -most <= ramp(value, best, worst, most) <= most
    assert ramp(value + step, best, worst, most) <= ramp(value, best, worst, most)
    assert ramp(best, best, worst, most) == most and ramp(worst, best, worst, most) == -most


def test_the_story_is_among_the_generated_ones() -> None:
    """Guards the generators: the sentences above do reach high scores."""
    rubric = Rubric(
        competencies=[
            Competency(key="c", name={"zh-CN": "分析"}, weight=10_000, keywords=[Keyword(word="数据")])
        ],
        questions=[Question(id="q", text="问题", competencies=["c"])],
    )
    assert (score_interview(rubric, [written("q", STORY)], ScoringPolicy()).total_hundredths or 0) > 900
