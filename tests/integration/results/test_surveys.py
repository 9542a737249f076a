"""The satisfaction survey: asked once, checked, shown in groups of five and never about one person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.core.database import db
from app.core.errors import InvalidInput
from app.surveys.models import Survey, SurveyResponse
from app.surveys.questions import check_answers, default_questions
from app.surveys.service import ensure_default_survey
from tenants.keys import erase_candidate_key
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results

GOOD: dict[str, Any] = {"process": 5, "system": 4, "interviewer": 3}


def answer(finished: Finished, **answers: Any) -> Any:
    body = {"answers": {**GOOD, **answers}}
    return finished.world.client.post("/api/v1/candidate/survey", json=body, headers=finished.candidate())


def summary(results: Results, position: str | None = None) -> Any:
    path = "/api/v1/survey/summary" + (f"?position_id={position}" if position else "")
    world = results.world
    return ok(world.client.get(path, headers=world.staff(world.acme, "recruiter")))


def test_a_new_company_has_the_survey_in_both_languages(results: Results) -> None:
    finished = results.interview(results.position())
    client, headers = results.world.client, finished.candidate()
    chinese = ok(client.get("/api/v1/candidate/survey?lang=zh-CN", headers=headers))
    english = ok(client.get("/api/v1/candidate/survey?lang=en", headers=headers))
    assert [q["key"] for q in chinese["questions"]] == [
        "process",
        "system",
        "interviewer",
        "issues",
        "remarks",
    ]
    assert "流程过长" in str(chinese["questions"])
    assert "too long" in str(english["questions"])
    assert (chinese["answered"], chinese["available"]) == (False, True)
    with results.world.app.app_context(), tenant_transaction(results.world.acme.id):
        first = ensure_default_survey().id
        assert ensure_default_survey().id == first
        assert len(db.session.scalars(select(Survey)).all()) == 1


def test_answers_are_kept_sealed_and_shown_to_their_owner(either_results: Results) -> None:
    finished = either_results.interview(either_results.position())
    client, headers = either_results.world.client, finished.candidate()
    refused(client.get("/api/v1/candidate/survey/response", headers=headers), 404, "survey_not_answered")
    ok(answer(finished, issues=["process_too_long"], remarks="<b>很好</b>"), 201)
    own = ok(client.get("/api/v1/candidate/survey/response", headers=headers))
    assert own["answers"] == {**GOOD, "issues": ["process_too_long"], "remarks": "<b>很好</b>"}
    assert ok(client.get("/api/v1/candidate/survey", headers=headers))["answered"] is True
    refused(answer(finished), 409, "survey_answered")
    with either_results.world.app.app_context(), tenant_scope(finished.company.id):
        row = select(SurveyResponse).where(SurveyResponse.interview_id == finished.id)
        assert "很好".encode() not in db.session.scalars(row).one().answers


def test_the_survey_waits_for_the_last_answer(results: Results) -> None:
    finished = results.interview(results.position(), status="in_progress")
    shown = ok(results.world.client.get("/api/v1/candidate/survey", headers=finished.candidate()))
    assert shown["available"] is False
    refused(answer(finished), 409, "survey_too_early")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"process": 6}, "survey_answer_invalid"),
        ({"process": 0}, "survey_answer_invalid"),
        ({"process": "5"}, "survey_answer_invalid"),
        ({"process": ""}, "survey_answer_missing"),
        ({"issues": ["none", "system_unstable"]}, "survey_answer_invalid"),
        ({"issues": ["unheard_of"]}, "survey_answer_invalid"),
        ({"issues": ["none", "none"]}, "survey_answer_invalid"),
        ({"issues": "none"}, "survey_answer_invalid"),
        ({"remarks": ["words"]}, "survey_answer_invalid"),
        ({"unasked": 1}, "survey_question_unknown"),
        ({"remarks": "x" * 1001}, "invalid_input"),
    ],
)
def test_what_does_not_fit_is_refused(results: Results, answers: dict[str, Any], code: str) -> None:
    refused(answer(results.interview(results.position()), **answers), 422, code)


def test_the_survey_of_a_company_without_one(results: Results) -> None:
    with results.world.app.app_context(), tenant_transaction(results.world.acme.id):
        db.session.execute(delete(Survey))
    world = results.world
    refused(
        world.client.get("/api/v1/survey/summary", headers=world.staff(world.acme, "owner")),
        404,
        "survey_unknown",
    )


def test_numbers_begin_with_five_people_and_grow_by_five(results: Results) -> None:
    position, other = results.position(), results.position()
    interviews = [results.interview(position) for _ in range(6)]
    for number, finished in enumerate(interviews[:4]):
        ok(answer(finished, process=1 + number), 201)
    withheld = summary(results, position)
    assert (withheld["responses"], withheld["counted"], withheld["withheld"]) == (4, 0, True)
    assert withheld["reason"]
    assert withheld["questions"] == []
    ok(answer(interviews[4], process=5, issues=["system_unstable"], remarks="只有我写了"), 201)
    shown = summary(results, position)
    assert (shown["responses"], shown["counted"], shown["withheld"]) == (5, 5, False)
    by_key = {question["key"]: question for question in shown["questions"]}
    assert by_key["process"]["mean"] == 3.0
    assert [count["count"] for count in by_key["process"]["counts"]] == [1, 1, 1, 1, 1]
    assert by_key["issues"]["withheld"] is True  # one person ticked something
    assert by_key["remarks"]["withheld"] is True
    assert "只有我写了" not in str(shown)
    ok(answer(interviews[5], process=1), 201)
    sixth = summary(results, position)
    assert (sixth["responses"], sixth["counted"]) == (6, 5)
    assert sixth["questions"] == shown["questions"]  # the sixth person alone changes nothing
    assert summary(results, other)["responses"] == 0
    assert summary(results)["responses"] == 6


def test_five_who_wrote_are_shown_in_no_telling_order(results: Results) -> None:
    position = results.position()
    for words in ("戊", "丁", "丙", "乙", "甲"):
        ok(answer(results.interview(position), remarks=words, issues=["none"]), 201)
    by_key = {question["key"]: question for question in summary(results, position)["questions"]}
    assert by_key["remarks"]["texts"] == sorted("甲乙丙丁戊")
    assert {c["value"]: c["count"] for c in by_key["issues"]["counts"]}["none"] == 5


def test_an_erased_candidate_leaves_the_numbers(results: Results) -> None:
    position = results.position()
    interviews = [results.interview(position) for _ in range(5)]
    for finished in interviews:
        ok(answer(finished), 201)
    with results.world.app.app_context():
        erase_candidate_key(results.world.acme.id, interviews[0].candidate_id)
    assert all(question["withheld"] for question in summary(results, position)["questions"])


def test_the_hr_report_carries_the_summary(results: Results) -> None:
    position = results.position()
    finished = [results.interview(position) for _ in range(5)]
    for one in finished:
        ok(answer(one, process=4), 201)
    results.scored(finished[0])
    world = results.world
    path = f"/api/v1/interviews/{finished[0].id}/report?lang=en"
    survey = ok(world.client.get(path, headers=world.colleague(world.acme, "lead")))["survey"]
    assert survey["rows"][0]["value"].startswith("4.0 of 5")


values = st.one_of(st.integers(-3, 9), st.text(max_size=5), st.lists(st.text(max_size=20), max_size=3))


@given(st.dictionaries(st.sampled_from([*GOOD, "issues", "remarks", "else"]), values))
def test_whatever_is_accepted_fits_the_questions(answers: dict[str, Any]) -> None:
    questions = {question.key: question for question in default_questions()}
    try:
        kept = check_answers(list(questions.values()), answers)
    except InvalidInput:
        return
    assert set(GOOD) <= set(kept) <= set(questions)
    assert all(1 <= kept[key] <= 5 for key in GOOD)  # type: ignore[operator]
    assert isinstance(kept.get("issues", []), list)
    assert isinstance(kept.get("remarks", ""), str)
