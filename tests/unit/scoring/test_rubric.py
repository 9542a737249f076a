"""A rubric that contradicts itself is refused with words that say where."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import LONGEST_DESCRIPTION, Rubric, rubric_hash
from tests.unit.scoring.builders import rubric


def changed(**changes: Any) -> dict[str, Any]:
    document = rubric().model_dump(mode="json")
    for path, value in changes.items():
        *way, last = path.split("__")
        node: Any = document
        for step in way:
            node = node[int(step)] if step.isdigit() else node[step]
        node[int(last) if last.isdigit() else last] = value
    return document


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"competencies__0__weight": 5000}, "weights sum to 90.00 %, not 100 %"),
        ({"questions__0__competencies": ["analysis", "nobody"]}, "unknown competencies: nobody"),
        ({"questions__1__competencies": ["analysis"]}, "no question asks for: communication"),
        ({"competencies__1__key": "analysis"}, "competency keys are repeated: analysis"),
        ({"questions__1__id": "difficulty"}, "question ids are repeated: difficulty"),
        ({"competencies__0__name": {"en": "Analysis"}}, "a name in zh-CN is required"),
        ({"competencies__0__keywords": [], "competencies__0__star": []}, "needs keywords or STAR parts"),
        (
            {"competencies__0__keywords": [{"word": "a"}, {"word": "b", "synonyms": ["A"]}]},
            "repeats keywords: a",
        ),
        ({"competencies__0__star": ["task", "task"]}, "repeats STAR parts: task"),
        (
            {"competencies__0__levels": [{"score": 1, "text": "a"}, {"score": 1, "text": "b"}]},
            "several levels",
        ),
        ({"questions__0__media": []}, "at least 1 item"),
        ({"competencies__0__key": "Not A Slug"}, "pattern"),
    ],
)
def test_contradictions_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rubric.model_validate(changed(**changes))


def test_the_hash_is_the_content_not_the_way_it_was_written() -> None:
    document = rubric().model_dump(mode="json")
    turned = dict(reversed(document.items()))
    assert rubric_hash(Rubric.model_validate(turned)) == rubric_hash(rubric())
    assert rubric_hash(Rubric.model_validate(changed(questions__0__text="别的问题"))) != rubric_hash(rubric())


def test_an_unscored_icebreaker_is_allowed() -> None:
    document = rubric().model_dump(mode="json")
    document["questions"].append({"id": "icebreaker", "text": "用3个词形容自己"})
    assert Rubric.model_validate(document).questions_for("analysis")[0].id == "difficulty"


def test_the_face_has_no_weight_unless_somebody_says_why() -> None:
    assert ScoringPolicy().face_weight_hundredths == 0
    for reason in (None, "  "):
        with pytest.raises(ValidationError, match="stated reason"):
            ScoringPolicy(face_weight_hundredths=10, face_reason=reason)
    with pytest.raises(ValidationError):
        ScoringPolicy(face_weight_hundredths=101, face_reason="出镜岗位")


def test_a_rubric_keeps_what_its_position_says_of_itself() -> None:
    plain = rubric()
    assert plain.described("  \n") == plain
    assert plain.described(" 负责用户增长 ").description == "负责用户增长"
    assert plain.described("甲" * (LONGEST_DESCRIPTION + 1)).description == "甲" * LONGEST_DESCRIPTION
    own = plain.described("起草时的说明")
    assert own.described("后来的说明") == own
