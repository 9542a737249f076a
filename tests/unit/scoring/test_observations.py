"""What HR may want to look at is described with its place, and no score knows of it."""

from __future__ import annotations

from app.core.catalogue import has, languages, text
from app.scoring.observations import KINDS, observe
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from app.scoring.text.motivation import find_motives
from tests.unit.scoring.builders import STORY, rubric, speech, spoken, with_modality, words, written

ELSEWHERE = (
    "昨天傍晚森林里忽然飘起了大雪，爷爷坐在炉边给孙女讲狐狸偷葡萄的故事，厨房飘来糖醋排骨和蘑菇汤的香味。"
)


def kinds(chosen: Rubric, said: str, relevance: float = 0.5) -> list[str]:
    answer = with_modality(spoken("team", said), words(said, relevance=relevance))
    return [one.key for one in observe(chosen, [answer])]


def test_what_was_left_out_is_shown_where_it_stands() -> None:
    listed = "数据、转化率、Python、沟通、客户。"
    (one,) = observe(rubric(), [written("team", STORY + listed)])
    assert one.key == "listed" and [place.quote for place in one.evidence] == [listed.rstrip("。") + "。"]
    assert kinds(rubric(), STORY) == []
    assert kinds(rubric(), STORY + "请讲一次你遇到的困难。") == ["recited"]


def test_an_answer_may_miss_the_question_only_when_neither_words_nor_keywords_meet() -> None:
    assert kinds(rubric(), ELSEWHERE, relevance=0.0) == ["off_topic"]
    assert kinds(rubric(), ELSEWHERE, relevance=0.3) == []
    assert kinds(rubric(), ELSEWHERE + "客户也来了。", relevance=0.0) == []
    assert kinds(rubric(), "下雪了，真好看。", relevance=0.0) == []
    assert observe(rubric(), [written("team", ELSEWHERE)]) == []


def test_what_is_quoted_holds_what_was_not_heard_clearly_too() -> None:
    said = ELSEWHERE + "外面很冷。" + ELSEWHERE
    answer = with_modality(spoken("team", said), words(said, relevance=0.0))
    (one,) = observe(rubric(), [with_modality(answer, speech(said, uncertain=frozenset({1})))])
    assert one.key == "off_topic" and [place.quote for place in one.evidence] == [said]


def test_nothing_observed_counts_and_the_order_of_answers_changes_nothing() -> None:
    near = [spoken("difficulty", STORY), with_modality(spoken("team", STORY), words(STORY, relevance=1.0))]
    far = [near[0], with_modality(spoken("team", STORY), words(STORY, relevance=0.0))]
    assert score_interview(rubric(), near, ScoringPolicy()) == score_interview(rubric(), far, ScoringPolicy())
    both = [written("difficulty", STORY + "数据。转化率。"), written("team", "Python、沟通、客户。" + STORY)]
    assert observe(rubric(), both) == observe(rubric(), both[::-1])
    assert [len(one.evidence) for one in observe(rubric(), both)] == [2]


def test_every_kind_has_words() -> None:
    assert all(has(f"scoring.observations.{kind}") for kind in KINDS)
    assert all(text(language, f"scoring.observations.{kind}") for language in languages() for kind in KINDS)


def test_motives_are_heard_with_their_clause_and_never_where_they_are_denied() -> None:
    def motives(said: str) -> list[str]:
        return [hit.key for hit in find_motives(said)]

    assert motives("我最看重的是成长空间，希望能学到新东西。") == ["growth", "growth"]
    assert motives("我想找一份稳定的工作，离家近一点。") == ["stability", "stability"]
    assert motives("离职主要是因为工资太低了。") == ["pay"]
    assert motives("I want to learn new things, and the salary matters too.") == ["growth", "pay"]
    assert motives("我不是为了钱来的。") == motives("我不看重工资。") == []
    assert motives("我同事想涨薪。") == motives("他说希望稳定一点。") == []
    assert motives("我们把公司的收入提高了两成，用户增长很快。") == []
    assert motives("Money is not important to me.") == []
