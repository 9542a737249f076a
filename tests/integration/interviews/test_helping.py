"""One tap of HR gets a stuck candidate on; the candidate is told in the thread and by a message (L2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.audits.models import AuditEntry
from app.audits.service import Actor
from app.contingencies.models import Contingency
from app.contingencies.service import help_candidate
from app.core.clock import utcnow
from app.invitations.models import Invitation
from app.messages.models import Message
from app.messages.service import contents_of
from app.users.models import User
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import RUBRIC, World, ok, refused
from tests.integration.answering import Answerer, answerer, change, rows
from tests.integration.test_meetings import meeting

CAMERA_ONLY = {**RUBRIC, "questions": [{**q, "media": ["video"], "retakes": 0} for q in RUBRIC["questions"]]}


def give(person: Answerer, kind: str, role: str = "recruiter", **more: Any) -> Any:
    path = f"/api/v1/invitations/{person.invitation_id}/help"
    headers = person.world.staff(person.company, role)
    return person.client.post(path, json={"kind": kind, **more}, headers=headers)


def thread(person: Answerer) -> list[tuple[str, str]]:
    posts = ok(person.client.get("/api/v1/candidate/thread", headers=person.headers))["posts"]
    return [(post["author_name"], post["body"]) for post in posts]


def test_voice_instead_of_video_for_this_interview(either_world: World) -> None:
    person = answerer(either_world, rubric=CAMERA_ONLY)
    person.start()
    refused(person.take("q1", "voice"), 422, "medium_not_allowed")
    given = ok(give(person, "voice"))
    assert given["voice_allowed"] and [one["kind"] for one in given["given"]] == ["voice"]
    assert person.interview()["questions"][0]["media"] == ["voice", "video"]
    ok(person.take("q1", "voice"), 201)
    assert thread(person) == [("recruiter 李", "这场面试您可以只用语音回答，不需要打开摄像头。")]
    assert len(ok(give(person, "voice"))["given"]) == 1 and len(thread(person)) == 1  # told once
    with either_world.app.app_context(), tenant_scope(person.company.id):
        [message] = rows(either_world, person.company, Message, Message.kind == "reply")
        body = contents_of([message])[message.id]["body"]
    assert "recruiter 李" in body and "语音" in body


def test_a_question_given_back_has_all_its_attempts_and_keeps_what_was_recorded(either_world: World) -> None:
    person = answerer(either_world, rubric=CAMERA_ONLY)
    refused(give(person, "reset", question_id="q1"), 409, "help_not_started")
    person.start()
    take_id = person.take_id("q1")
    person.upload(take_id, b"noise" * 1000)
    ok(person.submit(take_id))
    refused(person.take("q1"), 409, "takes_used_up")
    refused(give(person, "reset", question_id="q9"), 404, "question_unknown")
    given = ok(give(person, "reset", question_id="q1"))
    assert [(one["id"], one["takes"], one["takes_left"]) for one in given["questions"]] == [
        ("q1", 1, 1),
        ("q2", 0, 1),
    ]
    assert person.answer("q1")["take_id"] == take_id  # it counts until another is handed in
    second = person.take_id("q1")
    person.upload(second, b"clear" * 1000)
    ok(person.submit(second))
    answer = person.answer("q1")
    assert (answer["take_id"], [take["id"] for take in answer["takes"]]) == (second, [take_id, second])
    refused(person.take("q1"), 409, "takes_used_up")
    assert "请介绍一次成功的销售经历。" in thread(person)[0][1]


def test_two_taps_at_once_make_one_backup_link(either_world: World) -> None:
    person = answerer(either_world)
    actor = Actor("user", rows(either_world, person.company, User, User.role == "recruiter")[0].id)

    def tap() -> None:
        with tenant_transaction(person.company.id):
            help_candidate(actor, person.invitation_id, "backup_link")

    with either_world.app.app_context(), tenant_scope(person.company.id):
        help_candidate(actor, person.invitation_id, "backup_link")
        with meeting(either_world, tap):
            pass
    assert len(rows(either_world, person.company, Contingency)) == 1
    assert len(thread(person)) == 1


def test_a_backup_link_opens_the_same_interview_in_a_browser(world: World) -> None:
    person = answerer(world)
    given = ok(give(person, "backup_link"))
    link = given["backup_link"]
    assert link in thread(person)[0][1]
    token = link.rpartition("=")[2]
    opened = ok(world.client.get(f"/api/v1/invitation-links/{token}"))
    own = rows(world, person.company, Invitation, Invitation.id == person.invitation_id)[0]
    assert opened == ok(world.client.get(f"/api/v1/invitation-links/{own.token}")) and token != own.token
    ok(world.client.post(f"/api/v1/invitation-links/{token}/visits"), 201)
    assert ok(give(person, "backup_link"))["backup_link"] == link  # a second tap sends no second one
    for more in range(5):
        for made in rows(world, person.company, Contingency):
            earlier = made.created_at - timedelta(minutes=11)
            change(world, person.company, Contingency, made.id, created_at=earlier)
        answer = give(person, "backup_link")
        if more < 4:
            assert ok(answer)["backup_link"] != link
    refused(answer, 409, "backup_links_used_up")


def test_a_delay_moves_the_slot_and_the_window_when_it_must(world: World) -> None:
    person = answerer(world, hours=3)
    slot = (utcnow() + timedelta(hours=2)).isoformat()
    ok(person.client.put("/api/v1/candidate/slot", json={"slot_at": slot}, headers=person.headers))
    given = ok(give(person, "delay", minutes=90))
    moved = datetime.fromisoformat(given["slot_at"])
    assert moved == datetime.fromisoformat(slot) + timedelta(minutes=90)
    assert datetime.fromisoformat(given["window_ends_at"]) == moved + timedelta(hours=1)
    told = thread(person)[0][1]
    assert "推迟 90 分钟" in told and "（北京时间）。" in told
    person.start()
    refused(give(person, "delay", minutes=30), 409, "help_started")
    refused(give(person, "delay", minutes=0), 422, "invalid_input")


def test_a_delay_before_the_window_opens_counts_from_its_beginning(world: World) -> None:
    person = answerer(world)
    starts = utcnow().replace(microsecond=0) + timedelta(hours=5)
    ends = starts + timedelta(hours=20)
    change(
        world,
        person.company,
        Invitation,
        person.invitation_id,
        window_starts_at=starts,
        window_ends_at=ends,
    )
    given = ok(give(person, "delay", minutes=30))
    assert datetime.fromisoformat(given["slot_at"]) == starts + timedelta(minutes=30)


def test_an_expired_interview_is_extended_and_goes_on(world: World) -> None:
    person = answerer(world, hours=1)
    person.start()
    change(
        world, person.company, Invitation, person.invitation_id, window_ends_at=utcnow() - timedelta(hours=1)
    )
    refused(give(person, "voice"), 409, "help_expired")
    refused(give(person, "cancel", reason="岗位关闭"), 409, "help_over")
    given = ok(give(person, "extend", hours=4))
    left = datetime.fromisoformat(given["window_ends_at"]) - utcnow()
    assert timedelta(hours=3, minutes=58) < left <= timedelta(hours=4)
    ok(person.take("q1"), 201)
    assert [(a["kind"], a["possible"]) for a in given["actions"]] == [
        ("backup_link", True),
        ("voice", True),
        ("delay", False),
        ("reset", True),
        ("extend", True),
        ("hand_over", True),
        ("cancel", True),
    ]
    assert next(a["why_not"] for a in given["actions"] if a["kind"] == "delay")


def test_an_invitation_is_taken_back_and_the_candidate_reads_why(either_world: World) -> None:
    person = answerer(either_world)
    refused(give(person, "cancel", reason="  "), 422, "invalid_input")
    given = ok(give(person, "cancel", reason="这个岗位已经招满。"))
    assert (given["status"], [one["words"] for one in given["given"]]) == ("cancelled", ["取消了邀请"])
    assert not any(one["possible"] for one in given["actions"])
    refused(give(person, "cancel", reason="这个岗位已经招满。"), 409, "help_cancelled")
    refused(
        person.client.post("/api/v1/candidate/interview", headers=person.headers), 410, "invitation_cancelled"
    )
    words = "您的面试邀请已取消，链接不再有效。原因：这个岗位已经招满。"
    [message] = rows(either_world, person.company, Message, Message.kind == "reply")
    with either_world.app.app_context(), tenant_scope(person.company.id):
        content = contents_of([message])[message.id]
    assert words in content["body"] and "recruiter 李" in content["body"]
    assert words in content["sms"] and "http" not in content["sms"]  # there is nothing to open any more
    [detail] = [one.detail for one in rows(either_world, person.company, Contingency)]
    assert detail == {}  # the reason is sealed with the invitation
    waiting = rows(either_world, person.company, Message, Message.status == "queued")
    assert not {one.kind for one in waiting} & {"reminder_day", "reminder_hour"}, "nobody is reminded of it"


def test_another_person_looks_after_it_and_the_candidate_knows(world: World) -> None:
    person = answerer(world)
    lead = world.client.get("/api/v1/me", headers=world.staff(world.acme, "lead"))
    user_id = ok(lead)["id"]
    given = ok(give(person, "hand_over", user_id=user_id))
    assert (given["responsible_id"], given["responsible_name"]) == (user_id, "lead 李")
    mine = ok(person.client.get("/api/v1/candidate/invitation", headers=person.headers))
    assert mine["responsible_name"] == "lead 李"
    assert len(ok(give(person, "hand_over", user_id=user_id))["given"]) == 1
    refused(give(person, "hand_over", user_id="nobody"), 404, "user_unknown")


def test_help_answers_whoever_waits_but_handing_over_does_not(world: World) -> None:
    person = answerer(world)
    hr = world.staff(world.acme, "recruiter")

    def waiting() -> tuple[str, int]:
        """The state of the thread, and how many alerts say that somebody waits."""
        shown = ok(world.client.get(f"/api/v1/invitations/{person.invitation_id}/thread", headers=hr))
        counts = ok(world.client.get("/api/v1/alerts/counts", headers=hr))
        return shown["status"], counts["by_kind"]["thread"]

    body = {"body": "摄像头打不开"}
    ok(person.client.post("/api/v1/candidate/thread", json=body, headers=person.headers), 201)
    assert waiting() == ("waiting", 1)
    lead = ok(world.client.get("/api/v1/me", headers=world.staff(world.acme, "lead")))["id"]
    ok(give(person, "hand_over", user_id=lead))
    assert waiting() == ("waiting", 1)  # the words wait for whoever looks after it now
    ok(give(person, "voice"))
    assert waiting() == ("answered", 0)


def test_sight_of_one_interview_goes_with_the_responsibility_for_it(world: World) -> None:
    person = answerer(world)
    first, second = (world.staff(world.acme, role) for role in ("lead", "interviewer"))
    ids = [ok(world.client.get("/api/v1/me", headers=headers))["id"] for headers in (first, second)]
    path = f"/api/v1/invitations/{person.invitation_id}"

    def seen() -> list[int]:
        return [world.client.get(path, headers=headers).status_code for headers in (first, second)]

    assert seen() == [403, 403]
    ok(give(person, "hand_over", user_id=ids[0]))
    assert seen() == [200, 403]
    given = ok(give(person, "hand_over", user_id=ids[1]))
    assert seen() == [403, 200]
    assert [one["id"] for one in given["viewers"]] == [ids[1]]

    refused(world.client.delete(f"{path}/viewers/{ids[1]}", headers=second), 403, "role_not_allowed")
    recruiter = world.staff(world.acme, "recruiter")
    for _ in range(2):
        left = ok(world.client.delete(f"{path}/viewers/{ids[1]}", headers=recruiter))
        assert left["viewers"] == [] and left["responsible_id"] not in ids
    assert seen() == [403, 403]
    actions = [one.action for one in rows(world, world.acme, AuditEntry)]
    assert actions.count("invitation.hidden_from") == 2


def test_help_that_makes_no_sense_is_refused_in_words(world: World) -> None:
    person = answerer(world)
    refused(give(person, "voice", "interviewer"), 403, "role_not_allowed")
    refused(give(person, "pizza"), 422, "invalid_input")
    body = {"reason": "岗位关闭"}
    path = f"/api/v1/invitations/{person.invitation_id}/cancel"
    ok(person.client.post(path, json=body, headers=world.staff(world.acme, "recruiter")))
    wanted: list[tuple[str, dict[str, Any]]] = [("voice", {}), ("extend", {"hours": 1}), ("backup_link", {})]
    for kind, more in wanted:
        refused(give(person, kind, **more), 409, "help_cancelled")
    other = answerer(world)
    owner = world.staff(world.acme, "owner")
    ok(world.client.put(f"/api/v1/candidates/{other.candidate_id}/erasure", headers=owner))
    refused(give(other, "voice"), 410, "candidate_erased")
