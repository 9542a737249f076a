"""The company invites, moves and cancels; the candidate books, declines; the window ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.factories import APP, World, ok, refused, unused_phone
from tests.integration.wechat.sandbox_client import Sandbox

HOUR = timedelta(hours=1)


def at(hours: float) -> str:
    """A moment so many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def test_an_invitation_goes_out_once_to_a_candidate(either_world: World, sandbox: Sandbox) -> None:
    world, acme = either_world, either_world.acme
    person = sandbox.new_person()
    candidate, position = world.add_candidate(acme, person.phone), world.add_position(acme)
    invitation = world.invite(acme, candidate, position, materials="请准备10分钟的项目PPT")
    assert invitation["status"] == "sent"
    assert invitation["candidate"] == {
        "id": candidate,
        "name": "李明",
        "masked_phone": f"{person.phone[3:6]}****{person.phone[-4:]}",
    }
    assert len(invitation["token"]) <= 32
    assert invitation["link"].endswith(f"/i/{invitation['token']}")
    assert invitation["mini_program_path"] == f"pages/invitation/index?token={invitation['token']}"
    recruiter = world.staff(acme, "recruiter")
    again = {k: invitation[k] for k in ("position_id", "window_starts_at", "window_ends_at")}
    answer = world.client.post(
        "/api/v1/invitations", json={**again, "candidate_id": candidate}, headers=recruiter
    )
    refused(answer, 409, "invitation_exists")
    world.perform("deliver_message")
    [sms] = [message for message in person.inbox() if message["channel"] == "sms"]
    assert invitation["link"] in sms["body"]
    assert "10分钟" in sms["body"]


def test_a_repeated_request_with_the_same_key_invites_once(world: World) -> None:
    acme = world.acme
    body = {
        "candidate_id": world.add_candidate(acme),
        "position_id": world.add_position(acme),
        "window_starts_at": at(0),
        "window_ends_at": at(24),
    }
    headers = {**world.staff(acme, "recruiter"), "Idempotency-Key": "once"}
    first, second = (world.client.post("/api/v1/invitations", json=body, headers=headers) for _ in range(2))
    assert ok(first, 201) == ok(second, 201)
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ((5, 5), "window_order"),
        ((5, 4), "window_order"),
        ((-5, -1), "window_over"),
        ((0, 24 * 400), "window_too_long"),
    ],
)
def test_a_bad_window_is_refused(world: World, window: tuple[float, float], code: str) -> None:
    body = {
        "candidate_id": world.add_candidate(world.acme),
        "position_id": world.add_position(world.acme),
        "window_starts_at": at(window[0]),
        "window_ends_at": (datetime.fromisoformat(at(0)) + window[1] * HOUR).isoformat(),
    }
    if window == (5, 5):
        body["window_ends_at"] = body["window_starts_at"]
    headers = world.staff(world.acme, "recruiter")
    refused(world.client.post("/api/v1/invitations", json=body, headers=headers), 422, code)
    body["window_starts_at"] = "2026-11-22T20:00:00"
    answer = world.client.post("/api/v1/invitations", json=body, headers=headers)
    assert refused(answer, 422, "invalid_input")["errors"][0]["field"].endswith("window_starts_at")


def test_another_companys_ids_are_unknown(world: World) -> None:
    acme, globex = world.acme, world.globex
    foreign = {"candidate": world.add_candidate(globex), "position": world.add_position(globex)}
    invitation = world.invite(globex, foreign["candidate"], foreign["position"])
    own = {"candidate": world.add_candidate(acme), "position": world.add_position(acme)}
    headers = world.staff(acme, "recruiter")
    window = {"window_starts_at": at(0), "window_ends_at": at(9)}
    for which in ("candidate", "position"):
        ids = {**own, which: foreign[which]}
        body = {"candidate_id": ids["candidate"], "position_id": ids["position"], **window}
        refused(world.client.post("/api/v1/invitations", json=body, headers=headers), 404, f"{which}_unknown")
    path = f"/api/v1/invitations/{invitation['id']}"
    refused(world.client.get(path, headers=headers), 404, "invitation_unknown")
    refused(world.client.patch(path, json=window, headers=headers), 404, "invitation_unknown")
    answer = world.client.post(f"{path}/cancel", json={"reason": "x"}, headers=headers)
    refused(answer, 404, "invitation_unknown")
    refused(world.client.post(f"{path}/unbind", headers=headers), 404, "invitation_unknown")
    refused(
        world.client.get(f"/api/v1/candidates/{foreign['candidate']}", headers=headers),
        404,
        "candidate_unknown",
    )


def test_lists_are_narrowed_and_paged(world: World) -> None:
    acme = world.acme
    position, other = world.add_position(acme), world.add_position(acme, "工程师")
    made = [world.invite(acme, world.add_candidate(acme), position)["id"] for _ in range(3)]
    world.invite(acme, world.add_candidate(acme), other)
    headers = world.colleague(acme, "lead")
    page = ok(world.client.get(f"/api/v1/invitations?position_id={position}&limit=2", headers=headers))
    rest = ok(
        world.client.get(
            f"/api/v1/invitations?position_id={position}&cursor={page['next_cursor']}", headers=headers
        )
    )
    assert [row["id"] for row in page["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    cancelled = ok(world.client.get("/api/v1/invitations?status=cancelled", headers=headers))
    assert cancelled["items"] == []


def _planned(world: World, invitation_id: str) -> dict[str, str]:
    """Due time of each reminder that waits."""
    headers = world.staff(world.acme, "recruiter")
    path = f"/api/v1/messages?invitation_id={invitation_id}&status=queued&limit=100"
    rows = ok(world.client.get(path, headers=headers))["items"]
    return {row["kind"]: row["due_at"] for row in rows if row["kind"].startswith("reminder")}


def test_rescheduling_moves_the_reminders_and_gives_a_slot_back(world: World, sandbox: Sandbox) -> None:
    acme, person = world.acme, sandbox.new_person()
    invitation = world.invite(
        acme, world.add_candidate(acme, person.phone), world.add_position(acme), hours=100
    )
    candidate = world.accept(invitation, person)
    slot = datetime.now(UTC) + 80 * HOUR
    mine = ok(
        world.client.put("/api/v1/candidate/slot", json={"slot_at": slot.isoformat()}, headers=candidate)
    )
    assert datetime.fromisoformat(mine["slot_at"]) == slot
    before = _planned(world, invitation["id"])
    assert datetime.fromisoformat(before["reminder_hour"]) == slot - HOUR
    headers, path = world.staff(acme, "recruiter"), f"/api/v1/invitations/{invitation['id']}"
    end = datetime.now(UTC) + 60 * HOUR
    moved = ok(world.client.patch(path, json={"window_ends_at": end.isoformat()}, headers=headers))
    assert moved["slot_at"] is None
    assert datetime.fromisoformat(_planned(world, invitation["id"])["reminder_hour"]) == end - HOUR


@pytest.mark.parametrize("hours", [-1, 49, 48])
def test_a_slot_outside_the_window_is_refused(world: World, sandbox: Sandbox, hours: float) -> None:
    acme, person = world.acme, sandbox.new_person()
    invitation = world.invite(acme, world.add_candidate(acme, person.phone), world.add_position(acme))
    candidate = world.accept(invitation, person)
    slot = datetime.fromisoformat(invitation["window_ends_at"]) + (hours - 48) * HOUR
    answer = world.client.put("/api/v1/candidate/slot", json={"slot_at": slot.isoformat()}, headers=candidate)
    refused(answer, 422, "slot_outside_window")


def test_a_cancelled_invitation_is_over_for_everybody(either_world: World, sandbox: Sandbox) -> None:
    world, acme, person = either_world, either_world.acme, sandbox.new_person()
    position, candidate_id = world.add_position(acme), world.add_candidate(acme, person.phone)
    invitation = world.invite(acme, candidate_id, position)
    candidate = world.accept(invitation, person)
    path, headers = f"/api/v1/invitations/{invitation['id']}", world.staff(acme, "recruiter")
    cancelled = ok(world.client.post(f"{path}/cancel", json={"reason": "岗位冻结"}, headers=headers))
    assert (cancelled["status"], cancelled["closing_reason"]) == ("cancelled", "岗位冻结")
    assert _planned(world, invitation["id"]) == {}
    answer = world.client.post(f"{path}/cancel", json={"reason": "again"}, headers=headers)
    refused(answer, 409, "invitation_closed")
    refused(
        world.client.patch(path, json={"window_ends_at": at(72)}, headers=headers), 409, "invitation_closed"
    )
    refused(world.client.get("/api/v1/candidate/invitation", headers=candidate), 410, "invitation_cancelled")
    link = f"/api/v1/invitation-links/{invitation['token']}"
    refused(world.client.get(link), 410, "invitation_cancelled")
    refused(world.client.post(f"{link}/codes", headers=world.visit(person)), 410, "invitation_cancelled")
    assert world.invite(acme, candidate_id, position)["status"] == "sent"


def test_a_candidate_declines_with_a_reason_and_may_be_invited_again(world: World, sandbox: Sandbox) -> None:
    acme, person = world.acme, sandbox.new_person()
    position, candidate_id = world.add_position(acme), world.add_candidate(acme, person.phone)
    invitation = world.invite(acme, candidate_id, position)
    candidate = world.accept(invitation, person)
    ok(world.client.post("/api/v1/candidate/decline", json={"reason": "已入职别处"}, headers=candidate))
    headers = world.staff(acme, "recruiter")
    seen = ok(world.client.get(f"/api/v1/invitations/{invitation['id']}", headers=headers))
    assert (seen["status"], seen["closing_reason"]) == ("declined", "已入职别处")
    answer = world.client.post("/api/v1/candidate/decline", json={"reason": "x"}, headers=candidate)
    refused(answer, 410, "invitation_declined")
    assert world.invite(acme, candidate_id, position)["status"] == "sent"


def test_at_the_end_of_its_window_an_unfinished_invitation_expires(
    either_world: World, sandbox: Sandbox
) -> None:
    world, acme, person = either_world, either_world.acme, sandbox.new_person()
    invitation = world.invite(
        acme, world.add_candidate(acme, person.phone), world.add_position(acme), hours=0.1
    )
    candidate = world.accept(invitation, person)
    recruiter = world.staff(acme, "recruiter")
    path = f"/api/v1/invitations/{invitation['id']}"
    link = f"/api/v1/invitation-links/{invitation['token']}"
    subject = ("close_invitation", acme.id, invitation["id"])
    assert subject not in world.due("close_invitation")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=7), tick=True):
        # The window counts, not whether the job has run.
        refused(
            world.client.get("/api/v1/candidate/invitation", headers=candidate), 410, "invitation_expired"
        )
        refused(world.client.get(link), 410, "invitation_expired")
        assert subject in world.due("close_invitation")
        world.perform("close_invitation")
        assert ok(world.client.get(path, headers=recruiter))["status"] == "expired"
        assert subject not in world.due("close_invitation")
        moved = ok(world.client.patch(path, json={"window_ends_at": at(1)}, headers=recruiter))
        assert moved["status"] == "bound"
        ok(world.client.get("/api/v1/candidate/invitation", headers=candidate))


def test_a_window_that_was_moved_meanwhile_is_not_closed(world: World) -> None:
    acme = world.acme
    invitation = world.invite(acme, world.add_candidate(acme), world.add_position(acme), hours=0.1)
    path, headers = f"/api/v1/invitations/{invitation['id']}", world.staff(acme, "recruiter")
    ok(world.client.patch(path, json={"window_ends_at": at(1)}, headers=headers))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=7), tick=True):
        assert world.perform("close_invitation") == 0
        assert ok(world.client.get(path, headers=headers))["status"] == "sent"


@pytest.mark.parametrize("role", ["interviewer", "lead"])
def test_who_may_only_look(world: World, role: str) -> None:
    acme = world.acme
    phone = unused_phone()
    candidate = world.add_candidate(acme, phone, email="li@example.com")
    invitation = world.invite(acme, candidate, world.add_position(acme))
    headers = world.colleague(acme, role)
    seen = ok(world.client.get(f"/api/v1/candidates/{candidate}", headers=headers))
    assert phone not in str(seen) and seen["email"] is None
    answer = world.client.post(
        f"/api/v1/invitations/{invitation['id']}/cancel", json={"reason": "x"}, headers=headers
    )
    refused(answer, 403, "role_not_allowed")


def test_a_company_without_its_own_mini_program_uses_the_shared_one(world: World) -> None:
    invitation = world.invite(
        world.globex, world.add_candidate(world.globex), world.add_position(world.globex)
    )
    assert invitation["app_id"] == APP.app_id


def _body(world: World, **changed: Any) -> dict[str, Any]:
    return {"name": "张三", "phone": unused_phone(), **changed}


@pytest.mark.parametrize(
    ("phone", "stored"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("+86-138-0013-8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+852 9123 4567", "+85291234567"),
    ],
)
def test_a_phone_has_one_spelling(world: World, phone: str, stored: str) -> None:
    headers = world.staff(world.acme, "recruiter")
    made = ok(world.client.post("/api/v1/candidates", json=_body(world, phone=phone), headers=headers), 201)
    assert made["phone"] == stored
    known = ok(
        world.client.post("/api/v1/candidates", json=_body(world, phone=stored, name="别名"), headers=headers)
    )
    assert (known["id"], known["name"]) == (made["id"], "张三")


@pytest.mark.parametrize(
    "phone",
    ["12345", "13800138", "+8612345678901", "+0123456789", "phone", "+86138001380001", "1380013800０a"],
)
def test_what_is_no_phone_is_refused(world: World, phone: str) -> None:
    headers = world.staff(world.acme, "recruiter")
    answer = world.client.post("/api/v1/candidates", json=_body(world, phone=phone), headers=headers)
    refused(answer, 422, "phone_invalid")


@pytest.mark.parametrize(
    "changed", [{"time_zone": "Mars/Base"}, {"language": "xx"}, {"name": ""}, {"email": "x"}]
)
def test_other_bad_candidates_are_refused(world: World, changed: dict[str, str]) -> None:
    headers = world.staff(world.acme, "recruiter")
    answer = world.client.post("/api/v1/candidates", json=_body(world, **changed), headers=headers)
    refused(answer, 422, "invalid_input")


def test_one_phone_is_another_candidate_in_another_company(world: World) -> None:
    phone = unused_phone()
    first, second = (world.add_candidate(company, phone) for company in (world.acme, world.globex))
    assert first != second
    listed = ok(world.client.get("/api/v1/candidates", headers=world.staff(world.acme, "recruiter")))["items"]
    assert [row["id"] for row in listed] == [first]


def test_invited_twice_at_once_a_candidate_gets_one_invitation(either_world: World) -> None:
    world = either_world
    candidate, position = world.add_candidate(world.acme), world.add_position(world.acme)
    body = {
        "candidate_id": candidate,
        "position_id": position,
        "window_starts_at": at(0),
        "window_ends_at": at(9),
    }
    headers = world.staff(world.acme, "recruiter")

    def invite(_: int) -> int:
        return world.client.post("/api/v1/invitations", json=body, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(invite, range(4)))
    assert statuses == [201, 409, 409, 409]


def test_one_phone_added_at_once_is_one_candidate(either_world: World) -> None:
    world, phone = either_world, unused_phone()
    headers = world.staff(world.acme, "recruiter")

    def add(_: int) -> tuple[int, str]:
        answer = world.client.post("/api/v1/candidates", json=_body(world, phone=phone), headers=headers)
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(4) as pool:
        made = sorted(pool.map(add, range(4)))
    assert [status for status, _ in made] == [200, 200, 200, 201]
    assert len({candidate for _, candidate in made}) == 1
