"""What arrives after the window's end, from two devices, from a lost one; and the warm-up nobody scores (ADR 23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.clock import utcnow
from app.core.work import Work
from app.interviews.models import Take
from app.interviews.rules import MOST_LEFT_BEHIND
from app.invitations.models import Invitation
from app.invitations.windows import LATE
from tests.factories import RUBRIC, World, ok, refused
from tests.integration.answering import Answerer, answerer, change, rows

VIDEO = b"not really a video " * 40
WARM_UP = {"id": "warm-up", "text": "请用三个词形容自己。", "warm_up": True, "think_seconds": 0, "retakes": 2}


def one_question(**more: Any) -> dict[str, Any]:
    first, *rest = RUBRIC["questions"]
    return {**RUBRIC, "questions": [{**first, "retakes": 1, **more}, *rest]}


@pytest.fixture
def person(world: World) -> Answerer:
    found = answerer(world, rubric=one_question())
    found.start()
    return found


def end_window(person: Answerer, ago: timedelta = timedelta(seconds=1), status: str = "expired") -> datetime:
    ends_at = utcnow() - ago
    change(
        person.world, person.company, Invitation, person.invitation_id, window_ends_at=ends_at, status=status
    )
    return ends_at


def begin(person: Answerer, device: str | None = None, question: str = "q1", **body: Any) -> Any:
    headers = {**person.headers, **({"Device-Id": device} if device else {})}
    path = f"/api/v1/candidate/answers/{question}/takes"
    return person.client.post(path, json={"medium": "video", **body}, headers=headers)


def begun(person: Answerer, device: str | None = None, question: str = "q1", **body: Any) -> str:
    return str(ok(begin(person, device, question, **body), 201)["id"])


def hand_in(person: Answerer, take_id: str, *, instead: bool = False) -> Any:
    path = f"/api/v1/candidate/takes/{take_id}/submit"
    return person.client.post(path, json={"instead": instead}, headers=person.headers)


def seen_by(person: Answerer, device: str, question: str = "q1") -> Any:
    headers = {**person.headers, "Device-Id": device}
    shown = ok(person.client.get("/api/v1/candidate/interview", headers=headers))
    return next(q["answer"] for q in shown["questions"] if q["id"] == question)


# --- after the window's end ---


@pytest.mark.parametrize("status", ["started", "expired"])
def test_what_was_begun_in_time_arrives_late_and_the_interview_is_finished(
    person: Answerer, status: str
) -> None:
    ends_at = end_window(person, status=status)
    early = (ends_at - timedelta(seconds=30)).isoformat()
    for question in ("q1", "q2"):
        take = begun(person, question=question, begun_at=early)
        person.upload(take, VIDEO)
        ok(hand_in(person, take))
    assert person.answer()["late"]
    assert ok(person.finish())["status"] == "finished"
    (invitation,) = rows(person.world, person.company, Invitation, Invitation.id == person.invitation_id)
    assert invitation.status == "finished"


def test_an_upload_under_way_at_the_end_goes_on(person: Answerer) -> None:
    take = begun(person)
    location = person.upload_at(take, len(VIDEO))
    end_window(person)
    assert person.patch(location, 0, VIDEO).status_code == 204
    ok(hand_in(person, take))


def test_nothing_new_after_the_end(person: Answerer) -> None:
    ends_at = end_window(person)
    refused(begin(person), 410, "invitation_expired")
    refused(begin(person, begun_at=ends_at.isoformat()), 410, "invitation_expired")
    other = answerer(person.world)
    ok(other.consent(), 201)
    end_window(other, status="bound")
    refused(
        other.client.post("/api/v1/candidate/interview", headers=other.headers), 410, "invitation_expired"
    )


def test_nothing_arrives_for_ever(person: Answerer) -> None:
    take = begun(person)
    person.upload(take, VIDEO)
    ends_at = end_window(person, LATE + timedelta(seconds=1))
    early = (ends_at - timedelta(hours=1)).isoformat()
    refused(begin(person, begun_at=early), 410, "invitation_expired")
    refused(hand_in(person, take), 410, "invitation_expired")
    refused(person.finish(), 410, "invitation_expired")


def test_a_cancelled_one_is_over_at_once(person: Answerer) -> None:
    take = begun(person)
    end_window(person, status="cancelled")
    early = (utcnow() - timedelta(hours=1)).isoformat()
    refused(begin(person, begun_at=early), 410, "invitation_cancelled")
    refused(hand_in(person, take), 410, "invitation_cancelled")


# --- several devices ---


def test_a_lost_phone_costs_no_attempt(world: World) -> None:
    person = answerer(world, rubric=one_question(retakes=0))
    person.start()
    lost = begun(person, "phone-one")
    person.upload_at(lost, 1000)
    assert seen_by(person, "phone-one")["takes_left"] == 0
    seen = seen_by(person, "phone-two")
    assert seen["takes_left"] == 1 and seen["takes"][0]["elsewhere"]
    take = begun(person, "phone-two")
    person.upload(take, VIDEO)
    ok(hand_in(person, take))
    assert person.answer()["take_id"] == take
    refused(hand_in(person, lost), 409, "takes_used_up")
    assert not seen_by(person, "phone-two")["takes"][1]["elsewhere"]


def test_devices_that_are_lost_again_and_again_do_cost(person: Answerer) -> None:
    for number in range(MOST_LEFT_BEHIND + 2):
        person.upload_at(begun(person, f"phone-{number:05}"), 1000)
    refused(begin(person, "phone-last1"), 409, "takes_used_up")


def test_the_first_handed_in_counts_until_the_candidate_says_otherwise(person: Answerer) -> None:
    earlier = utcnow().isoformat()
    first, second = begun(person, "phone-one"), begun(person, "phone-two")
    for take in (first, second):
        person.upload(take, VIDEO)
    ok(hand_in(person, second))
    refused(hand_in(person, first), 409, "answered_elsewhere")
    refused(begin(person, "phone-three", begun_at=earlier), 409, "answered_elsewhere")
    assert person.answer()["take_id"] == second
    ok(hand_in(person, first, instead=True))
    assert person.answer()["take_id"] == first
    refused(begin(person, "phone-three", begun_at=earlier, instead=True), 409, "takes_used_up")


def test_one_attempt_is_one_on_two_devices(world: World) -> None:
    person = answerer(world, rubric=one_question(retakes=0))
    person.start()
    first, second = begun(person, "phone-one"), begun(person, "phone-two")
    for take in (first, second):
        person.upload(take, VIDEO)
    ok(hand_in(person, second))
    refused(hand_in(person, first), 409, "takes_used_up")
    refused(hand_in(person, first, instead=True), 409, "takes_used_up")
    assert person.answer()["take_id"] == second


def test_a_question_given_back_is_open_until_it_is_answered_again(person: Answerer) -> None:
    first = begun(person, "phone-one")
    person.upload(first, VIDEO)
    ok(hand_in(person, first))
    assert not person.answer()["reopened"]
    change(person.world, person.company, Take, first, waived=True)  # as the company's help does
    assert (person.answer()["reopened"], person.answer()["take_id"]) == (True, first)
    second = begun(person, "phone-one", begun_at=utcnow().isoformat())
    person.upload(second, VIDEO)
    ok(hand_in(person, second))
    assert (person.answer()["reopened"], person.answer()["take_id"]) == (False, second)


def test_words_that_were_never_handed_in_cost_nothing(world: World) -> None:
    """The network was cut between the two requests, and the candidate changed a word before trying again."""
    person = answerer(world, rubric=one_question(retakes=0))
    person.start()
    ok(person.take("q1", "text", "第一稿"), 201)
    second = ok(person.take("q1", "text", "第二稿"), 201)["id"]
    ok(person.submit(second))
    refused(person.take("q1", "text", "第三稿"), 409, "takes_used_up")


# --- the warm-up ---


@pytest.fixture
def warm(world: World) -> Answerer:
    person = answerer(world, rubric={**RUBRIC, "questions": [WARM_UP, *RUBRIC["questions"]]})
    person.start()
    return person


def analysed(person: Answerer) -> set[str]:
    return {work.entity_id for work in rows(person.world, person.company, Work, Work.kind == "analyse_take")}


def test_a_warm_up_may_be_skipped(warm: Answerer) -> None:
    takes = set()
    for question in ("q1", "q2"):
        takes.add(take := begun(warm, question=question))
        warm.upload(take, VIDEO)
        ok(hand_in(warm, take))
    finished = ok(warm.finish())
    assert (finished["status"], finished["answered"]) == ("finished", 2)
    assert [q["warm_up"] for q in finished["questions"]] == [True, False, False]
    assert analysed(warm) == takes


def test_no_machine_looks_at_a_warm_up(warm: Answerer) -> None:
    take = begun(warm, question="warm-up")
    warm.upload(take, VIDEO)
    assert ok(hand_in(warm, take))["status"] == "analysed"
    assert not analysed(warm)
    (row,) = rows(warm.world, warm.company, Take, Take.id == take)
    assert row.status == "analysed"


@pytest.mark.parametrize(
    "questions",
    [
        [{**WARM_UP, "competencies": ["sales"]}, *RUBRIC["questions"]],
        [*RUBRIC["questions"], WARM_UP],
    ],
)
def test_a_warm_up_is_first_and_never_scored(world: World, questions: list[dict[str, Any]]) -> None:
    body = {"title": "x", "rubric": {**RUBRIC, "questions": questions}}
    answer = world.client.post("/api/v1/positions", json=body, headers=world.staff(world.acme, "recruiter"))
    refused(answer, 422, "invalid_input")
