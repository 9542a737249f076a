"""When reminders go out: never past, never after what they remind of, the day's one only in the sending hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.hours import SendingHours, reminder_times

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SHANGHAI = SendingHours("Asia/Shanghai", 8 * 60, 22 * 60)
ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
)
MOMENTS = st.integers(1_767_225_600, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@st.composite
def sending_hours(draw: st.DrawFn) -> SendingHours:
    start = draw(st.integers(0, 24 * 60 - 180))
    return SendingHours(draw(ZONES), start, draw(st.integers(start + 180, 24 * 60)))


def china(text: str) -> datetime:
    """A moment on the clocks of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@given(MOMENTS, MOMENTS, sending_hours())
def test_reminders_keep_their_promises(anchor: datetime, now: datetime, hours: SendingHours) -> None:
    times = reminder_times(anchor, now, hours)
    assert all(now < at < anchor for at in times.values())
    assert ("reminder_hour" in times) == (anchor - HOUR > now)
    if "reminder_hour" in times:
        assert times["reminder_hour"] == anchor - HOUR
    if "reminder_day" in times:
        assert hours.allow(times["reminder_day"])
        assert times["reminder_day"] < anchor - HOUR
    if anchor - DAY <= now:
        assert "reminder_day" not in times
    elif hours.allow(anchor - DAY):
        assert times["reminder_day"] == anchor - DAY


@given(MOMENTS, sending_hours())
def test_the_nearest_allowed_moments_are_allowed_and_nothing_allowed_lies_between(
    moment: datetime, hours: SendingHours
) -> None:
    after, before = hours.next_allowed(moment), hours.last_allowed(moment)
    assert before <= moment <= after
    assert hours.allow(after) and hours.allow(before)
    if before != after:
        gap = after - before - MINUTE
        steps = [before + MINUTE + gap * step / 7 for step in range(7)]
        assert not any(hours.allow(step) for step in steps)


@pytest.mark.parametrize(
    ("anchor", "now", "day"),
    [
        # Within the hours: exactly a day before.
        ("2026-11-22T20:00", "2026-11-20T09:00", "2026-11-21T20:00"),
        # The window ends at midnight: before the closing, not in the night.
        ("2026-11-22T23:59", "2026-11-20T09:00", "2026-11-21T21:59"),
        # Planned after that closing: the next morning still helps.
        ("2026-11-22T23:59", "2026-11-21T22:30", "2026-11-22T08:00"),
        # Too early in the morning: waits for the opening.
        ("2026-11-22T07:00", "2026-11-20T09:00", "2026-11-21T08:00"),
        # Less than a day left: not made.
        ("2026-11-22T20:00", "2026-11-21T20:00", None),
    ],
)
def test_a_day_before_in_china(anchor: str, now: str, day: str | None) -> None:
    planned = reminder_times(china(anchor), china(now), SHANGHAI).get("reminder_day")
    assert planned == (china(day) if day else None)


def test_the_hour_reminder_is_exempt_from_the_hours() -> None:
    times = reminder_times(china("2026-11-22T07:00"), china("2026-11-22T05:00"), SHANGHAI)
    assert times == {"reminder_hour": china("2026-11-22T06:00")}


def test_a_reminder_stays_on_the_wall_clock_over_a_clock_change() -> None:
    berlin = SendingHours("Europe/Berlin", 8 * 60, 20 * 60)
    spring = datetime(2026, 3, 29, 7, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # the night before lost an hour
    assert berlin.next_allowed(spring).astimezone(ZoneInfo("Europe/Berlin")).hour == 8
