"""When messages may go out: a company's sending hours on the candidate's clock, and the times of reminders (C2, N3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_BEFORE = timedelta(days=1)
HOUR_BEFORE = timedelta(hours=1)


@dataclass(frozen=True)
class SendingHours:
    """From ``from_minute`` until before ``until_minute``, minutes of the day on the clocks of ``zone`` (IANA name)."""

    zone: str
    from_minute: int
    until_minute: int

    def allow(self, moment: datetime) -> bool:
        """Whether a message may go out at this (aware) moment."""
        return self.from_minute <= self._minute(moment) < self.until_minute

    def next_allowed(self, moment: datetime) -> datetime:
        """The moment itself when it is allowed, else the next opening (UTC)."""
        if self.allow(moment):
            return moment
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        openings = [self._at(today + timedelta(days=day), self.from_minute) for day in range(3)]
        return next(opening for opening in openings if opening > moment)

    def last_allowed(self, moment: datetime) -> datetime:
        """The moment itself when it is allowed, else the last allowed minute before it (UTC)."""
        if self.allow(moment):
            return moment
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        closings = [self._at(today - timedelta(days=day), self.until_minute - 1) for day in range(3)]
        return next(closing for closing in closings if closing < moment)

    def is_before_opening(self, moment: datetime) -> bool:
        """Whether the day's opening is still to come."""
        return self._minute(moment) < self.from_minute

    def _minute(self, moment: datetime) -> int:
        local = moment.astimezone(ZoneInfo(self.zone))
        return local.hour * 60 + local.minute

    def _at(self, day: date, minute: int) -> datetime:
        """A wall-clock minute as UTC. One that a clock change skips becomes the same distance after the change."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        return (midnight + timedelta(minutes=minute)).astimezone(UTC)


def reminder_times(anchor: datetime, now: datetime, hours: SendingHours) -> dict[str, datetime]:
    """When to remind of ``anchor`` (the booked slot, else the window's end): {reminder_day, reminder_hour}.

    One already past is left out. The day's reminder keeps to the sending hours: too early waits for the opening, too
    late goes before the closing or, when that has passed, waits for the next opening, as long as that is before the
    hour's reminder. The hour's reminder is exempt: moved, it would be useless.
    """
    last_call = anchor - HOUR_BEFORE
    times: dict[str, datetime] = {}
    wanted = anchor - DAY_BEFORE
    if wanted > now:
        moved = wanted
        if not hours.allow(wanted):
            earlier = hours.last_allowed(wanted)
            wait = hours.is_before_opening(wanted) or earlier <= now
            moved = hours.next_allowed(wanted) if wait else earlier
        if now < moved < last_call:
            times["reminder_day"] = moved
    if last_call > now:
        times["reminder_hour"] = last_call
    return times
