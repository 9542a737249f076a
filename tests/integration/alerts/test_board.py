"""The board: how positions stand, who waits longest, what a decision needs, and the notice before it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.core.clock import utcnow
from app.core.database import db
from app.interviews.models import Interview
from app.messages.models import Message
from app.messages.service import contents_of
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import World, ok, refused
from tests.integration.answering import change
from tests.integration.results.conftest import RUBRIC, Finished, Results, told
from tests.integration.results.test_decisions import decide
from tests.unit.scoring import builders


def get(world: World, path: str, role: str = "recruiter", **query: Any) -> Any:
    answer = world.client.get(f"/api/v1{path}", query_string=query, headers=world.staff(world.acme, role))
    return ok(answer)


def waited(finished: Finished, hours: float, **more: Any) -> Finished:
    """Finished so many hours ago, with the promise of a day."""
    at = utcnow() - timedelta(hours=hours)
    values = {"finished_at": at, "result_due_at": at + timedelta(hours=24), **more}
    change(finished.world, finished.company, Interview, finished.id, **values)
    return finished


def ids(page: Any) -> list[str]:
    return [item["interview_id"] for item in page["items"]]


def test_positions_say_how_they_stand(either_results: Results) -> None:
    results = either_results
    world, busy, quiet = results.world, results.position(), results.position()
    empty = results.position()
    waited(results.scored(results.interview(busy)), 30)
    waited(results.interview(busy), 2)
    results.interview(busy, status="in_progress")
    ok(decide(results.scored(results.interview(busy))), 201)
    waited(results.scored(results.interview(quiet)), 5)
    page = get(world, "/board")
    assert [item["id"] for item in page["items"]] == [busy, quiet, empty]
    first = page["items"][0]
    assert {
        name: first[name] for name in ("done", "waiting", "analysing", "overdue", "decided", "in_progress")
    } == {
        "done": 3,
        "waiting": 2,
        "analysing": 1,
        "overdue": 1,
        "decided": 1,
        "in_progress": 1,
    }
    assert page["items"][2]["waiting_since"] is None
    paged = get(world, "/board", limit=2)
    rest = get(world, "/board", limit=2, cursor=paged["next_cursor"])
    assert [item["id"] for item in paged["items"] + rest["items"]] == [busy, quiet, empty]
    assert rest["next_cursor"] is None


def test_high_and_abstained_are_counted_apart(results: Results) -> None:
    world, position_id = results.world, results.position()
    results.scored(results.interview(position_id))
    unsure = {name: told(builders.STORY, confidence=0.1) for name in ("difficulty", "team")}
    abstained = results.scored(results.interview(position_id), unsure)
    page = get(world, "/board/interviews", position_id=position_id)
    rows = {item["interview_id"]: item for item in page["items"]}
    assert rows[abstained.id]["abstained"] and rows[abstained.id]["total"] is None
    totals = [float(item["total"]) for item in page["items"] if item["total"]]
    (position,) = [item for item in get(world, "/board")["items"] if item["id"] == position_id]
    assert (position["abstained"], position["high"]) == (1, sum(total >= 8 for total in totals))


def test_who_waits_longest_comes_first_and_pages_go_on(either_results: Results) -> None:
    results = either_results
    world, position_id = results.world, results.position()
    made = [waited(results.interview(position_id), hours).id for hours in (3, 9, 6, 1)]
    longest = [made[1], made[2], made[0], made[3]]
    assert ids(get(world, "/board/interviews")) == longest
    first = get(world, "/board/interviews", limit=3)
    assert ids(first) == longest[:3]
    assert ids(get(world, "/board/interviews", limit=3, cursor=first["next_cursor"])) == longest[3:]


def test_results_are_counted_by_when_they_are_due(results: Results) -> None:
    world, position_id = results.world, results.position()
    for hours in (30, 26, 2):
        waited(results.interview(position_id), hours)
    waited(results.interview(position_id), 2, result_due_at=utcnow() + timedelta(days=3))
    ok(decide(results.scored(waited(results.interview(position_id), 40))), 201)
    results.interview(position_id, status="in_progress")
    assert get(world, "/board/due-counts") == {"overdue": 2, "soon": 1, "later": 1}
    assert get(world, "/board/due-counts", "interviewer") == {"overdue": 0, "soon": 0, "later": 0}


def test_filters(results: Results) -> None:
    world, position_id, other = results.world, results.position(), results.position()
    old = waited(results.scored(results.interview(position_id, name="欧阳 娜娜")), 30)
    new = waited(results.interview(position_id, name="王芳"), 2)
    begun = results.interview(other, name="欧阳明", status="in_progress")
    decided = results.interview(other)
    ok(decide(decided), 201)
    since = (utcnow() - timedelta(hours=10)).isoformat()
    for query, wanted in (
        ({}, [old, new]),
        ({"position_id": position_id}, [old, new]),
        ({"overdue": "true"}, [old]),
        ({"waiting_since": since}, [old]),
        ({"state": "in_progress"}, [begun]),
        ({"state": "decided"}, [decided]),
        ({"min_score": "0"}, [old]),
        ({"min_score": "10"}, []),
        ({"q": "欧阳"}, [old]),
        ({"q": "欧阳", "state": "all"}, [begun, old]),
        ({"q": "阳娜"}, [old]),
        ({"q": "nobody"}, []),
    ):
        assert ids(get(world, "/board/interviews", **query)) == [one.id for one in wanted], query
    row = get(world, "/board/interviews", state="decided")["items"][0]
    assert (row["outcome"], row["decided_by_name"]) == ("advance", "recruiter 李")


def test_a_whole_phone_number_finds_somebody(world: World) -> None:
    from tests.integration.answering import answerer

    phone = "+8613900001111"
    person = answerer(world, candidate_id=world.add_candidate(world.acme, phone=phone))
    person.start()
    answerer(world).start()
    page = get(world, "/board/interviews", state="all", q="139 0000 1111")
    assert [item["candidate_id"] for item in page["items"]] == [person.candidate_id]


def test_a_long_board_costs_no_more_queries(results: Results) -> None:
    world, position_id = results.world, results.position()
    for _ in range(2):
        waited(results.scored(results.interview(position_id)), 5)
    _queries(world)
    few = _queries(world)
    for _ in range(10):
        waited(results.interview(position_id), 4)
    for _ in range(3):
        waited(results.interview(results.position()), 3)
    _queries(world)  # the keys of new candidates are fetched once
    assert _queries(world) == few
    assert few["/board"] <= 12 and few["/board/interviews"] <= 16 and few["/alerts"] <= 14, few


def _queries(world: World) -> dict[str, int]:
    counted: dict[str, int] = {}
    for path in ("/board", "/board/interviews", "/alerts"):
        said: list[str] = []

        def note(*args: Any, said: list[str] = said) -> None:
            said.append(args[2])

        world.staff(world.acme, "recruiter")
        event.listen(Engine, "before_cursor_execute", note)
        try:
            get(world, path)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        counted[path] = len(said)
    return counted


def test_the_sheet_says_what_is_missing_and_who_is_next(results: Results) -> None:
    world, position_id = results.world, results.position()
    half = results.interview(position_id, name="李明")
    following = waited(results.interview(position_id, name="王芳"), 8)
    sheet = get(world, f"/interviews/{half.id}/decision-sheet")
    assert (sheet["analysing"], sheet["missing"], sheet["may_decide"]) == (2, [], True)
    assert (sheet["next_interview_id"], sheet["next_candidate_name"]) == (following.id, "王芳")
    assert sheet["others_waiting"] == 1
    unclear = [
        builders.media(),
        builders.speech(builders.STORY),
        builders.delivery(builders.STORY),
        builders.words(builders.STORY),
        builders.result("face", None, status="failed", reason="black_picture"),
        builders.integrity(),
    ]
    results.scored(half, {"difficulty": unclear, "team": told(builders.STORY)})
    world.colleague(world.acme, "interviewer")
    sheet = get(world, f"/interviews/{half.id}/decision-sheet", "interviewer")
    assert sheet["may_decide"] is False
    (missing,) = sheet["missing"]
    asked = [one["id"] for one in RUBRIC["questions"]]
    assert asked[missing["question_number"] - 1] == "difficulty", "the number that the report gives it"
    assert (missing["question_id"], missing["modality"], missing["reason"]) == (
        "difficulty",
        "face",
        "black_picture",
    )
    assert missing["title"] and missing["detail"] and missing["modality_name"]
    ok(decide(half), 201)
    sheet = get(world, f"/interviews/{half.id}/decision-sheet")
    assert sheet["decision"]["decided_by_name"] == "recruiter 李"
    assert sheet["next_interview_id"] == following.id


def test_going_from_one_to_the_next_comes_to_everybody(results: Results) -> None:
    world, position_id = results.world, results.position()
    waiting = [waited(results.interview(position_id), hours) for hours in (9, 3, 30, 12)]
    in_order = [waiting[number].id for number in (2, 3, 0, 1)]
    seen, at = [], in_order[1]
    for _ in in_order:
        seen.append(at)
        at = get(world, f"/interviews/{at}/decision-sheet")["next_interview_id"]
    assert seen == in_order[1:] + in_order[:1] and at == in_order[1]
    answering = results.interview(position_id, status="in_progress")
    assert get(world, f"/interviews/{answering.id}/decision-sheet")["next_interview_id"] == in_order[0]


def test_the_sheet_of_somebody_who_left(results: Results) -> None:
    world, finished = results.world, results.scored(results.interview(results.position()))
    path = "/api/v1/candidate/consents"
    body = {"modality": "recording", "granted": False, "text_version": "1"}
    ok(world.client.post(path, json=body, headers=finished.candidate()), 201)
    assert get(world, f"/interviews/{finished.id}/decision-sheet")["consent_withdrawn"] is True
    notices = get(world, f"/interviews/{finished.id}/report")["notices"]
    assert "recording_withdrawn" in {one["kind"] for one in notices}
    erasure = f"/api/v1/candidates/{finished.candidate_id}/erasure"
    ok(world.client.put(erasure, headers=world.staff(world.acme, "owner")))
    sheet = get(world, f"/interviews/{finished.id}/decision-sheet")
    assert (sheet["erased"], sheet["interview"]["candidate_name"]) == (True, None)
    refused(decide(finished), 410, "candidate_erased")


def test_who_has_not_begun_is_found_with_what_became_of_them(either_world: World) -> None:
    from tests.integration.answering import answerer

    world = either_world
    position_id, hr = world.add_position(world.acme), world.staff(world.acme, "recruiter")
    phone = "+8613900002222"
    waits = world.invite(
        world.acme, world.add_candidate(world.acme, name="欧阳 娜娜", phone=phone), position_id
    )
    back = world.invite(world.acme, world.add_candidate(world.acme, name="欧阳明"), position_id)
    ok(
        world.client.post(
            f"/api/v1/invitations/{back['id']}/cancel",
            json={"reason": "岗位调整"},
            headers={**hr, "Idempotency-Key": "k" * 20},
        )
    )
    answerer(world).start()
    for query, wanted in (
        ({"unused": "not_begun"}, [waits]),
        ({"unused": "missed"}, [back]),
        ({"unused": "any"}, [back, waits]),
        ({"q": "欧阳"}, [back, waits]),
        ({"q": "阳娜", "unused": "not_begun"}, [waits]),
        ({"q": "139 0000 2222"}, [waits]),
        ({"q": "nobody"}, []),
    ):
        found = get(world, "/invitations", position_id=position_id, **query)["items"]
        assert [one["id"] for one in found] == [one["id"] for one in wanted], query
    (row,) = get(world, "/invitations", unused="missed")["items"]
    assert (row["status"], row["closing_reason"]) == ("cancelled", "岗位调整")
    (standing,) = [one for one in get(world, "/board")["items"] if one["id"] == position_id]
    assert (standing["invited"], standing["missed"]) == (1, 1)
    first = get(world, "/invitations", q="欧阳", limit=1)
    rest = get(world, "/invitations", q="欧阳", limit=1, cursor=first["next_cursor"])
    assert [one["id"] for one in first["items"] + rest["items"]] == [back["id"], waits["id"]]
    world.client.put(
        f"/api/v1/candidates/{waits['candidate']['id']}/erasure", headers=world.staff(world.acme, "owner")
    )
    assert get(world, "/invitations", position_id=position_id, unused="not_begun")["items"] == []


def test_somebody_erased_is_no_work_any_more(either_results: Results) -> None:
    results = either_results
    world, position_id = results.world, results.position()
    stays = waited(results.interview(position_id), 1)
    gone = waited(results.scored(results.interview(position_id)), 30)
    begun = results.interview(position_id, status="in_progress")
    decided = results.interview(position_id)
    ok(decide(decided), 201)
    invited = world.add_candidate(world.acme)
    world.invite(world.acme, invited, position_id)
    for candidate_id in (gone.candidate_id, begun.candidate_id, decided.candidate_id, invited):
        path = f"/api/v1/candidates/{candidate_id}/erasure"
        ok(world.client.put(path, headers=world.staff(world.acme, "owner")))
    (row,) = get(world, "/board")["items"]
    counted = {
        name: row[name] for name in ("done", "waiting", "overdue", "in_progress", "decided", "invited")
    }
    assert counted == {"done": 1, "waiting": 1, "overdue": 0, "in_progress": 0, "decided": 0, "invited": 0}
    assert row["waiting_since"] == get(world, "/board/interviews")["items"][0]["waits_since"]
    assert get(world, "/board/due-counts") == {"overdue": 0, "soon": 1, "later": 0}
    assert ids(get(world, "/board/interviews", state="all")) == [stays.id]
    assert get(world, f"/interviews/{stays.id}/decision-sheet")["others_waiting"] == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("next_steps", ["", "周五前\n电话联系您。"])
@pytest.mark.parametrize("outcome", ["advance", "offer", "reject", "pool"])
def test_the_notice_is_previewed_as_it_is_sent(
    results: Results, outcome: str, next_steps: str, language: str
) -> None:
    world = results.world
    finished = results.interview(results.position(), language=language)
    path = f"/api/v1/interviews/{finished.id}/decision-preview"
    body = {"outcome": outcome, "next_steps": next_steps}
    shown = ok(world.client.post(path, json=body, headers=world.staff(world.acme, "recruiter")))
    assert shown["language"] == language
    with world.app.app_context(), tenant_scope(finished.company.id):
        assert db.session.query(Message).count() == 0
    ok(decide(finished, outcome=outcome, next_steps=next_steps), 201)
    with world.app.app_context(), tenant_scope(finished.company.id):
        message = db.session.query(Message).filter_by(kind="result").one()
        sent = contents_of([message])[message.id]
    for words in (shown, sent):
        words["fields"].pop("time")  # the moment of each
    assert {name: sent[name] for name in shown} == shown


def test_two_who_decide_at_once(results: Results) -> None:
    finished = results.interview(results.position())
    ok(decide(finished, "recruiter"), 201)
    problem = refused(decide(finished, "owner", outcome="reject"), 409, "already_decided")
    assert "recruiter 李" in problem["detail"]
    world = results.world
    path = f"/api/v1/interviews/{finished.id}/decision-preview"
    body = {"outcome": "reject"}
    refused(
        world.client.post(path, json=body, headers=world.staff(world.acme, "owner")), 409, "already_decided"
    )
    refused(
        world.client.post(path, json=body, headers=world.staff(world.acme, "interviewer")),
        403,
        "role_not_allowed",
    )


def test_nobody_decides_about_somebody_who_withdrew(results: Results) -> None:
    """Invited once more after the interview, the candidate declined: they do not apply any more."""
    from app.candidates.service import withdraw_application
    from app.interviews.finding import get_interview

    finished = results.interview(results.position())
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        withdraw_application(get_interview(finished.id).application_id)
    refused(decide(finished), 409, "application_withdrawn")


def test_everybody_sees_their_own_positions(results: Results) -> None:
    world, position_id = results.world, results.position()
    waited(results.scored(results.interview(position_id)), 5)
    for path in ("/board", "/board/interviews"):
        assert get(world, path, "interviewer")["items"] == []
        assert len(get(world, path)["items"]) == 1
    world.colleague(world.acme, "interviewer")
    for path in ("/board", "/board/interviews"):
        assert len(get(world, path, "interviewer")["items"]) == 1
