"""Reminders follow the invitation: planned, moved, revived, cancelled; never past, never for what is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from app.core.database import db
from app.invitations.models import Invitation
from app.messages.service import cancel_reminders, plan_reminders
from tenants.tenancy import tenant_transaction
from tests.factories import ok
from tests.integration.messages.conftest import Invited

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def open_reminders(invited: Invited) -> dict[str, datetime]:
    """Kind -> due of the reminders that will still go out."""
    found = invited.messages("reminder_day") + invited.messages("reminder_hour")
    return {m["kind"]: datetime.fromisoformat(m["due_at"]) for m in found if m["status"] == "queued"}


def replan(invited: Invited, **changes: object) -> None:
    """Change the invitation as its service would, and plan again."""
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        invitation = db.session.get_one(Invitation, invited.invitation["id"])
        for name, value in changes.items():
            setattr(invitation, name, value)
        plan_reminders(invitation)


def noon_in_china(days: int) -> datetime:
    return datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) + days * DAY


def test_without_a_slot_they_count_to_the_windows_end(invited: Invited) -> None:
    ends = noon_in_china(4)
    replan(invited, window_ends_at=ends)
    assert open_reminders(invited) == {"reminder_day": ends - DAY, "reminder_hour": ends - HOUR}


def test_a_booked_slot_moves_them_and_a_second_booking_moves_them_again(invited: Invited) -> None:
    first, second = noon_in_china(3), noon_in_china(4)
    for slot in (first, second, first):
        invited.book(slot)
        assert open_reminders(invited) == {"reminder_day": slot - DAY, "reminder_hour": slot - HOUR}
    bodies = [m["body"] for m in invited.messages("reminder_day") if m["status"] == "queued"]
    assert len(bodies) == 1 and "12:00（北京时间）" in bodies[0] and "您预约了" in bodies[0]


def test_what_is_already_past_is_not_made(invited: Invited) -> None:
    replan(invited, window_ends_at=datetime.now(UTC) + timedelta(hours=5))
    assert set(open_reminders(invited)) == {"reminder_hour"}
    replan(invited, window_ends_at=datetime.now(UTC) + timedelta(minutes=40))
    assert open_reminders(invited) == {}


def test_after_the_start_they_count_to_the_windows_end(invited: Invited) -> None:
    slot, ends = datetime.now(UTC) + timedelta(hours=20), noon_in_china(4)
    replan(invited, slot_at=slot, window_ends_at=ends)
    assert set(open_reminders(invited)) == {"reminder_hour"}
    replan(invited, status="started")
    assert open_reminders(invited) == {"reminder_day": ends - DAY, "reminder_hour": ends - HOUR}
    assert "您还没有完成" in invited.messages("reminder_day")[-1]["body"]


def test_one_that_went_out_does_not_go_out_again(invited: Invited) -> None:
    ends = noon_in_china(4)
    replan(invited, window_ends_at=ends)
    invited.deliver(ends - DAY + timedelta(seconds=1))
    before = [m["id"] for m in invited.messages("reminder_day")]
    replan(invited)
    assert [m["id"] for m in invited.messages("reminder_day")] == before
    assert set(open_reminders(invited)) == {"reminder_hour"}


def test_over_means_over(invited: Invited) -> None:
    for status in ("finished", "declined", "cancelled", "expired"):
        replan(invited, status="bound", window_ends_at=noon_in_china(4))
        assert open_reminders(invited)
        replan(invited, status=status)
        assert open_reminders(invited) == {}
    replan(invited, status="bound")
    assert open_reminders(invited)
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        cancel_reminders(invited.invitation["id"])
    assert open_reminders(invited) == {}
    assert invited.messages("reminder_day")[-1]["reason"]["code"] == "reminders_cancelled"


def test_one_that_is_due_after_the_end_of_the_invitation_is_not_sent(invited: Invited) -> None:
    """The check is made again at the moment of sending, whoever forgot to cancel."""
    ends = noon_in_china(4)
    replan(invited, window_ends_at=ends)
    with invited.world.app.app_context(), tenant_transaction(invited.world.acme.id):
        db.session.get_one(Invitation, invited.invitation["id"]).status = "finished"
    invited.deliver(ends - HOUR + timedelta(seconds=1))
    for kind in ("reminder_day", "reminder_hour"):
        assert {m["status"] for m in invited.messages(kind)} == {"cancelled"}
        assert invited.messages(kind)[-1]["reason"]["code"] == "invitation_over"
    assert invited.received("sms", "截止") == []


def test_the_sending_hours_are_those_of_the_candidates_clock(invited: Invited) -> None:
    world, position = invited.world, invited.world.add_position(invited.world.acme)
    candidate = world.add_candidate(world.acme, time_zone="America/New_York")
    ends = noon_in_china(4)  # eleven at night in New York, or midnight
    with time_machine.travel(datetime.now(UTC)):
        invitation = world.invite(world.acme, candidate, position, hours=120)
    body = {"window_ends_at": ends.isoformat()}
    ok(world.client.patch(f"/api/v1/invitations/{invitation['id']}", json=body, headers=invited.hr))
    theirs = Invited(world, invited.sandbox, invited.person, invitation, {})
    due = open_reminders(theirs)["reminder_day"]
    assert due.hour in {1, 2, 3} and due.minute == 59  # 21:59 on their clocks
    assert ends - 2 * DAY < due < ends - DAY
