"""From consent to the finished interview, through the candidate's doors."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.analyses.service import left_page
from app.core.clock import utcnow
from app.core.database import db
from app.core.encryption import unseal_json
from app.core.ids import new_id
from app.core.work import Work
from app.interviews.models import Answer, Interview, Take
from app.invitations.models import Invitation
from app.invitations.windows import LATE
from app.messages.models import Message
from app.recordings.models import Segment
from tenants.keys import candidate_key
from tenants.tenancy import tenant_scope
from tests.factories import RUBRIC, World, ok, refused
from tests.integration.answering import Answerer, answerer, change, rows
from workers.jobs.recordings import expire_upload

VIDEO = b"not really a video " * 40


@pytest.fixture
def person(world: World) -> Answerer:
    return answerer(world)


@pytest.fixture
def started(person: Answerer) -> Answerer:
    person.start()
    return person


def rubric(**question: Any) -> dict[str, Any]:
    """The usual rubric with other limits on its first question."""
    first, *rest = RUBRIC["questions"]
    return {**RUBRIC, "questions": [{**first, **question}, *rest]}


def answered(person: Answerer, question_id: str) -> str:
    take_id = person.take_id(question_id)
    person.upload(take_id, VIDEO)
    ok(person.submit(take_id))
    return take_id


def scheduled(person: Answerer, kind: str) -> set[str]:
    return {work.entity_id for work in rows(person.world, person.company, Work, Work.kind == kind)}


# --- consent ------------------------------------------------------------------------------------------------------


def test_consents_are_only_appended_and_the_latest_counts(person: Answerer) -> None:
    for granted in (True, False, True):
        ok(person.consent("voice", granted), 201)
    ok(person.consent("recording"), 201)
    shown = ok(person.client.get("/api/v1/candidate/consents", headers=person.headers))
    assert shown["granted"] == {"voice": True, "recording": True}
    assert [consent["granted"] for consent in shown["history"]] == [True, False, True, True]


def test_consent_to_faces_only_where_the_company_asks(world: World) -> None:
    refused(answerer(world).consent("face"), 422, "modality_not_offered")


def test_consent_to_outdated_words(person: Answerer) -> None:
    body = {"modality": "voice", "granted": True, "text_version": "1900-01"}
    answer = person.client.post("/api/v1/candidate/consents", json=body, headers=person.headers)
    refused(answer, 422, "consent_text_outdated")


def test_withdrawing_is_possible_when_all_is_over(world: World, started: Answerer) -> None:
    change(world, started.company, Invitation, started.invitation_id, status="expired")
    refused(started.consent("voice"), 410, "invitation_expired")
    ok(started.consent("recording", granted=False), 201)


def test_nothing_begins_without_consent(person: Answerer) -> None:
    refused(person.client.post("/api/v1/candidate/interview", headers=person.headers), 409, "consent_missing")
    person.start()
    person.consent(granted=False)
    refused(person.take(), 409, "consent_missing")


# --- start --------------------------------------------------------------------------------------------------------


def test_starting_shows_the_questions(started: Answerer) -> None:
    interview = started.interview()
    assert (interview["status"], interview["answered"]) == ("in_progress", 0)
    assert [question["id"] for question in interview["questions"]] == ["q1", "q2"]
    first = interview["questions"][0]
    assert first["text"] == RUBRIC["questions"][0]["text"]
    assert first["answer"]["status"] == "open"
    assert first["answer"]["takes_left"] == first["retakes"] + 1


def test_starting_again_gives_the_same(started: Answerer) -> None:
    again = ok(started.client.post("/api/v1/candidate/interview", headers=started.headers))
    assert again["id"] == started.interview()["id"]
    assert len(rows(started.world, started.company, Answer, Answer.interview_id == again["id"])) == 2


def test_two_taps_start_one_interview(either_world: World) -> None:
    person = answerer(either_world)
    ok(person.consent(), 201)
    answers: list[tuple[int, Any]] = []

    def tap() -> None:
        answer = person.client.post("/api/v1/candidate/interview", headers=person.headers)
        answers.append((answer.status_code, answer.json))

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert {status for status, _ in answers} <= {200, 409}
    assert len({body["id"] for status, body in answers if status == 200}) == 1
    assert len(rows(either_world, person.company, Interview)) == 1


def test_it_is_scored_by_the_version_it_started_with(world: World, started: Answerer) -> None:
    changed = rubric(text="换了一个问题。")
    path = f"/api/v1/positions/{started.position_id}/rubric"
    ok(world.client.put(path, json={"rubric": changed}, headers=world.staff(world.acme, "owner")))
    assert started.interview()["questions"][0]["text"] == RUBRIC["questions"][0]["text"]


def test_not_before_the_window(world: World, person: Answerer) -> None:
    ok(person.consent(), 201)
    soon = utcnow() + timedelta(hours=1)
    change(world, person.company, Invitation, person.invitation_id, window_starts_at=soon)
    refused(person.client.post("/api/v1/candidate/interview", headers=person.headers), 409, "window_not_open")


def test_not_after_the_window(world: World, person: Answerer) -> None:
    ok(person.consent(), 201)
    change(world, person.company, Invitation, person.invitation_id, window_ends_at=utcnow())
    refused(
        person.client.post("/api/v1/candidate/interview", headers=person.headers), 410, "invitation_expired"
    )


def test_a_cancelled_invitation(world: World, started: Answerer) -> None:
    path = f"/api/v1/invitations/{started.invitation_id}/cancel"
    ok(world.client.post(path, json={"reason": "x"}, headers=world.staff(world.acme, "recruiter")))
    refused(started.take(), 410, "invitation_cancelled")


def test_before_the_start_there_is_nothing(person: Answerer) -> None:
    path = "/api/v1/candidate/interview"
    refused(person.client.get(path, headers=person.headers), 404, "interview_not_started")
    refused(person.take(), 404, "interview_not_started")
    refused(person.finish(), 404, "interview_not_started")


# --- takes --------------------------------------------------------------------------------------------------------


def test_a_take_is_submitted_as_the_answer(started: Answerer) -> None:
    take_id = started.take_id()
    started.upload(take_id, VIDEO, number=2)
    started.upload(take_id, VIDEO, number=1)
    take = ok(
        started.submit(take_id, [{"number": 1, "starts_at_ms": 0}, {"number": 2, "starts_at_ms": 5200}])
    )
    assert take["status"] == "submitted"
    assert [(s["number"], s["starts_at_ms"], s["status"]) for s in take["segments"]] == [
        (1, 0, "complete"),
        (2, 5200, "complete"),
    ]
    answer = started.answer()
    assert (answer["status"], answer["take_id"]) == ("submitted", take_id)
    assert scheduled(started, "analyse_take") == {take_id}
    again = ok(started.submit(take_id))
    assert again["submitted_at"] == take["submitted_at"]


def test_times_away_from_the_page_are_kept_sealed_and_joined(world: World) -> None:
    """What the client says of it reaches the analysis in order; saying nothing is not the same as never."""
    started = answerer(world, rubric=rubric(retakes=2))
    started.start()
    said: dict[str, Any] = {
        "thrice": [
            {"start_ms": 9000, "end_ms": 9500},
            {"start_ms": 100, "end_ms": 700},
            {"start_ms": 650, "end_ms": 2000},
        ],
        "never": [],
        "unsaid": None,
    }
    kept = {}
    for name, away in said.items():
        take_id = started.take_id()
        started.upload(take_id, VIDEO)
        body = {"left_page": away}
        path = f"/api/v1/candidate/takes/{take_id}/submit"
        ok(started.client.post(path, json=body, headers=started.headers))
        with started.world.app.app_context(), tenant_scope(started.company.id):
            take = db.session.get_one(Take, take_id)
            assert b"9000" not in (take.left_page or b"")
            spans = left_page(take)
        kept[name] = None if spans is None else [(span.start_ms, span.end_ms) for span in spans]
    assert kept == {"thrice": [(100, 2000), (9000, 9500)], "never": [], "unsaid": None}


def test_leaving_the_page_while_writing_is_nobodys_business(started: Answerer) -> None:
    """The consent is to being recorded; a written answer records nothing."""
    take_id = ok(started.take("q2", "text", text="我先听顾客说完，再给出两个办法。"), 201)["id"]
    path = f"/api/v1/candidate/takes/{take_id}/submit"
    body = {"left_page": [{"start_ms": 0, "end_ms": 900}]}
    ok(started.client.post(path, json=body, headers=started.headers))
    assert [take.left_page for take in rows(started.world, started.company, Take)] == [None]


@pytest.mark.parametrize(
    "away",
    [
        [{"start_ms": 500, "end_ms": 500}],
        [{"start_ms": -1, "end_ms": 500}],
        [{"start_ms": 0, "end_ms": 90_000_000}],
        [{"start_ms": 0, "end_ms": 1, "why": "a call"}],
        [{"start_ms": n, "end_ms": n + 1} for n in range(201)],
    ],
)
def test_times_away_have_bounds(started: Answerer, away: list[dict[str, Any]]) -> None:
    take_id = started.take_id()
    started.upload(take_id, VIDEO)
    path = f"/api/v1/candidate/takes/{take_id}/submit"
    refused(
        started.client.post(path, json={"left_page": away}, headers=started.headers), 422, "invalid_input"
    )
    assert not scheduled(started, "analyse_take")


def test_unfinished_uploads_are_named(started: Answerer) -> None:
    take_id = started.take_id()
    assert refused(started.submit(take_id), 409, "upload_incomplete")["missing"] == []
    started.upload(take_id, VIDEO)
    started.upload_at(take_id, 100, number=2)
    problem = refused(started.submit(take_id), 409, "upload_incomplete")
    assert problem["missing"] == [2] and "2" in problem["detail"]
    problem = refused(started.submit(take_id, [{"number": n} for n in (1, 2, 7)]), 409, "upload_incomplete")
    assert problem["missing"] == [2, 7]
    assert not scheduled(started, "analyse_take")


def test_a_lost_segment_may_be_left_behind(started: Answerer) -> None:
    """The phone died with the last segment on it: the candidate hands in what arrived."""
    take_id = started.take_id()
    started.upload(take_id, VIDEO)
    location = started.upload_at(take_id, 100, number=2)
    take = ok(started.submit(take_id, [{"number": 1, "starts_at_ms": 0}]))
    assert [segment["status"] for segment in take["segments"]] == ["complete", "terminated"]
    refused(started.patch(location, 0, bytes(100)), 410, "upload_terminated")
    with started.world.app.app_context():
        expire_upload(started.company.id, location.rpartition("/")[2])
    assert not scheduled(started, "expire_upload")


def test_retakes_are_counted(world: World) -> None:
    person = answerer(world, rubric=rubric(retakes=1))
    person.start()
    first, empty = person.take_id(), person.take_id()
    assert first != empty
    statuses = [take["status"] for take in person.answer()["takes"]]
    assert statuses == ["discarded", "recording"]
    assert person.answer()["takes_left"] == 2, "nothing ever arrived of these"
    person.upload(empty, VIDEO)
    second = person.take_id()
    person.upload(second, VIDEO)
    assert person.answer()["takes_left"] == 0
    problem = refused(person.take(), 409, "takes_used_up")
    assert "2" in problem["detail"]


def test_a_retake_replaces_the_submitted_one(started: Answerer) -> None:
    first = answered(started, "q1")
    second = answered(started, "q1")
    assert started.answer()["take_id"] == second
    assert [take["status"] for take in started.answer()["takes"]] == ["discarded", "submitted"]
    assert scheduled(started, "analyse_take") == {second}
    refused(started.submit(first), 409, "take_closed")


def test_an_unusable_take_does_not_count(world: World) -> None:
    person = answerer(world, rubric=rubric(retakes=0))
    person.start()
    take_id = answered(person, "q1")
    refused(person.take(), 409, "takes_used_up")
    change(world, person.company, Take, take_id, status="unusable", reason="silent")
    assert (person.answer()["status"], person.answer()["reason"]) == ("unusable", "silent")
    assert person.answer()["takes_left"] == 1
    assert answered(person, "q1") == person.answer()["take_id"]


def test_written_answers(started: Answerer) -> None:
    words = "我写下我的经历。" * 10
    take = ok(started.take("q1", "text", f"  {words} "), 201)
    (row,) = rows(started.world, started.company, Take, Take.id == take["id"])
    with started.world.app.app_context():
        key = candidate_key(started.company.id, started.candidate_id)
    assert unseal_json(key, row.written_text, f"take:{row.id}:written_text") == words
    assert words.encode() not in row.written_text
    assert ok(started.submit(take["id"]))["status"] == "submitted"


@pytest.mark.parametrize(
    ("medium", "text", "code"),
    [
        ("voice", None, "medium_not_allowed"),
        ("text", None, "text_missing"),
        ("video", "x", "text_not_expected"),
        ("text", "x" * 5001, "invalid_input"),
        ("text", "   ", "invalid_input"),
        ("smell", None, "invalid_input"),
    ],
)
def test_how_a_question_may_be_answered(world: World, medium: str, text: str | None, code: str) -> None:
    person = answerer(world, rubric=rubric(media=["video", "text"]))
    person.start()
    refused(person.take("q1", medium, text), 422, code)


def test_unknown_questions_and_takes(world: World, started: Answerer) -> None:
    refused(started.take("q9"), 404, "question_unknown")
    refused(started.submit(new_id()), 404, "take_unknown")
    take_id = started.take_id()
    for other in (
        answerer(world),
        answerer(world, candidate_id=started.candidate_id),
        answerer(world, world.globex),
    ):
        other.start()
        refused(other.submit(take_id), 404, "take_unknown")


def test_creating_a_take_may_be_repeated(started: Answerer) -> None:
    path = "/api/v1/candidate/answers/q1/takes"
    headers = {**started.headers, "Idempotency-Key": "once"}
    first, second = (
        ok(started.client.post(path, json={"medium": "video"}, headers=headers), 201) for _ in range(2)
    )
    assert first == second


# --- finish -------------------------------------------------------------------------------------------------------


def test_finishing_needs_every_answer(started: Answerer) -> None:
    answered(started, "q2")
    assert refused(started.finish(), 409, "answers_missing")["missing"] == ["q1"]
    answered(started, "q1")
    finished = ok(started.finish())
    assert (finished["status"], finished["answered"]) == ("finished", 2)
    assert ok(started.finish())["finished_at"] == finished["finished_at"]
    (invitation,) = rows(started.world, started.company, Invitation, Invitation.id == started.invitation_id)
    assert invitation.status == "finished"


def test_finishing_ends_the_reminders(started: Answerer) -> None:
    def waiting() -> list[str]:
        messages = rows(
            started.world, started.company, Message, Message.invitation_id == started.invitation_id
        )
        return [m.kind for m in messages if m.kind.startswith("reminder") and m.status == "queued"]

    assert waiting()
    for question in ("q1", "q2"):
        answered(started, question)
    ok(started.finish())
    assert not waiting()


def test_the_score_is_asked_for_when_all_is_analysed(world: World, started: Answerer) -> None:
    for question in ("q1", "q2"):
        change(world, started.company, Take, answered(started, question), status="analysed")
    assert not scheduled(started, "score_interview")
    interview = ok(started.finish())
    assert scheduled(started, "score_interview") == {interview["id"]}


def test_after_the_end_only_an_unusable_answer_is_recorded_again(world: World, started: Answerer) -> None:
    first, second = answered(started, "q1"), answered(started, "q2")
    ok(started.finish())
    refused(started.take("q1"), 409, "interview_finished")
    change(world, started.company, Take, first, status="unusable", reason="silent")
    refused(started.take("q2"), 409, "interview_finished")
    again = answered(started, "q1")
    assert started.answer("q1")["take_id"] == again
    assert started.answer("q2")["take_id"] == second
    assert started.interview()["status"] == "finished"
    (interview,) = rows(world, started.company, Interview)
    change(world, started.company, Take, again, status="unusable", reason="silent")
    change(world, started.company, Interview, interview.id, status="decided")
    refused(started.take("q1"), 409, "interview_finished")


def test_what_turned_out_unusable_is_recorded_again_as_long_as_anything_may_arrive(
    world: World, started: Answerer
) -> None:
    """A machine finds out after the candidate was done, perhaps only after the window's end."""
    first, second = answered(started, "q1"), answered(started, "q2")
    ok(started.finish())
    change(world, started.company, Invitation, started.invitation_id, window_ends_at=utcnow())
    refused(started.take("q1"), 410, "invitation_expired")
    for take in (first, second):
        change(world, started.company, Take, take, status="unusable", reason="silent")
    again = answered(started, "q1")
    assert started.answer("q1")["take_id"] == again
    ends_at = utcnow() - LATE
    change(world, started.company, Invitation, started.invitation_id, window_ends_at=ends_at)
    refused(started.take("q2"), 410, "invitation_expired")


# --- HR -----------------------------------------------------------------------------------------------------------


def test_hr_sees_interviews(world: World, started: Answerer) -> None:
    other = answerer(world)
    other.start()
    answered(started, "q1")
    headers = world.colleague(world.acme, "interviewer")
    page = ok(world.client.get("/api/v1/interviews", headers=headers))
    assert [item["candidate_id"] for item in page["items"]] == [other.candidate_id, started.candidate_id]
    assert page["items"][0]["candidate_name"] == "李明"
    query = f"/api/v1/interviews?position_id={started.position_id}&status=in_progress"
    (item,) = ok(world.client.get(query, headers=headers))["items"]
    assert datetime.fromisoformat(item["started_at"]).tzinfo == UTC
    shown = ok(world.client.get(f"/api/v1/interviews/{item['id']}", headers=headers))
    (take,) = shown["questions"][0]["answer"]["takes"]
    assert (take["status"], take["segments"][0]["length"]) == ("submitted", len(VIDEO))
    assert ok(world.client.get("/api/v1/interviews?status=decided", headers=headers))["items"] == []


def test_other_companies_see_nothing(world: World, started: Answerer) -> None:
    interview_id = started.interview()["id"]
    headers = world.staff(world.globex, "owner")
    assert ok(world.client.get("/api/v1/interviews", headers=headers))["items"] == []
    refused(world.client.get(f"/api/v1/interviews/{interview_id}", headers=headers), 404, "interview_unknown")
    refused(started.client.get("/api/v1/interviews", headers=started.headers), 403, "role_not_allowed")


def test_the_whole_path_on_mariadb(mariadb_world: World) -> None:
    person = answerer(mariadb_world)
    person.start()
    answered(person, "q1")
    answered(person, "q1")
    answered(person, "q2")
    assert ok(person.finish())["status"] == "finished"
    segments = rows(mariadb_world, person.company, Segment)
    assert {segment.status for segment in segments} == {"complete"}
    assert len(scheduled(person, "analyse_take")) == 2
