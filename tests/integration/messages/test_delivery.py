"""One message through every way it can go: sent once, the right state, the right ledger, words for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.core.database import db
from app.core.work import Work
from app.invitations.models import Invitation
from app.messages.delivery import record_event
from app.messages.models import Message, MessageAttempt
from app.messages.service import plan_binding_code
from tenants.keys import erase_candidate_key
from tenants.tenancy import tenant_transaction
from tenants.wechat.apps import templates_of
from tests.factories import APP, TEMPLATES, ok, refused
from tests.integration.messages.conftest import Invited, sandbox_faults_gone
from workers.jobs.messages import deliver_message, settle_message

HOUR = timedelta(hours=1)
REMINDED = TEMPLATES["reminder_hour"][0]


@pytest.fixture
def slot(invited: Invited) -> datetime:
    """A booked slot less than a day away; its hour's reminder is the message under test."""
    booked = datetime.now(UTC) + timedelta(hours=20)
    invited.book(booked)
    return booked


def hour_before(slot: datetime) -> datetime:
    return slot - HOUR + timedelta(seconds=1)


def codes(message: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Outcomes and reasons of a message's attempts."""
    return [(a["outcome"], a["reason"] and a["reason"]["code"]) for a in message["attempts"]]


def test_a_consented_reminder_goes_by_wechat_once(invited: Invited, slot: datetime) -> None:
    invited.allow("reminder_hour")
    invited.deliver(hour_before(slot))
    invited.deliver(hour_before(slot))
    [message] = invited.messages("reminder_hour")[-1:]
    assert (message["status"], message["channel"]) == ("sent", "wechat")
    assert codes(message) == [("sent", None)]
    [card] = invited.received("wechat")
    assert card["template_id"] == REMINDED
    assert card["page"] == invited.invitation["mini_program_path"]
    assert invited.remaining("reminder_hour") == 0 == invited.person.consents_left(APP, REMINDED)
    assert [m for m in invited.received("sms") if "面试将在" in m["body"]] == []


def test_without_a_consent_it_goes_by_sms_and_says_so(invited: Invited, slot: datetime) -> None:
    invited.deliver(hour_before(slot))
    invited.deliver(hour_before(slot))
    first, second = invited.messages("reminder_hour")[-2:]
    assert (first["status"], first["reason"]["code"]) == ("fallen_back", "no_consent")
    assert first["reason"]["title"] and first["fallback_id"] == second["id"]
    assert first["attempts"] == []
    assert (second["status"], second["channel"]) == ("sent", "sms")
    assert len(invited.received("sms", "面试将在")) == 1
    assert invited.received("wechat") == []


# (error code of the send, state of the message, its reason, consents left in our ledger of the two given)
REFUSALS = [
    (43101, "no_consent", 0, "active"),
    (43107, "template_banned", 2, "disabled"),
    (40037, "template_unknown", 2, "disabled"),
    (47003, "parameter_invalid", 2, "active"),
    (40003, "openid_mismatch", 2, "active"),
    (45168, "content_refused", 2, "active"),
    (41030, "page_unknown", 2, "active"),
    (48001, "api_not_allowed", 2, "active"),
    (99999, "wechat_refused", 2, "active"),
]


@pytest.mark.parametrize(("fault", "reason", "left", "template"), REFUSALS)
def test_a_permanent_refusal_goes_another_way(
    invited: Invited, slot: datetime, fault: int, reason: str, left: int, template: str
) -> None:
    invited.allow("reminder_hour", times=2)
    invited.sandbox.fault("subscribe_send", fault, APP)
    invited.deliver(hour_before(slot))
    invited.deliver(hour_before(slot))
    first, second = invited.messages("reminder_hour")[-2:]
    assert (first["status"], first["reason"]["code"]) == ("fallen_back", reason)
    assert codes(first) == [("refused", reason)]
    assert (second["status"], second["channel"]) == ("sent", "sms")
    assert len(invited.received("sms", "面试将在")) == 1
    assert invited.received("wechat") == []
    assert invited.remaining("reminder_hour") == left
    with invited.world.app.app_context():
        known = {t.purpose: t.status for t in templates_of(APP.app_id)}
    assert known["reminder_hour"] == template
    restore_template(invited)


def restore_template(invited: Invited) -> None:
    """The databases of MariaDB are shared by the run."""
    template_id, fields = TEMPLATES["reminder_hour"]
    path = f"/api/v1/operator/wechat-apps/{APP.app_id}/templates/reminder_hour"
    body = {"template_id": template_id, "fields": fields}
    ok(invited.world.client.put(path, json=body, headers=invited.world.operator()))


@pytest.mark.parametrize("fault", [-1, 43108, 45011, 40001])
def test_a_passing_trouble_is_tried_again_and_takes_one_consent(
    invited: Invited, slot: datetime, fault: int
) -> None:
    invited.allow("reminder_hour", times=2)
    invited.sandbox.fault("subscribe_send", fault, APP, times=20)
    moment = hour_before(slot)
    invited.deliver(moment)
    [message] = invited.messages("reminder_hour")[-1:]
    assert message["status"] == "queued"
    assert message["attempts"][-1]["outcome"] == "refused"
    assert invited.remaining("reminder_hour") == 2
    sandbox_faults_gone(invited.sandbox)
    invited.deliver(moment + timedelta(minutes=3))
    [message] = invited.messages("reminder_hour")[-1:]
    assert message["status"] == "sent"
    assert [a["outcome"] for a in message["attempts"]] == ["refused", "sent"]
    assert invited.remaining("reminder_hour") == 1
    assert len(invited.received("wechat")) == 1


def test_a_closed_daily_quota_sends_a_message_with_a_deadline_another_way(
    invited: Invited, slot: datetime
) -> None:
    invited.allow("reminder_hour")
    invited.sandbox.fault("subscribe_send", 45009, APP)
    moment = datetime.now(UTC).replace(hour=4, minute=0) + timedelta(days=3)  # noon in China
    invited.book(moment + HOUR)
    invited.deliver(moment + timedelta(seconds=1))
    invited.deliver(moment + timedelta(seconds=1))
    first, second = invited.messages("reminder_hour")[-2:]
    assert (first["status"], first["reason"]["code"]) == ("fallen_back", "quota_day")
    assert (second["status"], second["channel"]) == ("sent", "sms")
    assert invited.remaining("reminder_hour") == 1


@pytest.mark.parametrize("fault", ["timeout_after_accept", "close_after_accept", "http_500", "not_json"])
def test_a_call_without_an_answer_is_uncertain_and_never_repeated(
    invited: Invited, slot: datetime, fault: str
) -> None:
    invited.allow("reminder_hour", times=2)
    seconds = 0.1 if fault == "timeout_after_accept" else 0.0
    invited.sandbox.fault("subscribe_send", fault, APP, seconds=seconds)
    moment = hour_before(slot)
    for minutes in (0, 1, 5):
        invited.deliver(moment + timedelta(minutes=minutes))
    [message] = invited.messages("reminder_hour")[-1:]
    assert (message["status"], message["reason"]["code"]) == ("uncertain", "no_answer")
    assert codes(message) == [("uncertain", "no_answer")]
    arrived = 1 if fault.endswith("after_accept") else 0
    assert len(invited.received("wechat")) == arrived
    assert invited.received("sms", "面试将在") == []
    perform_settlement(invited, moment + timedelta(minutes=11))
    [message] = invited.messages("reminder_hour")[-1:]
    assert (message["status"], message["reason"]["code"]) == ("uncertain", "waits_for_person")
    assert len(invited.received("wechat")) == arrived


def perform_settlement(invited: Invited, moment: datetime) -> None:
    with time_machine.travel(moment):
        assert invited.world.perform("settle_message") >= 1


def test_an_attempt_that_was_cut_short_is_uncertain(invited: Invited, slot: datetime) -> None:
    """What a worker that died between the stored attempt and the record leaves behind."""
    invited.allow("reminder_hour")
    message_id = invited.messages("reminder_hour")[-1]["id"]
    tenant_id = invited.world.acme.id
    with invited.world.app.app_context(), tenant_transaction(tenant_id):
        db.session.get_one(Message, message_id).status = "sending"
        db.session.add(MessageAttempt(message_id=message_id, channel="wechat"))
    with time_machine.travel(hour_before(slot)), invited.world.app.app_context():
        deliver_message(tenant_id, message_id)
    [message] = invited.messages("reminder_hour")[-1:]
    assert (message["status"], message["reason"]["code"]) == ("uncertain", "interrupted")
    assert codes(message) == [("uncertain", "interrupted")]
    assert invited.received("wechat") == []


def test_a_person_settles_an_uncertain_message(invited: Invited, slot: datetime) -> None:
    invited.allow("reminder_hour", times=2)
    invited.sandbox.fault("subscribe_send", "http_500", APP)
    invited.deliver(hour_before(slot))
    message = invited.messages("reminder_hour")[-1]
    path = f"/api/v1/messages/{message['id']}/resolve"
    client, world = invited.world.client, invited.world
    refused(
        client.post(path, json={"as": "sent"}, headers=world.staff(world.acme, "lead")),
        403,
        "role_not_allowed",
    )
    refused(client.post(path, json={"as": "maybe"}, headers=invited.hr), 422, "invalid_input")
    refused(
        client.post(path, json={"as": "sent"}, headers=world.staff(world.globex, "recruiter")),
        404,
        "message_unknown",
    )
    assert invited.remaining("reminder_hour") == 1
    answer = ok(client.post(path, json={"as": "not_sent"}, headers=invited.hr))
    assert (answer["status"], answer["reason"]["code"]) == ("queued", "said_not_sent")
    assert invited.remaining("reminder_hour") == 2
    refused(client.post(path, json={"as": "sent"}, headers=invited.hr), 409, "message_not_uncertain")
    invited.deliver(hour_before(slot) + timedelta(minutes=1))
    message = invited.messages("reminder_hour")[-1]
    assert message["status"] == "sent"
    assert codes(message) == [("refused", "said_not_sent"), ("sent", None)]
    assert len(invited.received("wechat")) == 1
    assert invited.remaining("reminder_hour") == 1


def test_a_person_may_say_that_it_was_sent(invited: Invited, slot: datetime) -> None:
    invited.allow("reminder_hour")
    invited.sandbox.fault("subscribe_send", "close_after_accept", APP)
    invited.deliver(hour_before(slot))
    message = invited.messages("reminder_hour")[-1]
    path = f"/api/v1/messages/{message['id']}/resolve"
    answer = ok(invited.world.client.post(path, json={"as": "sent"}, headers=invited.hr))
    assert (answer["status"], answer["reason"]["code"]) == ("sent", "said_sent")
    invited.deliver(hour_before(slot) + timedelta(minutes=1))
    assert len(invited.received("wechat")) == 1
    assert invited.world.due("settle_message") == []


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (400, "fallen_back", "sms_refused"),
        (429, "queued", "sms_rate_limited"),
        (500, "uncertain", "no_answer"),
    ],
)
def test_what_the_sms_gateway_says(
    invited: Invited, slot: datetime, fault: int, status: str, reason: str
) -> None:
    invited.sandbox.post("faults", operation="sms", fault=fault)
    invited.deliver(hour_before(slot))
    [message] = [m for m in invited.messages("reminder_hour") if m["channel"] == "sms"]
    assert (message["status"], message["reason"]["code"]) == (status, reason)
    assert invited.received("sms", "面试将在") == []
    if status == "fallen_back":
        last = invited.messages("reminder_hour")[-1]
        assert (last["id"], last["channel"], last["status"]) == (message["fallback_id"], "in_app", "sent")
        mine = ok(invited.world.client.get("/api/v1/candidate/messages", headers=invited.me))["items"]
        assert last["id"] in {m["id"] for m in mine}
    if status == "queued":
        invited.deliver(hour_before(slot) + timedelta(minutes=2))
        assert len(invited.received("sms", "面试将在")) == 1


def test_a_message_that_comes_too_late_is_not_sent(invited: Invited, slot: datetime) -> None:
    invited.allow("reminder_hour")
    invited.deliver(slot + timedelta(minutes=1))
    message = invited.messages("reminder_hour")[-1]
    assert (message["status"], message["reason"]["code"]) == ("cancelled", "too_late")
    assert invited.received("wechat") == [] and invited.received("sms", "面试将在") == []


def test_a_reminder_that_was_delayed_into_the_night_waits_or_ends(invited: Invited) -> None:
    """The day's reminder keeps to the hours also when it was late; the morning after still helps."""
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=3)
    invited.book(noon)
    night = noon - timedelta(hours=12)  # midnight in China
    with time_machine.travel(night):
        invited.world.perform("deliver_message")
    message = invited.messages("reminder_day")[-1]
    assert (message["status"], message["reason"]["code"]) == ("queued", "sending_hours")
    assert datetime.fromisoformat(message["due_at"]) == noon - timedelta(hours=4)
    invited.deliver(noon - timedelta(hours=4) + timedelta(seconds=1))
    assert invited.messages("reminder_day")[0]["status"] in {"sent", "fallen_back"}


def test_a_code_is_never_shown_to_the_company(invited: Invited) -> None:
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        for code in ("111111", "222222"):
            plan_binding_code(db.session.get_one(Invitation, invited.invitation["id"]), code)
    invited.world.perform("deliver_message")
    first, second = invited.messages("binding_code")
    assert (first["status"], first["reason"]["code"]) == ("cancelled", "replaced")
    assert (second["status"], second["channel"], second["body"]) == ("sent", "sms", None)
    assert len(invited.received("sms", "222222")) == 1 and invited.received("sms", "111111") == []
    mine = ok(invited.world.client.get("/api/v1/candidate/messages", headers=invited.me))["items"]
    assert "binding_code" not in {m["kind"] for m in mine}
    assert "invitation" in {m["kind"] for m in mine}


@pytest.mark.parametrize(("status", "sent"), [("finished", True), ("expired", True), ("cancelled", False)])
def test_who_finished_gets_a_code_too(invited: Invited, status: str, sent: bool) -> None:
    """They open their link again, in a browser perhaps, to read the report or to appeal."""
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        invitation = db.session.get_one(Invitation, invited.invitation["id"])
        plan_binding_code(invitation, "333333")
        invitation.status = status
    invited.world.perform("deliver_message")
    assert bool(invited.received("sms", "333333")) == sent
    assert invited.messages("binding_code")[-1]["status"] == ("sent" if sent else "cancelled")


def test_reasons_speak_the_readers_language(invited: Invited, slot: datetime) -> None:
    invited.deliver(hour_before(slot))
    chinese, english = (invited.messages("reminder_hour", tongue)[0]["reason"] for tongue in ("zh-CN", "en"))
    assert chinese["code"] == english["code"] == "no_consent"
    assert chinese["title"] != english["title"]


def test_hr_finds_what_is_uncertain_and_reads_what_to_do(invited: Invited, slot: datetime) -> None:
    invited.allow("reminder_hour")
    invited.sandbox.fault("subscribe_send", "http_500", APP)
    invited.deliver(hour_before(slot))
    told = []
    for tongue in ("zh-CN", "en"):
        path = f"/api/v1/messages?status=uncertain&lang={tongue}"
        for role in ("owner", "recruiter", "interviewer", "lead"):
            staff = invited.world.colleague(invited.world.acme, role)
            [message] = ok(invited.world.client.get(path, headers=staff))["items"]
            assert (message["kind"], message["reason"]["code"]) == ("reminder_hour", "no_answer")
        told.append((message["reason"]["title"], message["reason"]["next"]))
    assert "不会自动重发" in told[0][1]
    assert "never sent twice" in told[1][1]
    other = invited.world.staff(invited.world.globex, "recruiter")
    assert ok(invited.world.client.get(path, headers=other))["items"] == []


def test_nothing_is_left_to_do_for_a_message_that_was_settled(invited: Invited, slot: datetime) -> None:
    invited.deliver(hour_before(slot))
    invited.deliver(hour_before(slot))
    ids = {m["id"] for m in invited.messages("reminder_hour")}
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        left = db.session.scalars(select(Work.entity_id).where(Work.entity_id.in_(ids))).all()
    assert left == []
    with invited.world.app.app_context():
        settle_message(invited.world.acme.id, ids.pop())  # no such work: nothing happens


def test_what_cannot_go_to_an_erased_candidate_is_cancelled(invited: Invited, slot: datetime) -> None:
    """WeChat refuses after the erasure: there are no words left that could go another way."""
    invited.allow("reminder_hour")
    invited.deliver(hour_before(slot))
    world = invited.world
    [message] = invited.messages("reminder_hour")[-1:]
    [attempt] = message["attempts"]
    with world.app.app_context():
        assert erase_candidate_key(world.acme.id, invited.invitation["candidate"]["id"])
        with tenant_transaction(world.acme.id):
            record_event(message["id"], attempt["id"], "1", refusal="delivery_refused")
    [message] = invited.messages("reminder_hour")[-1:]
    assert (message["status"], message["reason"]["code"]) == ("cancelled", "candidate_erased")
